//! `lightsout add`, `enable` and `disable` change one thing in schedules.toml, or nothing.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use chrono_tz::Asia::Seoul;
use lightsout::clock::{Clock, SystemClock};

use super::shell::{ALL, Done, ONE, Shell, finish};

/// What `add` needs at least; says the same as [`ALL`] does of its rule.
const EVENING: &str = "add stop evening --at 22:30 --tag env=dev";

fn text(shell: &Shell) -> String {
    fs::read_to_string(shell.path().join("schedules.toml")).unwrap()
}

/// The names in the folder, sorted.
fn names(shell: &Shell) -> Vec<String> {
    let names = fs::read_dir(shell.path()).unwrap();
    let mut names: Vec<_> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The times of day and the rule of each line of a table.
fn firings(done: &Done) -> Vec<(String, String)> {
    let line = |line: &str| {
        let (at, rest) = line.split_once(' ')?;
        Some((at.get(11..)?.to_owned(), rest.split_whitespace().next()?.to_owned()))
    };
    done.stdout.lines().skip(1).filter_map(line).collect()
}

#[tokio::test]
async fn a_rule_is_added_at_the_end_and_its_next_firings_are_shown() {
    let shell = Shell::of(ONE, ALL).await;
    let done = shell
        .run(
            "add stop qa --at 8:05 --days MON,wed --tag env=qa --name qa-* --instance 7 \
             --except-tag keep=* --account main --timezone Europe/Berlin --max-instances 3 --dry-run",
        )
        .await;
    assert_eq!(done.code, Some(0), "{done:?}");
    let rule = "\n[[rules]]\nname = \"qa\"\naction = \"stop\"\ncron = \"5 8 * * MON,wed\"\n\
        timezone = \"Europe/Berlin\"\naccount = \"main\"\n\
        select = { tags = { env = \"qa\" }, names = [\"qa-*\"], instances = [\"7\"] }\n\
        except = { tags = { keep = \"*\" } }\nmax_instances = 3\ndry_run = true\n";
    assert_eq!(text(&shell), format!("{ALL}{rule}"));
    assert_eq!(done.stderr, "rule `qa` added to schedules.toml\n");
    let firings = firings(&done);
    assert_eq!(firings.len(), 5, "{done:?}");
    for (at, rule) in firings {
        assert!(at.starts_with("08:05:00+0") && rule == "qa", "{at} {rule}");
    }
    assert_eq!(names(&shell), ["schedules.toml"]);
}

#[tokio::test]
async fn each_way_to_say_when_is_a_cron_pattern() {
    for (when, cron) in [
        ("--at 20:00", "0 20 * * *"),
        ("--at 20:00 --weekdays", "0 20 * * MON-FRI"),
        ("--at 00:30 --days SAT,SUN", "30 0 * * SAT,SUN"),
        ("--cron @daily", "@daily"),
    ] {
        let shell = Shell::of(ONE, ALL).await;
        let done = shell.run(&format!("add start new {when} --name *")).await;
        let line = format!("cron = \"{cron}\"\n");
        assert_eq!((done.code, text(&shell).contains(&line)), (Some(0), true), "{done:?}");
    }
}

#[tokio::test]
async fn with_live_it_says_what_the_rule_would_stop_now_and_sends_nothing() {
    let shell = Shell::of(ONE, ALL).await;
    let done = shell.run(&format!("{EVENING} --live")).await;
    assert_eq!((done.code, shell.stop_requests()), (Some(0), 0), "{done:?}");
    let plan = done.stdout.split_once("\n\n").unwrap().1;
    let cells: Vec<&str> = plan.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(cells, ["evening", "stop", "KR", "1", "dev-a", "RUN", "NULL", "stop"]);
}

#[tokio::test]
async fn nothing_is_written_when_the_file_would_have_problems() {
    for (command, said) in [
        ("add stop night --at 20:00 --name *", "two rules are called `night`"),
        ("add stop a/b --at 20:00 --name *", "letters, digits"),
        ("add stop new --at 20:00 --days MON,WEDD --name *", "did you mean `WED`"),
        ("add stop new --cron FOO --name *", "error"),
        ("add stop new --at 20:00 --name [", "error"),
        ("add stop new --at 20:00 --name * --timezone Asia/Soul", "did you mean `Asia/Seoul`"),
        ("add stop new --at 20:00 --name * --account other", "there is no account `other`"),
        ("add stop new --at 20:00 --name * --max-instances 0", "max_instances"),
        ("add stop new --at 20:00 --tag a=1 --tag a=2", "duplicate key"),
        ("add stop new --at 20:00", "--tag"),
        ("add stop new --name *", "--at"),
        ("add stop new --at 8pm --name *", "20:00"),
        ("add stop new --cron @daily --weekdays --name *", "--cron"),
        ("add stop new --cron @daily --days MON --name *", "--cron"),
        ("add stop new --days MON --name *", "--at"),
        ("add stop new --at 20:00 --tag env", "KEY=VALUE"),
        ("add halt new --at 20:00 --name *", "start"),
        ("disable nigth", "there is no rule `nigth`"),
        ("enable nigth", "its rules are: night"),
        ("disable night --why=", "--why"),
    ] {
        let shell = Shell::of(ONE, ALL).await;
        let done = shell.run(command).await;
        assert_eq!((done.silent(), &*text(&shell)), ((Some(2), ""), ALL), "{command}: {done:?}");
        assert!(done.stderr.contains(said), "{command}: {done:?}");
        assert_eq!(names(&shell), ["schedules.toml"]);
    }
}

#[tokio::test]
async fn a_file_that_has_problems_is_not_edited() {
    let broken = ALL.replace("0 20", "0 25");
    let shell = Shell::of(ONE, &broken).await;
    for command in [EVENING, "disable night", "enable night"] {
        let done = shell.run(command).await;
        assert_eq!((done.silent(), text(&shell)), ((Some(2), ""), broken.clone()), "{done:?}");
    }
    fs::remove_file(shell.path().join("schedules.toml")).unwrap();
    let done = shell.run(EVENING).await;
    assert_eq!(done.silent(), (Some(2), ""));
    assert!(done.stderr.contains("there is no schedules.toml"), "{done:?}");
    assert!(names(&shell).is_empty());
}

#[tokio::test]
async fn line_ends_byte_order_mark_mode_and_link_stay() {
    let shell = Shell::of(ONE, ALL).await;
    let (link, real) = (shell.path().join("schedules.toml"), shell.path().join("real.toml"));
    let windows = format!("\u{feff}{}", ALL.replace('\n', "\r\n"));
    fs::write(&real, &windows).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    fs::remove_file(&link).unwrap();
    symlink("real.toml", &link).unwrap();
    assert_eq!(shell.run(EVENING).await.code, Some(0));
    let written = fs::read_to_string(&real).unwrap();
    assert!(written.starts_with(&windows));
    assert!(written.lines().count() > windows.lines().count());
    assert!(written.split_inclusive('\n').all(|line| line.ends_with("\r\n")));
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_link(&link).unwrap().to_str(), Some("real.toml"));
    assert_eq!(names(&shell), ["real.toml", "schedules.toml"]);
}

