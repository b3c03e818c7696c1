//! What a hold held back, and what becomes of it when the hold is over.

use lightsout::cloud::codes;
use lightsout::cloud::rehearsal::{Fault, FaultKind};
use lightsout::hold::Hold;
use lightsout::model::ids::HoldId;
use lightsout::model::instance::InstanceNo;
use lightsout::model::subject::Subject;

use super::world::{World, seoul};
use super::{FLEET, MORNING, NIGHT};
use crate::wait;

/// `dev-a` is held until then, from before the night on.
fn until(at: &str) -> Hold {
    Hold {
        subject: Subject::Instance("dev-a".to_owned()),
        until: seoul(at),
        skip: false,
        why: None,
        who: "kim@desk".to_owned(),
    }
}

/// The hold is placed by another process, as the command does.
async fn hold(world: &World, hold: &Hold) -> HoldId {
    world.hand(NIGHT).await.dispatch.audit.hold(hold).await.unwrap()
}

const HELD: &str = "night 23T20:00 schedule skipped: held until 2026-11-24 02:00+09:00 by kim@desk";

#[tokio::test]
async fn a_stop_that_was_held_back_is_made_up_once_when_the_hold_ends() {
    let world = World::at("2026-11-23T19:00:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    hold(&world, &until("2026-11-24T02:00:00")).await;
    world.pass_to("2026-11-23T19:59:50");
    assert_eq!(world.settled(1).await, [HELD]);
    assert_eq!(world.stops(), (0, 0));
    world.a_minute().await;
    world.pass_to("2026-11-24T01:59:50");
    assert_eq!(world.settled(2).await, [HELD, "night 24T02:00 late stopped"]);
    world.a_minute().await;
    daemon.end().await;
    assert_eq!((world.stops(), world.told().await.len()), ((1, 1), 2));
}

#[tokio::test]
async fn a_hold_that_is_released_is_made_up_within_a_minute_or_so() {
    let world = World::at("2026-11-23T19:00:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    let id = hold(&world, &until("2026-11-24T02:00:00")).await;
    world.pass_to("2026-11-23T19:59:50");
    world.settled(1).await;
    let hand = world.hand(NIGHT).await;
    hand.dispatch.audit.release(&[id], "lee@desk").await.unwrap();
    let told = world.settled(2).await;
    assert!(told[1].starts_with("night 23T20:0") && told[1].ends_with(" late stopped"), "{told:?}");
    daemon.end().await;
    assert_eq!(world.stops(), (1, 1));
}

#[tokio::test]
async fn what_is_held_again_is_made_up_when_the_last_hold_ends() {
    let world = World::at("2026-11-23T19:00:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    hold(&world, &until("2026-11-24T02:00:00")).await;
    world.pass_to("2026-11-23T19:59:50");
    world.settled(1).await;
    hold(&world, &until("2026-11-24T03:00:00")).await;
    world.a_minute().await;
    world.pass_to("2026-11-24T01:59:50");
    world.settled(2).await;
    world.a_minute().await;
    world.pass_to("2026-11-24T02:59:50");
    let again = "night 24T02:00 late skipped: held until 2026-11-24 03:00+09:00 by kim@desk";
    assert_eq!(world.settled(3).await, [HELD, again, "night 24T03:00 late stopped"]);
    daemon.end().await;
    assert_eq!(world.stops(), (1, 1));
}

#[tokio::test]
async fn what_a_later_start_wanted_on_is_not_made_up() {
    let rules = format!("{NIGHT}{MORNING}");
    let world = World::at("2026-11-23T19:00:00", FLEET).await;
    let daemon = world.start(&rules).await;
    hold(&world, &until("2026-11-24T10:00:00")).await;
    world.pass_to("2026-11-23T19:59:50");
    world.settled(1).await;
    world.pass_to("2026-11-24T07:59:50");
    world.settled(2).await;
    world.a_minute().await;
    world.pass_to("2026-11-24T09:59:50");
    let told = world.settled(3).await;
    assert_eq!(told[1], "morning 24T08:00 schedule already");
    let left = "night 24T10:00 late skipped: late: firing ";
    assert!(told[2].starts_with(left) && told[2].ends_with("is to start it"), "{told:?}");
    daemon.end().await;
    assert_eq!(world.stops(), (0, 0));
}

#[tokio::test]
async fn a_hold_that_ends_with_the_morning_lets_the_start_win() {
    let rules = format!("{NIGHT}{MORNING}");
    let world = World::at("2026-11-23T19:00:00", FLEET).await;
    let daemon = world.start(&rules).await;
    hold(&world, &until("2026-11-24T08:00:00")).await;
    world.pass_to("2026-11-23T19:59:50");
    world.settled(1).await;
    world.a_minute().await;
    world.pass_to("2026-11-24T07:59:50");
    let mut told = world.settled(3).await;
    told.sort();
    assert_eq!(told[0], "morning 24T08:00 schedule already");
    assert!(told[2].starts_with("night 24T08:00 late skipped: late: firing "), "{told:?}");
    daemon.end().await;
    assert_eq!(world.stops(), (0, 0));
}

#[tokio::test]
async fn a_hold_that_ended_while_nobody_was_there_is_made_up_if_the_rule_may_be_so_late() {
    for (back_at, expected) in [
        ("2026-11-24T02:59:00", "night 24T02:00 late stopped".to_owned()),
        ("2026-11-24T03:01:00", "night 24T02:00 late missed: deferred; daemon away ".to_owned()),
    ] {
        let world = World::at("2026-11-23T19:00:00", FLEET).await;
        let daemon = world.start(NIGHT).await;
        hold(&world, &until("2026-11-24T02:00:00")).await;
        world.pass_to("2026-11-23T19:59:50");
        world.settled(1).await;
        daemon.end().await;
        world.pass_to(back_at);
        let daemon = world.start(NIGHT).await;
        let told = world.settled(2).await;
        assert!(told[1].starts_with(&expected), "{told:?}");
        daemon.end().await;
        assert_eq!(world.told().await.len(), 2);
    }
}

#[tokio::test]
async fn a_makeup_whose_daemon_died_is_carried_on_for_what_it_was_for() {
    let fleet = format!("{FLEET}[[servers]]\nname = \"dev-b\"\nno = \"3\"\n");
    let world = World::at("2026-11-23T19:00:00", &fleet).await;
    let daemon = world.start(NIGHT).await;
    hold(&world, &until("2026-11-24T02:00:00")).await;
    world.pass_to("2026-11-23T19:59:50");
    world.settled(2).await;
    // Somebody works on the other one, for which nothing is owed.
    let other = InstanceNo::new("3").unwrap();
    world.cloud.set_status(&other, codes::status("RUN"), codes::operation("NULL"));
    world.a_minute().await;
    world.cloud.add_fault(Fault::new("*", FaultKind::ErrorBefore));
    world.pass_to("2026-11-24T01:59:50");
    world.has_lines(3).await;
    daemon.kill().await;
    world.cloud.clear_faults();
    let daemon = world.start(NIGHT).await;
    let told = world.settled(3).await;
    assert_eq!(told[2], "night 24T02:00 late stopped");
    daemon.end().await;
    assert_eq!((world.stops(), world.told().await.len()), ((1, 1), 3));
    assert_eq!(world.cloud.server(&other).unwrap().status, codes::status("RUN"));
}

#[tokio::test]
async fn what_was_made_up_too_early_by_a_wrong_clock_is_made_up_at_its_real_time() {
    let world = World::at("2026-11-23T19:00:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    hold(&world, &until("2026-11-24T02:00:00")).await;
    world.pass_to("2026-11-23T19:59:50");
    assert_eq!(world.settled(1).await, [HELD]);
    world.a_minute().await;
    world.step_to("2026-11-24T01:59:30");
    let made_up = "night 24T02:00 late stopped";
    assert_eq!(world.settled(2).await[1], made_up);
    world.somebody_turns("1", codes::status("RUN"));
    world.step_to("2026-11-23T20:20:00");
    world.a_minute().await;
    assert_eq!(world.told().await.len(), 2, "it is held again");
    world.pass_to("2026-11-24T01:59:50");
    assert_eq!(world.settled(3).await, [HELD, made_up, made_up]);
    world.a_minute().await;
    daemon.end().await;
    assert_eq!((world.stops().1, world.told().await.len()), (2, 3));
}

#[tokio::test]
async fn a_stop_of_a_window_is_not_made_up_when_the_window_is_over() {
    let window = "[[rules]]\nname = \"night\"\noff = \"20:00-08:00\"\n\
                  select = { names = [\"dev-*\"] }\n";
    let world = World::at("2026-11-23T19:00:00", FLEET).await;
    let daemon = world.start(window).await;
    hold(&world, &until("2026-11-24T10:00:00")).await;
    world.pass_to("2026-11-23T19:59:50");
    world.settled(1).await;
    daemon.end().await;
    // Nobody was there for the start at 08:00, which could have spoken for it.
    world.pass_to("2026-11-24T09:00:00");
    let daemon = world.start(window).await;
    world.settled(2).await;
    world.a_minute().await;
    world.pass_to("2026-11-24T09:59:50");
    let told = world.settled(3).await;
    assert_eq!(
        told[2],
        "night 24T10:00 late skipped: late: its window ended 2026-11-24 08:00+09:00"
    );
    daemon.end().await;
    assert_eq!(world.stops(), (0, 0));
}

#[tokio::test]
async fn what_is_held_again_is_still_wanted_when_it_was_first() {
    let rules = format!("{NIGHT}{MORNING}").replace("0 8 *", "0 1 *");
    let world = World::at("2026-11-23T19:00:00", FLEET).await;
    let daemon = world.start(&rules).await;
    hold(&world, &until("2026-11-24T00:30:00")).await;
    world.pass_to("2026-11-23T19:59:50");
    world.settled(1).await;
    hold(&world, &until("2026-11-24T02:00:00")).await;
    world.a_minute().await;
    world.pass_to("2026-11-24T00:29:50");
    world.settled(2).await;
    world.pass_to("2026-11-24T00:59:50");
    world.settled(3).await;
    world.a_minute().await;
    world.pass_to("2026-11-24T01:59:50");
    let told = world.settled(4).await;
    let left = "night 24T02:00 late skipped: late: firing ";
    assert!(told[3].starts_with(left), "the start at 01:00 came later: {told:?}");
    daemon.end().await;
    assert_eq!(world.stops(), (0, 0));
}

#[tokio::test]
async fn a_start_that_was_missed_speaks_for_the_day_all_the_same() {
    let rules = format!("{NIGHT}{MORNING}");
    let world = World::at("2026-11-23T19:00:00", FLEET).await;
    let daemon = world.start(&rules).await;
    hold(&world, &until("2026-11-24T08:00:00")).await;
    world.pass_to("2026-11-23T19:59:50");
    world.settled(1).await;
    daemon.end().await;
    world.pass_to("2026-11-24T08:20:00");
    let daemon = world.start(&rules).await;
    let mut told = world.settled(3).await;
    told.sort();
    assert!(told[0].starts_with("morning 24T08:00 schedule missed"), "{told:?}");
    assert_eq!(
        told[2],
        "night 24T08:00 late skipped: late: `morning` was to start it 2026-11-24 08:00+09:00"
    );
    daemon.end().await;
    assert_eq!(world.stops(), (0, 0), "people are at work");
}

#[tokio::test]
async fn two_holds_that_end_at_once_are_both_made_up_whenever_they_began_to_matter() {
    let fleet = format!("{FLEET}[[servers]]\nname = \"dev-b\"\nno = \"3\"\nstop_takes = \"5s\"\n");
    let often = NIGHT.replace("0 20 * * *", "0,4 20 * * *");
    let world = World::at("2026-11-23T19:00:00", &fleet).await;
    let daemon = world.start(&often).await;
    let other =
        Hold { subject: Subject::Instance("dev-b".to_owned()), ..until("2026-11-23T20:04:30") };
    hold(&world, &until("2026-11-23T20:04:30")).await;
    hold(&world, &other).await;
    let no = InstanceNo::new("3").unwrap();
    world.cloud.set_status(&no, codes::status("NSTOP"), codes::operation("NULL"));
    world.pass_to("2026-11-23T19:59:50");
    world.settled(2).await;
    world.cloud.set_status(&no, codes::status("RUN"), codes::operation("NULL"));
    world.a_minute().await;
    world.pass_to("2026-11-23T20:03:55");
    let told = world.settled(6).await;
    let made_up = told.iter().filter(|line| line.ends_with("late stopped")).count();
    assert_eq!(made_up, 2, "{told:?}");
    daemon.end().await;
    assert_eq!(world.cloud.server(&no).unwrap().status, codes::status("NSTOP"));
}

#[tokio::test]
async fn a_hold_that_ends_with_the_rules_own_next_firing_is_made_up_beside_it() {
    let busy = "[[servers]]\nname = \"dev-b\"\nno = \"3\"\noperation = \"SETUP\"\n";
    let often = NIGHT.replace("0 20 * * *", "0,5 20 * * *");
    let world = World::at("2026-11-23T19:00:00", &format!("{FLEET}{busy}")).await;
    let daemon = world.start(&often).await;
    hold(&world, &until("2026-11-23T20:05:00")).await;
    world.pass_to("2026-11-23T19:59:50");
    // The busy one is still being waited for when the rule falls due again.
    world.has_lines(1).await;
    world.a_minute().await;
    world.pass_to("2026-11-23T20:04:55");
    wait::until_so("it is caught up", async || world.stops().1 > 0).await;
    let told = world.told().await;
    assert!(told.iter().any(|line| line.contains(" overlapped")), "{told:?}");
    daemon.end().await;
}
