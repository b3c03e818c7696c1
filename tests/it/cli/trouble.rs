//! Bad input of every kind: a clear word, the right exit code, nothing sent and nothing lost.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Command, Stdio};

use lightsout::cloud::rehearsal::Tally;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::daemon::Process;
use super::shell::{ALL, Done, ONE, Shell, bare, finish};

/// Everything that reads schedules.toml.
const COMMANDS: [&str; 8] =
    ["check", "next", "plan", "fire night --yes", "run", "history", "show 1", "status"];

/// Everything that writes the log.
const WRITERS: [&str; 3] = ["fire night --yes", "fire night --dry-run", "run"];

/// Everything that reads the log.
const READERS: [&str; 3] = ["history", "show 4", "status"];

fn says(done: &Done, parts: &[&str]) {
    for part in parts {
        assert!(done.stderr.contains(part), "`{part}` is not said: {done:?}");
    }
}

async fn shell_with_log(path: &str) -> Shell {
    let rules = ALL.replacen("[accounts", &format!("[audit]\npath = \"{path}\"\n[accounts"), 1);
    Shell::of(ONE, &rules).await
}

#[tokio::test]
async fn without_a_schedules_toml_every_command_says_where_it_looked() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in COMMANDS {
        let done = finish(bare(folder.path(), arguments)).await;
        assert_eq!(done.silent(), (Some(2), ""), "{arguments}: {done:?}");
        let places = ["--config PATH", "LIGHTSOUT_CONFIG", "./schedules.toml", "/etc/lightsout/"];
        says(&done, &["there is no schedules.toml"]);
        says(&done, &places);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
}

#[tokio::test]
async fn a_schedules_toml_that_cannot_be_read_is_named_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("schedules.toml");
    for (contents, part) in [(None, "directory"), (Some(b"a = 1\nb = \"\xff\"\n"), "line 2")] {
        match contents {
            None => fs::create_dir(&path).unwrap(),
            Some(bytes) => {
                fs::remove_dir(&path).unwrap();
                fs::write(&path, bytes).unwrap();
            }
        }
        for arguments in COMMANDS {
            let done = finish(bare(folder.path(), arguments)).await;
            assert_eq!(done.silent(), (Some(2), ""), "{arguments}: {done:?}");
            says(&done, &["schedules.toml", part]);
        }
    }
}

#[tokio::test]
async fn nothing_is_asked_of_the_cloud_where_the_log_cannot_be_made() {
    // A folder that is not there, and two in which not even root can make a file.
    for path in ["none/log.db", "schedules.toml/log.db", "/proc/log.db"] {
        let shell = shell_with_log(path).await;
        for arguments in WRITERS {
            let done = shell.run(arguments).await;
            assert_eq!(done.silent(), (Some(5), ""), "{path}, {arguments}: {done:?}");
            says(&done, &["could not open the audit log", path, "hint: the folder"]);
        }
        assert_eq!(shell.cloud.requests().len(), 0, "{path}");
    }
}

#[tokio::test]
async fn where_nothing_was_ever_written_readers_say_so() {
    let shell = shell_with_log("none/log.db").await;
    for (arguments, code) in [("history", 0), ("status", 1), ("show 1", 2)] {
        let done = shell.run(arguments).await;
        assert_eq!(done.code, Some(code), "{arguments}: {done:?}");
        says(&done, &["no daemon and no `fire` has ever written", "none/log.db", "[audit] path"]);
    }
    assert!(!shell.path().join("none").exists());
}

/// Rehearses every command on a log that is none of ours, which must stay as it is.
async fn refused(shell: &Shell, path: &Path, parts: &[&str]) {
    let before = fs::read(path).unwrap();
    for arguments in WRITERS.iter().chain(&READERS) {
        let done = shell.run(arguments).await;
        assert_eq!(done.silent(), (Some(5), ""), "{arguments}: {done:?}");
        says(&done, parts);
    }
    assert_eq!(fs::read(path).unwrap(), before, "it is left alone");
    assert_eq!(shell.cloud.counts().total(), Tally::default());
}

