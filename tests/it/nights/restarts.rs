//! `on_manual_start = "stop_after 2h"`: what somebody starts at night, and when it is stopped
//! again.

use chrono::{DateTime, TimeDelta, Utc};
use lightsout::clock::Clock;
use lightsout::cloud::codes;

use super::others::OBSERVE;
use super::world::World;
use super::{FLEET, NIGHT};

/// Looks every minute, and stops two hours later what somebody starts.
fn stopping() -> String {
    format!("{OBSERVE}{NIGHT}on_manual_start = \"stop_after 2h\"\n")
}

impl World {
    /// Somebody starts `dev-a`. Returns when it is to be stopped for that.
    async fn somebody_starts(&self) -> DateTime<Utc> {
        let before = self.owed().await.len();
        self.somebody_turns("1", codes::status("RUN"));
        self.once(async || (self.owed().await.len() > before).then_some(())).await;
        let sql = "SELECT max(due_at) FROM owed";
        let due_at = sqlx::query_scalar(sql).fetch_one(&mut self.raw().await).await.unwrap();
        DateTime::from_timestamp_millis(due_at).unwrap()
    }

    /// Lets time pass until so many minutes after that.
    fn pass_beyond(&self, at: DateTime<Utc>, minutes: i64) {
        let left = at + TimeDelta::minutes(minutes) - self.clock.now();
        self.clock.skip(left.to_std().expect("a later time"));
    }
}

#[tokio::test]
async fn what_is_started_twice_is_stopped_for_the_later_start() {
    let world = World::at("2026-11-23T19:59:30", FLEET).await;
    let daemon = world.start(&stopping()).await;
    world.settled(1).await;
    let first = world.somebody_starts().await;
    world.pass_beyond(first, -30);
    world.somebody_turns("1", codes::status("NSTOP"));
    world.changed(2).await;
    let second = world.somebody_starts().await;
    world.pass_beyond(first, 1);
    world.a_minute().await;
    assert_eq!(world.told().await.len(), 1, "it may run for two hours again");
    world.pass_beyond(second, -1);
    let told = world.settled(2).await;
    daemon.end().await;
    let seoul = (second + TimeDelta::hours(9)).format("%dT%H:%M");
    assert_eq!(told[1], format!("night {seoul} late stopped"));
    assert_eq!(world.stops(), (2, 2));
}

#[tokio::test]
async fn what_the_rule_leaves_running_by_then_is_not_stopped() {
    let world = World::at("2026-11-23T19:59:30", FLEET).await;
    let daemon = world.start(&stopping()).await;
    world.settled(1).await;
    let due_at = world.somebody_starts().await;
    daemon.end().await;
    let daemon = world.start(&format!("{OBSERVE}{NIGHT}")).await;
    world.pass_beyond(due_at, 0);
    for _ in 0..2 {
        world.a_minute().await;
    }
    daemon.end().await;
    assert_eq!((world.told().await.len(), world.stops()), (1, (1, 1)));
}

#[tokio::test]
async fn what_fell_due_while_nobody_was_there_is_stopped_if_the_rule_may_be_so_late() {
    for (minutes, expected) in [
        (59, "late stopped".to_owned()),
        (61, "late missed: deferred; daemon away 2026-11-23 20:".to_owned()),
    ] {
        let world = World::at("2026-11-23T19:59:30", FLEET).await;
        let daemon = world.start(&stopping()).await;
        world.settled(1).await;
        let due_at = world.somebody_starts().await;
        daemon.end().await;
        world.pass_beyond(due_at, minutes);
        let daemon = world.start(&stopping()).await;
        let told = world.settled(2).await;
        world.is_seen("1").await;
        daemon.end().await;
        let seoul = (due_at + TimeDelta::hours(9)).format("%dT%H:%M");
        assert!(told[1].starts_with(&format!("night {seoul} {expected}")), "{told:?}");
        assert_eq!(world.told().await.len(), 2, "it is said once");
    }
}
