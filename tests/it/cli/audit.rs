//! `lightsout audit`, and the log of several processes at once.

use std::fs;

use chrono::{DateTime, TimeDelta, Utc};
use lightsout::audit::{AuditLog, Writer};
use lightsout::clock::RehearsalClock;
use lightsout::schedule::AuditFile;
use serde_json::Value;
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use super::shell::{ALL, ONE, Shell};

/// Changes the log behind its back.
async fn tamper(shell: &Shell, sql: &'static str) {
    let options = SqliteConnectOptions::new().filename(shell.path().join("lightsout.db"));
    let mut raw = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(sql).execute(&mut raw).await.unwrap();
    raw.close().await.unwrap();
}

#[tokio::test]
async fn several_processes_keep_one_chain() {
    let shell = Shell::of(ONE, ALL).await;
    let mut running = tokio::task::JoinSet::new();
    for fire in (0..5).map(|_| shell.command("fire night --dry-run")) {
        running.spawn(super::shell::finish(fire));
    }
    let codes: Vec<_> = running.join_all().await.into_iter().map(|done| done.code).collect();
    assert_eq!(codes, [Some(0); 5]);
    let found = &shell.json("audit verify").await[0];
    assert_eq!((&found["sound"], &found["first"]), (&true.into(), &1.into()));
    // One text, one product; of each process: session, file_load, firing, target, seen once,
    // outcome, ends.
    assert_eq!(found["rows"], 5 * 7 + 3);
    assert_eq!(found["last"], found["rows"]);
}

#[tokio::test]
async fn verify_exits_0_for_a_sound_log_and_1_for_a_changed_one() {
    let shell = Shell::of(ONE, ALL).await;
    assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    let sound = shell.run("audit verify").await;
    let head = shell.json("audit verify").await[0]["head"].as_str().unwrap().to_owned();
    let expected =
        format!("log     sound: as it was written\nrows    10, from 1 to 10\nhead    {head}\n");
    assert_eq!((sound.code, sound.stdout), (Some(0), expected));
    let known = shell.run(&format!("audit verify --head {}", head.to_uppercase())).await;
    assert_eq!(known.code, Some(0), "{known:?}");
    assert!(known.stdout.ends_with("sought  found: it is the hash of entry 10\n"), "{known:?}");
    let other = shell.run(&format!("audit verify --head {}", "7".repeat(64))).await;
    assert_eq!(other.code, Some(1), "{other:?}");
    assert!(other.stdout.contains("sought  not found: the tail was cut off"), "{other:?}");
    assert_eq!(shell.run("audit verify --head 123").await.silent(), (Some(2), ""));
    tamper(&shell, "DROP TRIGGER target_is_never_updated; UPDATE target SET region = 'JPN'").await;
    let changed = shell.run("audit verify").await;
    assert_eq!(changed.code, Some(1), "{changed:?}");
    assert!(changed.stdout.contains("not as it was written: 2 problems"), "{changed:?}");
    let csv = shell.run("audit verify --format csv").await;
    assert_eq!(
        csv.stdout,
        "seq,kind,problem\n\
         ,,`target_is_never_updated` is not as lightsout makes it\n\
         7,target,its hash is not the one of what it says and of the entry before: changed\n"
    );
}

#[tokio::test]
async fn the_head_that_is_logged_when_a_firing_ends_is_found_in_the_chain() {
    let shell = Shell::of(ONE, ALL).await;
    let mut command = shell.command("fire night --dry-run --log-format json");
    command.env("RUST_LOG", "info");
    let done = super::shell::finish(command).await;
    let logged = done.stderr.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let logged: Vec<_> = logged.filter(|line| line["head"].is_string()).collect();
    assert_eq!(logged.len(), 1, "{done:?}");
    assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    let head = logged[0]["head"].as_str().unwrap();
    let found = &shell.json(&format!("audit verify --head {head}")).await[0];
    assert_eq!((&found["sought_at"], &found["sound"]), (&logged[0]["seq"], &true.into()));
}

#[tokio::test]
async fn a_log_that_cannot_be_read_exits_5() {
    let shell = Shell::of(ONE, ALL).await;
    for arguments in ["audit verify", "audit export", "audit prune --keep 400d --yes"] {
        let done = shell.run(arguments).await;
        assert_eq!(done.silent(), (Some(5), ""), "{arguments}: {done:?}");
    }
    assert!(!shell.path().join("lightsout.db").exists());
}

#[tokio::test]
async fn export_prints_a_line_for_each_entry_after_the_anchor() {
    let shell = Shell::of(ONE, ALL).await;
    assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    let done = shell.run("audit export").await;
    assert_eq!((done.code, done.lines().len()), (Some(0), 11));
    let lines = done.lines();
    assert_eq!(lines[0]["seq"], 0);
    assert_eq!(lines[5]["body"]["instance_name"], "dev-a");
    let found = shell.json("audit verify").await;
    assert_eq!(lines[10]["hash"], found[0]["head"]);
    let none = shell.run("audit export --until 2020-01-01").await;
    assert_eq!((none.code, none.lines().len()), (Some(0), 1));
}

#[tokio::test]
async fn prune_wants_an_age_and_a_yes_and_keeps_the_log_sound() {
    let shell = Shell::of(ONE, ALL).await;
    let path = shell.path().join("lightsout.db");
    let file = AuditFile { path, mode: 0o600, keep: None, shared: None };
    let long_ago: DateTime<Utc> = "2020-01-01T00:00:00Z".parse().unwrap();
    for session in 0..40 {
        let clock = RehearsalClock::new(long_ago + TimeDelta::days(50 * session), 0);
        AuditLog::open(&file, Writer::Fire, clock).await.unwrap().end("done").await.unwrap();
    }
    assert_eq!(shell.run("audit prune --yes").await.silent(), (Some(2), ""));
    assert_eq!(shell.run("audit prune --keep 400d").await.silent(), (Some(2), ""));
    assert_eq!(shell.run("audit prune --keep 1d --yes").await.silent(), (Some(2), ""));
    let config = format!("[audit]\nkeep = \"400d\"\n{}", ALL.replacen("[acc", "\n[acc", 1));
    let (zone, rest) = config.split_once("timezone = \"Asia/Seoul\"\n").unwrap();
    let config = format!("timezone = \"Asia/Seoul\"\n{zone}{rest}");
    fs::write(shell.path().join("schedules.toml"), config).unwrap();
    let done = shell.run("audit prune --yes").await;
    assert_eq!(done.silent(), (Some(0), ""), "{done:?}");
    // Nobody knows of the time since the last of them: it counts up to 57 days.
    assert!(done.stderr.contains("more is kept"), "{done:?}");
    assert!(done.stderr.contains("removed 66 entries below 67; 0 stay there"), "{done:?}");
    let found = &shell.json("audit verify").await[0];
    assert_eq!(
        (&found["sound"], &found["first"], &found["rows"]),
        (&true.into(), &67.into(), &17.into())
    );
    let again = shell.run("audit prune --yes").await;
    assert!(again.stderr.contains("nothing is that old"), "{again:?}");
}
