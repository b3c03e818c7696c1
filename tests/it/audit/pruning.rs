//! Pruning: what goes, what stays, and that both can be proved.

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use lightsout::audit::{AuditError, AuditLog, Flaw, Pruned, Writer};
use lightsout::cloud::Accepted;
use lightsout::cloud::codes;
use lightsout::model::ids::{FileId, FiringId};
use lightsout::model::outcome::Outcome;
use lightsout::model::settlement::Settlement;
use lightsout::time::uptime::Stretch;
use sqlx::AssertSqlSafe;

use super::attacker::Attacker;
use super::tampering::{places, verify};
use super::{World, ask, kr, main_account, no, noon, running};

const DAY: Duration = Duration::from_secs(86_400);

/// A firing that stops one instance; on odd days another one, too.
async fn night(world: &World, log: &AuditLog, file: FileId, day: u32) -> FiringId {
    let firing = world.fire(log, "night", file).await;
    let mut instances = vec![running("1", "web-1")];
    instances.extend((day % 2 == 1).then(|| running("2", "web-2")));
    let found: Vec<_> = instances.iter().collect();
    log.targets(firing, &found, &[]).await.unwrap();
    log.seen(&main_account(), &found, world.now()).await.unwrap();
    let numbers: Vec<_> = instances.iter().map(|instance| instance.no.clone()).collect();
    let kr = kr();
    let asked = log.request(firing, &main_account(), ask(&kr), &numbers).await.unwrap();
    let accepted = Accepted {
        http_status: 200,
        request_id: Some("r".to_owned()),
        return_code: "0".to_owned(),
        return_message: None,
    };
    log.answer(asked.request.unwrap().0, &Ok(accepted)).await.unwrap();
    let settled = |no| Settlement {
        instance: Some(no),
        region: Some(kr.clone()),
        outcome: Outcome::Stopped,
        reason: None,
        status_after: Some("NSTOP".to_owned()),
        hold: None,
    };
    let settled: Vec<_> = numbers.into_iter().map(settled).collect();
    log.settle(firing, &settled).await.unwrap();
    log.end_firing(firing).await.unwrap();
    firing
}

/// Thirty nights, each of a session of its own; the clock shows the day after the last.
pub(super) async fn thirty_nights(world: &World) -> Vec<FiringId> {
    let mut firings = Vec::new();
    for day in 0..30 {
        let (log, file) = world.writer().await;
        firings.push(night(world, &log, file, day).await);
        log.end("done").await.unwrap();
        world.clock.skip(DAY);
    }
    firings
}

fn days_ago(world: &World, days: u32) -> DateTime<Utc> {
    world.now() - days * DAY
}

pub(super) async fn prune(world: &World, days: u32) -> Pruned {
    let log = world.open(Writer::Prune).await;
    let pruned = log.prune(days_ago(world, days)).await.unwrap();
    log.end("done").await.unwrap();
    pruned
}

pub(super) async fn numbers(world: &World, sql: &'static str) -> Vec<i64> {
    sqlx::query_scalar(sql).fetch_all(&mut world.raw().await).await.unwrap()
}

async fn firings(world: &World) -> Vec<FiringId> {
    let numbers = numbers(world, "SELECT seq FROM firing ORDER BY seq").await;
    numbers.into_iter().map(FiringId::from).collect()
}

