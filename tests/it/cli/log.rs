//! Which log a command reads or writes, and what it says of one that it cannot.

use std::fs;
use std::process::Command;
use std::time::Duration;

use lightsout::audit::{AuditLog, Writer};
use lightsout::clock::{Clock, SystemClock};
use lightsout::schedule::AuditFile;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Executor};

use super::shell::{ALL, ONE, Shell, bare, finish, own_name};

/// Longer than a command waited for a busy log once.
const BUSY: Duration = Duration::from_secs(11);

/// Everything that reads the log, with something that it says of one firing of `ONE`.
const READERS: [(&str, &str); 13] = [
    ("history", "dry_run"),
    ("history --changes", ""),
    ("show 4", "dry_run"),
    ("why dev-a", "dry run"),
    ("report --since 2d", "night"),
    ("report budget", "dev-a"),
    ("status", "none on this log"),
    ("holds", ""),
    ("next night", "night"),
    ("plan night", "dev-a"),
    ("audit verify", "sound: as it was written"),
    ("audit export", "dev-a"),
    ("hold night --until 2h", ""),
];

#[tokio::test]
async fn every_reader_and_hold_and_release_take_the_log_that_is_named() {
    let shell = Shell::of(ONE, ALL).await;
    assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    fs::rename(shell.path().join("lightsout.db"), shell.path().join("other.db")).unwrap();
    for (arguments, said) in READERS.into_iter().chain([("release night", "")]) {
        let done = shell.run(&format!("{arguments} --log other.db")).await;
        let expected = i32::from(arguments == "status");
        assert_eq!(done.code, Some(expected), "{arguments}: {done:?}");
        assert!(done.stdout.contains(said), "{arguments}: {done:?}");
    }
    assert!(!shell.path().join("lightsout.db").exists(), "nobody made the other one");
}

#[tokio::test]
async fn a_log_that_is_named_is_read_without_a_schedules_toml() {
    let shell = Shell::of(ONE, ALL).await;
    assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    let elsewhere = tempfile::tempdir().unwrap();
    let log = shell.path().join("lightsout.db");
    for reader in ["history", "show 4", "why 1", "status", "audit verify", "report --since 2d"] {
        let done = finish(bare(elsewhere.path(), &format!("{reader} --log {}", log.display())));
        let done = done.await;
        let expected = i32::from(reader == "status");
        assert_eq!(done.code, Some(expected), "{reader}: {done:?}");
        assert!(done.stderr.contains("times are in UTC"), "{reader}: {done:?}");
    }
    let named = format!("history --config none.toml --log {}", log.display());
    let done = finish(bare(elsewhere.path(), &named)).await;
    assert_eq!(done.silent(), (Some(2), ""), "a file that is named must be there: {done:?}");
}

#[tokio::test]
async fn a_hold_on_a_log_that_no_daemon_has_ever_run_on_is_warned_of_and_written() {
    let shell = Shell::of(ONE, ALL).await;
    let loud = "warning: NO DAEMON HAS EVER RUN on the audit log";
    let mut command = shell.command("hold night --until 2h");
    command.env("USER", "root").env("SUDO_USER", "kim");
    let alone = finish(command).await;
    assert_eq!(alone.code, Some(0), "{alone:?}");
    assert!(alone.stderr.contains(loud), "{alone:?}");
    assert!(alone.stderr.contains("`--config` or `--log`"), "{alone:?}");
    let who = shell.json("holds").await[0]["who"].to_string();
    // Root is believed to act for kim, and nobody else is.
    let own = own_name();
    let of_root = own == "root" && who.starts_with("\"kim@") && who.ends_with(" via sudo\"");
    assert!(of_root || who.starts_with(&format!("\"{own}@")), "{who}");
    let path = shell.path().join("lightsout.db");
    let file = AuditFile { path, mode: 0o600, keep: None, shared: None };
    let daemon = AuditLog::open(&file, Writer::Daemon, SystemClock::new()).await.unwrap();
    daemon.end("done").await.unwrap();
    let heard = shell.run("hold night --until 3h").await;
    assert_eq!((heard.code, heard.stderr.contains(loud)), (Some(0), false), "{heard:?}");
}

#[tokio::test]
async fn who_writes_waits_for_a_log_that_another_process_keeps_locked() {
    let shell = Shell::of(ONE, ALL).await;
    assert_eq!(shell.run("hold night --until 2h").await.code, Some(0));
    let options = SqliteConnectOptions::new().filename(shell.path().join("lightsout.db"));
    let mut other = SqliteConnection::connect_with(&options).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let mut writing = tokio::task::JoinSet::new();
    for arguments in ["hold dev-a --until 2h", "release night", "fire night --dry-run"] {
        writing.spawn(finish(shell.command(arguments)));
    }
    SystemClock::new().sleep(BUSY).await;
    assert!(writing.try_join_next().is_none(), "they wait");
    other.execute("COMMIT").await.unwrap();
    for done in writing.join_all().await {
        assert_eq!(done.code, Some(0), "{done:?}");
    }
}

#[tokio::test]
async fn a_pipe_in_the_place_of_the_log_is_refused_and_not_waited_for() {
    let shell = Shell::of(ONE, ALL).await;
    let made = Command::new("mkfifo").arg(shell.path().join("lightsout.db")).status().unwrap();
    assert!(made.success());
    for arguments in ["history", "status", "audit verify", "hold night --until 2h", "run"] {
        let done = tokio::time::timeout(Duration::from_secs(60), shell.run(arguments)).await;
        let done = done.unwrap_or_else(|_| panic!("{arguments} waits for the pipe"));
        assert_eq!(done.silent(), (Some(5), ""), "{arguments}: {done:?}");
        assert!(done.stderr.contains("is not an audit log of lightsout"), "{arguments}: {done:?}");
    }
}

#[tokio::test]
async fn that_there_is_no_log_is_said_once() {
    let shell = Shell::of(ONE, ALL).await;
    for arguments in ["why dev-a", "report", "report budget", "history", "holds"] {
        let done = shell.run(arguments).await;
        assert_eq!(done.stderr.matches("there is no ").count(), 1, "{arguments}: {done:?}");
        assert_eq!(done.stderr.matches("hint: ").count(), 1, "{arguments}: {done:?}");
    }
}
