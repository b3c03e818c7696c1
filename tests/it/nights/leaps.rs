//! Clocks that leap while the daemon runs.

use lightsout::cloud::codes;
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::world::World;
use super::{FLEET, NIGHT};

/// Fires every evening, and tells somebody of what went wrong.
const TOLD: &str = "[[rules]]\nname = \"night\"\naction = \"stop\"\ncron = \"0 20 * * *\"\n\
    select = { names = [\"dev-*\"] }\n[[notify]]\nname = \"me\"\ncommand = [\"true\"]\n";

impl World {
    /// What the log says of clocks that were wrong: by how many minutes, and whether its claims
    /// are void.
    async fn clocks(&self) -> Vec<(i64, bool)> {
        sqlx::query_as("SELECT (ahead_at - real_at) / 60000, since IS NOT NULL FROM clock")
            .fetch_all(&mut self.raw().await)
            .await
            .unwrap()
    }

    /// What was told of clocks, a notice each. (A request that was signed just before a step is
    /// refused, so that the account may have been unreadable for a moment.)
    async fn notices(&self) -> Vec<String> {
        sqlx::query_scalar("SELECT body ->> '$.text' FROM notice WHERE event <> 'unreadable'")
            .fetch_all(&mut self.raw().await)
            .await
            .unwrap()
    }

    /// A night that was claimed by a clock that is five hours ahead, after which somebody goes on
    /// working. Returns when the clock is right again.
    async fn a_night_too_early(&self) {
        self.step_to("2026-11-23T19:50:00");
        self.a_minute().await;
        self.pass_to("2026-11-23T19:59:50");
        assert_eq!(self.settled(1).await, ["night 23T20:00 schedule stopped"]);
        self.somebody_turns("1", codes::status("RUN"));
    }
}

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
async fn a_clock_set_back_by_a_day_has_the_day_take_place_once_more_and_no_more_than_that() {
    let world = World::at("2026-11-22T19:00:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    world.pass_to("2026-11-22T19:59:50");
    world.settled(1).await;
    world.pass_to("2026-11-23T19:59:00");
    world.settled(2).await;
    world.step_to("2026-11-22T19:59:30");
    world.a_minute().await;
    world.step_to("2026-11-23T20:05:00");
    world.settled(4).await;
    world.a_minute().await;
    daemon.end().await;
    assert_eq!(
        world.told().await,
        [
            "night 22T20:00 schedule stopped",
            "night 23T20:00 schedule already",
            "night 22T20:00 schedule already",
            "night 23T20:00 late already",
        ]
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

#[tokio::test]
async fn a_night_that_was_claimed_by_a_clock_hours_ahead_takes_place_at_its_real_time() {
    let world = World::at("2026-11-23T15:00:00", FLEET).await;
    let daemon = world.start(TOLD).await;
    world.a_night_too_early().await;
    world.step_to("2026-11-23T15:02:00");
    world.a_minute().await;
    assert_eq!(world.told().await.len(), 1, "its time has not come");
    world.pass_to("2026-11-23T19:59:55");
    let told = world.settled(2).await;
    world.a_minute().await;
    daemon.end().await;
    assert_eq!(told, ["night 23T20:00 schedule stopped", "night 23T20:00 schedule stopped"]);
    let takes: Vec<i64> = sqlx::query_scalar("SELECT take FROM firing ORDER BY seq")
        .fetch_all(&mut world.raw().await)
        .await
        .unwrap();
    assert_eq!((takes, world.stops().1), (vec![1, 2], 2));
    let clocks = world.clocks().await;
    assert!(matches!(clocks[..], [(280..=320, true)]), "{clocks:?}");
    let notices = world.notices().await;
    let [notice] = &notices[..] else { panic!("{notices:?}") };
    assert!(
        notice.contains(" ahead until 2026-11-23T15:")
            && notice
                .ends_with("; 1 firing that it began too early takes place once more at its time"),
        "{notice}"
    );
}

#[tokio::test]
async fn a_daemon_that_starts_on_a_log_from_hours_ahead_fires_at_the_real_time() {
    let world = World::at("2026-11-23T15:00:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    world.a_night_too_early().await;
    daemon.end().await;
    world.step_to("2026-11-23T15:02:00");
    let hand = world.hand(NIGHT).await;
    drop(hand);
    let daemon = world.start(NIGHT).await;
    world.pass_to("2026-11-23T19:59:55");
    let told = world.settled(2).await;
    daemon.end().await;
    assert_eq!(told, ["night 23T20:00 schedule stopped", "night 23T20:00 schedule stopped"]);
    world.start(NIGHT).await.end().await;
    let clocks = world.clocks().await;
    assert!(matches!(clocks[..], [(290..=310, true)]), "it is noted once: {clocks:?}");
}

#[tokio::test]
async fn what_another_machine_wrote_ahead_is_no_ground() {
    let world = World::at("2026-11-23T15:00:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    world.a_night_too_early().await;
    daemon.end().await;
    let elsewhere = "DROP TRIGGER session_is_never_updated; UPDATE session SET host = 'elsewhere'";
    let mut raw: SqliteConnection = world.raw().await;
    sqlx::raw_sql(AssertSqlSafe(elsewhere)).execute(&mut raw).await.unwrap();
    world.step_to("2026-11-23T15:02:00");
    let daemon = world.start(NIGHT).await;
    world.pass_to("2026-11-23T19:59:55");
    world.a_minute().await;
    daemon.end().await;
    assert_eq!(world.told().await, ["night 23T20:00 schedule stopped"]);
    assert_eq!(world.clocks().await, []);
}

#[tokio::test]
async fn after_a_step_back_of_less_than_an_hour_the_claim_holds_and_it_is_told() {
    let world = World::at("2026-11-23T19:30:00", FLEET).await;
    let daemon = world.start(TOLD).await;
    world.a_night_too_early().await;
    world.step_to("2026-11-23T19:31:00");
    world.a_minute().await;
    world.pass_to("2026-11-23T19:59:55");
    world.a_minute().await;
    daemon.end().await;
    assert_eq!(world.told().await, ["night 23T20:00 schedule stopped"]);
    let clocks = world.clocks().await;
    assert!(matches!(clocks[..], [(25..=40, false)]), "{clocks:?}");
    let notices = world.notices().await;
    let [notice] = &notices[..] else { panic!("{notices:?}") };
    assert!(notice.ends_with("; what it fired is not fired again"), "{notice}");
}
