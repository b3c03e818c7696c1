//! Who is told of what, and in which words.

use chrono::TimeDelta;
use lightsout::audit::Trigger;
use lightsout::clock::Clock;
use lightsout::model::outcome::Outcome;
use lightsout::schedule::budget::spent::Spent;
use serde_json::{Value, json};

use super::ear::{Answer, Ear};
use super::world::World;

const OK: Answer = Answer::Status("200 OK");

fn target(ear: &Ear, rest: &str) -> String {
    format!("\n[[notify]]\nname = 'port-{}'\nurl = '{}'\n{rest}\n", ear.port, ear.url())
}

#[tokio::test]
async fn a_failure_is_told_once_with_everything_that_is_known_of_it() {
    let ear = Ear::answering(&[OK]).await;
    let world = World::telling(&target(&ear, "on = ['failure', 'summary']")).await;
    let firing = world.fire("web-3", Outcome::Refused, "HTTP 400, return code 25033").await;
    let heard = &ear.hear(1).await[0];
    assert_eq!(heard.line, "POST /hook?key=secret");
    assert!(heard.head.contains("content-type: application/json"), "{}", heard.head);
    let mut told = heard.json();
    for time in ["scheduled_at", "started_at", "ended_at"] {
        assert!(told["firing"][time].take().is_string(), "{time}");
    }
    assert!(told["firing"]["host"].take().is_string());
    assert!(told["notice"].take().as_i64() > Some(0));
    let text = format!(
        "night stopped 0 of 1: 1 refused (web-3: HTTP 400, return code 25033); \
        lightsout show {firing}"
    );
    assert_eq!(
        told,
        json!({
            "notice": null, "event": "failure", "text": text,
            "firing": {
                "firing": firing, "rule": "night", "action": "stop", "account": "main",
                "trigger": "schedule", "scheduled_at": null, "started_at": null,
                "ended_at": null, "dry_run": false, "host": null,
                "counts": { "refused": 1 },
                "trouble": [{
                    "outcome": "refused", "reason": "HTTP 400, return code 25033",
                    "region": "KR", "instance_no": "1021003", "instance_name": "web-3",
                    "status_before": "RUN", "status_after": "RUN",
                    "request_id": null, "return_code": null,
                }],
                "trouble_left_out": 0,
            },
        })
    );
    let port = format!("port-{}", ear.port);
    let said = "200 OK: heard\\u{1b}[31m".to_owned();
    assert_eq!(world.ends_of_notices(1).await, [(port, "delivered".to_owned(), said)]);
    assert_eq!(ear.heard().len(), 1);
}

#[tokio::test]
async fn each_target_is_told_of_what_it_asked_for_and_of_nothing_else() {
    let (all, grave, drift) =
        (Ear::answering(&[OK]).await, Ear::answering(&[OK]).await, Ear::answering(&[OK]).await);
    let world = World::telling(&format!(
        "{}{}{}",
        target(&all, "on = ['summary']"),
        target(&grave, "on = ['failure']"),
        target(&drift, "on = ['drift', 'failure', 'summary']\nformat = 'slack'")
    ))
    .await;
    world.fire("web-1", Outcome::Stopped, "").await;
    all.hear(1).await;
    world.fire("web-2", Outcome::Skipped, "protected").await;
    all.hear(2).await;
    world.fire_whole(Outcome::NothingMatched, "").await;
    all.hear(3).await;
    world.fire("web-4", Outcome::Skipped, "busy: RUN, operation SETUP").await;
    all.hear(4).await;
    world.fire_whole(Outcome::Drifted, "9 instances, at most 3 before").await;
    let words = |text: &str| text.split("; lightsout show").next().unwrap().to_owned();
    let told = |heard: &super::ear::Heard| {
        let told = heard.json();
        (told["event"].as_str().map(str::to_owned), words(told["text"].as_str().unwrap()))
    };
    let summary = |text: &str| (Some("summary".to_owned()), text.to_owned());
    let busy = "night stopped 0 of 1: 1 skipped (web-4: busy: RUN, operation SETUP)";
    let drifted = "night stopped nothing: drifted (9 instances, at most 3 before)";
    assert_eq!(
        all.hear(5).await.iter().map(told).collect::<Vec<_>>(),
        [
            summary("night stopped 1 of 1"),
            summary("night had nothing to stop"),
            summary("night matched no server"),
            summary(busy),
            summary(drifted),
        ]
    );
    assert_eq!(
        grave.hear(1).await.iter().map(told).collect::<Vec<_>>(),
        [(Some("failure".to_owned()), busy.to_owned())]
    );
    let slack = drift.hear(5).await;
    assert_eq!(slack[4].json()["mrkdwn"], false);
    assert_eq!(words(slack[4].json()["text"].as_str().unwrap()), drifted);
    world.ends_of_notices(11).await;
    assert_eq!((all.heard().len(), grave.heard().len(), drift.heard().len()), (5, 1, 5));
}

