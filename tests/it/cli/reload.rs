//! A daemon whose schedules.toml is edited while it runs.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use serde_json::Value;

use super::shell::{ALL, ONE, Shell};
use crate::wait::LONG;

/// A rule to add.
const MORNING: &str = "[[rules]]\nname = \"morning\"\naction = \"start\"\n\
    cron = \"0 8 * * *\"\nselect = { names = [\"*\"] }\n";

/// A daemon and what it says. Ends with its test.
struct Daemon {
    child: Child,
    said: Receiver<Value>,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Daemon {
    fn start(shell: &Shell) -> Self {
        let mut command = shell.command("run --log-format json");
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (sender, said) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let line: Value = serde_json::from_str(&line).unwrap_or(Value::String(line));
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let daemon = Self { child, said };
        daemon.says("daemon started");
        daemon
    }

    /// The next line with that message; those before it are passed over.
    fn says(&self, message: &str) -> Value {
        let mut passed = Vec::new();
        loop {
            match self.said.recv_timeout(LONG) {
                Ok(line) if line["message"] == message => return line,
                Ok(line) => passed.push(line),
                Err(error) => panic!("no `{message}` ({error}), but {passed:?}"),
            }
        }
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }
}

#[tokio::test]
async fn a_file_against_its_expectations_is_taken_with_a_warning_and_a_notice() {
    let shell = Shell::of(ONE, ALL).await;
    let told = shell.path().join("told");
    let tell = shell.path().join("tell.sh");
    fs::write(&tell, format!("#!/bin/sh\ncat >> {}\n", told.display())).unwrap();
    let daemon = Daemon::start(&shell);
    let expect = "[[expect]]\nat = \"2026-12-24 22:05\"\n\
        instance = { name = \"dev-a\" }\nstate = \"running\"\n";
    let notify = format!("[[notify]]\nname = \"tell\"\ncommand = [\"sh\", {tell:?}]\n");
    fs::write(shell.path().join("schedules.toml"), format!("{ALL}\n{expect}{notify}")).unwrap();
    let warned = daemon.says("an expectation does not hold");
    assert!(warned["problem"].as_str().unwrap().contains("would be stopped"), "{warned}");
    daemon.says("schedules.toml reloaded");
    daemon.says("notice delivered");
    let said = fs::read_to_string(&told).unwrap();
    assert!(said.contains("an expectation of it does not hold"), "{said}");
}

#[tokio::test]
async fn an_edited_file_is_taken_into_use_and_its_changes_are_told() {
    let shell = Shell::of(ONE, ALL).await;
    let file = shell.path().join("schedules.toml");
    let daemon = Daemon::start(&shell);
    fs::write(&file, format!("{}{MORNING}", ALL.replace("0 20", "30 21"))).unwrap();
    let line = daemon.says("schedules.toml reloaded");
    assert_eq!((&line["rules"], &line["changed"]), (&2.into(), &2.into()));
    let line = daemon.says("rule altered");
    assert_eq!(line["rule"], "night");
    assert!(line["next"].as_str().unwrap().ends_with("T21:30:00+09:00"), "{line}");
    assert_eq!(daemon.says("rule added")["rule"], "morning");
    fs::write(&file, ALL).unwrap();
    daemon.says("rule altered");
    assert_eq!(daemon.says("rule removed")["rule"], "morning");
}

#[tokio::test]
async fn an_edited_calendar_is_taken_into_use_and_a_bad_one_stops_its_rules() {
    let day = |day: &str| {
        format!(
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:{day}\nRRULE:FREQ=YEARLY\nEND:VEVENT\n\
             END:VCALENDAR\n"
        )
    };
    let table = "[calendars.off]\nics = \"off.ics\"\n[accounts.main]";
    let rules = ALL.replace("[accounts.main]", table) + "skip_on = [\"off\"]\n";
    let shell = Shell::of(ONE, &rules).await;
    let calendar = shell.path().join("off.ics");
    fs::write(&calendar, day("20200101")).unwrap();
    let daemon = Daemon::start(&shell);
    fs::write(&calendar, day("20200301")).unwrap();
    assert_eq!(daemon.says("rule altered")["rule"], "night");
    fs::write(&calendar, "<html>").unwrap();
    let line =
        daemon.says("calendar cannot be read: these rules do not fire until it can be: night");
    assert_eq!((&line["level"], &line["calendar"]), (&"ERROR".into(), &"off".into()));
    assert!(line["reason"].as_str().unwrap().contains("off.ics, line 1"), "{line}");
    fs::write(&calendar, day("20200501")).unwrap();
    daemon.says("calendar can be read again");
}

#[tokio::test]
async fn a_file_that_is_replaced_behind_a_symlink_is_noticed() {
    let shell = Shell::of(ONE, ALL).await;
    let file = shell.path().join("schedules.toml");
    let version = |name: &str, text: &str| {
        fs::create_dir(shell.path().join(name)).unwrap();
        fs::write(shell.path().join(name).join("schedules.toml"), text).unwrap();
    };
    // As Kubernetes mounts a ConfigMap: the file is a link through a link that is swapped.
    version("..1", ALL);
    version("..2", &format!("{ALL}{MORNING}"));
    symlink("..1", shell.path().join("..data")).unwrap();
    fs::remove_file(&file).unwrap();
    symlink("..data/schedules.toml", &file).unwrap();
    let daemon = Daemon::start(&shell);
    symlink("..2", shell.path().join("..data_tmp")).unwrap();
    fs::rename(shell.path().join("..data_tmp"), shell.path().join("..data")).unwrap();
    assert_eq!(daemon.says("rule added")["rule"], "morning");
}

#[tokio::test]
async fn a_bad_file_leaves_the_last_good_one_in_use_and_is_complained_of() {
    let shell = Shell::of(ONE, ALL).await;
    let file = shell.path().join("schedules.toml");
    let daemon = Daemon::start(&shell);
    let before = shell.json("status").await[0]["daemon"]["file_sha256"].clone();
    fs::write(&file, ALL.replace("0 20", "0 25")).unwrap();
    let line = daemon.says("schedules.toml is not taken; the last good one stays in use");
    assert!(line["problem"].as_str().unwrap().contains("25"), "{line}");
    let status = shell.run("status").await;
    assert!(!status.stderr.contains("not yet read"), "{status:?}");
    assert!(status.stderr.contains("works under another text"), "{status:?}");
    assert_eq!(status.code, Some(1));
    // What another editor may have in mind, while the daemon is left with the last good text.
    fs::write(shell.path().join("other.toml"), ALL.replace("30s", "40s")).unwrap();
    let status = shell.run("status --config other.toml").await;
    assert!(status.stderr.contains("is not yet read by the daemon"), "{status:?}");
    fs::write(&file, ALL).unwrap();
    daemon.signal("-HUP");
    daemon.says("schedules.toml reloaded");
    assert_eq!(shell.json("status").await[0]["daemon"]["file_sha256"], before);
}

#[tokio::test]
async fn a_file_of_nothing_but_mistakes_is_one_short_line_of_the_log() {
    let shell = Shell::of(ONE, ALL).await;
    let daemon = Daemon::start(&shell);
    let unknown: Vec<String> = (0..100_000).map(|it| format!("k{it:06} = 1\n")).collect();
    fs::write(shell.path().join("schedules.toml"), unknown.concat() + ALL).unwrap();
    let line = daemon.says("schedules.toml is not taken; the last good one stays in use");
    let problem = line["problem"].as_str().unwrap();
    assert!(problem.len() < 1_000, "{} bytes", problem.len());
    assert!(problem.starts_with("schedules.toml:1:1: unknown key `k000000`"), "{problem}");
    assert!(problem.ends_with("; and 99995 more; `lightsout check` shows them"), "{problem}");
}

#[tokio::test]
async fn told_to_the_daemon_reads_its_keys_again() {
    let accounts =
        ALL.replace("platform = \"vpc\"", "platform = \"vpc\"\ncredentials = \"file:keys\"");
    let shell = Shell::of(ONE, &accounts).await;
    let keys = shell.path().join("keys");
    let text = format!(
        "[DEFAULT]\nncloud_access_key_id = {}\nncloud_secret_access_key = {}\n",
        shell.cloud.access_key(),
        shell.cloud.secret_key()
    );
    let write = |text: &str| {
        fs::write(&keys, text).unwrap();
        assert!(Command::new("chmod").arg("600").arg(&keys).status().unwrap().success());
    };
    write(&text);
    let daemon = Daemon::start(&shell);
    write("[DEFAULT]\n");
    daemon.signal("-HUP");
    daemon.says("schedules.toml is not taken; the last good one stays in use");
    write(&text);
    daemon.signal("-HUP");
    assert_eq!(daemon.says("schedules.toml reloaded")["changed"], 0);
}

#[tokio::test]
async fn a_rule_that_is_disabled_by_command_is_taken_from_the_running_daemon() {
    let shell = Shell::of(ONE, ALL).await;
    let daemon = Daemon::start(&shell);
    assert_eq!(shell.run("disable night --why holidays").await.code, Some(0));
    assert_eq!(daemon.says("schedules.toml reloaded")["rules"], 1);
    assert_eq!(daemon.says("rule altered")["rule"], "night");
    let status = shell.json("status").await;
    assert_eq!(status[0]["next"], Value::Array(vec![]));
    assert_eq!(status[0]["disabled"][0]["because"], "holidays");
}

#[tokio::test]
async fn a_file_without_any_rule_is_taken_for_a_slip() {
    let shell = Shell::of(ONE, ALL).await;
    let daemon = Daemon::start(&shell);
    fs::write(shell.path().join("schedules.toml"), "").unwrap();
    let line = daemon.says("schedules.toml is not taken; the last good one stays in use");
    assert!(line["problem"].as_str().unwrap().contains("no rule at all"), "{line}");
}

#[tokio::test]
async fn a_daemon_does_not_start_without_any_rule() {
    let shell = Shell::of(ONE, &ALL[..ALL.find("[[").unwrap()]).await;
    let done = shell.run("run").await;
    assert_eq!(done.silent(), (Some(2), ""), "{done:?}");
    let told = "error: schedules.toml holds no rule at all: nothing would happen\n\
        hint: a rule begins with `[[rules]]`";
    assert!(done.stderr.contains(told), "{done:?}");
    assert!(!shell.path().join("lightsout.db").exists());
}

#[tokio::test]
async fn a_pipe_in_the_place_of_the_file_is_not_waited_for() {
    let shell = Shell::of(ONE, ALL).await;
    let file = shell.path().join("schedules.toml");
    let daemon = Daemon::start(&shell);
    fs::remove_file(&file).unwrap();
    assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
    let line = daemon.says("schedules.toml is not taken; the last good one stays in use");
    assert_eq!(line["problem"], "it is no regular file");
}
