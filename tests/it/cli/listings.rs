//! What every listing has in common, whatever it lists.

use std::fs;
use std::process::Command;

use super::shell::{ALL, Done, ONE, Shell, finish, keys};

const KOREAN: &str = "[[servers]]\nname = \"개발-배치\"\nno = \"1\"\n\
    refuse = { code = \"77777\", message = \"One of the many things that a server can be busy with.\" }\n\
    [[servers]]\nname = \"dev-a\"\nno = \"2\"\nstatus = \"NSTOP\"\n";

/// The head line of CSV, and how many lines stand below it.
fn csv(done: &Done) -> (Vec<&str>, usize) {
    let mut lines = done.stdout.lines();
    (lines.next().unwrap_or_default().split(',').collect(), lines.count())
}

#[tokio::test]
async fn csv_has_the_keys_of_json_and_a_line_for_each_of_its_objects() {
    let shell = Shell::of(ONE, ALL).await;
    assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    // Twice as often as anybody could mean: a warning that `check` lists.
    fs::write(shell.path().join("odd.toml"), ALL.replace("0 20", "* 20")).unwrap();
    for command in
        ["history", "next", "plan", "check odd.toml", "fire night --dry-run", "next --count 1"]
    {
        let json = shell.run(&format!("{command} --format json")).await;
        let csv_done = shell.run(&format!("{command} --format csv")).await;
        let first = json.stdout.lines().next().unwrap();
        let (heads, lines) = csv(&csv_done);
        // Behind them stand what only some objects have.
        assert!(heads.starts_with(&keys(first)), "{command}: {heads:?}");
        assert_eq!(lines, json.stdout.lines().count(), "{command}");
    }
}

#[tokio::test]
async fn what_a_rule_is_for_stands_beside_its_name_wherever_people_read_it() {
    let about = "about = \"검색팀 야간 정지\"\n[[rules]]\nname = \"old\"\nenabled = false\n\
        about = \"nobody's\"\naction = \"stop\"\ncron = \"0 21 * * *\"\nselect = { names = [\"x\"] }\n";
    let shell = Shell::of(ONE, &format!("{ALL}{about}")).await;
    for command in ["next --count 1", "plan", "status", "check"] {
        let done = shell.run(command).await;
        let said = format!("{}{}", done.stdout, done.stderr);
        assert!(said.contains("(검색팀 야간 정지)"), "{command}: {said}");
    }
    for (command, of) in
        [("next night --count 1", "/about"), ("plan night", "/about"), ("status", "/next/0/about")]
    {
        let json = shell.json(command).await;
        let about = json[0].pointer(of).and_then(|about| about.as_str());
        assert_eq!(about, Some("검색팀 야간 정지"), "{command}: {json:?}");
    }
    let status = shell.run("status").await.stdout;
    assert!(status.contains("old (nobody's)"), "{status}");
}

#[tokio::test]
async fn an_empty_listing_is_a_head_line_in_csv_and_nothing_otherwise() {
    let shell = Shell::of(ONE, &ALL.replace("[\"*\"]", "[\"nobody\"]")).await;
    for (command, first) in [
        ("history", "firing"),
        ("next --until 2000-01-01", "rule"),
        ("plan", "rule"),
        ("check", "severity"),
    ] {
        for (format, expected) in [("table", vec![]), ("json", vec![]), ("csv", vec![first])] {
            let done = shell.run(&format!("{command} --format {format}")).await;
            let firsts: Vec<&str> =
                done.stdout.lines().map(|line| line.split(',').next().unwrap()).collect();
            assert_eq!((done.code, firsts), (Some(0), expected), "{command} --format {format}");
        }
    }
}

#[tokio::test]
async fn status_and_show_have_csv_of_their_own() {
    let shell = Shell::of(ONE, ALL).await;
    assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    let history = shell.run("history --format csv").await;
    let number = history.stdout.lines().nth(1).unwrap().split(',').next().unwrap();
    let show = shell.run(&format!("show {number} --format csv")).await;
    assert_eq!(show.stdout, history.stdout);
    let status = shell.run("status --format csv").await;
    let (heads, below) = csv(&status);
    assert_eq!((&heads[..3], below), (&["what", "at", "rule"][..], 4), "{}", status.stdout);
    let whats: Vec<_> = status.stdout.lines().skip(1).map(|it| it.split(',').next()).collect();
    let expected = ["last_night", "tonight", "this_month", "next"].map(Some);
    assert_eq!(whats, expected, "{}", status.stdout);
}

#[tokio::test]
async fn fire_names_what_it_fired_at_and_korean_names_line_up() {
    let shell = Shell::of(KOREAN, &ALL.replace("30s", "1s")).await;
    let done = shell.run("fire night --yes").await;
    let expected = "\
INSTANCE  NAME       BEFORE  AFTER  OUTCOME  REASON
1         개발-배치  RUN     RUN    refused  asked once; HTTP 400, return code 77777 (One of the many things that a server can be busy with.)
2         dev-a      NSTOP   NSTOP  already
2 servers: 1 already, 1 refused
";
    assert_eq!((done.code, done.stdout.as_str()), (Some(1), expected), "{done:?}");
}

async fn in_columns(mut command: Command, columns: usize) -> Done {
    command.env("COLUMNS", columns.to_string());
    finish(command).await
}

#[tokio::test]
async fn no_listing_is_wider_than_the_terminal() {
    let shell = Shell::of(KOREAN, &ALL.replace("30s", "1s")).await;
    assert_eq!(shell.run("fire night --yes").await.code, Some(1));
    let lines = shell.json("history").await;
    let show = format!("show {}", lines[0]["firing"]);
    for columns in [60, 80, 100] {
        for command in ["history", "plan", "next", &show] {
            let done = in_columns(shell.command(command), columns).await;
            // The head of `show` is prose.
            let table = done.stdout.split_once("\n\n").map_or(&*done.stdout, |(_, table)| table);
            for line in table.lines() {
                let width = textwrap::core::display_width(line);
                assert!(width <= columns, "{command} in {columns}: {line}");
            }
            assert!(!table.is_empty(), "{command}");
        }
    }
}

#[tokio::test]
async fn a_history_that_is_cut_off_says_so() {
    let shell = Shell::of(ONE, ALL).await;
    for _ in 0..2 {
        assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    }
    for (limit, lines, says_more) in [(1, 1, true), (2, 2, false)] {
        for format in ["table", "json", "csv"] {
            let done = shell.run(&format!("history --limit {limit} --format {format}")).await;
            let around = match format {
                "table" => 2,
                "csv" => 1,
                _ => 0,
            };
            assert_eq!((done.code, done.stdout.lines().count()), (Some(0), lines + around));
            assert_eq!(done.stderr.contains("there are more"), says_more, "{done:?}");
        }
    }
}
