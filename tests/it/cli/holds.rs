//! `lightsout hold`, `release` and `holds`: what is left alone for a while.

use std::fs;
use std::process::Stdio;

use lightsout::cloud::codes;
use lightsout::model::instance::InstanceNo;
use serde_json::Value;

use super::shell::{ALL, Done, ONE, Shell, bare, finish, keys, own_name};
use crate::wait;

fn first() -> InstanceNo {
    InstanceNo::new("1").unwrap()
}

/// Of each line of a plan or a history: what (would have) happened, and why.
fn words(lines: &[Value], what: &str) -> Vec<(String, String)> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    lines.iter().map(|line| (word(&line[what]), word(&line["reason"]))).collect()
}

/// The only line there is: its outcome, and how its reason begins and ends.
fn assert_skipped(lines: &[Value], what: &str, (begins, ends): (&str, &str)) {
    let [(outcome, reason)] = &words(lines, what)[..] else { panic!("{lines:?}") };
    assert!(outcome.starts_with("skip"), "{lines:?}");
    assert!(reason.starts_with(begins) && reason.ends_with(ends), "{lines:?}");
    assert_eq!(lines[0]["reason_code"], "held", "{lines:?}");
}

async fn well(shell: &Shell, arguments: &str) -> Done {
    let done = shell.run(arguments).await;
    // No daemon is alive here, which the code of `status` says.
    let expected = i32::from(arguments.starts_with("status"));
    assert_eq!(done.code, Some(expected), "{arguments}: {done:?}");
    done
}

#[tokio::test]
async fn a_server_that_is_held_is_left_alone_until_it_is_released() {
    let shell = Shell::of(ONE, ALL).await;
    let held = well(&shell, "hold dev-a --until 25h --why release").await;
    assert!(held.stderr.contains("server `dev-a` is held until 20"), "{held:?}");
    assert!(held.stdout.contains("night"), "the firing it holds back: {held:?}");
    assert!(held.stdout.contains("caught up on then if still wanted"), "{held:?}");
    let why = ("held until 20", " (release)");
    assert_skipped(&shell.json("plan").await, "would", why);
    let fired = well(&shell, "fire night --yes").await;
    assert!(fired.stdout.contains("held until"), "{fired:?}");
    assert_skipped(&shell.json("history").await, "outcome", why);
    assert_eq!(shell.stop_requests(), 0);
    let holds = shell.json("holds").await;
    let of = |key: &str| holds[0][key].clone();
    assert_eq!(
        (of("subject"), of("what"), of("why")),
        ("dev-a".into(), "instance".into(), "release".into())
    );
    assert!(of("who").as_str().unwrap().starts_with(&format!("{}@", own_name())), "{holds:?}");
    assert_eq!(
        (of("state"), of("owed"), of("via")),
        ("in force".into(), Value::Null, "command".into())
    );
    let status = shell.json("status").await;
    assert_eq!(status[0]["holds"][0], holds[0]);
    assert!(well(&shell, "status").await.stdout.contains("held       dev-a  until "));
    let json = well(&shell, "holds --format json").await;
    let csv = well(&shell, "holds --format csv").await;
    assert_eq!(
        csv.stdout.lines().next().unwrap().split(',').collect::<Vec<_>>(),
        keys(&json.stdout)
    );
    let statuses = well(&shell, "status --format csv").await;
    assert!(statuses.stdout.contains("\nheld,20"), "{statuses:?}");
    well(&shell, "release dev-a").await;
    assert_eq!(shell.json("holds").await, [] as [Value; 0]);
    assert_eq!(shell.json("holds --all").await[0]["state"], "released");
    well(&shell, "fire night --yes").await;
    assert_eq!(
        (shell.stop_requests(), &shell.json("history").await[0]["outcome"]),
        (1, &"stopped".into())
    );
    assert_eq!(shell.run("release dev-a").await.code, Some(2), "it is held no more");
    let verified = well(&shell, "audit verify").await;
    assert!(verified.stdout.contains("sound"), "{verified:?}");
}

