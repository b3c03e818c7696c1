//! Many firings that go wrong together: few notices, and no firing is forgotten.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use lightsout::clock::{Clock, SystemClock};
use serde_json::Value;

use super::daemon::Process;
use super::shell::Shell;
use crate::notice::ear::{Answer, Ear, Heard};
use crate::wait;

/// Long enough for a daemon to begin on a loaded machine.
const BEFORE: TimeDelta = TimeDelta::seconds(12);

/// So many rules that stop a server each, so many in a second, and a target of their failures.
fn rules(count: usize, ear: &Ear, in_a_second: usize) -> (DateTime<Utc>, String) {
    let first = SystemClock::new().now() + BEFORE;
    let rule = |place: usize| {
        let due = first + Duration::from_secs((place / in_a_second) as u64);
        format!(
            "[[rules]]\nname = \"r-{place}\"\naction = \"stop\"\ncron = \"{} {} {} * * *\"\n\
             select = {{ names = [\"s-{}\"] }}\npatience = \"60s\"\n",
            due.second(),
            due.minute(),
            due.hour(),
            place + 1,
        )
    };
    let top = format!(
        "timezone = \"UTC\"\n[accounts.main]\nplatform = \"vpc\"\n[[notify]]\nname = \"ear\"\n\
         url = \"{}\"\non = [\"failure\"]\n",
        ear.url()
    );
    (first, top + &(0..count).map(rule).collect::<String>())
}

/// A daemon whose keys are refused.
fn daemon(shell: &Shell) -> Process {
    let mut command = shell.command("run");
    command.env("NCLOUD_SECRET_KEY", "wrong").stdout(Stdio::null()).stderr(Stdio::null());
    Process(command.spawn().unwrap())
}

async fn begins_before(shell: &Shell, due: DateTime<Utc>) {
    let is_alive = async || shell.run("status --alive").await.code == Some(0);
    wait::until_so("a daemon is alive", is_alive).await;
    assert!(SystemClock::new().now() < due, "the machine is too slow for this test");
}

/// How often each rule is told of, and how many firings are only counted.
fn told(heard: &[Heard]) -> (BTreeMap<String, usize>, u64) {
    // A notice that came twice has one number.
    let notices: BTreeMap<i64, Value> =
        heard.iter().map(|it| (it.json()["notice"].as_i64().unwrap(), it.json())).collect();
    let (mut rules, mut left_out) = (BTreeMap::new(), 0);
    for notice in notices.values() {
        let named = match &notice["together"] {
            Value::Null => vec![&notice["firing"]["rule"]],
            together => {
                left_out += together["firings_left_out"].as_u64().unwrap();
                let firings = together["firings"].as_array().unwrap();
                firings.iter().map(|it| &it["rule"]).collect()
            }
        };
        for rule in named {
            *rules.entry(rule.as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    (rules, left_out)
}

/// The firings with trouble, as soon as there are so many.
async fn troubled(shell: &Shell, count: usize) -> Vec<Value> {
    wait::until("the firings have ended", async || {
        let firings = shell.json("history --firings --trouble -n 1000").await;
        let ended = firings.iter().filter(|it| it["open"] == false).count();
        (ended >= count).then_some(firings)
    })
    .await
}

#[tokio::test]
async fn three_hundred_rules_that_fail_together_are_few_notices_that_count_each_of_them() {
    let ear = Ear::answering(&[Answer::Status("200 OK")]).await;
    let (due, rules) = rules(300, &ear, 300);
    let shell = Shell::of("[[servers]]\nname = \"s\"\ncount = 300\n", &rules).await;
    let daemon = daemon(&shell);
    begins_before(&shell, due).await;
    troubled(&shell, 300).await;
    ear.hear(1).await;
    // Whatever waits is told at the end.
    assert_eq!(daemon.terminate().await, Some(0));
    let heard = ear.heard();
    assert!(heard.len() <= 3, "{} notices", heard.len());
    let (rules, left_out) = told(&heard);
    assert_eq!(rules.len() as u64 + left_out, 300, "{heard:?}");
    assert!(rules.values().all(|times| *times == 1), "{rules:?}");

    let largest = heard.iter().map(Heard::json).max_by_key(|it| it["text"].as_str().unwrap().len());
    let notice = largest.unwrap();
    let (text, together) = (notice["text"].as_str().unwrap(), &notice["together"]);
    let count = together["troubled"].as_u64().unwrap();
    assert_eq!((&notice["event"], &together["account"]), (&"failure".into(), &"main".into()));
    assert_eq!(together["counts"]["cloud_failed"], count);
    let (said, command) = text.split_once("; lightsout ").unwrap();
    assert!(said.starts_with(&format!("{count} firings of account `main`, due at ")), "{said}");
    let why = format!("need somebody: {count} cloud failed: ");
    assert!(said.contains(&why) && said.contains("the keys were refused"), "{said}");
    // The command lists them, and the link of a page would.
    assert!(command.starts_with("history --firings --trouble --since "), "{command}");
    assert_eq!(shell.json(command).await.len(), 300);
    assert_eq!(notice["firing"]["rule"], together["firings"][0]["rule"]);
}

#[tokio::test]
async fn a_kill_in_the_middle_of_a_storm_loses_no_firing_and_tells_none_twice() {
    let ear = Ear::answering(&[Answer::Status("200 OK")]).await;
    let (due, rules) = rules(40, &ear, 2);
    let shell = Shell::of("[[servers]]\nname = \"s\"\ncount = 40\n", &rules).await;
    let first = daemon(&shell);
    begins_before(&shell, due).await;
    // Some were told, others wait, others have not begun.
    ear.hear(1).await;
    troubled(&shell, 12).await;
    let before = ear.heard().len();
    assert!(before < 12, "{before} notices");
    // `drop` kills without a chance to say anything.
    drop(first);
    let second = daemon(&shell);
    let firings = troubled(&shell, 40).await;
    assert!(firings.iter().all(|it| it["result"] == "cloud_failed"));
    assert_eq!(second.terminate().await, Some(0));
    let heard = ear.heard();
    assert!(heard.len() <= before + 2, "{} notices", heard.len());
    let each: BTreeMap<String, usize> = (0..40).map(|place| (format!("r-{place}"), 1)).collect();
    assert_eq!(told(&heard), (each, 0), "{heard:?}");
}

#[tokio::test]
async fn one_firing_that_fails_is_told_alone_and_at_once() {
    let ear = Ear::answering(&[Answer::Status("200 OK")]).await;
    let (due, rules) = rules(1, &ear, 1);
    let shell = Shell::of("[[servers]]\nname = \"s\"\ncount = 1\n", &rules).await;
    let _daemon = daemon(&shell);
    begins_before(&shell, due).await;
    let notice = ear.hear(1).await[0].json();
    let firing = &notice["firing"]["firing"];
    let text = notice["text"].as_str().unwrap();
    assert!(text.starts_with("r-0 stopped nothing: cloud failed (the keys were refused"), "{text}");
    assert!(text.ends_with(&format!("; lightsout show {firing}")), "{text}");
    assert_eq!((&notice["together"], &notice["details"]), (&Value::Null, &Value::Null));
    let at = |key: &str| notice["firing"][key].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    let waited = SystemClock::new().now() - at("ended_at");
    assert!(waited < TimeDelta::from_std(Duration::from_secs(15)).unwrap(), "{waited}");
}
