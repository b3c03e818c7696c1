//! What comes in from outside is bounded: no file hangs a command, and none is read that is too
//! large to be what it is called.

mod ordeals;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::shell::{ALL, Done, ONE, Shell, bare, finish};
use crate::wait::{self, LONG};

/// Runs a command that must not wait for anything.
async fn at_once(command: Command, what: &str) -> Done {
    let done = tokio::time::timeout(LONG, finish(command)).await;
    done.unwrap_or_else(|_| panic!("{what} hangs"))
}

fn pipe(path: &Path) {
    drop(fs::remove_file(path));
    assert!(Command::new("mkfifo").args(["-m", "600"]).arg(path).status().unwrap().success());
}

/// A schedules.toml that names every other file there can be.
fn naming_files() -> String {
    ALL.replacen("platform = \"vpc\"", "platform = \"vpc\"\ncredentials = \"file:keys\"", 1)
        .replacen("[accounts", "[calendars.office]\nics = \"office.ics\"\n[accounts", 1)
        + "skip_on = [\"office\"]\n"
}

async fn shell_with_files() -> Shell {
    let shell = Shell::of(ONE, &naming_files()).await;
    let day = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261225\nEND:VEVENT\nEND:VCALENDAR\n";
    fs::write(shell.path().join("office.ics"), day).unwrap();
    keys(&shell, 0);
    shell
}

/// Writes the key file, with so many bytes more than it needs.
fn keys(shell: &Shell, more: usize) {
    let text = format!(
        "ncloud_access_key_id = {}\nncloud_secret_access_key = {}\n{}",
        shell.cloud.access_key(),
        shell.cloud.secret_key(),
        "#".repeat(more)
    );
    let path = shell.path().join("keys");
    fs::write(&path, text).unwrap();
    assert!(Command::new("chmod").arg("600").arg(path).status().unwrap().success());
}

#[tokio::test]
async fn a_pipe_in_the_place_of_any_file_is_refused_and_not_waited_for() {
    let shell = shell_with_files().await;
    assert_eq!(shell.run("plan").await.code, Some(0));
    for (file, command) in [
        ("keys", "plan"),
        ("keys", "fire night --yes"),
        ("keys", "run"),
        ("office.ics", "check"),
        ("schedules.toml", "check"),
        ("schedules.toml", "run"),
        ("schedules.toml", "status"),
        ("schedules.toml", "disable night"),
        ("schedules.toml", "test"),
        ("old.toml", "diff old.toml"),
        ("token", "web --listen 127.0.0.1:0 --web-token-file token"),
        ("fleet.toml", "cloud --listen 127.0.0.1:0 --fleet fleet.toml"),
    ] {
        let path = shell.path().join(file);
        let before = fs::read(&path).ok();
        pipe(&path);
        let done =
            at_once(shell.command(command), &format!("{command} with a pipe as {file}")).await;
        assert_eq!(done.code, Some(2), "{command}: {done:?}");
        assert!(done.stderr.contains("no regular file"), "{command}: {done:?}");
        fs::remove_file(&path).unwrap();
        if file == "keys" {
            keys(&shell, 0);
        } else if let Some(before) = before {
            fs::write(&path, before).unwrap();
        }
    }
}

#[tokio::test]
async fn what_is_handed_over_in_a_pipe_can_be_checked() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = bare(folder.path(), "check /dev/stdin");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(ALL.as_bytes()).unwrap();
    let done = tokio::task::spawn_blocking(|| child.wait_with_output()).await.unwrap().unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(0), "{said}");
    assert!(said.contains("/dev/stdin: 1 rule"), "{said}");
}