#[tokio::test]
async fn a_notice_links_to_the_page_about_it_where_people_reach_one() {
    let ear = Ear::answering(&[OK]).await;
    let page = "[web]\nurl = \"https://lights.example/off/\"\n";
    let world = World::telling(&format!("{page}{}", target(&ear, "on = ['failure']"))).await;
    let firing = world.fire("web-3", Outcome::Refused, "no").await;
    let told = ear.hear(1).await[0].json();
    let link = format!("https://lights.example/off/firings/{firing}");
    assert_eq!(told["link"], link.as_str());
    assert!(told["text"].as_str().unwrap().ends_with(&format!("; {link}")), "{told}");
}

#[tokio::test]
async fn many_missed_firings_are_one_notice() {
    let ear = Ear::answering(&[OK]).await;
    let mut world = World::telling(&target(&ear, "on = ['missed']")).await;
    world.end().await;
    for hours in [3, 2, 1] {
        world.miss(world.clock.now() - TimeDelta::hours(hours)).await;
    }
    let world = world.restart(None).await;
    let told = ear.hear(1).await[0].json();
    assert_eq!((&told["event"], &told["missed"][2]["rule"]), (&"missed".into(), &"night".into()));
    let text = told["text"].as_str().unwrap();
    assert!(text.starts_with("3 firings were missed: night, due from 2026-11-23T1"), "{text}");
    assert!(text.ends_with("(daemon away); lightsout history --outcome missed"), "{text}");
    world.ends_of_notices(1).await;
    assert_eq!(ear.heard().len(), 1);
}

#[tokio::test]
async fn nothing_that_a_terminal_obeys_is_told() {
    let ear = Ear::answering(&[OK]).await;
    let world = World::telling(&target(&ear, "on = ['failure']")).await;
    world.fire("web\u{1b}]0;x\u{7}\u{202e}\n", Outcome::Unknown, "\u{9b}2Jgone\r\n").await;
    let told = ear.hear(1).await[0].json();
    let mut found = Vec::new();
    texts(&told, &mut found);
    assert!(found.iter().any(|text| text.contains("web\\u{1b}]0;x")), "{found:?}");
    let obeyed = |c: char| c.is_control() || c == '\u{202e}';
    assert!(!found.iter().any(|text| text.contains(obeyed)), "{found:?}");
}

/// Every text in a value.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|v| texts(v, found)),
        Value::Object(values) => values.values().for_each(|v| texts(v, found)),
        _ => {}
    }
}

#[tokio::test]
async fn a_firing_by_hand_is_told_of_only_where_its_person_is_gone() {
    let ear = Ear::answering(&[OK]).await;
    let mut world = World::telling(&target(&ear, "on = ['failure']")).await;
    let watched = world.claim(Trigger::Manual).await;
    world.ends(watched, "watched", (Outcome::TimedOut, "")).await;
    let left = world.claim(Trigger::Manual).await;
    world.end().await;
    let world = world.restart(None).await;
    world.ends(left, "left", (Outcome::TimedOut, "")).await;
    let told = ear.hear(1).await[0].json();
    assert_eq!(told["firing"]["firing"], json!(left));
    world.ends_of_notices(1).await;
    assert_eq!(ear.heard().len(), 1);
}

#[tokio::test]
async fn a_reloaded_file_says_who_is_told_from_then_on() {
    let (one, two) = (Ear::answering(&[OK]).await, Ear::answering(&[OK]).await);
    let mut world = World::telling("").await;
    world.fire("before", Outcome::Refused, "").await;
    world.reload(&target(&one, "")).await;
    world.fire("between", Outcome::Refused, "").await;
    one.hear(1).await;
    world.reload(&format!("{}{}", target(&two, ""), target(&one, ""))).await;
    world.fire("after", Outcome::Refused, "").await;
    one.hear(2).await;
    two.hear(1).await;
    world.reload(&target(&two, "")).await;
    world.fire("at last", Outcome::Refused, "").await;
    world.ends_of_notices(4).await;
    let names = |ear: &Ear| -> Vec<Value> {
        let name = |told: Value| told["firing"]["trouble"][0]["instance_name"].clone();
        ear.heard().iter().map(|heard| name(heard.json())).collect()
    };
    assert_eq!(names(&one), ["between", "after"]);
    assert_eq!(names(&two), ["after", "at last"]);
}

