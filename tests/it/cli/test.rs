//! `lightsout test`: expectations that hold, and those that do not.

use std::fs;
use std::path::Path;

use super::shell::{Done, bare, finish, keys};

/// Stops at 20:00 and starts at 8:30, on weekdays; one rule is disabled.
const RULES: &str = r#"timezone = "Asia/Seoul"
[accounts.main]
platform = "vpc"
[[rules]]
name = "night"
action = "stop"
cron = "0 20 * * MON-FRI"
select = { tags = { env = "dev" } }
[[rules]]
name = "morning"
action = "start"
cron = "30 8 * * MON-FRI"
select = { tags = { env = "dev" } }
[[rules]]
name = "late"
action = "stop"
cron = "0 21 * * *"
enabled = false
select = { names = ["dev-*"] }
"#;

fn expect(at: &str, name: &str, state: &str) -> String {
    format!(
        "[[expect]]\nat = \"{at}\"\nstate = \"{state}\"\n\
         instance = {{ name = \"{name}\", tags = {{ env = \"dev\" }} }}\nbecause = \"a & b\"\n"
    )
}

/// One that holds and, on line 25, one that does not.
fn half_true() -> String {
    let stopped = expect("2026-12-24 22:05", "dev-a", "stopped");
    format!("{RULES}{stopped}{}", expect("2026-12-25 12:00", "dev-a", "stopped"))
}

async fn test(file: &str, arguments: &str) -> Done {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("schedules.toml"), file).unwrap();
    finish(bare(folder.path(), &format!("test {arguments}"))).await
}

const REASON: &str = "`morning` starts it at 2026-12-25T08:30:00+09:00; `late` would stop it, \
    but is disabled";

#[tokio::test]
async fn what_does_not_hold_is_shown_with_the_rule_that_makes_it_so() {
    let done = test(&half_true(), "").await;
    let expected = format!(
        "LINE  AT                         INSTANCE  EXPECTED  WOULD BE  WHY\n\
         25    2026-12-25T12:00:00+09:00  dev-a     stopped   running   {REASON}; \
         expected because: a & b\n"
    );
    assert_eq!((done.code, done.stdout), (Some(1), expected));
    assert_eq!(done.stderr, "schedules.toml: 1 of 2 expectations does not hold\n");
}

#[tokio::test]
async fn what_holds_is_only_counted_unless_a_program_reads_it() {
    let file = format!("{RULES}{}", expect("2026-12-24 22:05", "dev-a", "stopped"));
    let done = test(&file, "").await;
    assert_eq!(done.silent(), (Some(0), ""));
    assert_eq!(done.stderr, "schedules.toml: 1 expectation holds\n");
    let json = test(&half_true(), "--format json").await;
    let line = json.stdout.lines().next().unwrap();
    assert_eq!(json.code, Some(1));
    assert_eq!(
        line,
        "{\"line\":20,\"at\":\"2026-12-24T22:05:00+09:00\",\"account\":\"main\",\
         \"instance\":\"dev-a\",\"expected\":\"stopped\",\"would_be\":\"stopped\",\"holds\":true,\
         \"rule\":\"night\",\"fired_at\":\"2026-12-24T20:00:00+09:00\",\
         \"reason\":\"`night` stops it at 2026-12-24T20:00:00+09:00; `late` would stop it, but is \
         disabled\",\"because\":\"a & b\"}"
    );
    let csv = test(&half_true(), "--format csv").await;
    assert_eq!(csv.stdout.lines().next().unwrap().split(',').collect::<Vec<_>>(), keys(line));
    assert_eq!((csv.code, csv.stdout.lines().count()), (Some(1), 3));
}

#[tokio::test]
async fn junit_has_a_case_for_each_expectation_and_a_failure_for_each_that_does_not_hold() {
    let done = test(&half_true(), "--format junit").await;
    let expected = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="2" failures="1">
  <testsuite tests="2" failures="1" name="schedules.toml">
    <testcase classname="schedules.toml" name="dev-a is stopped at 2026-12-24T22:05:00+09:00" file="schedules.toml" line="20"/>
    <testcase classname="schedules.toml" name="dev-a is stopped at 2026-12-25T12:00:00+09:00" file="schedules.toml" line="25">
      <failure message="it would be running">{REASON}; expected because: a &amp; b</failure>
    </testcase>
  </testsuite>
</testsuites>
"#
    );
    assert_eq!((done.code, done.stdout), (Some(1), expected));
}

#[tokio::test]
async fn a_stop_that_meets_a_start_decides_nothing() {
    let rules = RULES.replace("30 8", "0 20");
    let file = format!("{rules}{}", expect("2026-12-24 22:05", "dev-a", "stopped"));
    let done = test(&file, "--format json").await;
    let line = &done.lines()[0];
    assert_eq!((done.code, line["would_be"].as_str()), (Some(1), Some("undecided")), "{done:?}");
    assert_eq!(
        line["reason"],
        "`night` stops it and `morning` starts it, both at 2026-12-24T20:00:00+09:00; `late` \
         would stop it, but is disabled"
    );
}

#[tokio::test]
async fn a_file_without_expectations_says_so_and_a_broken_one_is_no_test() {
    let none = test(RULES, "").await;
    assert_eq!(none.silent(), (Some(0), ""));
    assert!(none.stderr.starts_with("schedules.toml: no `[[expect]]`"), "{none:?}");
    let broken = test(&half_true().replace("0 20", "0 25"), "--format junit").await;
    assert_eq!(broken.silent(), (Some(2), ""));
    assert!(broken.stderr.contains("schedules.toml:7"), "{broken:?}");
    let elsewhere = finish(bare(Path::new("/"), "test nowhere.toml")).await;
    assert_eq!(elsewhere.silent(), (Some(2), ""), "{elsewhere:?}");
}