#[tokio::test]
async fn what_is_old_goes_and_the_log_stays_sound_with_its_old_head() {
    let world = World::new();
    let all = thirty_nights(&world).await;
    let before = verify(&world, None).await;
    let foreseen = world.reader().await.prunable(days_ago(&world, 5), world.now()).await.unwrap();
    let pruned = prune(&world, 5).await;
    assert_eq!((pruned.removed, pruned.kept), (foreseen.removed, foreseen.kept));
    assert!(pruned.removed > 100, "{pruned:?}");
    // The last ten firings are the measure of drift, and the last five are young as well.
    assert_eq!(firings(&world).await, all[20..]);
    let after = verify(&world, before.head).await;
    assert_eq!((after.sound, after.sought_at), (true, before.last), "{after:?}");
    assert_eq!(after.rows + pruned.removed, before.rows + 3, "a session, a prune and an end");
    assert_eq!(after.pruned_below, Some(pruned.below));
    let lines = world.reader().await.history(&super::reading::all()).await.unwrap();
    assert!(lines.iter().all(|line| line.outcome.as_deref() == Some("stopped")), "{lines:#?}");
    assert_eq!(lines.len(), 15);
    for firing in &all[20..] {
        assert!(world.reader().await.show(*firing).await.unwrap().is_some());
    }
    let broken = numbers(&world, "SELECT rowid FROM pragma_foreign_key_check").await;
    assert_eq!(broken, [] as [i64; 0]);
}

#[tokio::test]
async fn a_second_prune_goes_on_from_the_first_and_an_idle_one_writes_nothing() {
    let world = World::new();
    thirty_nights(&world).await;
    let first = prune(&world, 20).await;
    let idle = prune(&world, 20).await;
    assert_eq!(idle, Pruned::default());
    let second = prune(&world, 5).await;
    assert!(second.below > first.below && second.removed > 0, "{second:?}");
    let found = verify(&world, None).await;
    assert!(found.sound, "{found:?}");
    assert_eq!(numbers(&world, "SELECT count(*) FROM prune").await, [2]);
}

#[tokio::test]
async fn a_prune_of_several_steps_removes_the_sessions_too_and_leaves_a_sound_log() {
    let world = World::new();
    for day in 0..6 {
        let log = world.open(Writer::Fire).await;
        let mut instances: Vec<_> = (1..=2_500).map(|no| running(&no.to_string(), "web")).collect();
        for instance in &mut instances {
            instance.status = codes::status(if day % 2 == 0 { "RUN" } else { "NSTOP" });
        }
        let seen: Vec<_> = instances.iter().collect();
        log.seen(&main_account(), &seen, world.now()).await.unwrap();
        log.end("done").await.unwrap();
        world.clock.skip(DAY);
    }
    let pruned = prune(&world, 2).await;
    // What was seen and two rows of the session, and from the second day on a change of each.
    assert_eq!((pruned.removed, pruned.kept), (4 * 2_502 + 3 * 2_500, 0), "more than a step");
    assert!(verify(&world, None).await.sound);
    assert_eq!(numbers(&world, "SELECT count(*) FROM session").await, [3]);
    assert_eq!(numbers(&world, "SELECT count(*) FROM seen").await, [2 * 2_500]);
}

#[tokio::test]
async fn the_measure_of_drift_outlives_a_prune() {
    let world = World::new();
    let (log, file) = world.writer().await;
    for _ in 0..12 {
        night(&world, &log, file, 1).await;
    }
    for day in 0..24 {
        let firing = world.fire(&log, "night", file).await;
        log.targets(firing, &[&running("1", "web-1")], &[]).await.unwrap();
        let outcome = if day % 2 == 0 { Outcome::Drifted } else { Outcome::TooMany };
        log.settle(firing, &[Settlement::of_firing(outcome, None)]).await.unwrap();
        log.end_firing(firing).await.unwrap();
        world.clock.skip(DAY);
    }
    let rule = &world.rule("night").name;
    let now = FiringId::from(i64::MAX);
    assert_eq!(log.most_matched(rule, now).await.unwrap(), Some(2));
    let pruned = log.prune(days_ago(&world, 2)).await.unwrap();
    assert!(pruned.removed > 0, "{pruned:?}");
    assert_eq!(log.most_matched(rule, now).await.unwrap(), Some(2));
    assert_eq!(firings(&world).await.len(), 20, "ten that went ahead, ten that were held back");
    assert!(verify(&world, None).await.sound);
}

