//! `lightsout plan` says what a firing would do, not more and not less.

use lightsout::model::instance::InstanceNo;
use serde_json::Value;

use super::shell::{ALL, Done, ONE, Shell};

/// Of each line: the number, what would become of the instance, and why.
fn lines(done: &Done) -> Vec<(String, String, String)> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let line =
        |line: Value| (word(&line["instance_no"]), word(&line["would"]), word(&line["reason"]));
    let mut lines: Vec<_> = done.lines().into_iter().map(line).collect();
    lines.sort();
    lines
}

fn line(no: &str, would: &str, reason: &str) -> (String, String, String) {
    (no.to_owned(), would.to_owned(), reason.to_owned())
}

async fn plan(shell: &Shell) -> Done {
    shell.run("plan --format json").await
}

#[tokio::test]
async fn what_a_guard_would_hold_back_is_skipped_with_the_guard_as_the_reason() {
    let fleet = format!(
        "{ONE}[[servers]]\nname = \"b\"\nno = \"2\"\n\
         [[servers]]\nname = \"c\"\nno = \"3\"\nstatus = \"NSTOP\"\n"
    );
    let shell = Shell::of(&fleet, &format!("{ALL}max_instances = 2\n")).await;
    let done = plan(&shell).await;
    let guard = "too_many: 3 instances, max_instances = 2";
    let expected = [line("1", "skip", guard), line("2", "skip", guard), line("3", "already", "")];
    assert_eq!((done.code, lines(&done)), (Some(4), expected.to_vec()), "{done:?}");
    assert!(done.stderr.contains("raise `max_instances`"), "{done:?}");
    let codes: Vec<_> = done.lines().iter().map(|line| line["reason_code"].clone()).collect();
    assert_eq!(codes.iter().filter(|code| *code == "guarded").count(), 2, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| code.is_null()).count(), 1, "{codes:?}");
}

#[tokio::test]
async fn a_plan_foresees_that_a_rule_has_drifted() {
    let fleet = "[[servers]]\nname = \"dev\"\nno = \"1\"\ncount = 2\nstatus = \"NSTOP\"\n\
        [[servers]]\nname = \"qa\"\nno = \"11\"\ncount = 5\n";
    let shell = Shell::of(fleet, &ALL.replace("\"*\"", "\"dev*\"")).await;
    assert_eq!(shell.run("fire night --yes").await.code, Some(0));
    for no in 11..16 {
        shell.cloud.rename(&InstanceNo::new(no.to_string()).unwrap(), &format!("dev-{no}"));
    }
    let done = plan(&shell).await;
    let guard = "drifted: 7 instances, 2 at most in its last firings";
    let mut expected = vec![line("1", "already", ""), line("2", "already", "")];
    expected.extend((11..16).map(|no| line(&no.to_string(), "skip", guard)));
    expected.sort();
    assert_eq!((done.code, lines(&done)), (Some(4), expected), "{done:?}");
    assert!(done.stderr.contains("--allow-drift"), "{done:?}");
    let fired = shell.run("fire night --yes").await;
    assert_eq!(fired.code, Some(4), "what was foreseen is what happens: {fired:?}");
    assert!(fired.stderr.contains("has drifted"), "{fired:?}");
    assert!(fired.stderr.contains("--allow-drift"), "{fired:?}");
}

#[tokio::test]
async fn what_could_not_be_read_is_not_said_to_match_nothing() {
    let by_tag = ALL.replace("names = [\"*\"]", "tags = { env = \"dev\" }");
    let elsewhere = ALL.replace("\"*\"", "\"elsewhere\"");
    let refuse = "[[faults]]\nkind = \"refuse\"\ncode = \"77777\"\n";
    let tags = format!("{ONE}{refuse}on = \"resources\"\n");
    let region = format!(
        "regions = [\"KR\", \"JPN\"]\n{ONE}{refuse}on = \"getServerInstanceList\"\nregion = \"JPN\"\n"
    );
    for (fleet, schedules, said) in [
        (&tags, &by_tag, "may mean 1 more server"),
        (&region, &elsewhere, "region JPN: could not be listed"),
    ] {
        let shell = Shell::of(fleet, schedules).await;
        let done = plan(&shell).await;
        assert_eq!((done.code, lines(&done)), (Some(3), vec![]), "{done:?}");
        assert!(done.stderr.contains(said), "{done:?}");
        assert!(done.stderr.contains("error: account `main`, region"), "{done:?}");
        assert!(!done.stderr.contains("matched no server"), "{done:?}");
    }
}

