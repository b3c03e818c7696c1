//! Holding for those who may not write the log: the daemon is asked, on its socket.

use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::Stdio;

use super::daemon::Process;
use super::shell::{ALL, Done, ONE, Shell, finish, own_name};
use crate::wait;

const SOCKET: &str = "\n[holds]\nsocket = \"holds\"\n";

/// A daemon that has seen its only server.
async fn daemon(shell: &Shell) -> Process {
    let child = shell.command("run").stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let daemon = Process(child.unwrap());
    let knows = async || {
        let servers = shell.run("servers --format json").await;
        servers.stdout.contains("\"dev-a\"") && shell.path().join("holds").exists()
    };
    wait::until_so("it has seen the server", knows).await;
    daemon
}

/// A command of somebody who reads the log as it is now, and may not write it.
async fn member(shell: &Shell, arguments: &str) -> Done {
    member_with(shell, arguments, &format!("{ALL}{SOCKET}")).await
}

/// The same, with another schedules.toml than the daemon's.
async fn member_with(shell: &Shell, arguments: &str, schedules: &str) -> Done {
    let copy = shell.path().join("copy.db");
    drop(fs::remove_file(&copy));
    let backup = shell.run("audit backup copy.db").await;
    assert_eq!(backup.code, Some(0), "{backup:?}");
    fs::set_permissions(&copy, Permissions::from_mode(0o444)).unwrap();
    let file = format!("{schedules}[audit]\npath = \"copy.db\"\n");
    fs::write(shell.path().join("member.toml"), file).unwrap();
    let mut command = shell.command(&format!("{arguments} --config member.toml"));
    command.env("USER", "mallory").env("LOGNAME", "mallory");
    finish(command).await
}

/// The answer to a line on the socket.
fn said_to(socket: &Path, line: &[u8]) -> String {
    let mut stream = UnixStream::connect(socket).unwrap();
    // The daemon may have had enough before all of it is sent.
    drop(stream.write_all(line));
    let mut answer = String::new();
    drop(stream.read_to_string(&mut answer));
    answer
}

#[tokio::test]
async fn whoever_may_not_write_the_log_holds_by_the_daemon_and_under_no_other_name() {
    let shell = Shell::of(ONE, &format!("{ALL}{SOCKET}")).await;
    let daemon = daemon(&shell).await;
    let mode = fs::metadata(shell.path().join("holds")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o660, "its group may ask");
    for (arguments, kind) in [
        ("hold dev-a --until 2h --why release", "instance"),
        ("hold night --tonight --skip", "rule"),
    ] {
        let done = member(&shell, arguments).await;
        assert_eq!(done.code, Some(0), "{done:?}");
        assert!(done.stderr.contains("is held until"), "{done:?}");
        let holds = shell.json("holds").await;
        let hold = holds.last().unwrap();
        assert_eq!((&hold["what"], &hold["via"]), (&kind.into(), &"command".into()));
        assert_eq!(hold["skip"], kind == "rule");
        let who = hold["who"].as_str().unwrap();
        assert!(who.starts_with(&format!("{}@", own_name())), "{who}");
    }
    let done = member(&shell, "release dev-a").await;
    assert!(done.stderr.contains("`dev-a` is no longer held"), "{done:?}");
    let holds = shell.json("holds --all").await;
    let by = holds[0]["released_by"].as_str().unwrap();
    assert!(by.starts_with(&format!("{}@", own_name())), "{by}");
    assert_eq!(daemon.terminate().await, Some(0));
    assert!(!shell.path().join("holds").exists(), "a socket that nobody serves is removed");
    let verified = shell.run("audit verify").await;
    assert!(verified.stdout.contains("sound"), "{verified:?}");
}

#[tokio::test]
async fn the_daemon_judges_by_its_own_file_and_log() {
    let shell = Shell::of(ONE, &format!("{ALL}{SOCKET}")).await;
    let _daemon = daemon(&shell).await;
    let another = format!("{}{SOCKET}", ALL.replace("\"night\"", "\"day\""));
    let longer = format!("{ALL}{SOCKET}[limits]\nmax_hold = \"8000h\"\n");
    let own = format!("{ALL}{SOCKET}");
    for (arguments, file, said) in [
        ("hold day --until 2h", &another, "there is no rule `day` in the file of the daemon"),
        ("hold dev-a --until 7000h", &longer, "too far away to be held until"),
        ("hold dev-b --until 2h", &own, "neither a rule nor a server"),
    ] {
        let done = member_with(&shell, arguments, file).await;
        assert_eq!(done.silent(), (Some(2), ""), "{done:?}");
        assert!(done.stderr.contains(said) && done.stderr.contains("hint: "), "{done:?}");
        assert!(!done.stderr.contains("held all the same"), "{done:?}");
    }
    let socket = shell.path().join("holds");
    let hold = |subject: &str, why: &str| {
        format!(
            "{{\"hold\":{{\"subject\":{subject},\"until\":\"2026-11-30T00:00:00Z\",\"skip\":false,\
             \"why\":{why}}}}}\n"
        )
    };
    let unseen = said_to(&socket, hold("{\"instance\":\"dev-b\"}", "null").as_bytes());
    assert!(unseen.contains("the log has never seen a server `dev-b`"), "{unseen}");
    let past = said_to(&socket, hold("{\"instance\":\"dev-a\"}", "null").as_bytes());
    assert!(past.contains("has passed"), "{past}");
    // A log that was named is no daemon's; root may write it all the same.
    drop(member(&shell, "hold dev-a --until 2h --log copy.db").await);
    assert_eq!(shell.json("holds --all").await.len(), 0, "nothing was written");
}

