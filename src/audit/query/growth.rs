//! Tests that the cost of a query does not grow with the log. Counts steps of SQLite's machine on
//! one log, and on a log that is eight times as long.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;
use tempfile::TempDir;

use super::facts::FactsQuery;
use super::history_filter;
use super::history_lines::{HistoryFilter, Wanted};
use crate::audit::integrity::retention::Outlook;
use crate::audit::store::audit_log::AuditLog;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::session;
use crate::audit::store::writer::Writer;
use crate::clock::RehearsalClock;
use crate::model::ids::FiringId;
use crate::model::instance::{AccountName, Action, InstanceNo, RuleName};
use crate::model::outcome::Outcome;
use crate::model::period::Period;
use crate::schedule::AuditFile;

/// The number of firings in the shorter log.
const SHORT: i64 = 100;
const LONG: i64 = 8 * SHORT;
/// The allowed difference: a search goes one level deeper in a longer index.
const SLACK: u64 = 60;

/// One firing per second of rule `night`, each with its own instance. The first ten belong to the
/// rule `old`, were refused, and were deferred again. Entries 3, 4, 5 and 6 are the first firing's.
const NIGHTS: [&str; 6] = [
    "INSERT INTO entry VALUES (2, 0, 1, 'file_text', zeroblob(32))",
    "INSERT INTO file_text VALUES (2, 'sha', '')",
    "WITH RECURSIVE next (seq) AS (SELECT 3 UNION ALL SELECT seq + 1 FROM next WHERE seq < 2 + 4 * ?1)
    INSERT INTO entry
    SELECT
        seq, 1000 * ((seq - 3) / 4), 1,
        CASE (seq - 3) % 4
            WHEN 0 THEN 'firing' WHEN 1 THEN 'target' WHEN 2 THEN 'outcome' ELSE 'firing_end' END,
        zeroblob(32)
    FROM next",
    "INSERT INTO firing
    SELECT
        seq, CASE WHEN seq < 43 THEN 'old' ELSE 'night' END, 'stop', 'main', 'schedule', at, 1, 2,
        0, 0
    FROM entry
    WHERE kind = 'firing' AND ?1 > 0",
    "INSERT INTO target
    SELECT seq, seq - 1, 'KR', CAST(seq - 1 AS TEXT), 'web-' || (seq - 1), 'RUN', 'NULL'
    FROM entry
    WHERE kind = 'target' AND ?1 > 0",
    "INSERT INTO outcome
    SELECT
        seq, seq - 2, 'KR', CAST(seq - 2 AS TEXT),
        CASE WHEN seq < 43 THEN 'refused' ELSE 'stopped' END, NULL, 'NSTOP'
    FROM entry
    WHERE kind = 'outcome' AND ?1 > 0",
];
const ENDS: &str = "INSERT INTO firing_end
    SELECT seq, seq - 3 FROM entry WHERE kind = 'firing_end' AND ?1 > 0";

/// A log with that many firings, open for writing and for reading.
struct Nights {
    _folder: TempDir,
    log: AuditLog,
    reader: AuditReader,
    file: AuditFile,
}

impl Nights {
    async fn of(firings: i64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = AuditFile {
            path: folder.path().join("audit.db"),
            mode: 0o600,
            keep: None,
            shared: None,
        };
        let clock = RehearsalClock::new(DateTime::UNIX_EPOCH, 0);
        let log = AuditLog::open(&file, Writer::Daemon, clock).await.unwrap();
        let mut connection = log.connection().await.unwrap();
        for insert in NIGHTS.into_iter().chain([ENDS]) {
            sqlx::query(insert).bind(firings).execute(&mut *connection).await.unwrap();
        }
        drop(connection);
        let reader = AuditReader::open(&file.path).await.unwrap();
        Self { _folder: folder, log, reader, file }
    }
}

/// Counts the steps of a connection from now on.
pub(crate) async fn count(connection: &mut SqliteConnection) -> Arc<AtomicU64> {
    let steps = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&steps);
    connection.lock_handle().await.unwrap().set_progress_handler(1, move || {
        counted.fetch_add(1, Ordering::Relaxed);
        true
    });
    steps
}

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(second, 0).unwrap()
}

