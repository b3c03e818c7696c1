//! `lightsout diff`: what an edited file would change.

use std::fs;
use std::process::Stdio;

use lightsout::cloud::rehearsal::Tally;
use serde_json::Value;

use super::daemon::Process;
use super::shell::{ALL, Done, ONE, Shell, keys};
use crate::wait;

const FROM: &str = "--from 2026-11-23 --days 2";

/// `ALL` and, beside it as `new.toml`, an edited copy.
async fn edited(fleet: &str, was: &str, is: &str) -> Shell {
    let shell = Shell::of(fleet, ALL).await;
    let new = ALL.replace(was, is);
    assert_ne!(new, ALL);
    fs::write(shell.path().join("new.toml"), new).unwrap();
    shell
}

async fn diff(shell: &Shell, more: &str) -> Done {
    shell.run(&format!("diff schedules.toml new.toml {FROM} {more}")).await
}

#[tokio::test]
async fn a_rule_that_moved_is_told_in_words_and_firing_by_firing() {
    let shell = edited(ONE, "0 20 * * *", "30 21 * * *").await;
    let done = diff(&shell, "").await;
    let expected = "\
RULE   CHANGE   WHAT IT MEANS
night  altered  fires at `30 21 * * *` (At 21:30), was `0 20 * * *` (At 20:00)

RULE   FIRING  ACTION  BEFORE                     AFTER
night  moved   stop    2026-11-23T20:00:00+09:00  2026-11-23T21:30:00+09:00
night  moved   stop    2026-11-24T20:00:00+09:00  2026-11-24T21:30:00+09:00
";
    assert_eq!((done.code, done.stdout.as_str()), (Some(0), expected));
    assert_eq!(
        done.stderr,
        "1 rule differs; firings until 2026-11-25 00:00+09:00: 0 added, 2 moved, 0 removed\n"
    );
    let json = diff(&shell, "--format json").await;
    assert_eq!(
        json.stdout.lines().nth(1),
        Some(
            "{\"what\":\"firing\",\"change\":\"moved\",\"rule\":\"night\",\"action\":\"stop\",\
             \"before\":\"2026-11-23T20:00:00+09:00\",\"after\":\"2026-11-23T21:30:00+09:00\",\
             \"account\":null,\"region\":null,\"instance_no\":null,\"instance_name\":null,\
             \"words\":null}"
        )
    );
    let csv = diff(&shell, "--format csv").await;
    let head = csv.stdout.lines().next().unwrap();
    assert_eq!(head.split(',').collect::<Vec<_>>(), keys(json.stdout.lines().next().unwrap()));
}

#[tokio::test]
async fn a_table_shows_the_first_firings_of_a_rule_and_how_many_follow() {
    let shell = edited(ONE, "0 20 * * *", "0 * * * *").await;
    let done = diff(&shell, "").await;
    let firings = done.stdout.split_once("\n\n").unwrap().1;
    assert_eq!(firings.lines().count(), 12, "{firings}");
    assert!(firings.ends_with("night  36 more\n"), "{firings}");
    assert_eq!(diff(&shell, "--format json").await.stdout.lines().count(), 47);
}

#[tokio::test]
async fn only_with_exit_code_is_a_difference_an_exit_code() {
    let shell = edited(ONE, "30s", "1m").await;
    let same = shell.run("diff schedules.toml --exit-code").await;
    assert_eq!(
        (same.silent(), &*same.stderr),
        ((Some(0), ""), "no difference: both mean the same\n")
    );
    assert_eq!(diff(&shell, "").await.code, Some(0));
    assert_eq!(diff(&shell, "--exit-code").await.code, Some(1));
    let unused = shell.run("--config new.toml diff schedules.toml --exit-code").await;
    assert_eq!(unused.code, Some(1), "the file in use is the new one");
    fs::write(shell.path().join("bad.toml"), ALL.replace("0 20", "0 25")).unwrap();
    for arguments in ["diff bad.toml", "diff schedules.toml bad.toml", "diff nowhere.toml"] {
        let done = shell.run(&format!("{arguments} --exit-code")).await;
        assert_eq!(done.silent(), (Some(2), ""), "{arguments}: {done:?}");
    }
}

#[tokio::test]
async fn a_copy_in_another_folder_means_the_same() {
    let shell = Shell::of(ONE, ALL).await;
    let file = ALL.replace("\"vpc\"\n", "\"vpc\"\ncredentials = \"file:keys\"\n");
    fs::create_dir(shell.path().join("was")).unwrap();
    for path in ["was/then.toml", "schedules.toml"] {
        fs::write(shell.path().join(path), &file).unwrap();
    }
    let done = shell.run("diff was/then.toml --exit-code").await;
    assert_eq!(done.silent(), (Some(0), ""), "{done:?}");
}

