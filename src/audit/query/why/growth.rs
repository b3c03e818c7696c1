//! Tests that the cost of `why` does not grow with the log, whatever time is asked about. Counts as
//! in `growth`, on the log of one server that had a firing every day and was never stopped.

use std::sync::atomic::Ordering;

use chrono::{DateTime, TimeDelta, Utc};
use tempfile::TempDir;

use crate::audit::query::growth::{assert_no_growth, count};
use crate::audit::store::audit_log::AuditLog;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::writer::Writer;
use crate::clock::RehearsalClock;
use crate::model::instance::Action;
use crate::schedule::AuditFile;

/// The number of days in the shorter log.
const SHORT: i64 = 150;
const LONG: i64 = 8 * SHORT;

/// Each day has a load of the file, a firing with its target, outcome and end, an observation of
/// another state, a change by somebody else, and a hold of an hour.
const DAYS: [&str; 11] = [
    "INSERT INTO entry VALUES (2, 0, 1, 'file_text', zeroblob(32))",
    "INSERT INTO file_text VALUES (2, 'sha', '')",
    "WITH RECURSIVE next (seq) AS (SELECT 3 UNION ALL SELECT seq + 1 FROM next WHERE seq < 2 + 8 * ?1)
    INSERT INTO entry
    SELECT
        seq, 86400000 * ((seq - 3) / 8), 1,
        CASE (seq - 3) % 8
            WHEN 0 THEN 'file_load' WHEN 1 THEN 'firing' WHEN 2 THEN 'target' WHEN 3 THEN 'outcome'
            WHEN 4 THEN 'firing_end' WHEN 5 THEN 'seen' WHEN 6 THEN 'change' ELSE 'hold' END,
        zeroblob(32)
    FROM next",
    "INSERT INTO file_load SELECT seq, 2, 's.toml' FROM entry WHERE kind = 'file_load' AND ?1 > 0",
    "INSERT INTO firing
    SELECT seq, 'night', 'stop', 'main', 'schedule', at, 1, 2, 0, 0
    FROM entry
    WHERE kind = 'firing' AND ?1 > 0",
    "INSERT INTO target
    SELECT seq, seq - 1, 'KR', '7', 'dev', 'RUN', 'NULL'
    FROM entry
    WHERE kind = 'target' AND ?1 > 0",
    "INSERT INTO outcome
    SELECT seq, seq - 2, 'KR', '7', 'skipped', 'protected', 'RUN'
    FROM entry
    WHERE kind = 'outcome' AND ?1 > 0",
    "INSERT INTO firing_end SELECT seq, seq - 3 FROM entry WHERE kind = 'firing_end' AND ?1 > 0",
    "INSERT INTO seen
    SELECT
        seq, 'main', 'KR', '7', 'dev', CASE seq % 16 WHEN 0 THEN 'RUN' ELSE 'NSTOP' END, 'NULL',
        NULL, at
    FROM entry
    WHERE kind = 'seen' AND ?1 > 0",
    "INSERT INTO change
    SELECT seq, 'main', 'KR', '7', 'dev', 'NSTOP', 'RUN', at - 1, at
    FROM entry
    WHERE kind = 'change' AND ?1 > 0",
    "INSERT INTO hold
    SELECT seq, 'rule', 'night', at + 3600000, 0, NULL, 'kim', 'command', NULL, NULL, NULL
    FROM entry
    WHERE kind = 'hold' AND ?1 > 0",
];

async fn of(days: i64) -> (TempDir, AuditLog, AuditReader) {
    let folder = tempfile::tempdir().unwrap();
    let file =
        AuditFile { path: folder.path().join("audit.db"), mode: 0o600, keep: None, shared: None };
    let clock = RehearsalClock::new(DateTime::UNIX_EPOCH, 0);
    let log = AuditLog::open(&file, Writer::Daemon, clock).await.unwrap();
    let mut connection = log.connection().await.unwrap();
    for insert in DAYS {
        sqlx::query(insert).bind(days).execute(&mut *connection).await.unwrap();
    }
    drop(connection);
    let reader = AuditReader::open(&file.path).await.unwrap();
    (folder, log, reader)
}

/// Asks about the last day, a day in the middle, and a day before the log.
async fn steps(days: i64) -> Vec<(String, u64)> {
    let (_folder, _log, reader) = of(days).await;
    let known = reader.instances_by_last_name().await.unwrap().remove(0);
    let night = [("night".to_owned(), Action::Stop)];
    let steps = count(&mut *reader.connection().await).await;
    let mut took = Vec::new();
    for (what, day) in [("the last day", days), ("day 60", 60), ("a day before", -60)] {
        let at: DateTime<Utc> = DateTime::UNIX_EPOCH + TimeDelta::days(day);
        let mut note = |part| {
            took.push((format!("{what}: {part}"), steps.swap(0, Ordering::Relaxed)));
        };
        steps.swap(0, Ordering::Relaxed);
        reader.as_named_at(known.clone(), at).await.unwrap();
        note("its name");
        reader.files_in_use(at - TimeDelta::days(31), at + TimeDelta::days(1)).await.unwrap();
        note("the files in use");
        let around = reader.around(&known, at, &night).await.unwrap();
        note("what is around");
        assert_eq!(
            (around.before.is_some(), around.firings.is_empty()),
            (day > 0, false),
            "{what}"
        );
    }
    took
}

#[tokio::test]
async fn why_costs_no_more_on_a_longer_log_whichever_time_is_asked_about() {
    assert_no_growth(&steps(SHORT).await, &steps(LONG).await);
}
