//! `[[overrides]]` as people meet them: `check`, `next`, `test`, `diff`, `override`, `history`.

use std::fs;

use chrono::{Days, NaiveDate, TimeDelta};
use lightsout::clock::{Clock, SystemClock};

use super::shell::{ALL, Done, ONE, Shell, finish};

/// `ALL` with its rule as a window, and a rule by cron.
fn file() -> String {
    let window = "off = \"20:00-08:00\"\noff_days = \"weekends\"\n";
    let nights = ALL.replace("action = \"stop\"\ncron = \"0 20 * * *\"\n", window);
    format!(
        "{nights}\n# the demos\n[[rules]]\nname = \"demo\"\naction = \"stop\"\ncron = \"0 21 * * *\"\n\
         select = {{ names = [\"demo-*\"] }}\n"
    )
}

fn week(rules: &str, lines: &str) -> String {
    format!(
        "\n[[overrides]]\nrules = [{rules}]\nfrom = \"2026-12-07\"\nuntil = \"2026-12-11\"\n{lines}\n\
         because = \"release week\"\n"
    )
}

fn later() -> String {
    file() + &week("\"night\"", "off = \"23:00-08:00\"")
}

fn today() -> NaiveDate {
    (SystemClock::new().now() + TimeDelta::hours(9)).date_naive()
}

fn text(shell: &Shell) -> String {
    fs::read_to_string(shell.path().join("schedules.toml")).unwrap()
}

fn notes(lines: &[serde_json::Value]) -> Vec<(String, String)> {
    let text = |line: &serde_json::Value, key| line[key].as_str().unwrap_or_default().to_owned();
    lines.iter().map(|line| (text(line, "at"), text(line, "note"))).collect()
}

#[tokio::test]
async fn next_shows_the_hours_of_an_override_and_what_it_is_for() {
    let shell = Shell::of(ONE, &later()).await;
    let lines = shell.json("next night --from 2026-12-10 --until 2026-12-15").await;
    let of = "override: off 23:00-08:00 from 2026-12-07 until 2026-12-11 (release week)";
    let expected = [
        ("2026-12-10T08:00:00+09:00", ""),
        ("2026-12-10T23:00:00+09:00", of),
        ("2026-12-11T08:00:00+09:00", ""),
        ("2026-12-11T23:00:00+09:00", of),
        ("2026-12-14T08:00:00+09:00", ""),
        ("2026-12-14T20:00:00+09:00", ""),
    ]
    .map(|(at, note)| (at.to_owned(), note.to_owned()));
    assert_eq!(notes(&lines), expected);
    assert_eq!(lines[1]["override"], of.trim_start_matches("override: "));
    assert_eq!(lines[1]["window"], "off 23:00-08:00");
    assert_eq!(lines[0].get("override"), None);
}

#[tokio::test]
async fn next_shows_what_a_skip_leaves_out() {
    let skip = file() + &week("\"night\", \"demo\"", "skip = true");
    let shell = Shell::of(ONE, &skip).await;
    let lines = shell.json("next demo --from 2026-12-11 --until 2026-12-13").await;
    let skipped = ("2026-12-11T21:00:00+09:00".to_owned(), "skipped: release week".to_owned());
    assert_eq!(notes(&lines)[0], skipped);
    assert_eq!(lines[0]["skipped"], true);
    let lines = shell.json("next night --from 2026-12-11 --until 2026-12-13").await;
    let weekend = "override: skipped from 2026-12-07 until 2026-12-11 (release week)".to_owned();
    assert_eq!(
        notes(&lines),
        [
            ("2026-12-11T20:00:00+09:00".to_owned(), "skipped: release week".to_owned()),
            ("2026-12-12T00:00:00+09:00".to_owned(), weekend),
        ]
    );
}

#[tokio::test]
async fn test_names_the_override_that_keeps_a_server_on() {
    let expect = "\n[[expect]]\nat = \"2026-12-08 21:00\"\nstate = \"stopped\"\n\
        instance = { name = \"dev-a\" }\n";
    let shell = Shell::of(ONE, &(later() + expect)).await;
    let lines = shell.run("test --format json").await.lines();
    assert_eq!(lines[0]["would_be"], "running");
    let skip = file() + &week("\"night\"", "skip = true") + expect;
    fs::write(shell.path().join("schedules.toml"), skip).unwrap();
    let lines = shell.run("test --format json").await.lines();
    let reason = lines[0]["reason"].as_str().unwrap();
    let skipped = "`night` would stop it at 2026-12-08T20:00:00+09:00, but that is skipped: \
                   release week";
    assert!(reason.contains(skipped), "{reason}");
}