#[tokio::test(flavor = "multi_thread")]
async fn others_write_while_a_log_is_pruned() {
    let world = World::new();
    thirty_nights(&world).await;
    let (fires, file) = world.writer().await;
    let log = world.open(Writer::Prune).await;
    let since = days_ago(&world, 1);
    let nights = async {
        for day in 0..10 {
            night(&world, &fires, file, day).await;
        }
    };
    let (pruned, ()) = tokio::join!(log.prune(since), nights);
    assert!(pruned.unwrap().removed > 0);
    let found = verify(&world, None).await;
    assert!(found.sound, "{found:?}");
}

#[tokio::test]
async fn what_is_still_needed_is_never_removed() {
    let world = World::new();
    let daemon = world.open(Writer::Daemon).await;
    let file = daemon.load_file(&world.schedules).await.unwrap();
    daemon.sign_of_life(None).await.unwrap();
    let open = world.fire(&daemon, "late-night", file).await;
    let lonely = running("9", "web-9");
    daemon.targets(open, &[&lonely], &[]).await.unwrap();
    daemon.seen(&main_account(), &[&lonely], noon()).await.unwrap();
    daemon.request(open, &main_account(), ask(&kr()), &[no("9")]).await.unwrap();
    let across = world.fire(&daemon, "night", file).await;
    thirty_nights(&world).await;
    daemon.end_firing(across).await.unwrap();
    let story = world.reader().await.show(open).await.unwrap();
    let living = world.reader().await.daemon().await.unwrap();
    prune(&world, 1).await;
    assert_eq!(world.reader().await.show(open).await.unwrap(), story);
    assert_eq!(world.reader().await.daemon().await.unwrap(), living);
    let left = firings(&world).await;
    assert_eq!((left[0], left[1], left.len()), (open, across, 12));
    let seen = numbers(&world, "SELECT CAST(instance_no AS INTEGER) FROM seen ORDER BY 1").await;
    assert_eq!(seen, [1, 2, 9]);
    // The daemon goes on under the text that it loaded a month ago.
    let next = world.fire(&daemon, "night", file).await;
    daemon.end_firing(next).await.unwrap();
    assert!(verify(&world, None).await.sound);
    drop(daemon);
    let taken = world.open(Writer::Daemon).await.take_over(&HashSet::new()).await.unwrap();
    assert_eq!(taken.iter().map(|firing| firing.id).collect::<Vec<_>>(), [open]);
}

#[tokio::test]
async fn a_change_of_what_was_kept_is_found() {
    let pruned = World::new();
    thirty_nights(&pruned).await;
    prune(&pruned, 1).await;
    for attack in [
        "UPDATE target SET instance_name = 'web-3' WHERE seq = (SELECT min(seq) FROM target)",
        "UPDATE entry SET at = at - 1 WHERE seq = (SELECT min(seq) FROM entry)",
        "UPDATE entry SET hash = zeroblob(32) WHERE seq = (SELECT min(seq) FROM entry)",
        "UPDATE session SET pid = 0 WHERE seq = (SELECT min(seq) FROM session)",
        "DELETE FROM outcome WHERE seq = (SELECT min(seq) FROM outcome)",
        "UPDATE prune SET kept = anchor",
        "UPDATE prune SET below = below + 1",
        "UPDATE request_instance SET instance_no = '7'
        WHERE request = (SELECT min(seq) FROM request)",
    ] {
        let world = pruned.copy();
        assert!(Attacker::of(&world).await.run(&[attack.to_owned()]).await, "{attack}");
        let found = verify(&world, None).await;
        assert!(!found.sound, "{attack}");
    }
}

