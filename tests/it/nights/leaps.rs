//! Clocks that leap while the daemon runs.

use super::world::World;
use super::{FLEET, NIGHT};

#[tokio::test]
async fn a_night_that_was_slept_into_is_made_up_for() {
    let world = World::at("2026-11-23T19:00:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    world.a_minute().await;
    world.pass_to("2026-11-23T20:40:00");
    assert_eq!(world.settled(1).await, ["night 23T20:00 late stopped"]);
    daemon.end().await;
    assert_eq!(world.stops(), (1, 1));
}

#[tokio::test]
async fn a_clock_set_back_by_a_day_does_not_run_the_day_again() {
    let world = World::at("2026-11-22T19:00:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    world.pass_to("2026-11-22T19:59:50");
    world.settled(1).await;
    world.pass_to("2026-11-23T19:59:00");
    world.settled(2).await;
    world.step_to("2026-11-22T19:59:30");
    world.a_minute().await;
    world.step_to("2026-11-23T20:05:00");
    world.a_minute().await;
    daemon.end().await;
    assert_eq!(
        world.told().await,
        ["night 22T20:00 schedule stopped", "night 23T20:00 schedule already"]
    );
    assert_eq!(world.stops(), (1, 1));
}

#[tokio::test]
async fn a_clock_that_was_years_wrong_at_boot_is_neither_silent_nor_a_flood() {
    let world = World::at("2026-11-20T12:00:00", FLEET).await;
    world.start(NIGHT).await.end().await;
    world.step_to("1970-01-01T09:00:00");
    let daemon = world.start(NIGHT).await;
    world.a_minute().await;
    world.step_to("2026-11-21T23:00:00");
    let told = world.settled(2).await;
    daemon.end().await;
    let away = "daemon away, asleep or without its log 2026-11-20 12:00–2026-11-21 23:00+09:00";
    assert_eq!(
        told,
        [
            format!("night 20T20:00 schedule missed: {away}"),
            format!("night 21T20:00 schedule missed: {away}")
        ]
    );
}

#[tokio::test]
async fn a_small_step_back_over_the_instant_fires_once() {
    let world = World::at("2026-11-23T19:00:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    world.pass_to("2026-11-23T19:59:50");
    world.settled(1).await;
    world.step_to("2026-11-23T19:59:50");
    world.a_minute().await;
    daemon.end().await;
    assert_eq!(world.told().await, ["night 23T20:00 schedule stopped"]);
    assert_eq!(world.stops(), (1, 1));
}

#[tokio::test]
async fn what_falls_due_before_a_clock_set_back_is_noticed_is_not_lost() {
    // The daemon notices only after seconds of silence, of real time.
    let world = World::paced(1, "2026-11-23T21:00:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    world.step_to("2026-11-23T19:59:59");
    let told = world.settled(1).await;
    daemon.end().await;
    assert_eq!(told, ["night 23T20:00 schedule stopped"]);
}