#[tokio::test]
async fn no_bytes_take_the_socket_down() {
    let shell = Shell::of(ONE, &format!("{ALL}{SOCKET}")).await;
    let daemon = daemon(&shell).await;
    let socket = shell.path().join("holds");
    let long = [b"{\"release\":[1".as_slice(), &b",1".repeat(100_000), b"]}\n"].concat();
    for bytes in [
        b"".as_slice(),
        b"\n",
        b"hold\n",
        b"\xff\xfe\n",
        b"{\"hold\":{\"who\":\"mallory\"}}\n",
        b"{\"release\":[1],\"who\":\"mallory\"}\n",
        &long,
    ] {
        // Whoever says nothing more is not waited for.
        let half = UnixStream::connect(&socket).unwrap();
        let answer = said_to(&socket, if bytes.is_empty() { b"x\n" } else { bytes });
        assert!(answer.is_empty() || answer.contains("does not understand"), "{answer}");
        drop(half);
    }
    let released = said_to(&socket, b"{\"release\":[1,-5,9223372036854775807]}\n");
    assert_eq!(released, "{\"released\":[]}\n");
    assert_eq!(daemon.terminate().await, Some(0));
}

#[tokio::test]
async fn without_a_daemon_a_member_is_told_and_nothing_is_held() {
    let shell = Shell::of(ONE, &format!("{ALL}{SOCKET}")).await;
    assert_eq!(daemon(&shell).await.terminate().await, Some(0));
    let done = member(&shell, "hold night --until 2h").await;
    assert_eq!(done.silent(), (Some(5), ""), "{done:?}");
    for part in ["no daemon could be asked at", "holds", "hint: ", "lightsout status"] {
        assert!(done.stderr.contains(part), "{part}: {done:?}");
    }
    assert_eq!(shell.json("holds --all").await.len(), 0);
}

#[tokio::test]
async fn a_socket_that_a_dead_daemon_left_is_replaced_and_nothing_else_is() {
    let shell = Shell::of(ONE, &format!("{ALL}{SOCKET}")).await;
    let socket = shell.path().join("holds");
    drop(UnixListener::bind(&socket).unwrap());
    let first = daemon(&shell).await;
    let done = member(&shell, "hold night --until 2h").await;
    assert_eq!(done.code, Some(0), "{done:?}");
    // Another daemon, of another log, wants the same place.
    let file = format!("{ALL}{SOCKET}[audit]\npath = \"other.db\"\n");
    fs::write(shell.path().join("other.toml"), file).unwrap();
    let mut command = shell.command("run --config other.toml");
    let mut second = Process(command.stderr(Stdio::piped()).spawn().unwrap());
    let mut stderr = second.0.stderr.take().unwrap();
    let alive = async || shell.run("status --alive --config other.toml").await.code == Some(0);
    wait::until_so("it goes on without", alive).await;
    assert_eq!(second.terminate().await, Some(0));
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    assert!(said.contains("only those who may write the log can hold"), "{said}");
    assert!(fs::metadata(&socket).unwrap().file_type().is_socket(), "it is the first one's");
    assert_eq!(first.terminate().await, Some(0));
}

#[tokio::test]
async fn a_daemon_says_that_another_place_of_its_socket_needs_a_restart() {
    let shell = Shell::of(ONE, &format!("{ALL}{SOCKET}")).await;
    let said = shell.path().join("said");
    let stderr = fs::File::create(&said).unwrap();
    let daemon = Process(shell.command("run").stderr(stderr).spawn().unwrap());
    let says = async |part: &str| fs::read_to_string(&said).unwrap().contains(part);
    wait::until_so("it lives", async || says("daemon started").await).await;
    let elsewhere = format!("{ALL}{}", SOCKET.replace("holds\"", "elsewhere\""));
    fs::write(shell.path().join("schedules.toml"), elsewhere).unwrap();
    let told = async || says("`[holds] socket` was changed: that takes a restart").await;
    wait::until_so("the change is told", told).await;
    assert_eq!(daemon.terminate().await, Some(0));
}