#[tokio::test]
async fn a_row_smuggled_in_below_the_line_is_found() {
    let world = World::new();
    thirty_nights(&world).await;
    let pruned = prune(&world, 1).await;
    let free = numbers(
        &world,
        "SELECT min(seq) + 1 FROM entry WHERE seq + 1 NOT IN (SELECT seq FROM entry)",
    )
    .await[0];
    assert!(free < pruned.below);
    let smuggle = [
        format!("INSERT INTO entry SELECT {free}, 0, 1, 'session_end', zeroblob(32)"),
        format!("INSERT INTO session_end SELECT {free}, ''"),
    ];
    assert!(Attacker::of(&world).await.run(&smuggle).await);
    let found = verify(&world, None).await;
    assert!(places(&found).contains(&(None, Flaw::KeptDiffer { below: pruned.below })));
}

#[tokio::test]
async fn a_log_that_was_changed_is_not_pruned() {
    let whole = World::new();
    thirty_nights(&whole).await;
    for attack in [
        "UPDATE target SET status_before = '' WHERE seq = (SELECT min(seq) FROM target)",
        "UPDATE kind SET meaning = ''",
        "INSERT INTO request_instance SELECT 99999, 'main', '1'",
        "DELETE FROM entry WHERE kind = 'seen'",
    ] {
        let world = whole.copy();
        assert!(Attacker::of(&world).await.run(&[attack.to_owned()]).await, "{attack}");
        let before = verify(&world, None).await;
        let log = world.open(Writer::Prune).await;
        let refused = log.prune(days_ago(&world, 5)).await;
        assert!(matches!(refused, Err(AuditError::Unsound(_))), "{attack}: {refused:?}");
        let after = verify(&world, None).await;
        assert_eq!((after.rows, &after.findings), (before.rows + 1, &before.findings), "{attack}");
    }
}

#[tokio::test]
async fn nothing_above_the_line_can_be_deleted_after_a_prune() {
    let world = World::new();
    thirty_nights(&world).await;
    let Pruned { below, .. } = prune(&world, 5).await;
    let mut raw = world.raw().await;
    for table in ["entry", "outcome", "session", "prune"] {
        let sql = format!("DELETE FROM {table} WHERE seq >= {below}");
        let refused = sqlx::query(AssertSqlSafe(sql)).execute(&mut raw).await.unwrap_err();
        assert!(refused.to_string().contains("the audit log is insert-only"), "{refused}");
    }
}

/// Years by which a clock leaps.
const YEARS: TimeDelta = TimeDelta::days(34 * 365);

#[tokio::test]
async fn a_clock_that_leaps_makes_nothing_old() {
    let whole = World::new();
    thirty_nights(&whole).await;
    let leaps: [&[TimeDelta]; 4] = [&[YEARS], &[-YEARS], &[YEARS, -YEARS, YEARS], &[YEARS, YEARS]];
    for leaps in leaps {
        let world = whole.copy();
        for leap in leaps {
            world.clock.step(*leap);
            // A process that does not know of the one before.
            let (log, file) = world.writer().await;
            night(&world, &log, file, 1).await;
            log.end("done").await.unwrap();
        }
        for days in [400, 60] {
            let pruned = prune(&world, days).await;
            assert_eq!(pruned, Pruned::default(), "{leaps:?}, keeping {days} days");
        }
        let pruned = prune(&world, 20).await;
        assert!(pruned.removed > 0, "what is old for another reason goes: {leaps:?}, {pruned:?}");
    }
}

#[tokio::test]
async fn a_long_time_that_a_daemon_lived_through_makes_old() {
    let year = TimeDelta::days(365);
    for (lived, expected) in [(year, true), (TimeDelta::days(30), false)] {
        let world = World::new();
        thirty_nights(&world).await;
        let log = world.open(Writer::Daemon).await;
        let stretch = Stretch { from: world.now(), until: world.now() + lived };
        log.sign_of_life(Some(stretch)).await.unwrap();
        world.clock.step(year);
        let pruned = log.prune(days_ago(&world, 200)).await.unwrap();
        assert_eq!(pruned.removed > 0, expected, "{lived:?}: {pruned:?}");
    }
}