/// The rules `night`, and `off`, which is disabled and matches nothing.
fn one_disabled() -> String {
    let off = "[[rules]]\nname = \"off\"\naction = \"start\"\ncron = \"30 2 * * *\"\n\
        timezone = \"Europe/Berlin\"\nenabled = false\nselect = { names = [\"none\"] }\n";
    format!("{ALL}{off}")
}

#[tokio::test]
async fn a_disabled_rule_is_planned_only_when_it_is_named() {
    let shell = Shell::of(ONE, &one_disabled()).await;
    let all = plan(&shell).await;
    assert_eq!(lines(&all), [line("1", "stop", "")]);
    assert_eq!(all.stderr, "in all: 1 stop\n");
    let named = shell.run("plan off").await;
    assert_eq!(named.silent(), (Some(0), ""));
    assert!(named.stderr.contains("rule `off` is disabled"), "{named:?}");
}

#[tokio::test]
async fn a_disabled_rule_has_firings_to_come_only_when_it_is_named() {
    let shell = Shell::of(ONE, &one_disabled()).await;
    let all = shell.json("next --count 1 --from 2026-03-28").await;
    assert_eq!(all.iter().map(|line| &line["rule"]).collect::<Vec<_>>(), ["night"]);
    let named = shell.json("next off --count 2 --from 2026-03-28").await;
    let notes: Vec<&str> = named.iter().map(|line| line["note"].as_str().unwrap()).collect();
    assert_eq!(notes[0], "disabled: does not fire");
    assert!(notes[1].starts_with("disabled: does not fire; "), "it hides no gap: {notes:?}");
}

#[tokio::test]
async fn numbers_that_no_list_has_are_named_with_their_rule() {
    let rules = ALL.replace("names = [\"*\"]", "instances = [\"1\", \"404\"]");
    let shell = Shell::of(ONE, &rules).await;
    let done = plan(&shell).await;
    assert_eq!((done.code, lines(&done)), (Some(0), vec![line("1", "stop", "")]));
    assert!(done.stderr.contains("rule `night` matches nothing: `instances` of `select`: 404\n"));
}

#[tokio::test]
async fn a_stranger_is_named_once_however_many_rules_ask() {
    let fleet = format!(
        "{ONE}[[servers]]\nname = \"gone\"\nno = \"9\"\nstranger = true\ntags = {{ env = \"dev\" }}\n"
    );
    let by_tag = "[[rules]]\nname = \"tagged\"\naction = \"stop\"\ncron = \"0 21 * * *\"\n\
        select = { tags = { env = \"dev\" } }\n";
    let shell = Shell::of(&fleet, &format!("{ALL}{by_tag}")).await;
    let done = plan(&shell).await;
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(done.stderr.matches("not in the server list: 9").count(), 1, "{done:?}");
}

#[tokio::test]
async fn a_tag_may_be_asked_to_be_empty() {
    let fleet = "[[servers]]\nname = \"a\"\nno = \"1\"\ntags = { env = \"\" }\n\
        [[servers]]\nname = \"b\"\nno = \"2\"\ntags = { env = \"dev\" }\n\
        [[servers]]\nname = \"c\"\nno = \"3\"\n";
    let shell = Shell::of(fleet, &ALL.replace("names = [\"*\"]", "tags = { env = \"\" }")).await;
    assert_eq!(lines(&plan(&shell).await), [line("1", "stop", "")]);
}