#[tokio::test]
async fn diff_tells_of_an_override_and_of_the_firings_that_it_changes() {
    let shell = Shell::of(ONE, &file()).await;
    let (from, until) = (today() + Days::new(1), today() + Days::new(3));
    let days = |text: String| {
        text.replace("2026-12-07", &from.to_string()).replace("2026-12-11", &until.to_string())
    };
    let new = days(file() + &week("\"demo\"", "cron = \"30 22 * * *\""));
    fs::write(shell.path().join("new.toml"), new).unwrap();
    let done = shell.run("diff schedules.toml new.toml").await;
    let told = format!("has a new override: at `30 22 * * *` from {from} until {until}");
    assert!(done.stdout.contains(&told), "{done:?}");
    for day in from.iter_days().take(3) {
        assert!(done.stdout.contains(&format!("{day}T22:30")), "{day}: {done:?}");
    }
    let done = shell.run("diff new.toml schedules.toml").await;
    assert!(done.stdout.contains("has no override any more: at `30 22 * * *`"), "{done:?}");
}

#[tokio::test]
async fn check_reads_an_override_back_and_names_one_that_is_over() {
    let shell = Shell::of(ONE, &later().replace("2026-12", "2126-12")).await;
    let done = shell.run("check").await;
    assert_eq!(done.code, Some(0), "{done:?}");
    let back = "; off 23:00-08:00 from 2126-12-07 until 2126-12-11 (release week), Asia/Seoul";
    assert!(done.stderr.contains(back) && !done.stderr.contains("is over"), "{done:?}");
    fs::write(shell.path().join("schedules.toml"), later().replace("2026-12", "2025-12")).unwrap();
    let done = shell.run("check").await;
    let over = "warning: this override is over: off 23:00-08:00 from 2025-12-07 until 2025-12-11";
    assert!(done.code == Some(0) && done.stderr.contains(over), "{done:?}");
}

/// The lines that a command added to the file, if it left the others as they were.
fn added(shell: &Shell) -> String {
    text(shell).strip_prefix(&file()).unwrap().to_owned()
}

#[tokio::test]
async fn a_command_writes_an_override_at_the_end_and_shows_the_firings_of_its_days() {
    let shell = Shell::of(ONE, &file()).await;
    let mut command =
        shell.command("override night --from 2126-12-09 --until 2126-12-10 --off 23:00-08:00");
    command.args(["--because", "release \"week\""]);
    let done = finish(command).await;
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(
        added(&shell),
        "\n[[overrides]]\nrules = [\"night\"]\nfrom = \"2126-12-09\"\nuntil = \"2126-12-10\"\n\
         off = \"23:00-08:00\"\nbecause = \"release \\\"week\\\"\"\n"
    );
    assert_eq!(done.stderr, "override of `night` added to schedules.toml\n");
    for at in ["2126-12-09T08:00", "2126-12-09T23:00", "2126-12-11T08:00", "2126-12-11T20:00"] {
        assert!(done.stdout.contains(at), "{at}: {done:?}");
    }
    assert!(done.stdout.contains("release \"week\""), "{done:?}");
}

#[tokio::test]
async fn one_day_of_several_rules_is_left_out_by_one_command() {
    let shell = Shell::of(ONE, &file()).await;
    let done = shell.run("override night demo --from 2126-12-24 --skip").await;
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(
        added(&shell),
        "\n[[overrides]]\nrules = [\"night\", \"demo\"]\nfrom = \"2126-12-24\"\n\
         until = \"2126-12-24\"\nskip = true\n"
    );
}

#[tokio::test]
async fn an_override_that_would_be_wrong_is_not_written() {
    for (arguments, said) in [
        ("nigth --from 2126-12-24 --skip", "there is no rule `nigth`"),
        ("night --from 2126-12-24 --until 2126-12-01 --skip", "does not end on 2126-12-01"),
        ("night --from 2126-12-24 --cron @daily", "which is a window"),
        ("demo --from 2126-12-24 --off 23:00-08:00", "which is a rule with `cron`"),
        ("night --from 24.12. --skip", "write year, month and day"),
        ("night --from 2126-12-24", "required"),
        ("night --from 2126-12-24 --skip --off 23:00-08:00", "cannot be used with"),
    ] {
        let shell = Shell::of(ONE, &file()).await;
        let done = shell.run(&format!("override {arguments}")).await;
        assert_eq!((done.code, text(&shell)), (Some(2), file()), "{done:?}");
        assert!(done.stderr.contains(said), "{done:?}");
    }
}

#[tokio::test]
async fn a_second_override_of_the_same_day_is_not_written() {
    let shell = Shell::of(ONE, &file()).await;
    let one = "override night --from 2126-12-24 --skip";
    assert_eq!(shell.run(one).await.code, Some(0));
    let before = text(&shell);
    let done: Done = shell.run(one).await;
    assert_eq!((done.code, text(&shell)), (Some(2), before), "{done:?}");
    assert!(done.stderr.contains("two overrides of `night` overlap"), "{done:?}");
}