#[tokio::test]
async fn a_log_of_a_newer_version_is_left_alone() {
    let shell = Shell::of(ONE, ALL).await;
    assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    let path = shell.path().join("lightsout.db");
    let newer = "INSERT INTO _sqlx_migrations
        SELECT 1000, description, installed_on, success, checksum, execution_time
        FROM _sqlx_migrations
        LIMIT 1";
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let mut log = sqlx::ConnectOptions::connect(&options).await.unwrap();
    sqlx::query(newer).execute(&mut log).await.unwrap();
    sqlx::Connection::close(log).await.unwrap();
    let before = shell.cloud.requests().len();
    let says_why = ["newer version of lightsout", "hint: use that version"];
    refused(&shell, &path, &says_why).await;
    assert_eq!(shell.cloud.requests().len(), before);
    // It tells what it knows without the log, and that the holds are missing.
    for format in ["table", "json"] {
        let done = shell.run(&format!("next --format {format}")).await;
        assert_eq!(done.code, Some(0), "{done:?}");
        assert!(done.stdout.contains("night"), "{done:?}");
        says(&done, &["warning: holds are not shown: the audit log "]);
        says(&done, &says_why);
    }
}

#[tokio::test]
async fn a_file_that_is_no_log_is_left_alone() {
    let shell = shell_with_log("notes.txt").await;
    let path = shell.path().join("notes.txt");
    fs::write(&path, "Servers to keep: all of them, and this note is rather long.").unwrap();
    refused(&shell, &path, &["notes.txt", "not an audit log", "hint: it is left as it is"]).await;
}

/// A command that meets an end of its disk: no file may have more than so many blocks of 512 bytes.
pub(super) fn with_files_of(blocks: u32, shell: &Shell, arguments: &str) -> Command {
    let limit = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" {arguments}");
    let mut command = Command::new("sh");
    command.args(["-c", &limit, env!("CARGO_BIN_EXE_lightsout")]);
    command.current_dir(shell.path()).env_clear();
    let set = shell.command("");
    command.envs(set.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command
}

#[tokio::test]
async fn on_a_full_disk_nothing_is_sent_that_the_log_does_not_have() {
    let shell = Shell::of(ONE, ALL).await;
    assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    let before = fs::read(shell.path().join("lightsout.db")).unwrap();
    // Too few for a session, for a firing, and so on.
    for blocks in [0, 8, 66, 100] {
        let done = finish(with_files_of(blocks, &shell, "fire night --yes")).await;
        assert_eq!(done.silent(), (Some(5), ""), "{blocks}: {done:?}");
        says(&done, &["the audit log could not be read or written", "is the disk full"]);
        if blocks <= 8 {
            // Not a row fits: what was written before can be read all the same.
            let read = finish(with_files_of(blocks, &shell, "history")).await;
            assert_eq!(read.code, Some(0), "{blocks}: {read:?}");
            assert!(read.stdout.contains("dry_run"), "{blocks}: {read:?}");
        }
    }
    assert_eq!(shell.stop_requests(), 0);
    let after = fs::read(shell.path().join("lightsout.db")).unwrap();
    assert_eq!(after.len(), before.len());
    assert_eq!(shell.run("history").await.code, Some(0), "what was written can still be read");
    assert_eq!(shell.run("fire night --yes").await.code, Some(0), "with room it goes on");
    assert_eq!(shell.stop_requests(), 1);
}

/// A gateway that answers everything with a web page.
async fn web_page() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let page = "<!DOCTYPE html><html><body>Please log in</body></html>";
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\
                 Connection: close\r\n\r\n{page}",
                page.len()
            );
            drop(stream.read(&mut [0; 4096]).await);
            drop(stream.write_all(answer.as_bytes()).await);
        }
    });
    url
}

#[tokio::test]
async fn a_gateway_that_answers_with_a_web_page_exits_3() {
    let shell = Shell::of(ONE, &ALL.replace("30s", "1s")).await;
    let url = web_page().await;
    let told = async |arguments: &str| {
        let mut command = shell.command(arguments);
        command.env("NCLOUD_API_GW", &url);
        let done = finish(command).await;
        assert_eq!(done.code, Some(3), "{arguments}: {done:?}");
        says(&done, &["could not read account `main`", "the answer cannot be read", "hint: "]);
    };
    tokio::join!(told("plan"), told("fire night --yes"));
    assert_eq!(shell.json("history").await[0]["outcome"], "cloud_failed");
}

#[tokio::test]
async fn a_gateway_that_fails_is_named_at_once_and_once() {
    let url = web_page().await;
    let said = "warning: the cloud could not be read, trying again: the answer cannot be read";
    let shell = Shell::of(ONE, &ALL.replace("30s", "10m")).await;
    for arguments in ["plan", "fire night --yes"] {
        let mut command = shell.command(arguments);
        command.env("NCLOUD_API_GW", &url).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut waiting = Process(command.spawn().unwrap());
        let stderr = BufReader::new(waiting.0.stderr.take().unwrap());
        let first = tokio::task::spawn_blocking(|| stderr.lines().next().unwrap().unwrap());
        let first = first.await.unwrap();
        assert!(first.starts_with(said), "{arguments}: {first}");
    }
    let brief = Shell::of(ONE, &ALL.replace("30s", "4s")).await;
    let mut command = brief.command("fire night --yes");
    command.env("NCLOUD_API_GW", &url);
    let done = finish(command).await;
    assert_eq!(done.stderr.matches("trying again").count(), 1, "{done:?}");
}

