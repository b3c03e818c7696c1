//! Who stopped an instance, as its next start asks.

use lightsout::audit::{StoppedBy, Writer};
use lightsout::cloud::codes;
use lightsout::model::instance::{Instance, Status};

use super::super::pruning::prune;
use super::super::tampering::verify;
use super::super::{main_account, running};
use super::{MINUTE, Scene};

#[tokio::test]
async fn what_is_being_stopped_by_nobody_known_is_not_ours() {
    let scene = Scene::new().await;
    assert_eq!(scene.stopped_by("NSTOP").await, StoppedBy::Unknown, "never seen");
    scene.saw("NSTOP").await;
    assert_eq!(scene.stopped_by("NSTOP").await, StoppedBy::Unknown, "stopped before");
    scene.saw("RUN").await;
    scene.is_stopped().await;
    assert_eq!(scene.stopped_by("NSTOP").await, StoppedBy::Us);
    scene.pass(MINUTE);
    scene.saw("RUN").await;
    scene.pass(MINUTE);
    assert_eq!(scene.stopped_by("RUN/SHTDN").await, StoppedBy::Unknown);
    // A reader that has seen what the log does not know yet.
    let (unseen_since, seen_at) = (scene.world.now() - MINUTE, scene.world.now());
    assert_eq!(scene.stopped_by("NSTOP").await, StoppedBy::Others { unseen_since, seen_at });
}

#[tokio::test]
async fn who_stopped_what_outlives_a_prune() {
    let scene = Scene::new().await;
    let two = |status: Status| Instance { status, ..running("2", "web-2") };
    scene.saw("RUN").await;
    scene
        .log
        .seen(&main_account(), &[&two(codes::status("RUN"))], scene.world.now())
        .await
        .unwrap();
    scene.is_stopped().await;
    scene.saw("NSTOP/CHNG").await;
    let stopped = two(codes::status("NSTOP"));
    scene.log.seen(&main_account(), &[&stopped], scene.world.now()).await.unwrap();
    // A year of nights about other servers.
    for _ in 0..12 {
        let firing = scene.world.fire(&scene.log, "night", scene.file).await;
        scene.log.targets(firing, &[&running("3", "web-3")], &[]).await.unwrap();
        scene.log.end_firing(firing).await.unwrap();
        scene.pass(30 * 24 * 60 * MINUTE);
    }
    let before = (scene.changes().await, scene.stopped_by("NSTOP").await);
    scene.log.end("done").await.unwrap();
    assert!(prune(&scene.world, 40).await.removed > 0);
    let log = scene.world.open(Writer::Fire).await;
    let scene = Scene { log, ..scene };
    assert_eq!((scene.changes().await, scene.stopped_by("NSTOP").await), before);
    assert_eq!(before.1, StoppedBy::Us);
    let by = scene.stopped_this(&stopped).await;
    assert!(matches!(by, StoppedBy::Others { .. }), "{by:?}");
    assert!(verify(&scene.world, None).await.sound);
}
