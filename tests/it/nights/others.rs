//! What others start and stop between firings, and what rules make of it.

use std::time::Duration;

use lightsout::audit::{AuditReader, ChangeFilter};
use lightsout::clock::Clock;
use lightsout::cloud::codes;
use lightsout::cloud::rehearsal::{Fault, FaultKind};
use lightsout::model::instance::{InstanceNo, Status};

use super::world::World;
use super::{FLEET, NIGHT};
use crate::wait;

/// Looks every minute.
pub(super) const OBSERVE: &str = "[observe]\nevery = \"1m\"\n";

/// Starts in the morning what was stopped at night.
const MORNING: &str = "[[rules]]\nname = \"morning\"\naction = \"start\"\n\
    cron = \"0 8 * * *\"\nselect = { names = [\"dev-*\"] }\nstart = \"ours\"\n";

/// Two servers that both rules are about.
const TWO: &str = "[[servers]]\nname = \"dev-a\"\nno = \"1\"\nstop_takes = \"5s\"\n\
    start_takes = \"5s\"\n[[servers]]\nname = \"dev-b\"\nno = \"2\"\nstop_takes = \"5s\"\n\
    start_takes = \"5s\"\n";

impl World {
    /// Somebody at the console turns a server on or off.
    pub(super) fn somebody_turns(&self, no: &str, status: Status) {
        self.cloud.set_status(&InstanceNo::new(no).unwrap(), status, codes::operation("NULL"));
    }

    /// The changes in the log, oldest first, as `name from-to`.
    async fn changes(&self) -> Vec<String> {
        let reader = AuditReader::open(&self.log()).await.unwrap();
        let filter = ChangeFilter { instance: None, since: None, until: None, limit: 100 };
        let mut lines = reader.changes(&filter).await.unwrap();
        lines.reverse();
        let words = |line: &lightsout::audit::ChangeLine| {
            format!("{} {}-{}", line.instance_name, line.status_before, line.status_after)
        };
        lines.iter().map(words).collect()
    }

    /// The changes, as soon as there are so many.
    pub(super) async fn changed(&self, count: usize) -> Vec<String> {
        self.once(async || Some(self.changes().await).filter(|it| it.len() >= count)).await
    }

    /// When a server was last seen; in milliseconds.
    async fn looked_at(&self, no: &str) -> Option<i64> {
        let sql = "SELECT looked_at FROM look WHERE instance_no = ?1";
        sqlx::query_scalar(sql).bind(no).fetch_optional(&mut self.raw().await).await.unwrap()
    }

    /// Waits until a server has been seen again.
    pub(super) async fn is_seen(&self, no: &str) {
        let before = self.looked_at(no).await;
        self.once(async || (self.looked_at(no).await > before).then_some(())).await;
    }

    /// What rules owe: rule, action, instance, and how long after it was wanted.
    pub(super) async fn owed(&self) -> Vec<(String, String, String, i64)> {
        let sql = "SELECT rule, action, instance_no, due_at - wanted_at FROM owed ORDER BY seq";
        sqlx::query_as(sql).fetch_all(&mut self.raw().await).await.unwrap()
    }

    /// What `look` comes to, as soon as it comes to anything.
    pub(super) async fn once<T>(&self, look: impl AsyncFn() -> Option<T>) -> T {
        wait::until("it is found", look).await
    }
}

#[tokio::test]
async fn what_somebody_starts_at_night_is_recorded_and_told_once() {
    let notify = "[[notify]]\nname = \"team\"\ncommand = [\"true\"]\non = [\"changed\"]\n";
    let rules = format!("{OBSERVE}{NIGHT}on_manual_start = \"notify\"\n{notify}");
    let world = World::at("2026-11-23T19:59:30", FLEET).await;
    let daemon = world.start(&rules).await;
    world.settled(1).await;
    world.somebody_turns("1", codes::status("RUN"));
    assert_eq!(world.changed(1).await, ["dev-a NSTOP-RUN"]);
    let delivered = async || {
        let sql = "SELECT body FROM notice JOIN notice_end ON notice_end.notice = notice.seq
            WHERE target = 'team' AND event = 'changed' AND result = 'delivered'";
        let told: Vec<String> =
            sqlx::query_scalar(sql).fetch_all(&mut world.raw().await).await.unwrap();
        Some(told).filter(|told| !told.is_empty())
    };
    world.once(delivered).await;
    world.is_seen("2").await;
    world.is_seen("2").await;
    daemon.end().await;
    let told = delivered().await.unwrap();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("\"rule\":\"night\""), "{told:?}");
    assert!(told[0].contains("somebody started 1 server that night had stopped: dev-a between"));
    assert_eq!(world.changes().await, ["dev-a NSTOP-RUN"]);
    assert_eq!(world.stops(), (1, 1), "it is left running");
}

