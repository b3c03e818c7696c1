//! A log that an earlier version wrote: this one reads it as that one did.

use std::fs;
use std::path::Path;

use lightsout::audit::{AuditLog, Writer};
use lightsout::clock::RehearsalClock;
use lightsout::schedule::Schedules;
use serde::Deserialize;
use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;

use super::shell::{bare, finish};

const LOG: &str = include_str!("../../old_log/log.sql");
const SCHEDULES: &str = include_str!("../../old_log/schedules.toml");
/// A command of the earlier version a line.
const SAID: &str = include_str!("../../old_log/said.jsonl");

/// The number and the hash of the last entry, as `audit verify` of the earlier version said.
const LAST: i64 = 1202;
const HEAD: &str = "e10251f9c50ffad6c890b83c896003b0779dae9ce023211b6b4efffa5ba1304f";

/// What the earlier version printed for a command.
#[derive(Deserialize)]
struct Said {
    command: String,
    code: i32,
    lines: Vec<Value>,
}

/// A folder with the log in it and the file it was written under.
async fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("schedules.toml"), SCHEDULES).unwrap();
    let path = folder.path().join("lightsout.db");
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut log = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(LOG).execute(&mut log).await.unwrap();
    log.close().await.unwrap();
    folder
}

/// Has a session of this version bring the log up to date, an hour after its last entry.
async fn bring_up_to_date(folder: &Path) {
    let (schedules, _) = Schedules::read(&folder.join("schedules.toml")).unwrap();
    let clock = RehearsalClock::new("2024-11-09T03:00:00Z".parse().unwrap(), 0);
    let log = AuditLog::open(&schedules.audit, Writer::Fire, clock).await.unwrap();
    log.end("done").await.unwrap();
}

/// Where a value is not as it was. Keys may have come to an object.
fn differences(place: &str, was: &Value, is: &Value, found: &mut Vec<String>) {
    match (was, is) {
        (Value::Object(was), Value::Object(is)) => {
            for (key, was) in was {
                let is = is.get(key).unwrap_or(&Value::Null);
                differences(&format!("{place}.{key}"), was, is, found);
            }
        }
        (Value::Array(was), Value::Array(is)) if was.len() == is.len() => {
            for (index, (was, is)) in was.iter().zip(is).enumerate() {
                differences(&format!("{place}[{index}]"), was, is, found);
            }
        }
        _ if was == is => {}
        _ => found.push(format!("{place}: {was}, and now {is}")),
    }
}

#[tokio::test]
async fn a_log_of_an_earlier_version_is_read_as_it_was() {
    let folder = folder().await;
    bring_up_to_date(folder.path()).await;
    let done =
        finish(bare(folder.path(), &format!("audit verify --head {HEAD} --format json"))).await;
    let verified = &done.lines()[0];
    let (sound, at) = (&verified["sound"], &verified["sought_at"]);
    assert_eq!((sound, at), (&true.into(), &LAST.into()), "{verified}");
    let mut found = Vec::new();
    for line in SAID.lines() {
        let said: Said = serde_json::from_str(line).unwrap();
        let command = format!("{} --format json", said.command);
        let done = finish(bare(folder.path(), &command)).await;
        assert_eq!(done.code, Some(said.code), "{command}: {done:?}");
        differences(&said.command, &said.lines.into(), &done.lines().into(), &mut found);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[tokio::test]
async fn a_missed_firing_has_not_fired_and_will_not_end() {
    let folder = folder().await;
    bring_up_to_date(folder.path()).await;
    let show = finish(bare(folder.path(), "show 417")).await.stdout;
    assert!(show.contains("\nended    never begun\n"), "{show}");
    let ended = finish(bare(folder.path(), "show 441")).await.stdout;
    assert!(ended.contains("\nended    2024-11-"), "{ended}");
}