#[tokio::test]
async fn a_rule_that_is_held_leaves_all_alone_and_next_says_so() {
    let two = format!("{ONE}[[servers]]\nname = \"b\"\nno = \"2\"\nstatus = \"NSTOP\"\n");
    let shell = Shell::of(&two, ALL).await;
    let held = well(&shell, "hold night --until 26h --skip").await;
    assert!(held.stderr.contains("rule `night` is held until"), "{held:?}");
    let next = shell.json("next --count 3").await;
    let notes: Vec<&str> = next.iter().map(|line| line["note"].as_str().unwrap_or("")).collect();
    assert!(notes[0].starts_with("held with its rule until"), "{notes:?}");
    assert!(notes[0].ends_with("not caught up on"), "{notes:?}");
    assert_eq!(notes[2], "", "the third evening is free");
    well(&shell, "fire night --yes").await;
    let history = shell.json("history").await;
    let outcomes: Vec<_> = words(&history, "outcome").into_iter().map(|(word, _)| word).collect();
    assert_eq!(outcomes, ["skipped", "already"], "what is off is off: {history:?}");
    let number = shell.json("holds").await[0]["hold"].to_string();
    well(&shell, &format!("release {number}")).await;
    assert_eq!(shell.json("next --count 1").await[0]["note"], Value::Null);
}

#[tokio::test]
async fn what_cannot_be_held_is_refused_and_nothing_is_written() {
    let shell = Shell::of(ONE, ALL).await;
    let limited = ALL.replace("[[rules]]", "[limits]\nmax_hold = \"12h\"\n[[rules]]");
    fs::write(shell.path().join("limited.toml"), limited).unwrap();
    for (arguments, hint) in [
        ("hold dev-a --until 73h", "`[limits] max_hold` says so"),
        ("hold dev-a --until 13h --config limited.toml", "12h at most"),
        ("hold dev-a --until 2000-01-01", "a time to come"),
        ("hold dev-a --until someday", "90m"),
        ("hold dev-aa --until 2h", "did you mean `dev-a`?"),
        ("hold nihgt --until 2h", "did you mean `night`?"),
        ("hold dev-a --rule --until 2h", "its rules are: night"),
        ("hold night --instance --until 2h", "`lightsout plan`"),
        ("hold dev-a", "--until"),
        ("hold dev-a --tonight --until 2h", "cannot be used with"),
        ("release dev-a", "`lightsout holds`"),
    ] {
        let done = shell.run(arguments).await;
        assert_eq!(done.silent(), (Some(2), ""), "{arguments}: {done:?}");
        assert!(done.stderr.contains(hint), "{arguments}: {done:?}");
    }
    assert!(!shell.path().join("lightsout.db").exists());
}

#[tokio::test]
async fn what_is_a_rule_and_a_server_is_asked_about() {
    let shell = Shell::of(&ONE.replace("dev-a", "night"), ALL).await;
    well(&shell, "fire night --dry-run").await;
    let torn = shell.run("hold night --until 2h").await;
    assert_eq!(torn.silent(), (Some(2), ""), "{torn:?}");
    assert!(torn.stderr.contains("`--rule` holds the rule, `--server` the server"), "{torn:?}");
    well(&shell, "hold night --until 2h --instance").await;
    assert_skipped(&shell.json("plan").await, "would", ("held until", ""));
    well(&shell, "release night").await;
    well(&shell, "hold night --until 2h --rule").await;
    assert_skipped(&shell.json("plan").await, "would", ("held with its rule until", ""));
}

#[tokio::test]
async fn of_a_rule_and_a_server_of_one_name_only_the_one_that_is_said_is_released() {
    let shell = Shell::of(&ONE.replace("dev-a", "night"), ALL).await;
    well(&shell, "fire night --dry-run").await;
    for (released, left) in [("--rule", "instance"), ("--instance", "rule")] {
        well(&shell, "hold night --until 2h --rule").await;
        well(&shell, "hold night --until 2h --instance").await;
        let torn = shell.run("release night").await;
        assert_eq!(torn.silent(), (Some(2), ""), "{torn:?}");
        let hint = "`--rule` releases the rule, `--server` the server";
        assert!(torn.stderr.contains(hint), "{torn:?}");
        well(&shell, &format!("release night {released}")).await;
        let holds = shell.json("holds").await;
        assert_eq!((holds.len(), &holds[0]["what"]), (1, &left.into()), "{released}: {holds:?}");
        well(&shell, "release night").await;
        assert_eq!(shell.json("holds").await.len(), 0);
    }
}

