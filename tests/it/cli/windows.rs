//! Windows, from `check` and `next` to `fire` and `status`.

use std::fs;

use super::shell::{ALL, Done, ONE, Shell};

/// `ALL` with its rule as a window.
fn nights(lines: &str) -> String {
    ALL.replace("action = \"stop\"\ncron = \"0 20 * * *\"\n", &format!("{lines}\n"))
}

const LINES: &str = "off = \"20:00-08:00\"\noff_days = \"weekends\"";

async fn shell() -> Shell {
    Shell::of(&format!("{ONE}start_takes = \"500ms\"\n"), &nights(LINES)).await
}

/// Each line of a table as its cells, without the head line.
fn rows(done: &Done) -> Vec<Vec<&str>> {
    let rows = done.stdout.lines().skip(1);
    rows.map(|line| line.split("  ").map(str::trim).filter(|it| !it.is_empty()).collect()).collect()
}

#[tokio::test]
async fn next_shows_the_stops_and_starts_that_a_window_is() {
    let shell = shell().await;
    let fridays = "next night --from 2026-11-27 --until 2026-12-01";
    let window = "off 20:00-08:00 and on weekends";
    let row = |at, action| vec![at, "night", action, window, "Asia/Seoul"];
    assert_eq!(
        rows(&shell.run(fridays).await),
        [
            row("2026-11-27T08:00:00+09:00", "start"),
            row("2026-11-27T20:00:00+09:00", "stop"),
            row("2026-11-30T08:00:00+09:00", "start"),
            row("2026-11-30T20:00:00+09:00", "stop"),
        ]
    );
    let lines = shell.json(fridays).await;
    assert_eq!((&lines[0]["cron"], &lines[0]["window"]), (&().into(), &window.into()));
    let count = shell.json("next --from 2026-11-27 --count 3").await;
    assert_eq!(count.len(), 3, "stops and starts: {count:?}");
}

#[tokio::test]
async fn next_names_the_holidays_that_a_window_leads_over() {
    let holidays = LINES.replace("\"weekends\"", "[\"weekends\", \"builtin:kr\"]");
    let shell = Shell::of(ONE, &nights(&holidays)).await;
    let lines = shell.json("next night --from 2027-02-05 --until 2027-02-10").await;
    let told: Vec<_> = lines.iter().map(|line| (&line["at"], &line["note"])).collect();
    let over = "also off on 2027-02-08 (builtin:kr: Seollal), \
                2027-02-09 (builtin:kr: substitute for Seollal)";
    assert_eq!(
        told,
        [
            (&"2027-02-05T08:00:00+09:00".into(), &().into()),
            (&"2027-02-05T20:00:00+09:00".into(), &over.into()),
        ]
    );
}

#[tokio::test]
async fn check_counts_a_window_as_one_rule_and_refuses_it_beside_cron() {
    let shell = shell().await;
    let done = shell.run("check").await;
    assert_eq!(done.silent(), (Some(0), ""), "{done:?}");
    assert!(done.stderr.contains("schedules.toml: 1 rule, 1 warning "), "{done:?}");
    assert!(done.stderr.contains("about 235 days a year"), "{done:?}");
    let both = ALL.replace("cron", "off = \"20:00-08:00\"\ncron");
    fs::write(shell.path().join("both.toml"), both).unwrap();
    let done = shell.run("check both.toml").await;
    assert_eq!(done.silent(), (Some(2), ""));
    assert!(done.stderr.contains("`action` and `cron` cannot stand beside `off`"), "{done:?}");
}

#[tokio::test]
async fn fire_must_be_told_which_of_the_two_is_meant() {
    let shell = shell().await;
    let done = shell.run("fire night --yes").await;
    assert_eq!(done.silent(), (Some(2), ""), "{done:?}");
    assert!(done.stderr.contains("`lightsout fire night --action stop`"), "{done:?}");
    let unasked = shell.run("fire night --action start").await;
    assert_eq!(unasked.code, Some(2));
    assert!(unasked.stderr.contains("fire night --action start --yes"), "{unasked:?}");
    let refused = shell.run("fire night --action halt --yes").await;
    assert!(refused.code == Some(2) && refused.stderr.contains("stop, start"), "{refused:?}");
    for (action, outcome) in [("stop", "stopped"), ("start", "started")] {
        let done = shell.run(&format!("fire night --action {action} --yes")).await;
        assert_eq!(done.code, Some(0), "{done:?}");
        let newest = &shell.json("history --limit 1").await[0];
        assert_eq!((&newest["action"], &newest["outcome"]), (&action.into(), &outcome.into()));
    }
    let plain = Shell::of(ONE, ALL).await;
    let done = plain.run("fire night --action start --yes").await;
    assert_eq!(done.silent(), (Some(2), ""), "{done:?}");
    assert!(done.stderr.contains("rule `night` does not start anything"), "{done:?}");
    let done = plain.run("fire night --action stop --yes").await;
    assert_eq!(done.code, Some(0), "{done:?}");
}

#[tokio::test]
async fn plan_shows_what_both_would_do_and_warns_once() {
    let shell = shell().await;
    let planned = |done: &Done| -> Vec<(String, String)> {
        let lines = done.lines().into_iter();
        lines.map(|line| (line["action"].to_string(), line["would"].to_string())).collect()
    };
    let plan = shell.run("plan night --format json").await;
    let quoted = |word: &str| format!("\"{word}\"");
    assert_eq!(
        planned(&plan),
        [(quoted("stop"), quoted("stop")), (quoted("start"), quoted("already"))]
    );
    let nobody = nights(LINES).replace("\"*\"", "\"nobody\"");
    let shell = Shell::of(ONE, &nobody).await;
    let done = shell.run("plan").await;
    assert_eq!(done.stderr.matches("rule `night` matched no server").count(), 1, "{done:?}");
}

