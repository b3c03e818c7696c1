//! Habits of the command line: short flags, one spelling of a thing, times as people say them,
//! suggestions.

use chrono::{DateTime, FixedOffset, TimeDelta};
use lightsout::clock::{Clock, SystemClock};
use lightsout::time::zone::Zone;

use super::shell::{ALL, ONE, Shell};

#[tokio::test]
async fn short_flags_are_the_long_ones() {
    let shell = Shell::of(ONE, ALL).await;
    for (short, long) in [
        ("next -n 3 -o json", "next --count 3 --format json"),
        ("next -n 2 -o csv -c schedules.toml", "next --limit 2 --output csv"),
        ("next night", "next --rule night"),
        ("plan night -o json", "plan --rule night --format json"),
        ("rules night", "rules --rule night"),
        ("week night", "week --rule night"),
    ] {
        let (one, other) = (shell.run(short).await, shell.run(long).await);
        assert_eq!(one.code, Some(0), "{one:?}");
        assert!(!one.stdout.is_empty(), "{one:?}");
        assert_eq!(one.stdout, other.stdout, "{short}, {long}");
    }
    assert_eq!(shell.run("fire --rule night --dry-run").await.code, Some(0));
    let fired = shell.run("fire night -y -q -o json").await;
    assert_eq!((fired.code, &*fired.stderr), (Some(0), ""), "{fired:?}");
    assert_eq!(fired.lines()[0]["outcome"], "stopped", "{fired:?}");
    assert_eq!(shell.run("history -n 1 -o json").await.lines().len(), 1);
    assert_eq!(shell.json("history --server dev-a").await.len(), 2);
    assert_eq!(shell.json("history --instance 1").await.len(), 2);
    let why = [shell.run("why dev-a").await, shell.run("why --server dev-a").await];
    let because = why.each_ref().map(|done| done.stdout.lines().last());
    assert_eq!((why[0].code, because[0]), (Some(0), because[1]), "{why:?}");
    assert!(because[0].is_some(), "{why:?}");
    for wrong in ["next night --rule night", "why", "fire -y", "next -q -v"] {
        assert_eq!(shell.run(wrong).await.silent(), (Some(2), ""), "{wrong}");
    }
}

#[tokio::test]
async fn quiet_leaves_out_talk_and_keeps_warnings_and_errors() {
    let shell = Shell::of(ONE, &ALL.replace("\"*\"", "\"qa-*\"")).await;
    let loud = shell.run("check").await;
    assert!(loud.stderr.contains("schedules.toml: 1 rule"), "{loud:?}");
    assert_eq!(shell.run("check -q").await.stderr, "");
    let plan = shell.run("-q plan").await;
    assert!(plan.stderr.starts_with("warning: rule `night` matched no server"), "{plan:?}");
    let wrong = shell.run("plan -q nobody").await;
    assert!(wrong.stderr.starts_with("error: there is no rule `nobody`"), "{wrong:?}");
}

#[tokio::test]
async fn a_time_without_a_date_is_the_last_one_behind_and_the_next_one_ahead() {
    let shell = Shell::of(ONE, ALL).await;
    assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    let zone: Zone = "Asia/Seoul".parse().unwrap();
    let now = SystemClock::new().now();
    let local = |ago: TimeDelta| zone.show(now - ago).format("%H:%M").to_string();
    let minutes = TimeDelta::minutes;
    // Whatever the hour is, its firing was less than two minutes ago.
    for (since, lines) in [
        ("today".to_owned(), 1),
        ("yesterday".to_owned(), 1),
        (local(minutes(2)), 1),
        ("1h".to_owned(), 1),
        ("tomorrow".to_owned(), 0),
        // The last one was almost a day ago.
        (local(minutes(-5)), 1),
    ] {
        let done = shell.run(&format!("history -o json --since {since}")).await;
        assert_eq!(done.lines().len(), lines, "{since}: {done:?}");
        let is_said = done.stderr.contains(&format!("--since {since} is "));
        assert_eq!(is_said, since != "1h", "{since}: {done:?}");
    }
    let until = local(minutes(-5));
    let next = shell.run(&format!("next --until {until}")).await;
    let shown = zone.show(now + minutes(5)).format("%a %F %H:%M%:z");
    assert!(next.stderr.contains(&format!("--until {until} is {shown}")), "{next:?}");
    let ahead = shell.run("next --until +2d -o json").await.lines();
    assert_eq!(ahead.len(), 2, "one an evening: {ahead:?}");
    let at: DateTime<FixedOffset> = ahead[1]["at"].as_str().unwrap().parse().unwrap();
    assert!(at.to_utc() <= now + TimeDelta::hours(49), "{ahead:?}");
    let behind = shell.run("next --until 2d").await;
    assert!(behind.stderr.contains("and +2d ahead"), "{behind:?}");
}

#[tokio::test]
async fn an_unknown_word_is_answered_by_the_command_that_was_meant() {
    let shell = Shell::of(ONE, ALL).await;
    for (typed, said) in [
        ("hsitory", "a similar subcommand exists: 'history'"),
        ("logs", "a similar subcommand exists: 'history'"),
        ("pause", "some similar subcommands exist: 'hold', 'disable'"),
        ("dry-run", "a similar subcommand exists: 'plan'"),
        ("delete", "a similar subcommand exists: 'remove'"),
        ("audit verfy", "a similar subcommand exists: 'verify'"),
        ("plan --exitcode", "a similar argument exists: '--exit-code'"),
    ] {
        let done = shell.run(typed).await;
        assert_eq!(done.silent(), (Some(2), ""), "{typed}: {done:?}");
        assert!(done.stderr.contains(said), "{typed}: {done:?}");
    }
    for typed in ["frobnicate", "audit list", "fire night --force"] {
        let done = shell.run(typed).await;
        assert!(!done.stderr.contains("similar"), "{typed}: {done:?}");
    }
}

#[tokio::test]
async fn plan_says_by_its_code_whether_anything_would_be_done() {
    let shell = Shell::of(ONE, ALL).await;
    assert_eq!(shell.run("plan").await.code, Some(0));
    assert_eq!(shell.run("plan --exit-code").await.code, Some(1));
    assert_eq!(shell.run("fire night --yes").await.code, Some(0));
    assert_eq!(shell.run("plan --exit-code").await.code, Some(0), "all is done");
}

#[tokio::test]
async fn a_rule_that_was_written_is_no_failure_where_a_guard_would_hold_it_back() {
    let two = format!("{ONE}{}", ONE.replace("dev-a", "dev-b").replace("\"1\"", "\"2\""));
    let shell = Shell::of(&two, ALL).await;
    let added = shell.run("add stop more --at 20:00 --name dev-* --max-instances 1 --live").await;
    assert_eq!(added.code, Some(0), "{added:?}");
    assert!(added.stderr.contains("rule `more` is about too many servers"), "{added:?}");
    assert_eq!(shell.run("plan more").await.code, Some(4));
}

#[tokio::test]
async fn the_version_can_be_read_by_programs() {
    let shell = Shell::of(ONE, ALL).await;
    let version = &shell.json("version").await[0];
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
    assert!(version["tz_data"].is_string(), "{version}");
    let told = shell.run("version").await.stdout;
    assert!(told.starts_with(concat!("lightsout ", env!("CARGO_PKG_VERSION"))), "{told}");
}
