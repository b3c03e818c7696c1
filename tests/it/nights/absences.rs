//! What fell due while nobody was there.

use super::world::World;
use super::{FLEET, NIGHT};

#[tokio::test]
async fn what_fell_due_while_the_daemon_was_away_is_a_row_and_the_newest_still_runs() {
    let world = World::at("2026-11-23T19:00:00", FLEET).await;
    world.start(NIGHT).await.end().await;
    world.pass_to("2026-11-25T20:30:00");
    let daemon = world.start(NIGHT).await;
    let told = world.settled(3).await;
    assert_eq!(
        told,
        [
            "night 23T20:00 schedule missed: daemon away 2026-11-23 19:00–2026-11-25 20:30+09:00",
            "night 24T20:00 schedule missed: daemon away 2026-11-23 19:00–2026-11-25 20:30+09:00",
            "night 25T20:00 late stopped",
        ]
    );
    daemon.end().await;
    assert_eq!(world.stops(), (1, 1));
}

#[tokio::test]
async fn later_than_late_is_too_late() {
    let world = World::at("2026-11-23T19:50:00", FLEET).await;
    world.start(NIGHT).await.end().await;
    world.pass_to("2026-11-23T21:01:00");
    let daemon = world.start(NIGHT).await;
    assert_eq!(
        world.settled(1).await,
        ["night 23T20:00 schedule missed: daemon away 2026-11-23 19:50–21:01+09:00"]
    );
    daemon.end().await;
    assert_eq!(world.stops(), (0, 0));
}

#[tokio::test]
async fn what_was_missed_is_told_once_however_often_the_daemon_starts() {
    let world = World::at("2026-11-23T19:50:00", FLEET).await;
    world.start(NIGHT).await.end().await;
    world.pass_to("2026-11-23T21:01:00");
    for _ in 0..3 {
        world.start(NIGHT).await.kill().await;
    }
    let daemon = world.start(NIGHT).await;
    world.settled(1).await;
    daemon.end().await;
    assert_eq!(world.told().await.len(), 1);
}

#[tokio::test]
async fn a_rule_whose_time_was_changed_while_the_daemon_was_away_does_not_act_for_the_past() {
    let world = World::at("2026-11-23T19:00:00", FLEET).await;
    world.start(NIGHT).await.end().await;
    world.pass_to("2026-11-23T20:30:00");
    let daemon = world.start(&NIGHT.replace("0 20", "15 20")).await;
    world.a_minute().await;
    daemon.end().await;
    assert_eq!(world.told().await, [""; 0]);
    assert_eq!(world.stops(), (0, 0));
}

#[tokio::test]
async fn the_first_daemon_on_a_log_owes_nothing() {
    let world = World::at("2026-11-23T20:00:30", FLEET).await;
    let daemon = world.start(NIGHT).await;
    world.a_minute().await;
    daemon.end().await;
    assert_eq!(world.told().await, [""; 0]);
}