#[tokio::test]
async fn whatever_right_is_missing_is_named_with_the_policy_that_grants_it() {
    let by_tag = ALL.replace("names = [\"*\"]", "tags = { env = \"dev\" }");
    for (call, policy) in [
        ("getRegionList", "NCP_VPC_SERVER_VIEWER"),
        ("getServerInstanceList", "NCP_VPC_SERVER_VIEWER"),
        ("resources", "NCP_RESOURCE_MANAGER_VIEWER"),
    ] {
        let fault = format!("[[faults]]\nkind = \"forbidden\"\non = \"{call}\"\n");
        let shell = Shell::of(&format!("{ONE}{fault}"), &by_tag).await;
        for command in ["plan", "fire night --yes"] {
            let done = shell.run(command).await;
            assert_eq!(done.code, Some(3), "{done:?}");
            let said = format!("the keys lack the right to call `{call}`, which `{policy}` grants");
            assert!(done.stderr.contains(&said), "{command}: {done:?}");
        }
        let history = shell.run("history").await.stdout;
        assert!(history.contains(call) && history.contains(policy), "{history}");
    }
    let fleet = "[[servers]]\nname = \"a\"\nplatform = \"classic\"\n\
        [[faults]]\nkind = \"forbidden\"\non = \"getZoneList\"\n";
    let shell = Shell::of(fleet, &ALL.replace("\"vpc\"", "\"classic\"")).await;
    let done = plan(&shell).await;
    assert!(done.stderr.contains("lack the right to call `getZoneList`: HTTP 401"), "{done:?}");
}

#[tokio::test]
async fn a_server_whose_row_is_odd_is_left_out_aloud_and_an_odd_row_about_tags_protects_all() {
    let odd = "[[servers]]\nname = \"odd-one\"\nno = \"7\"\nodd = true\ntags = { env = \"dev\" }\n";
    let shell = Shell::of(&format!("{ONE}{odd}"), ALL).await;
    let done = plan(&shell).await;
    assert_eq!((done.code, lines(&done)), (Some(0), vec![line("1", "stop", "")]), "{done:?}");
    let said = "warning: account `main`, region KR: left out: the answer cannot be read: server \
        `7` (`odd-one`) of the list has no serverInstanceStatus";
    assert!(done.stderr.contains(said), "{done:?}");
    let fired = shell.run("fire night --yes").await;
    assert_eq!((fired.code, shell.stop_requests()), (Some(0), 1), "{fired:?}");
    assert!(fired.stderr.contains(said), "{fired:?}");
    let history = shell.json("history --outcome skipped").await;
    assert_eq!(history.len(), 1, "{history:?}");
    let reason = history[0]["reason"].as_str().unwrap();
    assert!(reason.starts_with("left out: ") && reason.contains("`7` (`odd-one`)"), "{reason}");
    let firing = history[0]["firing"].as_i64().unwrap();
    let shown = shell.run(&format!("show {firing}")).await;
    assert!(shown.stdout.contains("`odd-one`"), "{shown:?}");
    let tags = "tags = { env = \"dev\" }";
    let select = ALL.replace("names = [\"*\"]", tags);
    let except = format!("{ALL}except = {{ {tags} }}\n");
    let protect = ALL.replace("[[rules]]", &format!("[protect]\n{tags}\n[[rules]]"));
    // Each waits for as long as a plan does.
    let planned = async |rules: String, reason: Option<&str>| {
        let fleet = ONE.replace("env = \"dev\"", "env = \"qa\"");
        let shell = Shell::of(&format!("{fleet}{odd}"), &rules).await;
        let done = plan(&shell).await;
        let expected: Vec<_> = reason.iter().map(|reason| line("1", "skip", reason)).collect();
        assert_eq!((done.code, lines(&done)), (Some(3), expected), "{done:?}");
        assert!(done.stderr.contains("the resourceId `` is no server's"), "{done:?}");
    };
    tokio::join!(
        planned(select, None),
        planned(except, Some("excepted: its tags could not be read")),
        planned(protect, Some("protected: its tags could not be read")),
    );
}

#[tokio::test]
async fn a_plan_that_waits_says_for_what_and_what_a_tag_glob_has_cost() {
    let fleet = "[[servers]]\nname = \"dev\"\ncount = 40\ntags = { env = \"dev\" }\n\
        [[faults]]\non = \"resources\"\nkind = \"slow\"\ndelay = \"2s\"\n";
    let rules = format!("{ALL}[protect]\ntags = {{ env = \"prod*\" }}\n");
    let done = plan(&Shell::of(fleet, &rules).await).await;
    assert_eq!((done.code, done.lines().len()), (Some(0), 40), "{done:?}");
    assert!(done.stderr.contains("reading tags in account main, "), "{done:?}");
    let cost =
        "the tags of 40 servers took a call each, because of globs such as `env = \"prod*\"`";
    assert!(done.stderr.contains(cost), "{done:?}");
}
