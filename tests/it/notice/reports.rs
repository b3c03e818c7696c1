//! Reports are sent at their times, once, and late where they were missed.

use std::time::Duration;

use chrono::TimeDelta;
use lightsout::model::outcome::Outcome;
use serde_json::{Value, json};

use super::ear::{Answer, Ear};
use super::world::World;

const OK: Answer = Answer::Status("200 OK");
const HOUR: Duration = Duration::from_secs(3_600);

/// A target that is sent a report at nine each evening; the world begins at eight.
fn target(ear: &Ear, rest: &str) -> String {
    format!("\n[[notify]]\nname = 'boss'\nurl = '{}'\ncron = '0 21 * * *'\n{rest}\n", ear.url())
}

/// The text of each notice about this.
fn texts(ear: &Ear, event: &str) -> Vec<String> {
    let told = ear.heard().into_iter().map(|heard| heard.json());
    let told = told.filter(|told| told["event"] == event);
    told.map(|told| told["text"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_report_is_sent_at_its_time_and_never_again() {
    let ear = Ear::answering(&[OK]).await;
    let world = World::in_real_time(&target(&ear, "on = ['report']")).await;
    world.fire("web-3", Outcome::Refused, "HTTP 400, return code 25033").await;
    world.clock.skip(HOUR);
    world.sign_of_life().await;
    let told = ear.hear(1).await[0].json();
    let from_to = "report of 2026-11-22 21:00+09:00 to 2026-11-23 21:00+09:00";
    let text = told["text"].as_str().unwrap();
    assert!(text.starts_with(&format!("{from_to}: In 1 day, 0 of 1 stop came true;")), "{text}");
    assert_eq!(told["event"], "report");
    let report = &told["report"];
    assert_eq!(
        [&report["since"], &report["until"], &report["late"], &report["instances_left_out"]],
        [
            &json!("2026-11-22T21:00:00+09:00"),
            &json!("2026-11-23T21:00:00+09:00"),
            &json!(false),
            &json!(0)
        ]
    );
    assert_eq!(report["rules"][0]["rule"], "night");
    assert_eq!(report["rules"][0]["firings"]["fell_short"], 1);
    assert_eq!(report["instances"][0]["outcomes"]["refused"], 1);
    assert_eq!((&report["html"], &report["markdown"]), (&Value::Null, &Value::Null));
    let details: Vec<&str> =
        told["details"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    assert_eq!(details[0], "Stops: 0 of 1 came true (1 fell short)");
    assert_eq!(
        details[details.len() - 2..],
        ["night stop: 0 of 1 came true (1 fell short)", "1021003: 1 refused"]
    );
    world.sign_of_life().await;
    let world = world.restart(None).await;
    world.sign_of_life().await;
    world.clock.skip(24 * HOUR);
    world.sign_of_life().await;
    ear.hear(2).await;
    world.ends_of_notices(2).await;
    let texts = texts(&ear, "report");
    let next = "report of 2026-11-23 21:00+09:00 to 2026-11-24 21:00+09:00: ";
    assert!(texts.len() == 2 && texts[1].starts_with(next), "{texts:?}");
}

#[tokio::test]
async fn reports_that_were_missed_are_sent_late_as_one_that_says_so() {
    let ear = Ear::answering(&[OK]).await;
    let mut world = World::telling(&target(&ear, "on = ['report', 'failure']")).await;
    world.end().await;
    world.clock.skip(72 * HOUR);
    let world = world.restart(None).await;
    world.sign_of_life().await;
    let told = ear.hear(1).await[0].json();
    let text = told["text"].as_str().unwrap();
    let from_to = "report of 2026-11-22 21:00+09:00 to 2026-11-25 21:00+09:00: In 3 days, ";
    assert!(text.starts_with(from_to), "{text}");
    let late = " It is late: it was due at 2026-11-25 21:00+09:00, and could not be sent then.";
    assert!(text.ends_with(late), "{text}");
    assert_eq!(told["report"]["late"], true);
    // What is heard and not recorded yet would be sent again.
    world.ends_of_notices(1).await;
    let world = world.restart(None).await;
    world.sign_of_life().await;
    world.fire("web-1", Outcome::TimedOut, "").await;
    ear.hear(2).await;
    world.ends_of_notices(2).await;
    assert_eq!((texts(&ear, "report").len(), texts(&ear, "failure").len()), (1, 1));
}

#[tokio::test]
async fn reports_go_on_after_a_clock_that_was_years_ahead_is_set_right() {
    let ear = Ear::answering(&[OK]).await;
    let world = World::telling(&target(&ear, "on = ['report']")).await;
    world.sign_of_life().await;
    world.clock.skip(HOUR);
    world.sign_of_life().await;
    ear.hear(1).await;
    let years = TimeDelta::days(9 * 365);
    world.clock.step(years);
    world.sign_of_life().await;
    ear.hear(2).await;
    world.ends_of_notices(2).await;
    world.clock.step(-years);
    world.sign_of_life().await;
    let world = world.restart(None).await;
    world.sign_of_life().await;
    for reports in 3..5 {
        world.clock.skip(24 * HOUR);
        world.sign_of_life().await;
        ear.hear(reports).await;
    }
    world.ends_of_notices(4).await;
    let texts = texts(&ear, "report");
    let last = "report of 2026-11-24 21:00+09:00 to 2026-11-25 21:00+09:00: ";
    assert!(texts.len() == 4 && texts[3].starts_with(last), "{texts:?}");
}

#[tokio::test]
async fn a_report_waits_until_all_that_fell_due_in_its_time_was_dealt_with() {
    let ear = Ear::answering(&[OK]).await;
    let world = World::telling(&target(&ear, "on = ['report', 'failure']")).await;
    world.sign_of_life().await;
    world.clock.skip(HOUR);
    world.fire("web-1", Outcome::TimedOut, "").await;
    ear.hear(1).await;
    world.fire("web-2", Outcome::TimedOut, "").await;
    ear.hear(2).await;
    world.sign_of_life().await;
    let told: Vec<Value> =
        ear.hear(3).await.iter().map(|heard| heard.json()["event"].clone()).collect();
    assert_eq!(told, ["failure", "failure", "report"]);
}

#[tokio::test]
async fn a_new_cron_is_followed_from_then_on_and_not_for_what_was_before() {
    let ear = Ear::answering(&[OK]).await;
    let mut world = World::telling(&target(&ear, "on = ['report', 'failure']")).await;
    world.sign_of_life().await;
    let earlier = target(&ear, "on = ['report', 'failure']").replace("0 21", "0 19");
    world.reload(&earlier).await;
    world.sign_of_life().await;
    world.fire("web-1", Outcome::TimedOut, "").await;
    ear.hear(1).await;
    world.clock.skip(23 * HOUR);
    world.sign_of_life().await;
    ear.hear(2).await;
    world.ends_of_notices(2).await;
    let texts = texts(&ear, "report");
    let next = "report of 2026-11-23 19:00+09:00 to 2026-11-24 19:00+09:00: ";
    assert!(texts.len() == 1 && texts[0].starts_with(next), "{texts:?}");
}

#[tokio::test]
async fn a_chat_is_sent_lines_and_a_program_all_of_it() {
    let ear = Ear::answering(&[OK]).await;
    let chat = target(&ear, "on = ['report']\nformat = 'slack'");
    let program = "[[notify]]\ncommand = ['sh', '-c', 'cat > told.json']\non = ['report']\n\
        cron = '0 21 * * *'\n";
    let world = World::telling(&format!("{chat}{program}")).await;
    world.fire("web-3", Outcome::Refused, "no").await;
    world.clock.skip(HOUR);
    world.sign_of_life().await;
    let told = ear.hear(1).await[0].json();
    assert_eq!(told["mrkdwn"], false);
    let lines: Vec<&str> = told["text"].as_str().unwrap().lines().collect();
    assert!(lines[0].starts_with("report of 2026-11-22 21:00"), "{lines:?}");
    assert_eq!(lines[1], "Stops: 0 of 1 came true (1 fell short)");
    assert_eq!(lines[lines.len() - 1], "1021003: 1 refused");
    world.ends_of_notices(2).await;
    let told = std::fs::read_to_string(world.path("told.json")).unwrap();
    let told: Value = serde_json::from_str(&told).unwrap();
    let page = told["report"]["html"].as_str().unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("1021003"), "{page}");
    let markdown = told["report"]["markdown"].as_str().unwrap();
    assert!(markdown.starts_with("# Report of 2026-11-22 21:00+09:00 to "), "{markdown}");
}