#[tokio::test]
async fn what_the_daemon_runs_is_compared_with_the_file_as_it_is_now() {
    let shell = Shell::of(ONE, ALL).await;
    let done = shell.run("diff @running").await;
    assert_eq!(done.silent(), (Some(5), ""), "there is no log yet: {done:?}");
    let daemon = Process(shell.command("run").stderr(Stdio::null()).spawn().unwrap());
    let loaded = async || shell.run("diff @running --exit-code").await.code == Some(0);
    wait::until_so("it takes its file into use", loaded).await;
    assert_eq!(daemon.terminate().await, Some(0));
    fs::write(shell.path().join("schedules.toml"), ALL.replace("30s", "1m")).unwrap();
    let done = shell.run("diff @running").await;
    let expected = "\
RULE   CHANGE   WHAT IT MEANS
night  altered  `patience` is 1m, was 30s
";
    assert_eq!((done.code, done.stdout.as_str()), (Some(0), expected), "{done:?}");
    assert!(done.stderr.contains("no daemon is alive; the last one took its file at"), "{done:?}");
}

/// Of each line about an instance: its change, its rule, and its number.
fn instances(done: &Done) -> Vec<[String; 3]> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let lines = done.lines().into_iter().filter(|line| line["what"] == "instance");
    let line = |line: Value| ["change", "rule", "instance_no"].map(|key| word(&line[key]));
    let mut lines: Vec<_> = lines.map(line).collect();
    lines.sort();
    lines
}

fn line(change: &str, no: &str) -> [String; 3] {
    [change, "night", no].map(ToOwned::to_owned)
}

#[tokio::test]
async fn live_it_names_the_instances_that_are_newly_matched_or_no_longer() {
    let fleet = format!(
        "{ONE}[[servers]]\nname = \"qa-b\"\nno = \"2\"\n[[servers]]\nname = \"prod-c\"\nno = \"3\"\n"
    );
    let protect = "[protect]\nnames = [\"prod-*\"]\n[[rules]]";
    for (was, is, expected) in [
        (
            "names = [\"*\"]",
            "names = [\"qa-*\"]",
            vec![line("unmatched", "1"), line("unmatched", "3")],
        ),
        (
            "names = [\"*\"]",
            "tags = { env = \"dev\" }",
            vec![line("unmatched", "2"), line("unmatched", "3")],
        ),
        ("[[rules]]", protect, vec![line("unmatched", "3")]),
        (
            "patience",
            "enabled = false\npatience",
            ["1", "2", "3"].map(|no| line("unmatched", no)).to_vec(),
        ),
        ("30s", "1m", vec![]),
    ] {
        let shell = edited(&fleet, was, is).await;
        let done = diff(&shell, "--live --format json").await;
        assert_eq!((done.code, instances(&done)), (Some(0), expected), "{is}: {done:?}");
        let back = shell.run("diff new.toml schedules.toml --live --format json").await;
        let matched = instances(&back).into_iter().map(|[_, _, no]| no).collect::<Vec<_>>();
        let unmatched: Vec<_> = instances(&done).into_iter().map(|[_, _, no]| no).collect();
        assert_eq!(matched, unmatched, "{is}: what one loses the other gains");
        assert!(instances(&back).iter().all(|[change, _, _]| change == "matched"));
        assert_eq!(shell.cloud.counts().total(), Tally::default(), "nothing is sent");
    }
}

#[tokio::test]
async fn a_cloud_that_cannot_be_read_does_not_hide_the_rest() {
    let refuse =
        "[[faults]]\nkind = \"refuse\"\ncode = \"77777\"\non = \"getServerInstanceList\"\n";
    let shell = edited(&format!("{ONE}{refuse}"), "30s", "1m").await;
    let done = diff(&shell, "--live --exit-code").await;
    assert_eq!(done.code, Some(3), "{done:?}");
    assert!(done.stdout.contains("`patience` is 1m, was 30s"), "{done:?}");
    assert!(done.stderr.contains("could not read account `main`"), "{done:?}");
}

#[tokio::test]
async fn each_of_two_files_has_the_calendar_that_lies_beside_it() {
    let with_days = ALL.replace("[[rules]]", "[calendars.office]\nics = \"days.ics\"\n[[rules]]");
    let rule = with_days.replace("cron", "skip_on = [\"office\"]\ncron");
    let shell = Shell::of(ONE, &rule).await;
    let days = |day: &str| {
        format!(
            "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:{day}\r\nSUMMARY:off\r\n\
             END:VEVENT\r\nEND:VCALENDAR\r\n"
        )
    };
    let before = shell.path().join("before");
    fs::create_dir(&before).unwrap();
    fs::copy(shell.path().join("schedules.toml"), before.join("schedules.toml")).unwrap();
    fs::write(shell.path().join("days.ics"), days("20261123")).unwrap();
    let same = shell.run(&format!("diff before/schedules.toml {FROM} --exit-code")).await;
    assert_eq!(same.silent(), (Some(0), ""), "there is none beside it: {same:?}");
    fs::write(before.join("days.ics"), days("20261124")).unwrap();
    let done = shell.run(&format!("diff before/schedules.toml {FROM} --exit-code")).await;
    assert_eq!(done.code, Some(1), "{done:?}");
    for said in ["night  moved", "2026-11-23T20:00:00+09:00  2026-11-24T20:00:00+09:00"] {
        assert!(done.stdout.contains(said) || done.stdout.contains("removed"), "{done:?}");
    }
}
