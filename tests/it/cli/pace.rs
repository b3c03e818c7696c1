//! How a firing goes about its work: servers in their grace, programs that are asked, order, pauses.

use chrono::{DateTime, FixedOffset, TimeDelta};
use serde_json::Value;

use super::shell::{ALL, Done, Shell, finish};

/// Two servers that stop at once. The one is ten minutes old.
const TWO: &str = "[[servers]]\nname = \"dev-new\"\nno = \"1\"\nage = \"10m\"\nstop_takes = \"0s\"\n\
    [[servers]]\nname = \"dev-old\"\nno = \"2\"\nstop_takes = \"0s\"\n";

/// `ALL`, whose rule asks a program.
fn asking(program: &str, more: &str) -> String {
    format!("{ALL}ask = {program}\n{more}").replace("\"30s\"", "\"3s\"")
}

/// The outcome and the code of its reason, by name.
async fn told(shell: &Shell) -> Vec<String> {
    let lines = shell.json("history").await;
    let word = |line: &Value, key: &str| line[key].as_str().unwrap_or("-").to_owned();
    let line = |line: &Value| {
        format!(
            "{} {} {}",
            word(line, "instance_name"),
            word(line, "outcome"),
            word(line, "reason_code")
        )
    };
    let mut told: Vec<String> = lines.iter().map(line).collect();
    told.sort();
    told
}

