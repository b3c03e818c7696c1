//! Starts before the limit: `at_limit = "start"`.

use chrono::TimeDelta;
use lightsout::clock::Clock;
use lightsout::cloud::rehearsal::{Fault, FaultKind};
use lightsout::hold::Hold;
use lightsout::model::instance::InstanceNo;
use lightsout::model::subject::Subject;

use super::super::FLEET;
use super::super::world::{World, seoul};
use super::{OBSERVE, TOLD};

#[tokio::test]
async fn what_is_off_for_a_long_holiday_is_started_once_a_day_before_the_limit() {
    let rules = format!("{OBSERVE}{START}{HOLIDAY}{TOLD}");
    let world = World::at("2026-11-23T19:00:00", FLEET).await;
    let daemon = world.start(&rules).await;
    world.live_to("2026-11-23T20:00:00").await;
    assert_eq!(world.settled(1).await, ["holiday 23T20:00 schedule stopped"]);
    daemon.end().await;
    world.pass_to("2027-02-05T12:00:00");
    let daemon = world.awake(&rules).await;
    world.look_at(world.clock.now() + TimeDelta::minutes(11)).await;
    world.stepped(1).await;
    daemon.end().await;
    world.pass_to("2027-02-20T19:30:00");
    let daemon = world.awake(&rules).await;
    world.look_at(world.clock.now() + TimeDelta::minutes(11)).await;
    world.stepped(2).await;
    assert_eq!((world.starts(), world.told().await.len()), ((0, 0), 1), "it is too early");
    let told = world.comes_to(2).await;
    assert_eq!(told[1][..14], *"stop-budget 20");
    assert!(told[1].ends_with(" schedule started"), "{told:?}");
    world.look_at(seoul("2027-02-21T19:30:00")).await;
    world.look_at(seoul("2027-02-21T20:10:00")).await;
    let in_a_row = |before, reached| ("in_a_row".to_owned(), before, reached);
    let steps = [in_a_row(0, 75), in_a_row(75, 90), in_a_row(90, 0)];
    assert_eq!(world.stepped(3).await, steps);
    world.an_hour().await;
    assert_eq!((world.starts(), world.told().await.len()), ((1, 1), 2), "it is on");
    let near = |days: &str| {
        format!(
            "1 server is near a limit (unconfirmed) beyond which NAVER Cloud may return a stopped \
             server: dev-a was off for {days} of 90 days in a row; lightsout report budget"
        )
    };
    assert_eq!(world.texts().await, [near("73.6"), near("88.9")]);
    daemon.end().await;
}

#[tokio::test]
async fn a_daemon_that_dies_in_the_middle_of_the_start_leaves_it_to_the_next() {
    let slow = FLEET.replacen("stop_takes", "start_takes = \"5m\"\nstop_takes", 1);
    let rules = format!("{OBSERVE}{START}{HOLIDAY}");
    let world = World::at("2026-11-23T19:00:00", &slow).await;
    let daemon = world.start(&rules).await;
    world.live_to("2026-11-23T20:00:00").await;
    world.settled(1).await;
    world.look_at(seoul("2027-02-20T20:30:00")).await;
    while world.cloud.counts().requests_for("startServerInstances") == 0 {
        world.look_at(world.clock.now() + TimeDelta::minutes(25)).await;
        world.a_minute().await;
    }
    daemon.kill().await;
    let daemon = world.start(&rules).await;
    let told = world.settled(2).await;
    assert!(told[1].ends_with("schedule started"), "{told:?}");
    assert_eq!((world.starts(), world.takeovers().await), ((1, 1), 1));
    daemon.end().await;
}

#[tokio::test]
async fn what_is_held_protected_or_was_stopped_by_somebody_else_is_not_started() {
    let others = "[[servers]]\nname = \"someones\"\nno = \"2\"\nstatus = \"NSTOP\"\n\
        [[servers]]\nname = \"dev-b\"\nno = \"3\"\nstatus = \"NSTOP\"\n";
    let fleet = format!("[[servers]]\nname = \"dev-a\"\nno = \"1\"\n{others}");
    let world = World::at("2026-11-23T19:00:00", &fleet).await;
    let rules = format!("{OBSERVE}{START}{HOLIDAY}");
    let daemon = world.start(&rules).await;
    world.live_to("2026-11-23T20:00:00").await;
    world.settled(2).await;
    daemon.end().await;
    let hold = Hold {
        subject: Subject::Instance("dev-a".to_owned()),
        until: seoul("2027-02-21T12:00:00"),
        skip: false,
        why: None,
        who: "kim@desk".to_owned(),
    };
    world.hand(&rules).await.dispatch.audit.hold(&hold).await.unwrap();
    let daemon = world.start(&format!("{rules}[protect]\nnames = [\"dev-b\"]\n")).await;
    world.look_at(seoul("2027-02-20T20:30:00")).await;
    let told = world.comes_to(3).await;
    assert!(
        told[2].starts_with("stop-budget") && told[2].ends_with("skipped: protected"),
        "{told:?}"
    );
    world.look_at(seoul("2027-02-21T12:30:00")).await;
    let told = world.comes_to(5).await;
    let started: Vec<_> = told.iter().filter(|line| line.ends_with("started")).collect();
    assert_eq!(started.len(), 1, "{told:?}");
    let starts = |no: &str| world.cloud.counts().of(&InstanceNo::new(no).unwrap()).start_requests;
    assert_eq!([starts("1"), starts("2"), starts("3")], [1, 0, 0]);
    daemon.end().await;
}

#[tokio::test]
async fn a_start_that_failed_is_tried_again_within_the_margin() {
    let rules = format!("{OBSERVE}{START}{HOLIDAY}");
    let world = World::at("2026-11-23T19:00:00", FLEET).await;
    let daemon = world.start(&rules).await;
    world.live_to("2026-11-23T20:00:00").await;
    world.settled(1).await;
    world.look_at(seoul("2027-02-20T20:30:00")).await;
    let refusal = Fault::new("startServerInstances", FaultKind::Refuse);
    world.cloud.add_fault(Fault { code: Some("25033".to_owned()), ..refusal });
    let told = world.comes_to(2).await;
    assert!(told[1].contains("schedule refused"), "{told:?}");
    world.cloud.clear_faults();
    world.an_hour().await;
    assert_eq!(world.told().await.len(), 2, "not at once");
    world.look_at(seoul("2027-02-21T10:30:00")).await;
    let told = world.comes_to(3).await;
    assert!(told[2].ends_with("schedule started"), "{told:?}");
    daemon.end().await;
}

#[tokio::test]
async fn what_a_rule_stopped_that_is_off_by_now_is_started_too() {
    let rules = format!("{OBSERVE}{START}{HOLIDAY}");
    let world = World::at("2026-11-23T19:00:00", FLEET).await;
    let daemon = world.start(&rules).await;
    world.live_to("2026-11-23T20:00:00").await;
    world.settled(1).await;
    daemon.end().await;
    let daemon = world.awake(&format!("{rules}enabled = false\n")).await;
    world.look_at(seoul("2027-02-20T20:30:00")).await;
    let told = world.comes_to(2).await;
    assert!(told[1].ends_with("schedule started"), "{told:?}");
    daemon.end().await;
}

/// What is off for 89 days is started.
const START: &str = "[budget]\nat_limit = \"start\"\n";

/// Stops once, for long.
const HOLIDAY: &str = "[[rules]]\nname = \"holiday\"\naction = \"stop\"\n\
    cron = \"0 20 23 11 *\"\nselect = { names = [\"dev-*\"] }\n";