#[tokio::test]
async fn what_happened_can_be_read_while_the_file_has_errors() {
    let shell = shell_with_log("elsewhere.db").await;
    assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    let good = shell.json("history").await;
    let path = shell.path().join("schedules.toml");
    let broken = fs::read_to_string(&path).unwrap().replace("0 20", "0 25") + "enbled = true\n";
    fs::write(&path, broken).unwrap();
    assert_eq!(shell.json("history").await, good);
    let show = format!("show {}", good[0]["firing"]);
    for arguments in [&show, "status", "history", "audit verify", "audit export"] {
        let done = shell.run(arguments).await;
        let expected = i32::from(arguments == "status");
        assert_eq!(done.code, Some(expected), "{arguments}: {done:?}");
        assert!(!done.stdout.is_empty(), "{arguments}");
        says(&done, &["warning: schedules.toml:", "; and 1 more error\n", "`lightsout check`"]);
    }
    for arguments in ["plan", "fire night --yes", "next", "run"] {
        assert_eq!(shell.run(arguments).await.silent(), (Some(2), ""), "{arguments}");
    }
}

#[tokio::test]
async fn a_fleet_that_cannot_be_served_is_named_with_the_line_and_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let huge = "seed = 1\n\n[[servers]]\nname = \"a\"\ncount = 4000000000\n";
    fs::write(folder.path().join("huge.toml"), huge).unwrap();
    fs::write(folder.path().join("fleet.toml"), "seed = 1\n\n[[servers]]\nnam = \"a\"\n").unwrap();
    for (fleet, parts) in [
        ("fleet.toml", ["error: fleet.toml:4: unknown field `nam`", "hint: docs/rehearsal-cloud"]),
        ("huge.toml", ["error: huge.toml:3: these are more than 100000 servers", "hint: docs/"]),
        ("none.toml", ["error: none.toml cannot be read: No such", "hint: `--fleet FILE`"]),
    ] {
        let arguments = format!("cloud --listen 127.0.0.1:0 --fleet {fleet}");
        let done = finish(bare(folder.path(), &arguments)).await;
        assert_eq!(done.silent(), (Some(2), ""), "{done:?}");
        says(&done, &parts);
        assert!(!done.stderr.contains("\\n"), "{done:?}");
    }
}

#[tokio::test]
async fn colour_is_left_out_where_it_is_not_wanted() {
    let folder = tempfile::tempdir().unwrap();
    for (variables, styled) in
        [(&["CLICOLOR_FORCE"][..], true), (&["CLICOLOR_FORCE", "NO_COLOR"], false), (&[], false)]
    {
        let mut command = bare(folder.path(), "next");
        command.envs(variables.iter().map(|name| (name, "1")));
        let done = finish(command).await;
        assert_eq!(done.stderr.contains('\u{1b}'), styled, "{variables:?}: {done:?}");
        assert_eq!(done.stderr.contains("error: there is no"), !styled, "{variables:?}: {done:?}");
    }
}

#[tokio::test]
async fn the_word_of_a_mistake_is_followed_by_a_hint() {
    let shell = Shell::of(ONE, ALL).await;
    for (arguments, parts) in [
        ("fire nigth --yes", ["there is no rule `nigth`", "hint: its rules are: night"]),
        ("history --since=-262143-01-01", ["`-262143-01-01` is no time", "hint: write 2026-"]),
        ("history --since someday", ["`someday` is no time", "hint: write 2026-"]),
        ("fire night", ["no terminal to ask on", "hint: `lightsout fire night --yes`"]),
        ("show 99", ["there is no firing 99", "hint: `lightsout history`"]),
        ("show night", ["invalid value 'night'", "`lightsout history` shows the numbers"]),
        (
            "history --outcome drift",
            ["[possible values: stopped, started", "drifted, cloud_failed"],
        ),
        ("history --limit 0", ["invalid value '0' for '--limit <N>'", "0 is not in 1.."]),
        ("next --from 2d --until 3d", ["`--until` lies before `--from`", "hint: "]),
    ] {
        let done = shell.run(arguments).await;
        assert_eq!(done.silent(), (Some(2), ""), "{arguments}: {done:?}");
        says(&done, &parts);
    }
    assert_eq!(shell.cloud.requests().len(), 0);
}