fn time(line: &Value, key: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(line[key].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_stop_leaves_new_servers_alone_and_says_so_and_a_start_does_not() {
    let rules = ALL.replace("[[rules]]", "[limits]\ngrace = \"1h\"\n[[rules]]");
    let shell = Shell::of(TWO, &rules).await;
    let plan = shell.json("plan").await;
    let new = plan.iter().find(|line| line["instance_name"] == "dev-new").unwrap();
    assert_eq!((&new["would"], &new["reason_code"]), (&"skip".into(), &"grace".into()));
    assert!(new["reason"].as_str().unwrap().starts_with("new: left alone until "), "{new}");
    let fired = shell.run("fire night --yes").await;
    assert_eq!(fired.code, Some(0), "{fired:?}");
    assert_eq!(told(&shell).await, ["dev-new skipped grace", "dev-old stopped -"]);
    let trouble = shell.json("history --trouble").await;
    assert!(trouble.is_empty(), "it was left alone by choice: {trouble:?}");
    let off = TWO.replace("age", "status = \"NSTOP\"\nstart_takes = \"0s\"\nage");
    let shell = Shell::of(&off, &rules.replace("\"stop\"", "\"start\"")).await;
    assert_eq!(shell.run("fire night --yes").await.code, Some(0));
    assert_eq!(told(&shell).await, ["dev-new started -", "dev-old already -"]);
}

#[tokio::test]
async fn a_server_that_is_busy_by_the_word_of_a_program_is_left_alone() {
    let program =
        "[\"sh\", \"-c\", \"cat > asked; env > seen; echo busy dev-old, because a build runs\"]";
    let shell = Shell::of(TWO, &asking(program, "")).await;
    let fired = shell.run("fire night --yes").await;
    assert_eq!(fired.code, Some(1), "{fired:?}");
    assert_eq!(told(&shell).await, ["dev-new stopped -", "dev-old skipped ask_busy"]);
    let lines = shell.json("history --trouble").await;
    assert_eq!(lines[0]["reason"], "`sh` says that it is busy: a build runs");
    assert_eq!(lines[0]["request_id"], Value::Null, "nothing was asked of the cloud");
    let asked = std::fs::read_to_string(shell.path().join("asked")).unwrap();
    let asked: Value = serde_json::from_str(&asked).unwrap();
    assert_eq!((&asked["rule"], &asked["action"]), (&"night".into(), &"stop".into()));
    assert_eq!(asked["servers"].as_array().unwrap().last().unwrap()["instance_name"], "dev-old");
    let seen = std::fs::read_to_string(shell.path().join("seen")).unwrap();
    assert!(!seen.contains("_KEY"), "the program sees no keys: {seen}");
}

#[tokio::test]
async fn a_program_that_says_busy_is_asked_again_and_may_say_otherwise() {
    let once = "[ -e asked ] || echo busy; touch asked";
    let shell = Shell::of(TWO, &asking(&format!("[\"sh\", \"-c\", \"{once}\"]"), "")).await;
    let fired = shell.run("fire night --yes").await;
    assert_eq!(fired.code, Some(0), "{fired:?}");
    assert_eq!(told(&shell).await, ["dev-new stopped -", "dev-old stopped -"]);
}

#[tokio::test]
async fn silence_means_what_the_rule_says() {
    let slow = "ask_timeout = \"1s\"\n";
    for (program, more, code, expected) in [
        ("[\"false\"]", "", 0, ["dev-new stopped ask_silent", "dev-old stopped ask_silent"]),
        ("[\"./none\"]", "", 0, ["dev-new stopped ask_silent", "dev-old stopped ask_silent"]),
        (
            "[\"false\"]",
            "ask_silence = \"skip\"\n",
            1,
            ["dev-new skipped ask_silent", "dev-old skipped ask_silent"],
        ),
        (
            "[\"sleep\", \"600\"]",
            slow,
            0,
            ["dev-new stopped ask_silent", "dev-old stopped ask_silent"],
        ),
    ] {
        let shell = Shell::of(TWO, &asking(program, more)).await;
        let mut command = shell.command("fire night --yes");
        command.env("RUST_LOG", "warn");
        let fired = finish(command).await;
        assert_eq!(fired.code, Some(code), "{program}: {fired:?}");
        assert_eq!(told(&shell).await, expected, "{program}");
        let word = if code == 0 { "go" } else { "skip" };
        assert!(fired.stderr.contains(&format!("no answer, which means {word}")), "{fired:?}");
    }
}

/// `db-start` and `app-start`, which waits for the other.
const ORDER: &str = "timezone = \"Asia/Seoul\"\n[accounts.main]\nplatform = \"vpc\"\n\
    [[rules]]\nname = \"db-start\"\naction = \"start\"\ncron = \"0 8 * * *\"\n\
    select = { names = [\"db\"] }\n\
    [[rules]]\nname = \"app-start\"\naction = \"start\"\ncron = \"0 8 * * *\"\n\
    select = { names = [\"app\"] }\nafter = \"db-start\"\npatience = \"1s\"\n";

const OFF: &str = "[[servers]]\nname = \"app\"\nno = \"1\"\nstatus = \"NSTOP\"\nstart_takes = \"0s\"\n\
    [[servers]]\nname = \"db\"\nno = \"2\"\nstatus = \"NSTOP\"\nstart_takes = \"0s\"\n";

async fn app(shell: &Shell) -> Done {
    shell.run("fire app-start --yes").await
}

#[tokio::test]
async fn what_comes_after_others_waits_in_vain_until_those_run() {
    let shell = Shell::of(OFF, ORDER).await;
    let early = app(&shell).await;
    assert_eq!(early.code, Some(1), "{early:?}");
    let line = &shell.json("history --limit 1").await[0];
    assert_eq!((&line["outcome"], &line["reason_code"]), (&"skipped".into(), &"after".into()));
    assert_eq!(line["reason"], "after `db-start`: it has not fired");
    assert_eq!(shell.run("fire db-start --yes").await.code, Some(0));
    let late = app(&shell).await;
    assert_eq!(late.code, Some(0), "{late:?}");
    assert_eq!(shell.json("history --limit 1").await[0]["outcome"], "started");
}

#[tokio::test]
async fn servers_that_did_not_come_up_are_named_by_what_waits_for_them() {
    let fails = OFF.replacen("no = \"2\"", "no = \"2\"\nstart_ends_in = \"ST_FL\"", 1);
    let shell =
        Shell::of(&fails, &ORDER.replace("[\"db\"] }", "[\"db\"] }\npatience = \"1s\"")).await;
    assert_eq!(shell.run("fire db-start --yes").await.code, Some(1));
    assert_eq!(app(&shell).await.code, Some(1));
    let line = &shell.json("history --limit 1").await[0];
    assert_eq!(line["reason"], "after `db-start`: db not seen running");
}

#[tokio::test]
async fn a_first_firing_that_a_guard_stopped_starts_nothing_to_wait_for() {
    let shell = Shell::of(OFF, &ORDER.replace("[\"db\"] }", "[\"*\"] }\nmax_instances = 1")).await;
    assert_eq!(shell.run("fire db-start --yes").await.code, Some(4));
    assert_eq!(app(&shell).await.code, Some(1));
    let line = &shell.json("history --limit 1").await[0];
    assert_eq!(line["reason"], "after `db-start`: it ended with too_many");
}

#[tokio::test]
async fn what_waits_begins_as_soon_as_the_others_were_seen_running() {
    let shell = Shell::of(OFF, &ORDER.replace("\"1s\"", "\"1m\"")).await;
    let command = shell.command("fire app-start --yes");
    let waiting = tokio::spawn(finish(command));
    // The log is being made meanwhile.
    let is_claimed = async || shell.run("history --format json").await.stdout.lines().count() == 1;
    crate::wait::until_so("it waits", is_claimed).await;
    assert_eq!(shell.run("fire db-start --yes").await.code, Some(0));
    assert_eq!(waiting.await.unwrap().code, Some(0));
    let lines = shell.json("history").await;
    let of = |name: &str| lines.iter().find(|line| line["instance_name"] == name).unwrap();
    assert_eq!(
        (&of("db")["outcome"], &of("app")["outcome"]),
        (&"started".into(), &"started".into())
    );
    assert!(time(of("db"), "settled_at") <= time(of("app"), "requested_at"), "{lines:?}");
}

#[tokio::test]
async fn requests_keep_their_pause() {
    let fleet = "[[servers]]\nname = \"dev\"\nno = \"1\"\ncount = 45\nstop_takes = \"0s\"\n";
    let shell = Shell::of(fleet, &format!("{ALL}stagger = \"1s\"\n")).await;
    assert_eq!(shell.run("fire night --yes").await.code, Some(0));
    let lines = shell.json("history").await;
    let mut times: Vec<_> = lines.iter().map(|line| time(line, "requested_at")).collect();
    times.sort();
    times.dedup();
    assert_eq!((lines.len(), times.len()), (45, 3));
    for pair in times.windows(2) {
        assert!(pair[1] - pair[0] >= TimeDelta::milliseconds(990), "{times:?}");
    }
}

#[tokio::test]
async fn order_and_delay_are_shown_before_they_matter() {
    let rules = ORDER.replace("patience = \"1s\"", "stagger = \"30s\"\njitter = \"5m\"");
    let shell = Shell::of(OFF, &rules).await;
    let next = shell.json("next app-start").await;
    let notes: Vec<&str> = next.iter().map(|line| line["note"].as_str().unwrap()).collect();
    assert!(notes.iter().all(|note| note.ends_with("after `db-start`; 30s between requests")));
    assert!(notes[0].contains("begins 08:0") && notes[0].contains(" by its jitter"), "{notes:?}");
    assert_eq!(shell.json("next app-start").await, next, "a firing has its delay for good");
    let week = shell.json("week").await;
    let order = "after `db-start`, begins up to 5m later, 30s between requests";
    assert!(week.iter().any(|day| day["rule"] == "app-start" && day["order"] == order), "{week:?}");
    let plan = shell.run("plan app-start").await;
    assert!(plan.stderr.contains(&format!("the start of `app-start`: {order}")), "{plan:?}");
    let rule = shell.run("rules app-start").await.stdout;
    assert!(rule.contains("start    after `db-start`\n"), "{rule}");
}
