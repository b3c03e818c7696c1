//! Holds in the log: who is kept from being asked, and what outlives a prune.

use std::time::Duration;

use chrono::{DateTime, Utc};
use lightsout::audit::{AuditLog, Claim, RequestState, Trigger, Writer};
use lightsout::hold::tag::TagTerms;
use lightsout::hold::{Hold, HoldEntry, Via};
use lightsout::model::found_tag::FoundTag;
use lightsout::model::ids::{FileId, FiringId, HoldId};
use lightsout::model::outcome::Outcome;
use lightsout::model::reason::Reason;
use lightsout::model::settlement::Settlement;
use lightsout::model::subject::Subject;
use lightsout::time::zone::Zone;

use super::pruning::{numbers, prune, thirty_nights};
use super::tampering::verify;
use super::{World, ask, kr, main_account, no, running};

const HOUR: Duration = Duration::from_secs(3_600);

fn hold(subject: Subject, until: DateTime<Utc>) -> Hold {
    Hold {
        subject,
        until,
        skip: false,
        why: Some("release".to_owned()),
        who: "kim@desk".to_owned(),
    }
}

fn instance(name: &str) -> Subject {
    Subject::Instance(name.to_owned())
}

fn tag(value: Option<&str>) -> FoundTag {
    FoundTag { no: no("7"), name: "web-7".to_owned(), value: value.map(ToOwned::to_owned) }
}

async fn take_tag(log: &AuditLog, value: Option<&str>) -> (usize, usize) {
    let account = main_account();
    let terms = TagTerms { key: "keep", account: &account, zone: Zone::UTC, longest: 72 * HOUR };
    let changes = log.observe(&account, &[], Some((terms, &[tag(value)]))).await.unwrap();
    (changes.begun.len(), changes.ended.len())
}

/// A firing that was due, and left an instance alone for a hold.
async fn skipped_for(world: &World, log: &AuditLog, file: FileId, hold: HoldId) -> FiringId {
    let claim = world.claim("night", Trigger::Schedule(world.now()), file);
    let firing = log.claim(&[claim]).await.unwrap()[0].unwrap();
    let web = running("1", "web-1");
    let skipped = Settlement {
        instance: Some(web.no.clone()),
        region: Some(kr()),
        hold: Some(hold),
        ..Settlement::of_firing(Outcome::Skipped, Reason::from("held".to_owned()))
    };
    log.seen(&main_account(), &[&web], world.now()).await.unwrap();
    log.targets(firing, &[&web], &[skipped]).await.unwrap();
    log.end_firing(firing).await.unwrap();
    firing
}

#[tokio::test]
async fn what_another_firing_made_up_meanwhile_costs_the_others_of_its_second_nothing() {
    let world = World::new();
    let (log, file) = world.writer().await;
    let held = log.hold(&hold(instance("web-1"), world.now() + HOUR)).await.unwrap();
    skipped_for(&world, &log, file, held).await;
    let owed = log.owed(world.now()).await.unwrap();
    let (due_at, makes_up) = (owed[0].due_at, [owed[0].id]);
    let trigger = Trigger::Late(due_at);
    let makeup = Claim { makes_up: &makes_up, ..world.claim("night", trigger, file) };
    assert!(log.claim(&[makeup]).await.unwrap()[0].is_some());
    let other = world.claim("late-night", Trigger::Schedule(due_at), file);
    let claimed = log.claim(&[makeup, other]).await.unwrap();
    assert_eq!((claimed[0], claimed[1].is_some()), (None, true));
    let away = |claim| (claim, "away".to_owned());
    let another = world.claim("late-night", Trigger::Schedule(due_at + HOUR), file);
    assert_eq!(log.miss(&[away(makeup), away(another)]).await.unwrap(), 2);
}

#[tokio::test]
async fn a_hold_reads_back_as_it_was_written_and_the_log_stays_sound() {
    let world = World::new();
    let log = world.open(Writer::Hold).await;
    let until = world.now() + HOUR;
    let skipping = Hold { skip: true, why: None, ..hold(Subject::Rule("night".to_owned()), until) };
    let first = log.hold(&hold(instance("web-1"), until)).await.unwrap();
    let second = log.hold(&skipping).await.unwrap();
    assert_eq!(take_tag(&log, Some("soon")).await, (1, 0));
    let entry = |id, hold: Hold| {
        let is_tag = matches!(hold.subject, Subject::Tagged { .. });
        let via = if is_tag { Via::Tag } else { Via::Command };
        HoldEntry { id, via, held_at: world.now(), hold, released: None }
    };
    let holds = log.holds_in_force().await.unwrap();
    assert_eq!(holds[..2], [entry(first, hold(instance("web-1"), until)), entry(second, skipping)]);
    let by_tag = &holds[2].hold;
    assert_eq!(by_tag.until, world.now() + 72 * HOUR);
    assert_eq!((by_tag.who.as_str(), by_tag.has_no_time()), ("tag keep", true));
    assert_eq!(log.release(&[first, HoldId::from(99)], "lee@desk").await.unwrap(), [first]);
    world.clock.skip(2 * HOUR);
    assert_eq!(log.holds_in_force().await.unwrap(), holds[2..]);
    let all = world.reader().await.holds(None).await.unwrap();
    let released = Some((holds[0].held_at, "lee@desk".to_owned()));
    assert_eq!(all, [&[HoldEntry { released, ..holds[0].clone() }], &holds[1..]].concat());
    assert!(verify(&world, None).await.sound);
}

