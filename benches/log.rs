//! What the audit log costs beside bare rows in the same SQLite on the same disk: a thousand
//! claims, one entry, and the newest 50 lines of the history of a million entries.
#![expect(clippy::print_stdout, reason = "a bench prints what it found")]

mod million;
mod ratio;

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use chrono::{DateTime, TimeDelta, Utc};
use lightsout::audit::{
    AuditLog, AuditReader, Claim, HistoryFilter, NewNotice, Through, Trigger, Writer,
};
use lightsout::clock::RehearsalClock;
use lightsout::schedule::{AuditFile, Schedules};
use ratio::compare;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection};
use tokio::runtime::Runtime;

const RULES: usize = 1_000;

/// What makes a claim unique, without the chain and without what is asked of the log later.
const BARE: &str = "
    CREATE TABLE bare (
        seq          INTEGER PRIMARY KEY,
        rule         TEXT NOT NULL,
        action       TEXT NOT NULL,
        scheduled_at INTEGER NOT NULL,
        UNIQUE (rule, action, scheduled_at)
    ) STRICT";

fn main() -> anyhow::Result<ExitCode> {
    let runtime = Runtime::new()?;
    let folder = tempfile::tempdir()?;
    let schedules = rules(folder.path())?;
    let clock = RehearsalClock::new(DateTime::UNIX_EPOCH, 0);
    let file = AuditFile { keep: None, ..schedules.audit.clone() };
    let log = runtime.block_on(AuditLog::open(&file, Writer::Fire, clock))?;
    let mut bare = runtime.block_on(bare(folder.path()))?;
    let is_met = [
        claims(&runtime, &log, &schedules, &mut bare)?,
        entry(&runtime, &log, &mut bare),
        history(&runtime)?,
    ];
    runtime.block_on(log.end("done"))?;
    Ok(if is_met.contains(&false) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A file of its own whose rows are as durable as the log's.
async fn bare(folder: &Path) -> anyhow::Result<SqliteConnection> {
    let options = SqliteConnectOptions::new()
        .filename(folder.join("bare.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut bare = options.connect().await?;
    sqlx::query(BARE).execute(&mut bare).await?;
    Ok(bare)
}

/// Firings that fall due at one instant, against as many rows in one transaction.
fn claims(
    runtime: &Runtime,
    log: &AuditLog,
    schedules: &Schedules,
    bare: &mut SqliteConnection,
) -> anyhow::Result<bool> {
    let file = runtime.block_on(log.load_file(schedules))?;
    let mut at: DateTime<Utc> = DateTime::UNIX_EPOCH;
    let claim = || {
        at += TimeDelta::days(1);
        let trigger = Trigger::Schedule(at);
        let of = |rule| Claim { rule, trigger, file, dry_run: false, makes_up: &[] };
        let claims: Vec<Claim<'_>> = schedules.rules.iter().map(|rule| of(&**rule)).collect();
        let ids = runtime.block_on(log.claim(&claims)).expect("a log that can be written");
        assert!(ids.len() == RULES && ids.iter().all(Option::is_some));
    };
    let names: Vec<&str> = schedules.rules.iter().map(|rule| rule.name.as_str()).collect();
    let names = serde_json::to_string(&names)?;
    let mut instant = 0_i64;
    let floor = || {
        instant += 1;
        let insert = "INSERT INTO bare (rule, action, scheduled_at)
            SELECT value, 'stop', ?2 FROM json_each(?1)";
        let insert = sqlx::query(insert).bind(names.as_str()).bind(instant).execute(&mut *bare);
        let done = runtime.block_on(insert).expect("a disk that can be written");
        assert_eq!(done.rows_affected(), RULES as u64);
    };
    Ok(compare("1,000 claims", Some(3.0), claim, floor))
}

/// One entry that is on the disk, against one row that is.
fn entry(runtime: &Runtime, log: &AuditLog, bare: &mut SqliteConnection) -> bool {
    let append = || {
        for _ in 0..RULES / 10 {
            let notice = NewNotice {
                target: "team".to_owned(),
                event: "failure",
                firing: None,
                through: Through::from(1),
                body: "{}".to_owned(),
            };
            runtime.block_on(log.notices(vec![notice])).expect("a log that can be written");
        }
    };
    let mut instant = 0_i64;
    let floor = || {
        for _ in 0..RULES / 10 {
            instant -= 1;
            let insert =
                "INSERT INTO bare (rule, action, scheduled_at) VALUES ('team', 'stop', ?1)";
            let insert = sqlx::query(insert).bind(instant).execute(&mut *bare);
            runtime.block_on(insert).expect("a disk that can be written");
        }
    };
    compare("100 entries, one at a time", Some(1.5), append, floor)
}

/// The newest lines of a long history, against the newest rows of one of its tables.
fn history(runtime: &Runtime) -> anyhow::Result<bool> {
    let folder = tempfile::tempdir()?;
    let schedules = rules(folder.path())?;
    runtime.block_on(million::write(&schedules, 46));
    let path = schedules.audit.path.as_path();
    let reader = runtime.block_on(AuditReader::open(path))?;
    let mut bare = runtime.block_on(SqliteConnectOptions::new().filename(path).connect())?;
    let filter = HistoryFilter { limit: 50, ..HistoryFilter::default() };
    let newest = || {
        let lines = runtime.block_on(reader.history(&filter)).expect("a log that can be read");
        assert_eq!(lines.len(), 50);
    };
    let floor = || {
        let rows = sqlx::query("SELECT * FROM outcome ORDER BY seq DESC LIMIT 50");
        let rows = runtime.block_on(rows.fetch_all(&mut bare)).expect("a log that can be read");
        assert_eq!(rows.len(), 50);
    };
    Ok(compare("newest 50 lines of a million entries", None, newest, floor))
}

fn rules(folder: &Path) -> anyhow::Result<Schedules> {
    let mut text = String::from("timezone = \"Asia/Seoul\"\n[accounts.main]\nplatform = \"vpc\"\n");
    for number in 0..RULES {
        write!(
            text,
            "[[rules]]\nname = \"rule-{number}\"\naction = \"stop\"\ncron = \"0 20 * * *\"\n\
             select = {{ names = [\"dev*\"] }}\n"
        )?;
    }
    let read = Schedules::parse(&folder.join("schedules.toml"), &text);
    let (schedules, _) = read.map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
    Ok(schedules)
}
