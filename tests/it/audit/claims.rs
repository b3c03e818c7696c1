//! Firings: claimed once, missed without being used up.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lightsout::audit::{Claim, Trigger};
use lightsout::model::reason::Reason;

use super::{World, noon};

#[tokio::test(flavor = "multi_thread")]
async fn a_firing_is_claimed_once_however_many_want_it() {
    let world = World::new();
    let (one, file) = world.writer().await;
    let (other, _) = world.writer().await;
    let logs = [Arc::new(one), Arc::new(other)];
    let mut racers = tokio::task::JoinSet::new();
    for at in 0..20 {
        let (log, rule) = (logs[at % 2].clone(), world.rule("night").clone());
        racers.spawn(async move {
            let trigger = Trigger::Schedule(noon());
            let claim = Claim { rule: &rule, trigger, file, dry_run: false, makes_up: &[] };
            log.claim(&[claim]).await.unwrap()[0]
        });
    }
    let won = racers.join_all().await.into_iter().flatten().count();
    assert_eq!(won, 1);
}

#[tokio::test]
async fn of_several_claims_only_those_that_are_free_are_won() {
    let world = World::new();
    let (log, file) = world.writer().await;
    let night = world.claim("night", Trigger::Schedule(noon()), file);
    let late = world.claim("late-night", Trigger::Late(noon()), file);
    let first = log.claim(&[night]).await.unwrap();
    let both = log.claim(&[night, late]).await.unwrap();
    assert!(first[0].is_some());
    assert_eq!(both[0], None);
    assert!(both[1] > first[0]);
}

#[tokio::test]
async fn a_note_that_a_firing_was_missed_is_written_once_and_claims_nothing() {
    let world = World::new();
    let (log, file) = world.writer().await;
    let claim = world.claim("night", Trigger::Schedule(noon()), file);
    log.miss(&[(claim, "away".to_owned())]).await.unwrap();
    log.miss(&[(claim, "away again".to_owned())]).await.unwrap();
    assert!(log.claim(&[claim]).await.unwrap()[0].is_some());
    log.miss(&[(claim, "away after all".to_owned())]).await.unwrap();
    let lines = world.reader().await.history(&super::reading::all()).await.unwrap();
    let told: Vec<_> =
        lines.iter().map(|line| (line.outcome.as_deref(), line.reason.clone())).collect();
    let away = Some(Reason::from("away".to_owned()));
    assert_eq!(told, [(None, None), (Some("missed"), away)]);
}

#[tokio::test]
async fn a_firing_by_hand_is_in_nobodys_way() {
    let world = World::new();
    let (log, file) = world.writer().await;
    let by_hand = world.claim("night", Trigger::Manual, file);
    let due = world.claim("night", Trigger::Schedule(noon()), file);
    let claimed = log.claim(&[by_hand, by_hand, due]).await.unwrap();
    assert_eq!(claimed.iter().flatten().count(), 3);
}

#[tokio::test]
async fn a_claim_waits_for_two_other_writers_at_the_most() {
    let world = World::new();
    let (log, file) = world.writer().await;
    let log = Arc::new(log);
    let by_hand = world.claim("night", Trigger::Manual, file);
    let firings = log.claim(&[by_hand; 50]).await.unwrap();
    let ended = Arc::new(AtomicUsize::new(0));
    let mut writers = tokio::task::JoinSet::new();
    for firing in firings.into_iter().flatten() {
        let (log, ended) = (Arc::clone(&log), Arc::clone(&ended));
        writers.spawn(async move {
            log.end_firing(firing).await.unwrap();
            ended.fetch_add(1, Ordering::Relaxed);
        });
    }
    // On this one thread, all of them stand in line when it is our turn again.
    tokio::task::yield_now().await;
    log.claim(&[world.claim("night", Trigger::Schedule(noon()), file)]).await.unwrap();
    assert!(ended.load(Ordering::Relaxed) <= 2, "{ended:?}");
    writers.join_all().await;
    assert_eq!(ended.load(Ordering::Relaxed), 50);
}
