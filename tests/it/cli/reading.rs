//! Commands that change nothing.

use std::fs;

use super::shell::{ALL, ONE, Shell, bare, finish, keys};

#[tokio::test]
async fn check_exits_0_for_a_good_file_and_2_for_a_bad_one() {
    let shell = Shell::of(ONE, ALL).await;
    assert_eq!(shell.run("check").await.code, Some(0));
    fs::write(shell.path().join("bad.toml"), ALL.replace("0 20", "0 25")).unwrap();
    for arguments in ["check bad.toml", "--config bad.toml check", "check --config bad.toml"] {
        let done = shell.run(arguments).await;
        assert_eq!(done.silent(), (Some(2), ""), "{arguments}: {done:?}");
        assert!(done.stderr.contains("bad.toml:7"), "{}", done.stderr);
    }
    let missing = shell.run("check nowhere.toml").await;
    assert_eq!(missing.silent(), (Some(2), ""), "{missing:?}");
    assert_eq!(shell.run("no-such-command").await.silent(), (Some(2), ""));
}

/// That the only server is running at a time at which the rule has stopped it.
const IN_VAIN: &str = "[[expect]]\nat = \"2026-12-24 22:05\"\n\
    instance = { name = \"dev-a\", tags = { env = \"dev\" } }\nstate = \"running\"\n";

#[tokio::test]
async fn check_reads_each_rule_back_as_it_is_understood() {
    let shell = Shell::of(ONE, ALL).await;
    let text = ALL.replace("0 20 * * *", "22 0 * * FRI");
    fs::write(shell.path().join("odd.toml"), &text).unwrap();
    let done = shell.run("check odd.toml").await;
    let read = "rule `night` stops at 00:22 on Fridays (in the small hours), Asia/Seoul: names `*`";
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.stderr.trim_end().ends_with(read), "{done:?}");
    assert!(done.stderr.contains("warning: `22 0 * * FRI` fires at 00:22"), "{done:?}");
    let about = text.replace("name = \"night\"", "name = \"night\"\nabout = \"after the deploy\"");
    assert_ne!(about, text);
    fs::write(shell.path().join("odd.toml"), about).unwrap();
    let done = shell.run("check odd.toml").await;
    assert!(!done.stderr.contains("warning"), "somebody said that it is meant: {done:?}");
    assert!(done.stderr.contains("rule `night` (after the deploy) stops at 00:22"), "{done:?}");
}

#[tokio::test]
async fn an_expectation_that_does_not_hold_is_a_warning_and_exit_1_of_check() {
    let shell = Shell::of(ONE, &format!("{ALL}{IN_VAIN}")).await;
    let done = shell.run("check").await;
    assert_eq!(done.silent(), (Some(1), ""), "{done:?}");
    let said = "warning: `dev-a` is expected to be running at 2026-12-24 22:05+09:00, \
                and would be stopped";
    assert!(done.stderr.contains(said), "{done:?}");
    fs::write(shell.path().join("both.toml"), format!("{}{IN_VAIN}", ALL.replace("0 20", "0 25")))
        .unwrap();
    assert_eq!(shell.run("check both.toml").await.code, Some(2));
}

#[tokio::test]
async fn check_warns_of_a_gateway_from_elsewhere_that_run_would_refuse() {
    let shell = Shell::of(ONE, ALL).await;
    let mut check = shell.command("check");
    check.env("NCLOUD_API_GW", "http://example.com");
    let done = finish(check).await;
    assert_eq!(done.silent(), (Some(0), ""), "the file is good: {done:?}");
    for part in ["account `main` cannot be used here", "`NCLOUD_API_GW`", "hint: write `https://`"]
    {
        assert!(done.stderr.contains(part), "{part}: {done:?}");
    }
}

#[tokio::test]
async fn next_prints_its_keys_and_local_times() {
    let shell = Shell::of(ONE, ALL).await;
    let done = shell.run("next --count 2 --from 2026-11-23 --format json").await;
    let line = |at: &str| {
        format!(
            "{{\"rule\":\"night\",\"action\":\"stop\",\"at\":\"{at}\",\"cron\":\"0 20 * * *\",\
             \"timezone\":\"Asia/Seoul\",\"note\":null}}\n"
        )
    };
    let expected = line("2026-11-23T20:00:00+09:00") + &line("2026-11-24T20:00:00+09:00");
    assert_eq!((done.code, done.stdout), (Some(0), expected));
}

#[tokio::test]
async fn plan_prints_its_keys_and_sends_nothing() {
    let fleet = format!("{ONE}[[servers]]\nname = \"b\"\nno = \"2\"\nstatus = \"NSTOP\"\n");
    let shell = Shell::of(&fleet, &format!("{ALL}except = {{ names = [\"x\"] }}\n")).await;
    let done = shell.run("plan --format json").await;
    let line = |no: &str, name: &str, status: &str, would: &str| {
        format!(
            "{{\"rule\":\"night\",\"action\":\"stop\",\"account\":\"main\",\"region\":\"KR\",\
             \"instance_no\":\"{no}\",\"instance_name\":\"{name}\",\"status\":\"{status}\",\
             \"operation\":\"NULL\",\"would\":\"{would}\",\"reason\":null,\"reason_code\":null}}\n"
        )
    };
    let mut lines: Vec<&str> = done.stdout.split_inclusive('\n').collect();
    lines.sort_unstable();
    let expected = [line("1", "dev-a", "RUN", "stop"), line("2", "b", "NSTOP", "already")];
    assert_eq!((done.code, lines), (Some(0), expected.iter().map(String::as_str).collect()));
    assert_eq!(shell.cloud.counts().total(), lightsout::cloud::rehearsal::Tally::default());
    assert!(!shell.path().join("lightsout.db").exists(), "a plan writes nothing");
}

#[tokio::test]
async fn history_prints_its_keys() {
    let shell = Shell::of(ONE, ALL).await;
    assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    let done = shell.run("history --format json").await;
    assert_eq!(
        keys(done.stdout.trim_end()),
        [
            "firing",
            "rule",
            "action",
            "trigger",
            "scheduled_at",
            "started_at",
            "account",
            "region",
            "instance_no",
            "instance_name",
            "requested_at",
            "request_id",
            "http_status",
            "return_code",
            "return_message",
            "status_before",
            "status_after",
            "outcome",
            "reason",
            "settled_at",
            "reason_code",
            "override",
        ]
    );
    assert_eq!(done.lines()[0]["outcome"], "dry_run");
}

#[tokio::test]
async fn what_needs_no_cloud_prints_to_stdout() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, part) in [
        ("schema", "\"$schema\""),
        ("man", "lightsout"),
        ("completions bash", "_lightsout"),
        ("--version", "lightsout "),
        ("--help", "schedules.toml"),
    ] {
        let done = finish(bare(folder.path(), arguments)).await;
        assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""), "{arguments}");
        assert!(done.stdout.contains(part), "{arguments}: {}", done.stdout);
    }
}