#[tokio::test]
async fn a_request_leaves_out_what_is_held_by_rule_name_or_number() {
    let world = World::new();
    let (log, file) = world.writer().await;
    let account = main_account();
    let [one, two, three] =
        [("1", "web-1"), ("2", "web-2"), ("3", "web-3")].map(|(no, name)| running(no, name));
    log.seen(&account, &[&one, &two, &three], world.now()).await.unwrap();
    let until = world.now() + HOUR;
    log.hold(&hold(instance("web-1"), until)).await.unwrap();
    log.hold(&hold(instance("2"), until)).await.unwrap();
    let firing = world.fire(&log, "night", file).await;
    let (kr, all) = (kr(), [no("1"), no("2"), no("3")]);
    let asked = log.request(firing, &account, ask(&kr), &all).await.unwrap();
    let held: Vec<_> = asked.on_hold.into_iter().map(|(no, _)| no).collect();
    assert_eq!(held, [no("1"), no("2")]);
    assert_eq!(asked.request.map(|(_, free)| free), Some(vec![no("3")]));
    log.hold(&hold(Subject::Rule("night".to_owned()), until)).await.unwrap();
    let asked = log.request(firing, &account, ask(&kr), &all).await.unwrap();
    assert_eq!((asked.request, asked.on_hold.len()), (None, 3));
    let other = world.fire(&log, "late-night", file).await;
    let asked = log.request(other, &account, ask(&kr), &[no("1")]).await.unwrap();
    assert_eq!((asked.request, asked.on_hold.len()), (None, 1), "another rule, the same server");
    world.clock.skip(2 * HOUR);
    let asked = log.request(firing, &account, ask(&kr), &all[..2]).await.unwrap();
    assert_eq!(asked.request.map(|(_, free)| free), Some(all[..2].to_vec()), "it is over");
}

#[tokio::test]
async fn what_holds_is_owed_or_was_a_tags_last_word_outlives_a_prune() {
    let world = World::new();
    let (log, file) = world.writer().await;
    let day = 24 * HOUR;
    let soon = world.now() + HOUR;
    let in_force = log.hold(&hold(instance("a"), world.now() + 60 * day)).await.unwrap();
    log.hold(&hold(instance("over"), soon)).await.unwrap();
    let released = log.hold(&hold(instance("b"), world.now() + 60 * day)).await.unwrap();
    log.release(&[released], "lee@desk").await.unwrap();
    let owing = log.hold(&hold(instance("web-1"), soon)).await.unwrap();
    skipped_for(&world, &log, file, owing).await;
    take_tag(&log, Some("x")).await;
    take_tag(&log, Some("y")).await;
    log.end("done").await.unwrap();
    let before = world.reader().await;
    let (holds, owed) =
        (before.holds(None).await.unwrap(), before.owed(DateTime::UNIX_EPOCH).await.unwrap());
    before.close().await.unwrap();
    assert_eq!((holds.len(), owed.len()), (6, 1));
    world.clock.skip(2 * HOUR);
    thirty_nights(&world).await;
    assert!(prune(&world, 5).await.removed > 100);
    let after = world.reader().await;
    let kept: Vec<HoldId> =
        after.holds(None).await.unwrap().into_iter().map(|entry| entry.id).collect();
    assert_eq!(kept, [in_force, owing, holds[5].id]);
    assert_eq!(after.owed(DateTime::UNIX_EPOCH).await.unwrap(), owed);
    assert_eq!(numbers(&world, "SELECT hold FROM hold_end").await, [] as [i64; 0]);
    let log = world.open(Writer::Hold).await;
    assert_eq!(take_tag(&log, Some("y")).await, (0, 0), "it was known all along");
    assert!(verify(&world, None).await.sound);
}

#[tokio::test]
async fn what_a_dead_process_left_of_a_held_firing_is_not_open() {
    let world = World::new();
    let (log, file) = world.writer().await;
    let held = log.hold(&hold(instance("web-1"), world.now() + HOUR)).await.unwrap();
    let claim = world.claim("night", Trigger::Schedule(world.now()), file);
    let firing = log.claim(&[claim]).await.unwrap()[0].unwrap();
    let (one, two) = (running("1", "web-1"), running("2", "web-2"));
    let skipped = Settlement {
        instance: Some(no("1")),
        hold: Some(held),
        ..Settlement::of_firing(Outcome::Skipped, Reason::from("held".to_owned()))
    };
    log.targets(firing, &[&one, &two], &[skipped]).await.unwrap();
    drop(log);
    let next = world.open(Writer::Fire).await;
    let open = next.take_over(&std::collections::HashSet::new()).await.unwrap();
    let targets: Vec<_> =
        open[0].targets.iter().map(|target| (target.instance.no.clone(), target.asked)).collect();
    assert_eq!(targets, [(no("2"), RequestState::No)]);
    assert_eq!(world.reader().await.owed(DateTime::UNIX_EPOCH).await.unwrap().len(), 1);
}