#[tokio::test]
async fn a_file_that_is_too_large_to_be_what_it_is_called_is_refused_with_a_hint() {
    let shell = shell_with_files().await;
    let write = |name: &str, begin: &str, size: usize| {
        let text = begin.to_owned() + &"#".repeat(size - begin.len());
        fs::write(shell.path().join(name), text).unwrap();
    };
    keys(&shell, 60_000);
    assert_eq!(shell.run("plan").await.code, Some(0), "a long key file is one");
    keys(&shell, 64_000);
    let done = shell.run("plan").await;
    assert_eq!(done.code, Some(2), "{done:?}");
    assert!(done.stderr.contains("keys` is larger than 64 KB"), "{done:?}");
    assert!(done.stderr.contains("hint: the file needs the lines"), "{done:?}");
    write("office.ics", "", 16_000_001);
    let done = shell.run("check").await;
    assert_eq!(done.code, Some(2), "{done:?}");
    assert!(done.stderr.contains("office.ics is larger than 16 MB"), "{done:?}");
    write("schedules.toml", ALL, 4_000_000);
    let done = shell.run("check").await;
    assert_eq!(done.code, Some(0), "{done:?}");
    write("schedules.toml", ALL, 4_000_001);
    for command in ["check", "run", "status", "next", "enable night"] {
        let done = shell.run(command).await;
        assert_eq!(done.code, Some(2), "{command}: {done:?}");
        let told = "schedules.toml is larger than 4 MB: that is no schedules.toml\n\
            hint: ten thousand rules take 2 MB";
        assert!(done.stderr.contains(told), "{command}: {done:?}");
    }
}

#[tokio::test]
async fn a_command_is_heard_for_a_while_and_takes_what_it_started_with_it() {
    let script = "sleep 600 & echo $! > left; printf \"\\033[31mred\\n\"; yes a | head -c 3000000";
    let notify = format!("[[notify]]\nname = 'me'\ncommand = ['sh', '-c', '{script}']\n");
    let shell = Shell::of(ONE, &format!("{ALL}{notify}")).await;
    let done = at_once(shell.command("notify test"), "what the command left behind").await;
    assert_eq!(done.code, Some(0), "{}", done.stdout);
    assert_eq!(done.stderr.matches(" said=").count(), 100, "{done:?}");
    assert!(done.stderr.contains(" said=\\u{1b}[31mred\n"), "{done:?}");
    assert!(!done.stderr.contains('\u{1b}'), "{done:?}");
    let left = fs::read_to_string(shell.path().join("left")).unwrap();
    let is_gone = async || {
        let state = fs::read_to_string(format!("/proc/{}/stat", left.trim()));
        // What nobody has buried yet is dead all the same.
        state.map_or(true, |state| state.contains(") Z "))
    };
    wait::until_so("it is gone", is_gone).await;
}

#[tokio::test]
async fn no_file_takes_long_or_much_or_more_than_a_few_pages_to_be_told_of() {
    let folder = tempfile::tempdir().unwrap();
    for (what, text) in ordeals::all() {
        fs::write(folder.path().join("schedules.toml"), text).unwrap();
        // As much as the program may take, in KB.
        let limited = "ulimit -d 200000; exec \"$0\" check";
        let mut command = Command::new("sh");
        command.args(["-c", limited, env!("CARGO_BIN_EXE_lightsout")]).current_dir(folder.path());
        command.env("MALLOC_ARENA_MAX", "1").env("NO_COLOR", "1").stdin(Stdio::null());
        let done = at_once(command, what).await;
        assert_eq!(done.code, Some(2), "{what}: {:.2000}", done.stderr);
        assert!(done.stderr.len() < 500_000, "{what}: {} bytes", done.stderr.len());
        let last = done.stderr.lines().last().unwrap_or_default();
        assert!(last.starts_with("schedules.toml: ") && last.contains(" error"), "{what}: {last}");
    }
}

#[tokio::test]
async fn two_hundred_errors_are_described_and_the_others_counted() {
    let folder = tempfile::tempdir().unwrap();
    let unknown: Vec<String> = (0..3_000).map(|number| format!("k{number:04} = 1\n")).collect();
    fs::write(folder.path().join("schedules.toml"), unknown.concat() + ALL).unwrap();
    let done = finish(bare(folder.path(), "check")).await;
    assert_eq!(done.stderr.matches("error: unknown key").count(), 200);
    let end = "error: and 2800 more errors, from here on\n   --> schedules.toml:201:1\n";
    assert!(done.stderr.contains(end), "{:.3000}", done.stderr);
    assert!(done.stderr.ends_with("schedules.toml: 3000 errors\n"));
    let lines = finish(bare(folder.path(), "check --format json")).await.lines();
    assert_eq!(lines.len(), 201);
    let status = finish(bare(folder.path(), "status")).await;
    assert!(status.stderr.contains("; and 2999 more errors"), "{status:?}");
}