#[tokio::test]
async fn where_the_cloud_cannot_be_asked_the_hold_stands_with_a_warning() {
    let shell = Shell::of(ONE, ALL).await;
    let done = finish(bare(shell.path(), "hold 1 --until 2h --why demo")).await;
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.stderr.contains("nobody knows a server `1`; it is held all the same"));
    assert_skipped(&shell.json("plan").await, "would", ("held until", " (demo)"));
    shell.cloud.revoke_keys();
    let denied = well(&shell, "hold dev-b --tonight").await;
    assert!(denied.stderr.contains("account `main` could not be asked"), "{denied:?}");
    assert!(denied.stderr.contains("night ends at 08:00"), "{denied:?}");
    assert_eq!(shell.json("holds").await.len(), 2);
}

/// `ALL`, with a tag that holds.
fn tagging() -> String {
    ALL.replace("[[rules]]", "[holds]\ntag = \"keep\"\n[[rules]]")
}

#[tokio::test]
async fn a_tag_holds_until_its_time_is_listed_and_can_be_released() {
    let shell = Shell::of(ONE, &tagging()).await;
    shell.cloud.set_tags(&first(), &[("keep", "2199년 11월 24일 02시 30분")]);
    let why = ("held until", " by tag keep (2199년 11월 24일 02시 30분)");
    assert_skipped(&shell.json("plan").await, "would", why);
    assert!(!shell.path().join("lightsout.db").exists(), "a plan writes nothing");
    well(&shell, "fire night --yes").await;
    assert_skipped(&shell.json("history").await, "outcome", why);
    let holds = shell.json("holds").await;
    assert_eq!(
        (holds.len(), &holds[0]["via"], &holds[0]["instance_no"]),
        (1, &"tag".into(), &"1".into())
    );
    assert_eq!(shell.json("plan").await[0]["would"], "skip", "it is capped, and still holds");
    let released = well(&shell, "release dev-a").await;
    assert!(released.stderr.contains("tag keep is still there"), "{released:?}");
    well(&shell, "fire night --yes").await;
    assert_eq!((shell.stop_requests(), shell.json("holds").await.len()), (1, 0));
}

#[tokio::test]
async fn a_tag_that_says_no_time_holds_and_says_so_and_one_in_the_past_does_not() {
    let shell = Shell::of(ONE, &tagging()).await;
    shell.cloud.set_tags(&first(), &[("keep", "soon")]);
    let mut command = shell.command("fire night --yes");
    command.env("RUST_LOG", "warn");
    let fired = finish(command).await;
    assert_eq!(fired.code, Some(0), "{fired:?}");
    assert!(fired.stderr.contains("tag says no time"), "{fired:?}");
    assert_skipped(&shell.json("history").await, "outcome", ("held until", "(`soon` is no time)"));
    shell.cloud.set_tags(&first(), &[("keep", "2026-01-01 02:00 KST")]);
    well(&shell, "fire night --yes").await;
    assert_eq!(shell.stop_requests(), 1, "its time has passed, and it says `soon` no more");
    assert_eq!(shell.json("holds --all").await[0]["released_by"], "tag keep");
}

#[tokio::test]
async fn a_hold_counts_for_a_firing_that_is_under_way() {
    let busy = format!("{ONE}operation = \"SETUP\"\nbusy_for = \"1h\"\n");
    let shell = Shell::of(&busy, ALL).await;
    let mut command = shell.command("fire night --yes");
    let firing = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut firing = super::daemon::Process(firing);
    let requests = || shell.cloud.requests();
    let looked_at = async || requests().iter().any(|request| !request.instances.is_empty());
    wait::until_so("it is looked at again", looked_at).await;
    well(&shell, "hold dev-a --until 2h").await;
    shell.cloud.set_status(&first(), codes::status("RUN"), codes::operation("NULL"));
    let ended = tokio::task::spawn_blocking(move || firing.0.wait().unwrap().code());
    assert_eq!(ended.await.unwrap(), Some(0));
    assert_skipped(&shell.json("history").await, "outcome", ("held until", ""));
    assert_eq!(shell.stop_requests(), 0);
}