#[tokio::test]
async fn what_lightsout_does_itself_is_nobody_else_s_doing() {
    let rules = format!("{OBSERVE}{NIGHT}on_manual_start = \"stop_after 1h\"\n{MORNING}");
    let world = World::at("2026-11-23T19:59:30", TWO).await;
    let daemon = world.start(&rules).await;
    world.settled(2).await;
    world.is_seen("1").await;
    world.pass_to("2026-11-24T07:59:30");
    world.settled(4).await;
    world.is_seen("1").await;
    world.is_seen("1").await;
    daemon.end().await;
    assert_eq!(world.changes().await, [""; 0]);
    assert_eq!(world.owed().await, []);
}

#[tokio::test]
async fn what_a_person_stopped_in_the_evening_stays_stopped_in_the_morning() {
    let world = World::at("2026-11-23T17:30:00", TWO).await;
    let daemon = world.start(&format!("{OBSERVE}{NIGHT}{MORNING}")).await;
    world.is_seen("1").await;
    world.somebody_turns("1", codes::status("NSTOP"));
    assert_eq!(world.changed(1).await, ["dev-a RUN-NSTOP"]);
    world.pass_to("2026-11-23T19:59:30");
    world.settled(2).await;
    world.pass_to("2026-11-24T07:59:30");
    let mut told = world.settled(4).await;
    daemon.end().await;
    told.sort();
    assert_eq!(told[1], "morning 24T08:00 schedule started");
    let by = "morning 24T08:00 schedule skipped: stopped by somebody else between 2026-11-23 17:3";
    assert!(told[0].starts_with(by), "{told:?}");
    assert_eq!(
        told[2..],
        ["night 23T20:00 schedule already", "night 23T20:00 schedule stopped"],
        "{told:?}"
    );
    assert_eq!(world.changes().await, ["dev-a RUN-NSTOP"]);
}

#[tokio::test]
async fn what_the_cloud_refused_to_stop_and_a_person_stopped_stays_stopped_in_the_morning() {
    let refusing = TWO.replacen("no =", "refuse = { code = \"77777\" }\nno =", 1);
    let world = World::at("2026-11-23T19:59:30", &refusing).await;
    let daemon = world.start(&format!("{OBSERVE}{NIGHT}{MORNING}")).await;
    let mut told = world.settled(2).await;
    told.sort();
    assert!(told[0].starts_with("night 23T20:00 schedule refused: asked "), "{told:?}");
    world.somebody_turns("1", codes::status("NSTOP"));
    assert_eq!(world.changed(1).await, ["dev-a RUN-NSTOP"]);
    world.pass_to("2026-11-24T07:59:30");
    let mut told = world.settled(4).await;
    daemon.end().await;
    told.sort();
    assert!(told[0].starts_with("morning 24T08:00 schedule skipped: stopped by somebody else "));
    assert_eq!(told[1], "morning 24T08:00 schedule started");
}

#[tokio::test]
async fn a_firing_finds_by_itself_what_nobody_looked_for() {
    let world = World::at("2026-11-23T19:59:30", TWO).await;
    let daemon = world.start(&format!("{NIGHT}{MORNING}")).await;
    world.settled(2).await;
    world.pass_to("2026-11-24T06:00:00");
    world.somebody_turns("1", codes::status("RUN"));
    let hand = world.hand(NIGHT).await;
    let rule = std::sync::Arc::clone(&hand.in_use.schedules.rules[0]);
    let dry = hand.dispatch.claim_by_hand(&rule, true, &hand.in_use).await.unwrap();
    hand.dispatch.carry_out(vec![dry], &hand.in_use).await;
    world.somebody_turns("1", codes::status("NSTOP"));
    world.pass_to("2026-11-24T07:59:30");
    let told = world.settled(6).await;
    daemon.end().await;
    let morning: Vec<&String> = told.iter().filter(|line| line.starts_with("morning")).collect();
    let by = "morning 24T08:00 schedule skipped: stopped by somebody else between 2026-11-24 06:0";
    assert!(morning[0].starts_with(by), "{told:?}");
    assert_eq!(morning[1..], ["morning 24T08:00 schedule started"]);
    assert_eq!(world.changes().await, ["dev-a NSTOP-RUN", "dev-a RUN-NSTOP"]);
}

