//! What a hold held back, and what becomes of it when the hold is over.

use lightsout::cloud::rehearsal::{Fault, FaultKind};
use lightsout::hold::{Hold, HoldId, Subject};
use lightsout::instance::{InstanceNo, Operation, Status};

use super::world::{World, seoul};
use super::{FLEET, MORNING, NIGHT};

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
        (
            "2026-11-24T03:01:00",
            "night 24T02:00 late missed: to be made up; daemon away ".to_owned(),
        ),
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
    world.cloud.set_status(&other, Status::Run, Operation::null());
    world.a_minute().await;
    world.cloud.add_fault(Fault::new("*", FaultKind::ErrorBefore));
    let calls = world.cloud.requests().len();
    world.pass_to("2026-11-24T01:59:50");
    world.asked_more_than(calls).await;
    daemon.kill().await;
    world.cloud.clear_faults();
    let daemon = world.start(NIGHT).await;
    let told = world.settled(3).await;
    assert_eq!(told[2], "night 24T02:00 late stopped");
    daemon.end().await;
    assert_eq!((world.stops(), world.told().await.len()), ((1, 1), 3));
    assert_eq!(world.cloud.server(&other).unwrap().status, Status::Run);
}
