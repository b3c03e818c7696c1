//! Daemons and firings that die, and logs that cannot be written.

use std::sync::Arc;

use lightsout::daemon::DaemonError;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

use super::world::World;
use super::{FLEET, NIGHT};

/// `ROLLBACK` in a trigger ends the transaction as SQLite itself does on a full disk.
async fn execute(world: &World, sql: &str) {
    let options = SqliteConnectOptions::new().filename(world.log());
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_firing_whose_daemon_died_before_it_asked_is_carried_on_by_the_next() {
    let faulty = format!("{FLEET}[[faults]]\nkind = \"error_before\"\n");
    let world = World::at("2026-11-23T19:00:00", &faulty).await;
    let first = world.start(NIGHT).await;
    world.pass_to("2026-11-23T19:59:50");
    world.asked("getRegionList").await;
    first.kill().await;
    world.cloud.clear_faults();
    let second = world.start(NIGHT).await;
    assert_eq!(world.settled(1).await, ["night 23T20:00 schedule stopped"]);
    second.end().await;
    assert_eq!(world.stops(), (1, 1));
}

#[tokio::test]
async fn a_daemon_adopts_what_a_dead_fire_left_open() {
    let world = World::at("2026-11-23T15:00:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    let hand = world.hand(NIGHT).await;
    let rule = Arc::clone(&hand.in_use.schedules.rules[0]);
    hand.dispatch.claim_by_hand(&rule, false, &hand.in_use).await.unwrap();
    drop(hand);
    assert_eq!(world.settled(1).await, ["night - manual stopped"]);
    daemon.end().await;
    assert_eq!(world.stops(), (1, 1));
}

#[tokio::test]
async fn a_daemon_leaves_a_living_fire_alone() {
    let world = World::at("2026-11-23T15:00:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    let hand = world.hand(NIGHT).await;
    let rule = Arc::clone(&hand.in_use.schedules.rules[0]);
    hand.dispatch.claim_by_hand(&rule, false, &hand.in_use).await.unwrap();
    world.a_minute().await;
    daemon.end().await;
    assert_eq!(world.told().await, ["night - manual open"]);
    assert_eq!(world.stops(), (0, 0));
}

#[tokio::test]
async fn what_could_not_be_recorded_in_time_fires_as_soon_as_it_can() {
    let world = World::at("2026-11-23T19:00:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    execute(
        &world,
        "CREATE TRIGGER full BEFORE INSERT ON firing
        BEGIN
            SELECT raise(ROLLBACK, 'the disk is full');
        END",
    )
    .await;
    world.pass_to("2026-11-23T20:20:00");
    world.a_minute().await;
    assert_eq!((world.told().await.len(), world.stops()), (0, (0, 0)), "no record, no request");
    execute(&world, "DROP TRIGGER full").await;
    assert_eq!(world.settled(1).await, ["night 23T20:00 late stopped"]);
    daemon.end().await;
}

#[tokio::test]
async fn what_could_not_be_settled_is_settled_as_soon_as_it_can() {
    let world = World::at("2026-11-23T19:00:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    execute(
        &world,
        "CREATE TRIGGER full BEFORE INSERT ON outcome
        BEGIN
            SELECT raise(ROLLBACK, 'the disk is full');
        END",
    )
    .await;
    world.pass_to("2026-11-23T19:59:50");
    world.asked("stopServerInstances").await;
    world.a_minute().await;
    assert_eq!(world.told().await, ["night 23T20:00 schedule open"]);
    execute(&world, "DROP TRIGGER full").await;
    assert_eq!(world.settled(1).await, ["night 23T20:00 schedule stopped"]);
    daemon.end().await;
    assert_eq!(world.stops(), (1, 1));
}

#[tokio::test]
async fn an_answer_that_came_while_the_log_was_away_is_written_when_it_is_back() {
    let world = World::at("2026-11-23T19:00:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    execute(
        &world,
        "CREATE TRIGGER full BEFORE INSERT ON answer
        BEGIN
            SELECT raise(ROLLBACK, 'the disk is full');
        END",
    )
    .await;
    world.pass_to("2026-11-23T19:59:50");
    world.asked("stopServerInstances").await;
    world.a_minute().await;
    assert_eq!(world.told().await, ["night 23T20:00 schedule open"]);
    execute(&world, "DROP TRIGGER full").await;
    assert_eq!(world.settled(1).await, ["night 23T20:00 schedule stopped"]);
    daemon.end().await;
    let answers: Vec<(String, bool, String)> =
        sqlx::query_as("SELECT result, request_id IS NOT NULL, detail FROM answer")
            .fetch_all(&mut world.raw().await)
            .await
            .unwrap();
    let [(result, has_id, detail)] = &answers[..] else { panic!("{answers:?}") };
    assert_eq!((result.as_str(), has_id), ("accepted", &true));
    assert!(detail.starts_with("it came at 2026-11-23T11:00:"), "{detail}");
    assert_eq!(world.stops(), (1, 1));
}

#[tokio::test]
async fn nothing_is_written_to_a_log_that_was_deleted() {
    let world = World::at("2026-11-23T19:00:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    world.a_minute().await;
    std::fs::remove_file(world.log()).unwrap();
    assert!(matches!(daemon.ended().await, Err(DaemonError::LogGone(_))));
    assert_eq!(world.stops(), (0, 0));
}

#[tokio::test]
async fn what_was_taken_over_is_followed_once_however_long_it_takes() {
    let fleet = "[[servers]]\nname = \"dev-a\"\nno = \"1\"\nstop_takes = \"5s\"\n\
        operation = \"CHNG\"\nbusy_for = \"3h\"\n";
    let patient = format!("{NIGHT}patience = \"6h\"\n");
    let world = World::at("2026-11-23T19:00:00", fleet).await;
    let first = world.start(&patient).await;
    world.pass_to("2026-11-23T19:59:50");
    world.asked("getServerInstanceList").await;
    first.kill().await;
    let second = world.start(&patient).await;
    for _ in 0..2 {
        world.a_minute().await;
    }
    world.pass_to("2026-11-23T23:00:00");
    let told = world.settled(1).await;
    // A machine that stands still for a third of a second is late by ten of this clock's.
    assert!(told.len() == 1 && told[0].ends_with(" stopped"), "{told:?}");
    second.end().await;
    assert_eq!((world.stops(), world.takeovers().await), ((1, 1), 1));
}

#[tokio::test]
async fn what_a_killed_daemon_leaves_beside_the_log_is_cleared_away_by_the_next() {
    let world = World::at("2026-11-23T15:00:00", FLEET).await;
    world.start(NIGHT).await.kill().await;
    assert_eq!(world.locks(), 1, "the file of a session that was killed");
    let second = world.start(NIGHT).await;
    assert_eq!(world.locks(), 1, "only its own");
    second.end().await;
}
