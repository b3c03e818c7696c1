//! A log that a disk or a crash has damaged: what is said, what goes on, and what mends it.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::Stdio;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Executor};

use super::daemon::{Process, stopped};
use super::shell::{ALL, ONE, Shell};
use crate::wait;

/// A rule that fires every other second, and somebody who is told of the log.
fn rules() -> String {
    let often = ALL.replace("0 20 * * *", "*/2 * * * * *");
    format!("{often}[[notify]]\ncommand = [\"sh\", \"-c\", \"cat >> told\"]\non = [\"log\"]\n")
}

/// A log with one firing in it.
async fn written() -> Shell {
    let shell = Shell::of(ONE, &rules()).await;
    assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    shell
}

async fn open(shell: &Shell) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(shell.path().join("lightsout.db"));
    SqliteConnection::connect_with(&options).await.unwrap()
}

/// Writes rubbish over the first page of tables or indexes.
async fn break_pages(shell: &Shell, names: &[&str]) {
    let mut log = open(shell).await;
    let size: u64 = sqlx::query_scalar::<_, i64>("PRAGMA page_size")
        .fetch_one(&mut log)
        .await
        .unwrap()
        .try_into()
        .unwrap();
    let mut pages = Vec::new();
    for name in names {
        let root = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
        let root: i64 = sqlx::query_scalar(root).bind(name).fetch_one(&mut log).await.unwrap();
        pages.push(u64::try_from(root).unwrap() - 1);
    }
    log.close().await.unwrap();
    let file = OpenOptions::new().write(true).open(shell.path().join("lightsout.db")).unwrap();
    for page in pages {
        file.write_all_at(&vec![0xa5; usize::try_from(size).unwrap()], page * size).unwrap();
    }
}

/// What stands in a file, as soon as it holds a word.
async fn said(path: &Path, word: &str) -> String {
    let read = || fs::read_to_string(path).unwrap_or_default();
    let text = wait::maybe(async || Some(read()).filter(|text| text.contains(word))).await;
    text.unwrap_or_else(|| panic!("`{word}` is not said: {:?}", fs::read_to_string(path)))
}

fn run(shell: &Shell) -> Process {
    let log = fs::File::create(shell.path().join("stderr")).unwrap();
    Process(shell.command("run").stdout(Stdio::null()).stderr(log).spawn().unwrap())
}

#[tokio::test]
async fn verify_names_damage_to_a_table_or_an_index_and_the_remedy_and_exits_1() {
    for name in ["target_by_name", "target"] {
        let shell = written().await;
        break_pages(&shell, &[name]).await;
        let done = shell.run("audit verify").await;
        assert_eq!(done.code, Some(1), "{name}: {done:?}");
        assert!(done.stdout.contains("the file is damaged: "), "{name}: {done:?}");
        assert!(done.stderr.contains("hint: "), "{name}: {done:?}");
        assert!(done.stderr.contains("docs/log.md"), "{name}: {done:?}");
        let json = shell.run("audit verify --format json").await;
        assert_eq!((json.code, &json.lines()[0]["sound"]), (Some(1), &false.into()), "{name}");
    }
}

#[tokio::test]
async fn damaged_indexes_do_not_stop_a_night_and_the_daemon_makes_them_anew() {
    let shell = written().await;
    let helpers = ["target_by_name", "owed_by_due", "hold_by_end", "seen_by_instance"];
    break_pages(&shell, &helpers).await;
    let daemon = run(&shell);
    stopped(&shell).await;
    let log = said(&shell.path().join("stderr"), "have been made anew").await;
    assert!(log.contains("ERROR") && log.contains("WARN"), "{log}");
    assert_eq!(daemon.terminate().await, Some(0));
    let verified = shell.run("audit verify").await;
    assert_eq!(verified.code, Some(0), "{verified:?}");
}

#[tokio::test]
async fn a_firing_by_hand_goes_on_over_damaged_indexes() {
    let shell = written().await;
    break_pages(&shell, &["target_by_name", "hold_by_end", "seen_by_instance"]).await;
    let done = shell.run("fire night --yes").await;
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(shell.stop_requests(), 1);
    assert_eq!(shell.run("audit verify").await.code, Some(0));
}

#[tokio::test]
async fn where_a_table_is_damaged_nothing_is_called_mended() {
    let shell = written().await;
    break_pages(&shell, &["budget"]).await;
    let daemon = run(&shell);
    stopped(&shell).await;
    let log = said(&shell.path().join("stderr"), "damaged beyond its indexes").await;
    assert!(!log.contains("have been made anew"), "{log}");
    assert_eq!(daemon.terminate().await, Some(0));
    assert_eq!(shell.run("audit verify").await.code, Some(1));
}