/// Compares the steps of queries on the short log with those on the long one.
pub(crate) fn assert_no_growth(short: &[(String, u64)], long: &[(String, u64)]) {
    for ((what, few), (_, many)) in short.iter().zip(long) {
        assert!(*many <= few + SLACK, "{what}: {few} steps, and {many} on the longer log");
    }
    assert_eq!(short.len(), long.len());
}

async fn steps_of_filters(firings: i64) -> Vec<(String, u64)> {
    let none = || HistoryFilter { limit: 5, ..HistoryFilter::default() };
    let rule = |rule: &str| HistoryFilter { rule: Some(rule.to_owned()), ..none() };
    let instance = |instance: &str| HistoryFilter { instance: Some(instance.to_owned()), ..none() };
    let outcome = |outcome| HistoryFilter { outcomes: vec![Wanted::Outcome(outcome)], ..none() };
    let (since, until) = (Some(at(20)), Some(at(30)));
    let nights = Nights::of(firings).await;
    let steps = count(&mut *nights.reader.connection().await).await;
    let mut took = Vec::new();
    for filter in [
        none(),
        rule("night"),
        rule("old"),
        rule("none"),
        instance("7"),
        instance("web-7"),
        instance("none"),
        outcome(Outcome::Stopped),
        outcome(Outcome::Refused),
        outcome(Outcome::Unknown),
        HistoryFilter { outcomes: vec![Wanted::Trouble], ..none() },
        HistoryFilter { since, until, ..none() },
        HistoryFilter { until, ..none() },
        HistoryFilter { rule: Some("old".to_owned()), ..outcome(Outcome::Stopped) },
        HistoryFilter { since, until, ..outcome(Outcome::Refused) },
        HistoryFilter { since, until, ..outcome(Outcome::Stopped) },
        HistoryFilter { until, ..outcome(Outcome::Stopped) },
        HistoryFilter { since, until, ..rule("night") },
        HistoryFilter { until, ..rule("night") },
        HistoryFilter { instance: Some("web-7".to_owned()), ..outcome(Outcome::Stopped) },
        HistoryFilter { instance: Some("7".to_owned()), ..rule("night") },
    ] {
        // A prepared statement is not prepared again, and preparing takes no steps.
        let before = steps.load(Ordering::Relaxed);
        nights.reader.history(&filter).await.unwrap();
        took.push((format!("{filter:?}"), steps.load(Ordering::Relaxed) - before));
    }
    took
}

#[tokio::test]
async fn no_filter_of_the_history_costs_more_on_a_longer_log() {
    assert_no_growth(&steps_of_filters(SHORT).await, &steps_of_filters(LONG).await);
}

async fn steps_of_a_daemon(firings: i64) -> Vec<(String, u64)> {
    let Nights { log, reader, file, _folder } = Nights::of(firings).await;
    let rule = |name: &str| RuleName::new(name).unwrap();
    let wanted = vec![(InstanceNo::new("7").unwrap(), at(firings - 5))];
    let account = AccountName::new("main").unwrap();
    // The first search goes through all firings; later ones only through newer firings.
    log.take_over(&HashSet::new()).await.unwrap();
    let steps = count(&mut log.connection().await.unwrap()).await;
    let mut took = Vec::new();
    let mut note = |what: &str| took.push((what.to_owned(), steps.swap(0, Ordering::Relaxed)));
    log.take_over(&HashSet::new()).await.unwrap();
    note("what was left open");
    log.owed(at(0)).await.unwrap();
    note("what is owed");
    for name in ["night", "old", "none"] {
        log.most_matched(&rule(name), FiringId::from(i64::MAX)).await.unwrap();
        note(name);
    }
    let query = FactsQuery { wanted, ..FactsQuery::of(&account, Action::Start, at(0)) };
    log.facts_for(&query).await.unwrap();
    note("the facts for a late firing");
    let mut connection = log.connection().await.unwrap();
    session::living_daemon(&mut connection, &file.path).await.unwrap();
    note("the living daemon");
    let mut looks = reader.connection().await;
    let outlook = Outlook::of(&mut looks, 83, &[], at(0)).await.unwrap();
    outlook.below(&mut connection, 83, &[]).await.unwrap();
    note("what a prune keeps below a line");
    took
}

