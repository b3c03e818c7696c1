//! A shared log that has lost its last entries, as an asynchronous replica has that becomes the
//! primary.

use rustix::process::Signal;

use crate::wait;
use crate::world::{World, rule};

const FLEET: &str = "[[servers]]\nname = \"dev\"\nno = \"1\"\nstop_takes = \"1s\"\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_knows_more_gives_the_shared_log_its_end_back() {
    let Some(world) = World::of(FLEET).await else { return };
    let (a, b) = world.pair().await;
    world.plan(&[&a, &b], |at| rule("night", "stop", "dev", at)).await;
    world.has("firing_end", 1).await;
    world.is_whole(&[&a, &b]).await;
    let before = a.export().await;
    let last = world.entries().await.0.len();
    world.postgres.run(&format!("DELETE FROM lightsout.entry WHERE seq > {}", last - 5)).await;
    world.has("firing_end", 1).await;
    world.is_whole(&[&a, &b]).await;
    assert!(a.export().await.starts_with(&before));
    // Both can write.
    world.plan(&[&a, &b], |at| rule("again", "stop", "dev", at)).await;
    world.has("firing_end", 2).await;
    world.is_whole(&[&a, &b]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_end_is_lost_and_replaced_keeps_its_file_and_writes_nothing() {
    let Some(world) = World::of(FLEET).await else { return };
    let (mut a, mut b) = world.pair().await;
    world.is_whole(&[&a, &b]).await;
    b.end().await;
    world.plan(&[&a], |at| rule("night", "stop", "dev", at)).await;
    world.has("firing", 1).await;
    let lost = world.entries().await.of("firing").next().unwrap().seq;
    world.has("firing_end", 1).await;
    a.signal(Signal::STOP);
    world.postgres.run(&format!("DELETE FROM lightsout.entry WHERE seq >= {lost}")).await;
    b.start();
    world.has_duty(&b).await;
    a.signal(Signal::CONT);
    a.says("different entries").await;
    wait::until_so("it is noted", async || a.standing().await == "diverged").await;
    let before = world.entries().await.0.len();
    // What it has is still there, and whole.
    let kept = a.export().await;
    assert!(kept.contains("\"firing_end\""), "{kept}");
    assert_eq!(world.on_duty().await.as_deref(), Some("b"));
    let sessions: Vec<i64> = world.entries().await.of("session").map(|it| it.seq).collect();
    let mine = sessions[0];
    // The other one goes on.
    world.plan(&[&b], |at| rule("again", "stop", "dev", at)).await;
    world.has("firing_end", 1).await;
    let since = world.entries().await.0.split_off(before);
    assert!(since.iter().all(|it| it.session != mine), "{since:?}");
    world.is_whole(&[&b]).await;
    let status = b.run("status").await;
    assert!(status.stdout.contains("cannot follow"), "{status:?}");
    // Begun anew, it stays up, does nothing, and says why to whoever asks.
    let before = world.entries().await.0.len();
    a.kill().await;
    let status = a.run("status").await;
    assert_eq!(status.code, Some(1), "nobody listens any more: {status:?}");
    a.start_by(a.command("run --log-format json --web 127.0.0.1:0"));
    a.says("nothing fires until this machine can follow the shared log").await;
    let page = a.page().await;
    assert_eq!(page.status("healthz").await, 200);
    assert_eq!(page.status("readyz").await, 503);
    let status = a.run("status").await;
    assert!(status.stdout.contains("different entries"), "{status:?}");
    assert_eq!(world.entries().await.0.len(), before);
    assert!(a.export().await == kept, "its copy stays as it is");
    a.end_anyhow().await;
}