#[tokio::test]
async fn nobody_is_told_of_what_happened_before_they_asked() {
    let (early, late) = (Ear::answering(&[OK]).await, Ear::answering(&[OK]).await);
    let world = World::telling(&target(&early, "on = ['failure']")).await;
    world.fire("before", Outcome::Refused, "").await;
    early.hear(1).await;
    world.fire("before", Outcome::Stopped, "").await;
    let more = format!(
        "{}{}",
        target(&early, "on = ['failure', 'summary']"),
        target(&late, "on = ['summary']")
    );
    let world = world.restart(Some(&more)).await;
    world.fire("after", Outcome::Stopped, "").await;
    for (ear, count) in [(&early, 2), (&late, 1)] {
        let told = ear.hear(count).await;
        let last = told.last().unwrap().json();
        assert_eq!(last["text"].as_str().unwrap().split(';').next(), Some("night stopped 1 of 1"));
    }
    world.ends_of_notices(3).await;
    assert_eq!((early.heard().len(), late.heard().len()), (2, 1));
}

#[tokio::test]
async fn what_somebody_started_is_told_once_to_those_who_asked_also_after_a_restart() {
    let (asked, other) = (Ear::answering(&[OK]).await, Ear::answering(&[OK]).await);
    let targets = format!("{}{}", target(&asked, ""), target(&other, "on = ['summary']"));
    let world = World::telling(&targets).await;
    let first = world.restart_of("web-1").await;
    world.herald(&[&first]);
    let told = asked.hear(1).await[0].json();
    let (since, at) = ("2026-11-23T19:45:00+09:00", "2026-11-23T20:00:00+09:00");
    assert_eq!(
        told,
        json!({
            "notice": told["notice"], "event": "changed",
            "text": "somebody started 1 server that night had stopped: web-1 between \
                2026-11-23 19:45+09:00 and 20:00; lightsout history --changes",
            "changes": [{
                "change": first.change, "rule": "night", "firing": first.firing, "region": "KR",
                "instance_no": "1021003", "instance_name": "web-1",
                "status_before": "NSTOP", "status_after": "RUN",
                "unseen_since": since, "seen_at": at,
            }],
        })
    );
    world.herald(&[&first]);
    let world = world.restart(None).await;
    world.herald(&[&first]);
    let second = world.restart_of("web-2").await;
    world.herald(&[&first, &second]);
    let told = asked.hear(2).await[1].json();
    assert_eq!(told["changes"].as_array().unwrap().len(), 1, "{told}");
    assert_eq!(told["changes"][0]["instance_name"], "web-2");
    world.fire("web-3", Outcome::Stopped, "").await;
    assert_eq!(other.hear(1).await[0].json()["event"], "summary", "and nothing before that");
    assert_eq!(asked.heard().len(), 2);
}

#[tokio::test]
async fn servers_that_come_near_a_limit_are_told_of_together_and_once() {
    let ear = Ear::answering(&[OK]).await;
    let world = World::telling(&target(&ear, "on = ['budget', 'changed']")).await;
    let days = |days: i64| TimeDelta::hours(24 * days + 5);
    let servers = [
        ("web-1", Spent::Known(days(68))),
        ("web-2", Spent::Unknown { at_least: days(70) }),
        ("web-3", Spent::Known(days(69))),
    ];
    world.near(&servers).await;
    let told = ear.hear(1).await[0].json();
    let near = |no: &str, name: &str, days: f64, at_least: bool| {
        json!({
            "account": "main", "region": "KR", "instance_no": no, "instance_name": name,
            "limit": "in_a_row", "reached": 75, "days": days, "at_least": at_least,
            "allowed": 90.0,
        })
    };
    assert_eq!(
        told,
        json!({
            "notice": told["notice"], "event": "budget",
            "text": "3 servers are near a limit (unconfirmed) beyond which NAVER Cloud may return \
                a stopped server: web-1 was off for 68.2 of 90 days in a row, web-2 was off for \
                at least 70.2 of 90 days in a row, and 1 more; lightsout report budget",
            "budget": [
                near("0", "web-1", 68.2, false), near("1", "web-2", 70.2, true),
                near("2", "web-3", 69.2, false),
            ],
        })
    );
    world.sign_of_life().await;
    world.ends_of_notices(1).await;
    let mut world = world.restart(Some(&target(&ear, "on = ['budget', 'changed']"))).await;
    world.end().await;
    assert_eq!(ear.heard().len(), 1);
}