#[tokio::test]
async fn nothing_that_a_claim_waits_for_costs_more_on_a_longer_log() {
    assert_no_growth(&steps_of_a_daemon(SHORT).await, &steps_of_a_daemon(LONG).await);
}

async fn steps_of_why(firings: i64) -> Vec<(String, u64)> {
    let nights = Nights::of(firings).await;
    let mut writer = nights.log.connection().await.unwrap();
    for (no, instance) in [(1, "7"), (2, "8")] {
        sqlx::query(
            "INSERT INTO entry
            SELECT max(seq) + 1, 8000, 1, 'seen', zeroblob(32)
            FROM entry",
        )
        .execute(&mut *writer)
        .await
        .unwrap();
        sqlx::query(
            "INSERT INTO seen
            SELECT max(seq), 'main', 'KR', ?1, 'web-' || ?1, 'NSTOP', 'NULL', NULL, 1000 * ?2
            FROM entry",
        )
        .bind(instance)
        .bind(no)
        .execute(&mut *writer)
        .await
        .unwrap();
    }
    drop(writer);
    let known = nights.reader.instances_by_last_name().await.unwrap();
    assert_eq!(known.len(), 2, "each once: {known:?}");
    let steps = count(&mut *nights.reader.connection().await).await;
    let mut took = Vec::new();
    let mut note = |what: &str| took.push((what.to_owned(), steps.swap(0, Ordering::Relaxed)));
    nights.reader.instances_by_last_name().await.unwrap();
    note("whom");
    nights.reader.numbers_once_named("web-7").await.unwrap();
    note("who had that name");
    nights.reader.files_in_use(at(1), at(2)).await.unwrap();
    note("the file in use");
    nights.reader.around(&known[0], at(2), &[("old".to_owned(), Action::Stop)]).await.unwrap();
    note("what is around");
    took
}

#[tokio::test]
async fn to_say_why_costs_no_more_on_a_longer_log() {
    assert_no_growth(&steps_of_why(SHORT).await, &steps_of_why(LONG).await);
}

async fn steps_of_a_report(firings: i64) -> Vec<(String, u64)> {
    let nights = Nights::of(firings).await;
    let steps = count(&mut *nights.reader.connection().await).await;
    let mut took = Vec::new();
    for (what, from, until) in [("its beginning", 10, 30), ("all of its first minute", 0, 60)] {
        let before = steps.load(Ordering::Relaxed);
        let span = Period { from: at(from), until: at(until) };
        let facts = nights.reader.report_facts(span, at(2 * LONG)).await.unwrap();
        assert_eq!(
            facts.fired.firings.len(),
            usize::try_from(until).unwrap(),
            "those before it too"
        );
        took.push((what.to_owned(), steps.load(Ordering::Relaxed) - before));
    }
    took
}

#[tokio::test]
async fn a_report_costs_no_more_on_a_longer_log() {
    assert_no_growth(&steps_of_a_report(SHORT).await, &steps_of_a_report(LONG).await);
}

#[tokio::test]
async fn a_filter_finds_as_many_lines_as_it_wants_and_no_others() {
    let nights = Nights::of(SHORT).await;
    for (limit, expected) in
        [(1, vec![39]), (3, vec![39, 35, 31]), (20, (0..10).map(|n| 39 - 4 * n).collect())]
    {
        let filter = HistoryFilter {
            rule: Some("old".to_owned()),
            outcomes: vec![Wanted::Outcome(Outcome::Refused)],
            limit,
            ..HistoryFilter::default()
        };
        let found =
            history_filter::firings(&mut *nights.reader.connection().await, &filter, &[]).await;
        assert_eq!(found.unwrap(), expected);
        let lines = nights.reader.history(&filter).await.unwrap();
        assert_eq!(lines.iter().map(|line| line.firing).collect::<Vec<_>>(), expected);
    }
}
