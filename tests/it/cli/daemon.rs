//! `lightsout run` and `lightsout cloud`: processes that stay.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use serde_json::Value;

use super::shell::{ALL, ONE, Shell, bare};
use crate::wait::{self, LONG};

/// A child that does not outlive its test.
pub(super) struct Process(pub(super) Child);

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Process {
    /// Tells it to end and waits for its exit code.
    pub(super) async fn terminate(mut self) -> Option<i32> {
        let pid = self.0.id().to_string();
        let told = std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(told.success());
        let ended = tokio::task::spawn_blocking(move || self.0.wait().unwrap().code());
        tokio::time::timeout(LONG, ended).await.expect("it ends when told to").unwrap()
    }
}

/// The history's line about the stop, as soon as there is one.
pub(super) async fn stopped(shell: &Shell) -> Value {
    let look = async || {
        let done = shell.run("history --outcome stopped --format json").await;
        // There is no log before the daemon has made one.
        done.lines().pop().filter(|_| done.code == Some(0))
    };
    wait::until("the rule fires", look).await
}

#[tokio::test]
async fn the_daemon_fires_on_time_and_ends_when_told_to() {
    let shell = Shell::of(ONE, &ALL.replace("0 20 * * *", "*/2 * * * * *")).await;
    let mut command = shell.command("run");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut daemon = Process(child);
    let pid = daemon.0.id();
    let line = stopped(&shell).await;
    assert_eq!(
        (&line["outcome"], &line["trigger"], &line["return_code"]),
        (&"stopped".into(), &"schedule".into(), &"0".into())
    );
    assert!(line["scheduled_at"].is_string() && line["request_id"].is_string(), "{line}");
    let status = shell.json("status").await;
    assert_eq!(status[0]["daemon"]["pid"], pid);
    assert_eq!(status[0]["next"][0]["rule"], "night");
    let second = shell.run("run").await;
    assert_eq!(second.silent(), (Some(5), ""), "one daemon a log: {second:?}");
    let mut stdout = daemon.0.stdout.take().unwrap();
    assert_eq!(daemon.terminate().await, Some(0));
    assert_eq!(std::io::read_to_string(&mut stdout).unwrap(), "");
    assert_eq!(shell.json("status").await[0]["daemon"], Value::Null);
    assert_eq!(shell.stop_requests(), 1);
}

#[tokio::test]
async fn told_to_end_the_daemon_does_not_wait_for_a_cloud_that_is_down() {
    let rules = ALL.replace("0 20 * * *", "*/2 * * * * *").replace("30s", "10m");
    let rules = format!("observe.every = \"off\"\n{rules}");
    let shell = Shell::of("[[faults]]\nkind = \"error_before\"\n", &rules).await;
    let child = shell.command("run").stderr(Stdio::null()).spawn().unwrap();
    let daemon = Process(child);
    let fires = async || shell.run("status").await.stdout.contains("\nin flight  1\n");
    wait::until_so("the rule fires", fires).await;
    assert_eq!(daemon.terminate().await, Some(0));
    let status = shell.json("status").await;
    assert_eq!(status[0]["in_flight"][0]["rule"], "night", "it stays open: {status:?}");
}

#[tokio::test]
async fn the_daemon_s_log_is_silent_of_the_metronome() {
    let shell = Shell::of(ONE, &ALL.replace("0 20 * * *", "*/2 * * * * *")).await;
    let child = shell.command("run --log-format json").stderr(Stdio::piped()).spawn().unwrap();
    let mut daemon = Process(child);
    let stderr = daemon.0.stderr.take().unwrap();
    stopped(&shell).await;
    assert_eq!(daemon.terminate().await, Some(0));
    let log = std::io::read_to_string(stderr).unwrap();
    assert!(log.contains("rule fired"), "{log}");
    for word in ["Uninited", "Job creator"] {
        assert!(!log.contains(word), "{word}: {log}");
    }
}

#[tokio::test]
async fn told_twice_to_end_the_daemon_leaves_at_once_and_exits_1() {
    let rules = ALL.replace("0 20 * * *", "*/2 * * * * *");
    let slow = "[[faults]]\nkind = \"slow\"\ndelay = \"10m\"\non = \"stopServerInstances\"\n";
    let shell = Shell::of(&format!("{ONE}{slow}"), &rules).await;
    let child = shell.command("run").stderr(Stdio::null()).spawn().unwrap();
    let mut daemon = Process(child);
    wait::until_so("the rule fires", async || shell.stop_requests() > 0).await;
    // Two signals may count as one: it is told until it has heard the second.
    let ended = tokio::task::spawn_blocking(move || {
        loop {
            let pid = daemon.0.id().to_string();
            drop(std::process::Command::new("kill").args(["-TERM", &pid]).status());
            if let Some(status) = daemon.0.try_wait().unwrap() {
                return status.code();
            }
        }
    });
    let code = tokio::time::timeout(LONG, ended).await.expect("it leaves at once").unwrap();
    assert_eq!(code, Some(1));
}

