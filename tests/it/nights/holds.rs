//! Holds over a night with a daemon: what is skipped for one, and what is owed for that.

use std::sync::Arc;

use chrono::DateTime;
use lightsout::audit::{AuditReader, DeferredLine};
use lightsout::cloud::codes;
use lightsout::hold::Hold;
use lightsout::model::ids::HoldId;
use lightsout::model::instance::InstanceNo;
use lightsout::model::subject::Subject;

use super::world::{Hand, World, seoul};
use super::{FLEET, NIGHT};
use crate::wait;

async fn hold(hand: &Hand, subject: Subject, until: &str) -> HoldId {
    let (until, who) = (seoul(until), "kim@desk".to_owned());
    let hold = Hold { subject, until, skip: false, why: Some("release".to_owned()), who };
    hand.dispatch.audit.hold(&hold).await.unwrap()
}

fn instance(name: &str) -> Subject {
    Subject::Instance(name.to_owned())
}

async fn owed(world: &World) -> Vec<DeferredLine> {
    AuditReader::open(&world.log()).await.unwrap().owed(DateTime::UNIX_EPOCH).await.unwrap()
}

/// Until when `dev-a` is held, and the evening goes by. Returns what is told of it.
async fn evening(world: &World, rules: &str) -> Vec<String> {
    let daemon = world.start(rules).await;
    world.pass_to("2026-11-23T20:00:01");
    let told = world.settled(1).await;
    daemon.end().await;
    told
}

const REASON: &str = "night 23T20:00 schedule skipped: \
    held until 2026-11-24 02:00+09:00 by kim@desk (release)";

#[tokio::test]
async fn a_stop_that_falls_into_a_hold_is_skipped_and_owed_at_its_end() {
    let world = World::at("2026-11-23T19:50:00", FLEET).await;
    let hand = world.hand(NIGHT).await;
    let id = hold(&hand, instance("dev-a"), "2026-11-24T02:00:00").await;
    assert_eq!(evening(&world, NIGHT).await, [REASON]);
    assert_eq!(world.stops(), (0, 0));
    let owed = owed(&world).await;
    let expected = DeferredLine {
        owed: owed[0].owed,
        firing: owed[0].firing,
        rule: "night".to_owned(),
        action: "stop".to_owned(),
        account: "main".to_owned(),
        instance_no: "1".to_owned(),
        instance_name: Some("dev-a".to_owned()),
        wanted_at: "2026-11-23T11:00:00.000Z".to_owned(),
        hold: Some(id.into()),
        due_at: Some("2026-11-23T17:00:00.000Z".to_owned()),
        was_held: true,
    };
    assert_eq!(owed, [expected]);
    let released = hand.dispatch.audit.release(&[id], "lee@desk").await.unwrap();
    assert_eq!(released, [id]);
    let due = self::owed(&world).await[0].due().unwrap();
    assert!(due < seoul("2026-11-23T20:10:00"), "it falls due with the release: {due}");
    assert_eq!(hand.dispatch.audit.release(&[id], "lee@desk").await.unwrap(), []);
}

#[tokio::test]
async fn with_a_rule_that_is_held_everything_it_means_is_owed() {
    let world = World::at("2026-11-23T19:50:00", FLEET).await;
    let all = NIGHT.replace("dev-*", "*");
    let hand = world.hand(&all).await;
    hold(&hand, Subject::Rule("night".to_owned()), "2026-11-24T02:00:00").await;
    let told = evening(&world, &all).await;
    let reason = REASON.replace("held until", "held with its rule until");
    assert_eq!(told, [reason.clone(), reason]);
    let numbers: Vec<String> =
        owed(&world).await.into_iter().map(|owed| owed.instance_no).collect();
    assert_eq!(numbers, ["1", "2"]);
}