#[tokio::test]
async fn of_several_edits_at_once_none_is_lost() {
    let shell = Shell::of(ONE, ALL).await;
    let adds: Vec<_> = (0..8)
        .map(|n| {
            let add = format!("add stop n{n} --at 20:0{n} --name *");
            tokio::spawn(finish(shell.command(&add)))
        })
        .collect();
    for add in adds {
        assert_eq!(add.await.unwrap().code, Some(0));
    }
    assert_eq!(text(&shell).matches("[[rules]]").count(), 9);
}

#[tokio::test]
async fn a_disabled_rule_is_not_forgotten() {
    let shell = Shell::of(ONE, ALL).await;
    let today = || SystemClock::new().now().with_timezone(&Seoul).date_naive().to_string();
    let before = today();
    let mut disable = shell.command("disable night --why");
    disable.arg("release \"week\"");
    let done = finish(disable).await;
    assert_eq!(done.code, Some(0), "{done:?}");
    let line = text(&shell);
    let since = line.lines().find_map(|line| line.strip_prefix("disabled_since = \"")).unwrap();
    let since = since.trim_end_matches('"').to_owned();
    assert!([before, today()].contains(&since), "{since}");
    let told = format!("disabled since {since} (release \"week\")");
    assert!(done.stderr.contains(&format!("rule `night` is {told}\n")), "{done:?}");

    let check = shell.run("check").await;
    assert_eq!(check.silent(), (Some(0), ""));
    assert!(check.stderr.contains(&format!("note: rule `night` is {told}\n")), "{check:?}");
    let next = shell.json("next night --count 1").await;
    assert_eq!(next[0]["note"], format!("{told}: does not fire"));
    let status = shell.json("status").await;
    let expected =
        serde_json::json!([{ "rule": "night", "since": since, "because": "release \"week\"" }]);
    assert_eq!(status[0]["disabled"], expected);
    let status = shell.run("status").await;
    let line = format!("disabled   night  since {since} (release \"week\")\n");
    assert!(status.stdout.contains(&line), "{status:?}");
    let csv = shell.run("status --format csv").await;
    let last = csv.stdout.lines().last().unwrap();
    assert!(last.starts_with(&format!("disabled,{since},night,")), "{csv:?}");

    let done = shell.run("enable night").await;
    assert_eq!((done.code, &*text(&shell)), (Some(0), ALL), "{done:?}");
    assert!(done.stderr.contains(&format!("rule `night` is enabled; it was {told}\n")), "{done:?}");
    assert_eq!(firings(&done).len(), 5);
    let done = shell.run("enable night").await;
    assert!(done.stderr.contains("rule `night` was enabled all along\n"), "{done:?}");
    assert_eq!(text(&shell), ALL);
}

#[tokio::test]
async fn a_rule_that_is_disabled_twice_keeps_its_first_day() {
    let shell =
        Shell::of(ONE, &format!("{ALL}enabled = false\ndisabled_since = \"2020-01-02\"\n")).await;
    let done = shell.run("disable night --why later").await;
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.stderr.contains("is disabled since 2020-01-02 (later)\n"), "{done:?}");
}

#[tokio::test]
async fn a_rule_against_an_expectation_is_written_and_add_exits_1() {
    let expect = "[[expect]]\nat = \"2026-12-24 12:00\"\n\
        instance = { name = \"dev-a\" }\nstate = \"stopped\"\n";
    let shell = Shell::of(ONE, &format!("{ALL}\n{expect}")).await;
    assert_eq!(shell.run("check").await.code, Some(0));
    let done = shell.run("add start morning --at 08:00 --name *").await;
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(done.stderr.contains("`dev-a` is expected to be stopped"), "{done:?}");
    let text = fs::read_to_string(shell.path().join("schedules.toml")).unwrap();
    assert!(text.contains("name = \"morning\""), "{text}");
}