#[tokio::test]
async fn a_firing_by_hand_that_is_told_to_end_leaves_its_instance_open_and_exits_1() {
    let rules = ALL.replace("30s", "10m");
    let shell = Shell::of(&format!("{ONE}never_stops = true\n"), &rules).await;
    let fire =
        shell.command("fire night --yes").stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let fire = Process(fire.unwrap());
    wait::until_so("the stop is asked for", async || shell.stop_requests() > 0).await;
    assert_eq!(fire.terminate().await, Some(1));
    let status = shell.json("status").await;
    let open = &status[0]["in_flight"][0];
    assert_eq!(
        (&open["instance_no"], &open["return_code"], &open["outcome"]),
        (&"1".into(), &"0".into(), &Value::Null)
    );
    assert_eq!(shell.stop_requests(), 1);
}

#[tokio::test]
async fn the_cloud_prints_what_the_other_commands_need() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = bare(folder.path(), "cloud --listen 127.0.0.1:0");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut cloud = Process(child);
    let lines = BufReader::new(cloud.0.stdout.take().unwrap()).lines().take(3);
    let variables: Vec<(String, String)> = lines
        .map(|line| {
            let line = line.unwrap();
            let (name, value) = line.split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        })
        .collect();
    let names: Vec<&str> = variables.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["NCLOUD_API_GW", "NCLOUD_ACCESS_KEY", "NCLOUD_SECRET_KEY"]);
    std::fs::write(folder.path().join("schedules.toml"), ALL).unwrap();
    let mut plan = bare(folder.path(), "plan");
    plan.envs(variables);
    let done = super::shell::finish(plan).await;
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.stdout.contains("night"), "{}", done.stdout);
    assert_eq!(cloud.terminate().await, Some(0));
}

#[tokio::test]
async fn a_killed_daemon_leaves_its_request_to_the_next_which_looks_and_asks_nothing() {
    let fleet = ONE.replace("stop_takes = \"500ms\"", "stop_takes = \"4s\"");
    let shell = Shell::of(&fleet, &ALL.replace("0 20 * * *", "*/2 * * * * *")).await;
    let start = || {
        let child = shell.command("run").stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Process(child.unwrap())
    };
    let first = start();
    wait::until_so("the rule fires", async || shell.stop_requests() > 0).await;
    // `drop` kills without a chance to say anything.
    drop(first);
    let second = start();
    let line = stopped(&shell).await;
    assert_eq!((&line["outcome"], &line["status_after"]), (&"stopped".into(), &"NSTOP".into()));
    assert_eq!(shell.stop_requests(), 1, "what may have been asked is looked up");
    assert_eq!(second.terminate().await, Some(0));
}

#[tokio::test]
async fn a_daemon_that_cannot_write_its_log_is_doubted() {
    let shell = Shell::of(ONE, ALL).await;
    let child = shell.command("run").stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let daemon = Process(child.unwrap());
    let lives = async || {
        let status = shell.run("status --format json").await;
        status.lines().iter().any(|line| line["daemon"]["last_sign_of_life"].is_string())
    };
    wait::until_so("it gives a sign of life", lives).await;
    assert_eq!(shell.run("status").await.stderr, "");
    let options =
        sqlx::sqlite::SqliteConnectOptions::new().filename(shell.path().join("lightsout.db"));
    // Between the two, the daemon may write once more.
    let is_doubted = async || {
        let mut log = sqlx::ConnectOptions::connect(&options).await.unwrap();
        sqlx::query("UPDATE life SET seen_at = seen_at - 600000").execute(&mut log).await.unwrap();
        sqlx::Connection::close(log).await.unwrap();
        let status = shell.run("status").await;
        status.stderr.contains("has not written to its log for ")
    };
    wait::until_so("it is doubted", is_doubted).await;
    assert_eq!(daemon.terminate().await, Some(0));
}

#[tokio::test]
async fn a_daemon_whose_log_was_deleted_begins_a_new_one_and_goes_on() {
    let shell = Shell::of(ONE, &ALL.replace("0 20 * * *", "*/2 * * * * *")).await;
    let child = shell.command("run").stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let daemon = Process(child.unwrap());
    stopped(&shell).await;
    for file in ["lightsout.db", "lightsout.db-wal", "lightsout.db-shm"] {
        std::fs::remove_file(shell.path().join(file)).unwrap();
    }
    let again = async || {
        let history = shell.run("history --outcome already --format json").await;
        history.code == Some(0) && !history.lines().is_empty()
    };
    wait::until_so("it fires again, and finds the server stopped", again).await;
    assert_eq!((shell.stop_requests(), daemon.terminate().await), (1, Some(0)));
}
