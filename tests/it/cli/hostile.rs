//! Names and messages from the cloud that are meant for terminals, spreadsheets or SQL.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use super::shell::{ALL, Done, Shell, finish};

/// Escapes of one character, a formula, SQL, a direction turned round: as TOML and as they are.
const NAMES: [(&str, &str); 4] = [
    (r"\u009b2J\u0085dev", "\u{9b}2J\u{85}dev"),
    ("=HYPERLINK('x')", "=HYPERLINK('x')"),
    ("'); DROP TABLE entry;--", "'); DROP TABLE entry;--"),
    (r"dev-\u202Edorp", "dev-\u{202e}dorp"),
];

/// They all stop, but the first, whose refusal has escapes too.
fn fleet() -> String {
    let server = |(toml, _): &(&str, &str)| {
        format!("[[servers]]\nname = \"{toml}\"\nstop_takes = \"300ms\"\n")
    };
    let refuse = "refuse = { code = \"77777\", message = \"\\u009b31mno\\r\\n+1\" }\n";
    let servers: Vec<String> = NAMES.iter().map(server).collect();
    servers.join("").replacen("stop_takes", &format!("{refuse}stop_takes"), 1)
}

/// The first character that a terminal would obey, and what comes after it.
fn raw_escape(done: &Done) -> Option<&str> {
    let is_raw = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
    [&done.stdout, &done.stderr].into_iter().find_map(|text| Some(&text[text.find(is_raw)?..]))
}

#[tokio::test]
async fn hostile_names_are_shown_harmlessly_and_exported_as_they_are() {
    let shell = Shell::of(&fleet(), &ALL.replace("30s", "3s")).await;
    let mut fire = shell.command("fire night --yes");
    fire.env("RUST_LOG", "lightsout=debug");
    let fired = finish(fire).await;
    assert_eq!(fired.code, Some(1), "{fired:?}");
    assert_eq!(raw_escape(&fired), None, "{fired:?}");
    let history = shell.json("history").await;
    let firing = history[0]["firing"].to_string();
    for command in
        ["plan", "history", "status", &format!("show {firing}"), "history --instance =HYPER*"]
    {
        let done = shell.run(command).await;
        assert_eq!(raw_escape(&done), None, "{command}: {done:?}");
    }
    let mut names: Vec<&str> =
        history.iter().filter_map(|line| line["instance_name"].as_str()).collect();
    names.sort_unstable();
    let mut expected = NAMES.map(|(_, name)| name);
    expected.sort_unstable();
    assert_eq!(names, expected, "JSON has them as they are");
    let csv = shell.run("history --format csv").await.stdout;
    assert!(csv.contains(",'=HYPERLINK('x'),"), "{csv}");
    assert!(!csv.contains(",=") && csv.contains(",'); DROP TABLE entry;--,"), "{csv}");
}

#[tokio::test]
async fn every_line_of_a_json_log_is_an_event_of_ours() {
    let shell = Shell::of(&fleet(), &ALL.replace("30s", "3s")).await;
    let mut fire = shell.command("fire night --yes --log-format json");
    fire.env("RUST_LOG", "lightsout=debug");
    let done = finish(fire).await;
    let is_event = |line: &str| serde_json::from_str::<Value>(line).is_ok_and(|it| it.is_object());
    let (events, talk): (Vec<_>, Vec<_>) = done.stderr.lines().partition(|line| is_event(line));
    assert!(events.len() > 3, "{done:?}");
    assert!(talk.iter().all(|line| line.starts_with("`lightsout show ")), "{talk:?}");
}

#[tokio::test]
async fn a_log_in_a_folder_that_everybody_may_write_to_is_warned_about() {
    let shell = Shell::of(&fleet(), ALL).await;
    let told = |mode: u32| {
        let permissions = fs::Permissions::from_mode(mode);
        fs::set_permissions(shell.path(), permissions).unwrap();
        let mut fire = shell.command("fire night --dry-run");
        fire.env("RUST_LOG", "warn");
        finish(fire)
    };
    let warning = "others could change the audit log unnoticed";
    assert!(!told(0o755).await.stderr.contains(warning));
    assert!(told(0o777).await.stderr.contains(warning));
}