#[tokio::test]
async fn status_says_which_comes_next_and_a_disabled_window_is_named_once() {
    let shell = shell().await;
    let next = &shell.json("status").await[0]["next"];
    let mut actions = [&next[0]["action"], &next[1]["action"]];
    actions.sort_by_key(ToString::to_string);
    assert_eq!(actions, ["start", "stop"], "{next:?}");
    let done = shell.run("disable night --why holidays").await;
    assert_eq!(done.stderr.matches("rule `night` is disabled").count(), 1, "{done:?}");
    let check = shell.run("check").await;
    assert_eq!(check.stderr.matches("note: rule `night`").count(), 1, "{check:?}");
    let status = &shell.json("status").await[0];
    assert_eq!(status["disabled"].as_array().map(Vec::len), Some(1), "{status}");
    assert_eq!(status["next"], serde_json::json!([]));
    let done = shell.run("enable night").await;
    assert_eq!(done.stderr.matches("is enabled").count(), 1, "{done:?}");
    let (rows, head) = (rows(&done), done.stdout.matches("ACTION").count());
    assert_eq!((rows.len(), head), (5, 1), "stops and starts, in one table: {done:?}");
    assert!(rows.is_sorted_by_key(|row| row[0]), "{done:?}");
}

#[tokio::test]
async fn a_window_is_added_from_the_command_line() {
    for (when, lines) in [
        ("--off 20:00-08:00 --off-days weekends", LINES),
        ("--off-days SAT,SUN", "off_days = [\"SAT\", \"SUN\"]"),
        ("--off 12:00-13:00 --off 20:00-08:00", "off = [\"12:00-13:00\", \"20:00-08:00\"]"),
    ] {
        let shell = Shell::of(ONE, ALL).await;
        let done = shell.run(&format!("add window hours {when} --tag env=qa")).await;
        let text = fs::read_to_string(shell.path().join("schedules.toml")).unwrap();
        let rule = format!(
            "\n[[rules]]\nname = \"hours\"\n{lines}\nselect = {{ tags = {{ env = \"qa\" }} }}\n"
        );
        assert_eq!((done.code, text), (Some(0), format!("{ALL}{rule}")), "{done:?}");
        assert_eq!(rows(&done).len(), 5, "{done:?}");
    }
    for (command, said) in [
        ("add window hours --at 20:00 --name *", "--off 20:00-08:00"),
        ("add stop hours --off 20:00-08:00 --name *", "lightsout add window hours"),
        ("add window hours --off 20:00-08:00 --at 20:00 --name *", "--at"),
        ("add stop hours --at 20:00 --cron @daily --name *", "--cron"),
        ("add window hours --name *", "--off"),
        ("add window hours --off 20:00-08:00 --weekdays --name *", "--weekdays"),
        ("add window hours --off 20-08 --name *", "write `20:00-08:00`"),
        ("add window hours --off 20:00 --name *", "write from when until when"),
        ("add window hours --off-days weekend --name *", "write `weekends`"),
    ] {
        let shell = Shell::of(ONE, ALL).await;
        let done = shell.run(command).await;
        let text = fs::read_to_string(shell.path().join("schedules.toml")).unwrap();
        assert_eq!((done.code, text.as_str()), (Some(2), ALL), "{command}: {done:?}");
        assert!(done.stderr.contains(said), "{command}: {done:?}");
    }
}

#[tokio::test]
async fn an_edited_window_is_one_difference_with_all_its_firings() {
    let shell = shell().await;
    let new = nights(LINES).replace("20:00-08:00", "21:00-08:00").replace("\"*\"", "\"dev-*\"");
    fs::write(shell.path().join("new.toml"), new).unwrap();
    let done = shell.run("diff schedules.toml new.toml --from 2026-11-23 --days 2").await;
    let expected = "\
RULE   CHANGE   WHAT IT MEANS
night  altered  is off 21:00-08:00 and on weekends, was off 20:00-08:00 and on weekends
night  altered  `select` gains names `dev-*` and loses names `*`: other servers match

RULE   FIRING  ACTION  BEFORE                     AFTER
night  moved   stop    2026-11-23T20:00:00+09:00  2026-11-23T21:00:00+09:00
night  moved   stop    2026-11-24T20:00:00+09:00  2026-11-24T21:00:00+09:00
";
    assert_eq!((done.code, done.stdout.as_str()), (Some(0), expected));
    assert!(done.stderr.starts_with("1 rule differs;"), "{done:?}");
}

#[tokio::test]
async fn test_says_which_half_of_a_window_leads_there() {
    let expect = "[[expect]]\nat = \"2026-11-29 12:00\"\nstate = \"running\"\n\
        instance = { name = \"dev-a\" }\n";
    let shell = Shell::of(ONE, &format!("{}{expect}", nights(LINES))).await;
    let done = shell.run("test --format json").await;
    let line = &done.lines()[0];
    assert_eq!((done.code, line["would_be"].as_str()), (Some(1), Some("stopped")), "{done:?}");
    assert_eq!(line["reason"], "`night` stops it at 2026-11-27T20:00:00+09:00");
}