#[tokio::test]
async fn nothing_is_owed_for_a_hold_that_skips_a_dry_run_or_what_is_off_already() {
    let off = FLEET.replace("no = \"1\"\n", "no = \"1\"\nstatus = \"NSTOP\"\n");
    let dry = format!("{NIGHT}dry_run = true\n");
    for (fleet, rules, skip, told) in [
        (FLEET, NIGHT, true, REASON),
        (FLEET, &dry, false, REASON),
        (&off, NIGHT, false, "night 23T20:00 schedule already"),
    ] {
        let world = World::at("2026-11-23T19:50:00", fleet).await;
        let hand = world.hand(rules).await;
        let until = seoul("2026-11-24T02:00:00");
        let (why, who) = (Some("release".to_owned()), "kim@desk".to_owned());
        let hold = Hold { subject: instance("dev-a"), until, skip, why, who };
        hand.dispatch.audit.hold(&hold).await.unwrap();
        assert_eq!(evening(&world, rules).await, [told]);
        assert_eq!(owed(&world).await, [], "{told}");
    }
}

#[tokio::test]
async fn a_firing_by_hand_heeds_a_hold_and_owes_nothing() {
    let world = World::at("2026-11-23T19:50:00", FLEET).await;
    let hand = world.hand(NIGHT).await;
    hold(&hand, instance("1"), "2026-11-24T02:00:00").await;
    let night = Arc::clone(&hand.in_use.schedules.rules[0]);
    let firing = hand.dispatch.claim_by_hand(&night, false, &hand.in_use).await.unwrap();
    hand.dispatch.carry_out(vec![firing], &hand.in_use).await;
    let told = world.told().await;
    assert_eq!(told, [REASON.replace("23T20:00 schedule", "- manual")]);
    assert_eq!(owed(&world).await, []);
}

#[tokio::test]
async fn a_hold_that_is_over_or_is_about_others_holds_nothing() {
    let world = World::at("2026-11-23T19:50:00", FLEET).await;
    let hand = world.hand(NIGHT).await;
    hold(&hand, instance("dev-a"), "2026-11-23T20:00:00").await;
    hold(&hand, instance("prod"), "2026-11-24T02:00:00").await;
    hold(&hand, Subject::Rule("dusk".to_owned()), "2026-11-24T02:00:00").await;
    assert_eq!(evening(&world, NIGHT).await, ["night 23T20:00 schedule stopped"]);
    assert_eq!((world.stops(), owed(&world).await), ((1, 1), vec![]));
}

#[tokio::test]
async fn of_two_holds_the_stop_is_owed_at_the_end_of_the_later() {
    let world = World::at("2026-11-23T19:50:00", FLEET).await;
    let hand = world.hand(NIGHT).await;
    let later = hold(&hand, Subject::Rule("night".to_owned()), "2026-11-24T04:00:00").await;
    hold(&hand, instance("dev-a"), "2026-11-24T02:00:00").await;
    evening(&world, NIGHT).await;
    assert_eq!(owed(&world).await[0].hold(), Some(later));
}

#[tokio::test]
async fn a_tag_is_a_hold_like_any_other_to_a_daemon() {
    let tagged = FLEET.replace("no = \"1\"", "no = \"1\"\ntags = { keep = \"2026-11-24 02:00\" }");
    let world = World::at("2026-11-23T19:50:00", &tagged).await;
    let rules = format!("[holds]\ntag = \"keep\"\n{NIGHT}");
    let told = evening(&world, &rules).await;
    let reason = REASON.replace("kim@desk (release)", "tag keep (2026-11-24 02:00)");
    assert_eq!(told, [reason]);
    let owed = owed(&world).await;
    assert_eq!(owed[0].due_at.as_deref(), Some("2026-11-23T17:00:00.000Z"), "{owed:?}");
}

#[tokio::test]
async fn what_was_busy_all_along_and_is_held_by_then_is_owed() {
    let busy =
        FLEET.replace("no = \"1\"\n", "no = \"1\"\noperation = \"SETUP\"\nbusy_for = \"5h\"\n");
    let rules = format!("{NIGHT}patience = \"20m\"\n");
    let world = World::at("2026-11-23T19:50:00", &busy).await;
    let hand = world.hand(&rules).await;
    let daemon = world.start(&rules).await;
    world.pass_to("2026-11-23T20:00:01");
    let let_in = async || {
        let sql = "SELECT count(*) FROM target";
        let targets: i64 = sqlx::query_scalar(sql).fetch_one(&mut world.raw().await).await.unwrap();
        targets > 0
    };
    wait::until_so("it waits for the server", let_in).await;
    hold(&hand, instance("dev-a"), "2026-11-24T02:00:00").await;
    world.pass_to("2026-11-23T20:20:30");
    assert_eq!(world.settled(1).await, [REASON]);
    daemon.end().await;
    assert_eq!(owed(&world).await.len(), 1);
}

