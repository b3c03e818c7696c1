//! Log lines for people: who and what they are about, in the times of the file.

use std::process::Stdio;

use chrono::{DateTime, FixedOffset};
use serde_json::Value;

use super::daemon::{Process, stopped};
use super::shell::{ALL, ONE, Shell, finish};

/// The log lines of a command, read as JSON.
fn lines(stderr: &str) -> Vec<Value> {
    stderr.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn with_message<'l>(lines: &'l [Value], message: &str) -> &'l Value {
    let found = lines.iter().find(|line| line["message"] == message);
    found.unwrap_or_else(|| panic!("no `{message}` in {lines:?}"))
}

#[tokio::test]
async fn the_daemon_says_in_one_line_what_it_goes_by_in_the_times_of_the_file() {
    let shell = Shell::of(ONE, &ALL.replace("0 20 * * *", "*/2 * * * * *")).await;
    let mut command = shell.command("run --log-format json");
    let log = std::fs::File::create(shell.path().join("stderr")).unwrap();
    let daemon = Process(command.stdout(Stdio::null()).stderr(log).spawn().unwrap());
    stopped(&shell).await;
    assert_eq!(daemon.terminate().await, Some(0));
    let said = lines(&std::fs::read_to_string(shell.path().join("stderr")).unwrap());
    let start = with_message(&said, "daemon started");
    assert_eq!((&start["rules"], &start["accounts"]), (&1.into(), &"main".into()), "{start}");
    let text = |key: &str| start[key].as_str().unwrap();
    assert!(text("file").ends_with("schedules.toml"), "{start}");
    assert!(text("log").ends_with("lightsout.db"), "{start}");
    assert!(text("next").ends_with("+09:00 night stop"), "{start}");
    for line in &said {
        let at: DateTime<FixedOffset> = line["timestamp"].as_str().unwrap().parse().unwrap();
        assert_eq!(at.offset().local_minus_utc(), 9 * 3600, "{line}");
    }
}

#[tokio::test]
async fn a_request_that_failed_names_its_rule_its_firing_and_its_servers() {
    let refused = format!("{ONE}refuse = {{ code = \"77777\", message = \"no.\" }}\n");
    let shell = Shell::of(&refused, ALL).await;
    let mut command = shell.command("fire night --yes --log-format json -v");
    command.env_remove("RUST_LOG");
    let done = finish(command).await;
    let failed = lines(&done.stderr);
    let failed = with_message(&failed, "request failed");
    assert_eq!(
        (&failed["rule"], &failed["servers"], &failed["level"]),
        (&"night".into(), &"dev-a (1)".into(), &"WARN".into())
    );
    assert!(failed["firing"].is_number(), "{failed}");
}

#[tokio::test]
async fn libraries_are_heard_only_when_they_are_asked() {
    let shell = Shell::of(ONE, ALL).await;
    let targets = async |level: Option<&str>| {
        let mut command = shell.command("fire night --dry-run -v --log-format json");
        command.envs(level.map(|level| ("RUST_LOG", level)));
        lines(&finish(command).await.stderr).len()
    };
    let (usual, asked) = (targets(None).await, targets(Some("debug")).await);
    let own = targets(Some("lightsout=debug")).await;
    assert!(usual > 0 && asked > own, "{usual}, {own}, {asked}");
    let quiet = shell.run("fire night --dry-run -q").await;
    assert_eq!(quiet.stderr, "", "{quiet:?}");
}

#[tokio::test]
async fn a_region_that_cannot_be_listed_is_named_with_its_account() {
    let fleet = format!(
        "regions = [\"KR\", \"SGN\"]\n{ONE}[[faults]]\nkind = \"region_down\"\nregion = \"SGN\"\n"
    );
    let shell = Shell::of(&fleet, &ALL.replace("30s", "1s")).await;
    let done = shell.run("fire night --yes --log-format json -v").await;
    let said = lines(&done.stderr);
    let failed = with_message(&said, "region could not be listed");
    assert_eq!((&failed["account"], &failed["region"]), (&"main".into(), &"SGN".into()));
}