#[tokio::test]
async fn entries_that_a_crash_lost_with_the_write_ahead_log_are_warned_of_and_told() {
    let shell = Shell::of(ONE, &rules()).await;
    let daemon = run(&shell);
    stopped(&shell).await;
    // Far enough for the number of an entry to be noted that only the write-ahead log has.
    wait::until_so("it fires again", async || shell.json("history").await.len() >= 3).await;
    drop(daemon);
    for side in ["lightsout.db-wal", "lightsout.db-shm"] {
        fs::remove_file(shell.path().join(side)).unwrap();
    }
    let daemon = run(&shell);
    let log = said(&shell.path().join("stderr"), "entries are lost").await;
    let line = log.lines().find(|line| line.contains("entries are lost")).unwrap();
    assert!(line.contains("WARN"), "{line}");
    let told = said(&shell.path().join("told"), "entries are lost").await;
    assert!(told.contains("\"event\":\"log\""), "{told}");
    assert_eq!(daemon.terminate().await, Some(0));
    let daemon = run(&shell);
    said(&shell.path().join("stderr"), "daemon started").await;
    drop(daemon);
    let again = fs::read_to_string(shell.path().join("stderr")).unwrap();
    assert!(!again.contains("entries are lost"), "once is enough: {again}");
}

#[tokio::test]
async fn a_log_with_less_than_its_version_has_is_warned_of_and_told() {
    let shell = written().await;
    let mut log = open(&shell).await;
    log.execute("DROP TRIGGER seen_is_never_updated").await.unwrap();
    log.execute("DROP TABLE budget").await.unwrap();
    log.close().await.unwrap();
    let verified = shell.run("audit verify").await;
    assert_eq!(verified.code, Some(1), "{verified:?}");
    assert!(verified.stderr.contains("put the last `audit backup`"), "{verified:?}");
    let daemon = run(&shell);
    let log = said(&shell.path().join("stderr"), "`seen_is_never_updated` is not as").await;
    assert!(log.contains("`budget` is not as lightsout makes it"), "{log}");
    let warnings = log.lines().filter(|line| line.contains("is not as lightsout makes it"));
    assert!(warnings.into_iter().all(|line| line.contains("WARN")), "{log}");
    said(&shell.path().join("told"), "`budget` is not as lightsout makes it").await;
    stopped(&shell).await;
    drop(daemon);
}

#[tokio::test]
async fn what_a_crash_left_in_the_write_ahead_log_is_moved_into_the_file_at_the_next_start() {
    let shell = Shell::of(ONE, &rules()).await;
    let daemon = run(&shell);
    stopped(&shell).await;
    drop(daemon);
    let rows = shell.json("audit verify").await[0]["rows"].as_i64().unwrap();
    let daemon = run(&shell);
    let copied = async || {
        // The file alone, without what stands beside it.
        let copy = shell.path().join("alone.db");
        fs::copy(shell.path().join("lightsout.db"), &copy).unwrap();
        let done = shell.run("audit verify --log alone.db --format json").await;
        done.code == Some(0) && done.lines()[0]["rows"].as_i64() > Some(rows)
    };
    wait::until_so("the file has it all", copied).await;
    drop(daemon);
}

#[tokio::test]
async fn a_text_that_is_not_utf_8_is_an_error_with_its_table_and_number() {
    for (table, column, commands) in [
        ("target", "instance_name", &["history", "show 4", "why dev-a"][..]),
        ("outcome", "reason", &["history", "show 4"]),
        ("firing", "rule", &["history", "report --since 1d"]),
        ("seen", "instance_name", &["why dev-a", "report budget", "hold dev-a --until 2h"]),
    ] {
        let shell = written().await;
        let mut log = open(&shell).await;
        let drop_trigger = format!("DROP TRIGGER {table}_is_never_updated");
        log.execute(sqlx::AssertSqlSafe(drop_trigger)).await.unwrap();
        let update = format!("UPDATE {table} SET {column} = CAST(x'ff' AS TEXT)");
        log.execute(sqlx::AssertSqlSafe(update)).await.unwrap();
        let sql = format!("SELECT min(seq) FROM {table}");
        let seq: i64 =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut log).await.unwrap();
        log.close().await.unwrap();
        let named = format!("row {seq} of the table `{table}` in the audit log cannot be read");
        for command in commands {
            let done = shell.run(command).await;
            assert_eq!(done.code, Some(5), "{command}: {done:?}");
            assert!(done.stderr.contains(&named), "{command}: {done:?}");
            assert!(done.stderr.contains("docs/log.md"), "{command}: {done:?}");
        }
    }
}