#[tokio::test]
async fn what_somebody_starts_is_stopped_again_when_its_time_is_over() {
    let rules = format!("{OBSERVE}{NIGHT}on_manual_start = \"stop_after 2h\"\n");
    let world = World::at("2026-11-23T19:59:30", FLEET).await;
    let daemon = world.start(&rules).await;
    world.settled(1).await;
    world.somebody_turns("1", codes::status("RUN"));
    world.changed(1).await;
    let owed = world.once(async || Some(world.owed().await).filter(|it| !it.is_empty())).await;
    world.is_seen("2").await;
    world.is_seen("2").await;
    assert_eq!(world.owed().await, owed, "it is owed once");
    let [(rule, action, no, left)] = &owed[..] else { panic!("{owed:?}") };
    assert_eq!((&**rule, &**action, &**no, *left), ("night", "stop", "1", 7_200_000));
    let seen = world.changed(1).await.len();
    world.clock.skip(Duration::from_secs(7_150));
    let told = world.settled(2).await;
    daemon.end().await;
    assert!(told[1].starts_with("night 23T22:0") && told[1].ends_with(" stopped"), "{told:?}");
    assert_eq!((world.stops(), world.changes().await.len()), ((2, 2), seen));
}

#[tokio::test]
async fn what_is_excepted_by_the_time_it_is_started_owes_nothing() {
    let except = "except = { tags = { keep = \"*\" } }\non_manual_start = \"stop_after 2h\"\n";
    let world = World::at("2026-11-23T19:59:30", TWO).await;
    let daemon = world.start(&format!("{OBSERVE}{NIGHT}{except}")).await;
    world.settled(2).await;
    world.cloud.set_tags(&InstanceNo::new("1").unwrap(), &[("keep", "on")]);
    world.somebody_turns("1", codes::status("RUN"));
    world.somebody_turns("2", codes::status("RUN"));
    let mut changed = world.changed(2).await;
    changed.sort();
    assert_eq!(changed, ["dev-a NSTOP-RUN", "dev-b NSTOP-RUN"]);
    let owed = world.once(async || Some(world.owed().await).filter(|it| !it.is_empty())).await;
    world.is_seen("1").await;
    daemon.end().await;
    assert_eq!(world.owed().await, owed);
    assert_eq!((owed.len(), &*owed[0].2), (1, "2"));
}

#[tokio::test]
async fn a_look_waits_for_a_firing_that_is_under_way() {
    let fleet = format!("{FLEET}operation = \"CHNG\"\nbusy_for = \"4h\"\n")
        .replace("name = \"prod\"", "name = \"dev-b\"");
    let fleet = format!("{fleet}[[servers]]\nname = \"prod\"\nno = \"3\"\n");
    let world = World::at("2026-11-23T19:30:00", &fleet).await;
    let daemon = world.start(&format!("{OBSERVE}{NIGHT}patience = \"30m\"\n")).await;
    world.is_seen("3").await;
    world.pass_to("2026-11-23T19:59:50");
    world.asked("stopServerInstances").await;
    let before = world.looked_at("3").await;
    for _ in 0..4 {
        world.a_minute().await;
    }
    assert_eq!(world.looked_at("3").await, before, "only the firing looks");
    world.clock.skip(Duration::from_secs(30 * 60));
    world.settled(2).await;
    world.is_seen("3").await;
    daemon.end().await;
}

#[tokio::test]
async fn a_look_that_fails_is_borne_and_the_next_one_finds_what_was_missed() {
    let world = World::at("2026-11-23T15:00:00", FLEET).await;
    let daemon = world.start(&format!("{OBSERVE}{NIGHT}")).await;
    world.is_seen("1").await;
    world.cloud.add_fault(Fault::new("*", FaultKind::ErrorBefore));
    let calls = world.cloud.counts().requests_for("getServerInstanceList");
    world.somebody_turns("1", codes::status("NSTOP"));
    let asked = async || {
        let now = world.cloud.counts().requests_for("getServerInstanceList");
        (now > calls + 3).then_some(())
    };
    world.once(asked).await;
    world.cloud.clear_faults();
    assert_eq!(world.changed(1).await, ["dev-a RUN-NSTOP"]);
    daemon.end().await;
}

#[tokio::test]
async fn a_daemon_that_does_not_observe_asks_for_nothing_between_firings() {
    let world = World::at("2026-11-23T15:00:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    // It looks at each account when it starts.
    world.asked("getServerInstanceList").await;
    let calls = world.cloud.requests().len();
    world.clock.skip(Duration::from_secs(3_600));
    world.a_minute().await;
    daemon.end().await;
    assert_eq!(world.cloud.requests().len(), calls);
    assert!(world.clock.now() > super::world::seoul("2026-11-23T16:00:00"));
}
