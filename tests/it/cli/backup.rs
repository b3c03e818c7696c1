//! `lightsout audit backup`: a whole copy, or none.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Executor};

use super::daemon::{Process, stopped};
use super::shell::{ALL, ONE, Shell, finish};
use super::trouble::with_files_of;

/// What lies in the folder, apart from the log, its side files and schedules.toml.
fn others(shell: &Shell) -> Vec<String> {
    let names = fs::read_dir(shell.path()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let is_other = |name: &String| !name.starts_with("lightsout.db") && name != "schedules.toml";
    let mut names: Vec<String> = names.filter(is_other).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_copy_that_is_taken_while_the_daemon_runs_is_whole_and_its_owner_s_alone() {
    let shell = Shell::of(ONE, &ALL.replace("0 20 * * *", "*/2 * * * * *")).await;
    let child = shell.command("run").stderr(Stdio::null()).spawn().unwrap();
    let daemon = Process(child);
    let line = stopped(&shell).await;
    let done = shell.run("audit backup copy.db").await;
    assert_eq!(done.silent(), (Some(0), ""), "{done:?}");
    assert!(done.stderr.contains("copied to copy.db: "), "{done:?}");
    let mode = fs::metadata(shell.path().join("copy.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let found = &shell.json("audit verify --log copy.db").await[0];
    assert_eq!(found["sound"], true, "{found}");
    let head = found["head"].as_str().unwrap();
    assert!(done.stderr.contains(head), "{head}: {done:?}");
    let copied = shell.json("history --log copy.db --outcome stopped").await;
    assert_eq!(copied.last(), Some(&line));
    assert_eq!(daemon.terminate().await, Some(0));
    let before = fs::read(shell.path().join("copy.db")).unwrap();
    let again = shell.run("audit backup copy.db").await;
    assert_eq!(again.silent(), (Some(2), ""), "{again:?}");
    assert!(again.stderr.contains("copy.db is there already"), "{again:?}");
    assert_eq!(fs::read(shell.path().join("copy.db")).unwrap(), before);
    assert_eq!(others(&shell), ["copy.db"]);
}

#[tokio::test]
async fn a_copy_that_cannot_be_finished_leaves_nothing_behind() {
    let shell = Shell::of(ONE, ALL).await;
    let missing = shell.run("audit backup copy.db").await;
    assert_eq!(missing.silent(), (Some(5), ""), "{missing:?}");
    assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    let nowhere = shell.run("audit backup none/copy.db").await;
    assert_eq!(nowhere.silent(), (Some(5), ""), "{nowhere:?}");
    assert!(nowhere.stderr.contains("could not write the copy none/copy.db"), "{nowhere:?}");
    let full = finish(with_files_of(64, &shell, "audit backup copy.db")).await;
    assert_eq!(full.silent(), (Some(5), ""), "{full:?}");
    assert!(full.stderr.contains("could not copy the audit log to copy.db"), "{full:?}");
    assert_eq!(others(&shell), [] as [&str; 0]);
}

#[tokio::test]
async fn a_log_of_an_older_version_can_be_copied_before_it_is_brought_up_to_date() {
    let shell = Shell::of(ONE, ALL).await;
    assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    let options = SqliteConnectOptions::new().filename(shell.path().join("lightsout.db"));
    let mut log = SqliteConnection::connect_with(&options).await.unwrap();
    let older = "DELETE FROM _sqlx_migrations WHERE version > 5";
    log.execute(older).await.unwrap();
    log.close().await.unwrap();
    assert_eq!(shell.run("history").await.code, Some(5));
    assert_eq!(shell.run("audit backup copy.db").await.code, Some(0));
    let copied = shell.run("history --log copy.db").await;
    assert!(copied.stderr.contains("older version"), "{copied:?}");
}

#[tokio::test]
async fn an_older_version_writes_nothing_to_a_newer_log_and_goes_back_to_its_copy() {
    let shell = Shell::of(ONE, ALL).await;
    assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    let path = shell.path().join("lightsout.db");
    assert_eq!(shell.run("audit backup before.db").await.code, Some(0));
    let options = SqliteConnectOptions::new().filename(&path);
    let mut log = SqliteConnection::connect_with(&options).await.unwrap();
    log.execute(
        "INSERT INTO _sqlx_migrations
        SELECT 1000, 'later', installed_on, success, checksum, execution_time
        FROM _sqlx_migrations
        LIMIT 1",
    )
    .await
    .unwrap();
    log.close().await.unwrap();
    let before = fs::read(&path).unwrap();
    let refused = ["run", "fire night --yes", "history", "status --alive", "hold dev-a --tonight"];
    for command in refused.into_iter().chain(["audit verify", "servers", "report"]) {
        let done = shell.run(command).await;
        assert_eq!(done.silent(), (Some(5), ""), "{command}: {done:?}");
        let says = done.stderr.contains("was written by a newer version of lightsout");
        assert!(says, "{command}: {done:?}");
    }
    assert_eq!(fs::read(&path).unwrap(), before, "nothing is written");
    assert_eq!(shell.stop_requests(), 0);
    let copied = shell.run("audit backup newer.db").await;
    assert_eq!(copied.code, Some(0), "{copied:?}");
    for side in ["", "-wal", "-shm"] {
        drop(fs::remove_file(shell.path().join(format!("lightsout.db{side}"))));
    }
    fs::rename(shell.path().join("before.db"), &path).unwrap();
    assert_eq!(shell.run("audit verify").await.code, Some(0));
    assert_eq!(shell.run("fire night --yes").await.code, Some(0));
    assert_eq!(shell.json("history --outcome stopped").await.len(), 1);
}