#[tokio::test]
async fn a_hold_between_two_tries_of_one_firing_is_owed_and_made_up() {
    let busy = FLEET.replace("no = \"1\"\n", "no = \"1\"\noperation = \"SETUP\"\n");
    let refusing = format!(
        "{FLEET}[[faults]]\non = \"stopServerInstances\"\nkind = \"refuse\"\n\
         code = \"25014\"\n"
    );
    // What a request named was not skipped.
    let asked = "night 23T20:00 schedule refused: asked ";
    for (fleet, tries, beginning) in
        [(busy, "getServerInstanceList", REASON), (refusing, "stopServerInstances", asked)]
    {
        // Nothing waits for the end of this.
        let rules = format!("{NIGHT}patience = \"5h\"\n");
        let world = World::at("2026-11-23T19:59:30", &fleet).await;
        let hand = world.hand(&rules).await;
        let daemon = world.start(&rules).await;
        let is_tried = async || (world.cloud.counts().requests_for(tries) > 1).then_some(());
        world.once(is_tried).await;
        hold(&hand, instance("dev-a"), "2026-11-24T02:00:00").await;
        let dev_a = InstanceNo::new("1").unwrap();
        world.cloud.set_status(&dev_a, codes::status("RUN"), codes::operation("NULL"));
        let told = world.settled(1).await;
        let held = "held until 2026-11-24 02:00+09:00 by kim@desk (release)";
        assert!(told[0].starts_with(beginning) && told[0].ends_with(held), "{told:?}");
        assert_eq!((owed(&world).await.len(), world.stops().1), (1, 0));
        world.cloud.clear_faults();
        world.a_minute().await;
        world.pass_to("2026-11-24T01:59:50");
        let told = world.settled(2).await;
        assert_eq!(told[1], "night 24T02:00 late stopped");
        daemon.end().await;
        assert_eq!(world.stops().1, 1);
    }
}

#[tokio::test]
async fn a_server_that_is_too_new_for_its_stop_is_stopped_when_it_no_longer_is() {
    let fleet = "[[servers]]\nname = \"dev-new\"\nno = \"1\"\nage = \"10m\"\nstop_takes = \"5s\"\n\
        [[servers]]\nname = \"dev-newer\"\nno = \"2\"\nage = \"1s\"\nstop_takes = \"5s\"\n";
    let grace = "[limits]\ngrace = \"30m\"\n";
    let window = NIGHT.replace("action = \"stop\"\ncron = \"0 20 * * *\"", "off = \"20:00-20:20\"");
    assert_ne!(window, NIGHT);
    let world = World::at("2026-11-23T19:55:00", fleet).await;
    let daemon = world.start(&format!("{grace}{window}")).await;
    world.pass_to("2026-11-23T20:00:01");
    let told = world.settled(2).await;
    let skipped = |until: &str| {
        let new =
            format!("night 23T20:00 schedule skipped: new: left alone until 2026-11-23 {until}");
        told.iter().any(|it| it.starts_with(&new))
    };
    assert!(skipped("20:15") && skipped("20:24") || skipped("20:25"), "{told:?}");
    assert_eq!(owed(&world).await.len(), 2);
    world.pass_to("2026-11-23T20:16:00");
    let told = world.settled(3).await;
    assert!(told.iter().any(|it| it.ends_with(" stopped")), "{told:?}");
    assert_eq!(world.stops(), (1, 1));
    // The window has ended before the other's grace has.
    world.pass_to("2026-11-23T20:30:00");
    let is_left = |it: &String| it.contains("its window ended");
    wait::until_so("it is left", async || world.told().await.iter().any(is_left)).await;
    daemon.end().await;
    let newer = world.cloud.counts().of(&InstanceNo::new("2").unwrap());
    assert_eq!((newer.stops, world.stops()), (0, (1, 1)));
}
