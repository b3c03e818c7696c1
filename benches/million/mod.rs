//! A log of a million entries, as many nights leave it.
//!
//! Written with SQL and without hashes: nothing that is measured on it looks at them.

use lightsout::audit::{AuditLog, Writer};
use lightsout::clock::SystemClock;
use lightsout::schedule::{AuditFile, Schedules};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

const ENTRIES: i64 = 980_000;

/// Makes the log as the program would, and fills it: twenty rules, each of which stops so many
/// instances a night. With 46 it is a year.
pub(crate) async fn write(schedules: &Schedules, instances: i64) {
    // A firing, its end, and three entries for each instance.
    let entries = 2 + 3 * instances;
    let file = AuditFile { keep: None, ..schedules.audit.clone() };
    let log = AuditLog::open(&file, Writer::Fire, SystemClock::new()).await.expect("a log");
    log.load_file(schedules).await.expect("a log that can be written");
    log.end("done").await.expect("a log that can be written");
    let options = SqliteConnectOptions::new().filename(&file.path);
    let mut log = options.connect().await.expect("a log");
    let mut tx = log.begin().await.expect("a transaction");
    for statement in FILL {
        sqlx::query(statement)
            .bind(ENTRIES / entries)
            .bind(instances)
            .bind(entries)
            .execute(&mut *tx)
            .await
            .expect("a row like those the program writes");
    }
    tx.commit().await.expect("room on the disk");
    log.close().await.expect("a log");
}

/// `?1` firings of `?2` instances, each of `?3` entries: a firing every 75 minutes up to now, its
/// targets, what was seen of them, their outcomes, its end.
const FILL: [&str; 7] = [
    "CREATE TEMP TABLE made AS
    WITH RECURSIVE
        firing (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM firing WHERE n + 1 < ?1),
        instance (k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM instance WHERE k + 1 < ?2)
    SELECT
        n, k, (SELECT max(seq) + 1 FROM entry) + n * ?3 AS firing,
        CAST(unixepoch() - (?1 - n) * 4500 AS INTEGER) * 1000 AS at,
        'rule-' || (n % 20) AS rule,
        CAST(1000000 + (n % 20) * ?2 + k AS TEXT) AS no
    FROM firing, instance",
    // In their order, as a trigger demands.
    "INSERT INTO entry (seq, at, session, kind, hash)
    SELECT DISTINCT firing, at, 1, 'firing', zeroblob(32) FROM made
    UNION ALL SELECT firing + 1 + k, at, 1, 'target', zeroblob(32) FROM made
    UNION ALL SELECT firing + 1 + ?2 + k, at, 1, 'seen', zeroblob(32) FROM made
    UNION ALL SELECT firing + 1 + 2 * ?2 + k, at, 1, 'outcome', zeroblob(32) FROM made
    UNION ALL SELECT DISTINCT firing + ?3 - 1, at, 1, 'firing_end', zeroblob(32) FROM made
    ORDER BY 1",
    "INSERT INTO firing
    SELECT DISTINCT
        firing, rule, 'stop', 'main', 'schedule', at, 1, (SELECT seq FROM file_text), 600000, 0
    FROM made",
    "INSERT INTO target
    SELECT firing + 1 + k, firing, 'KR', no, 'dev-' || no, 'RUN', 'NULL' FROM made",
    "INSERT INTO seen
    SELECT
        firing + 1 + ?2 + k, 'main', 'KR', no, 'dev-' || no,
        CASE WHEN n / 20 % 2 = 0 THEN 'NSTOP' ELSE 'RUN' END, 'NULL', NULL, at
    FROM made",
    "INSERT INTO outcome
    SELECT
        firing + 1 + 2 * ?2 + k, firing, 'KR', no,
        CASE WHEN (n + k) % 500 = 0 THEN 'refused' WHEN k % 8 = 7 THEN 'skipped' ELSE 'stopped' END,
        CASE WHEN (n + k) % 500 <> 0 AND k % 8 = 7 THEN 'protected' END, 'NSTOP'
    FROM made",
    "INSERT INTO firing_end
    SELECT DISTINCT firing + ?3 - 1, firing FROM made",
];
