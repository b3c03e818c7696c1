//! At least once, never held up, given up after a day.

use std::time::Duration;

use lightsout::model::outcome::Outcome;
use serde_json::Value;

use super::ear::{Answer, Ear, Heard};
use super::world::World;

const OK: Answer = Answer::Status("200 OK");
const DOWN: Answer = Answer::Status("503 Service Unavailable");

fn target(ear: &Ear) -> String {
    format!("\n[[notify]]\nname = 'ear'\nurl = '{}'\n", ear.url())
}

fn delivered(said: &str) -> (String, String, String) {
    ("ear".to_owned(), "delivered".to_owned(), said.to_owned())
}

#[tokio::test]
async fn a_notice_that_was_refused_is_sent_again_under_the_same_number() {
    let ear = Ear::answering(&[DOWN, Answer::Status("400 Bad Request"), DOWN, OK]).await;
    let world = World::telling(&target(&ear)).await;
    world.fire("web-1", Outcome::TimedOut, "").await;
    let ends = world.ends_of_notices(1).await;
    assert_eq!(ends, [delivered("200 OK: heard\\u{1b}[31m")]);
    let heard = ear.heard();
    assert_eq!(heard.len(), 4);
    assert!(heard.iter().all(|again| again.body == heard[0].body), "{heard:?}");
}

#[tokio::test]
async fn a_notice_reaches_a_target_that_was_not_there_at_first() {
    let port = Ear::answering(&[OK]).await.port;
    let notify = format!("\n[[notify]]\nname = 'ear'\nurl = 'http://localhost:{port}/'\n");
    let world = World::telling(&notify).await;
    world.fire("web-1", Outcome::TimedOut, "").await;
    let ear = Ear::at(port).await;
    assert_eq!(ear.hear(1).await[0].line, "POST /");
    assert_eq!(world.ends_of_notices(1).await.len(), 1);
}

#[tokio::test]
async fn the_next_start_delivers_what_was_not_confirmed_and_nothing_else() {
    let ear = Ear::answering(&[DOWN]).await;
    let mut world = World::telling(&target(&ear)).await;
    world.fire("web-1", Outcome::TimedOut, "").await;
    ear.hear(1).await;
    world.end().await;
    assert_eq!(world.open_notices().await, 1);
    let in_vain = ear.heard().len();
    ear.answer(OK);
    let world = world.restart(None).await;
    world.ends_of_notices(1).await;
    let world = world.restart(None).await;
    world.fire("web-2", Outcome::TimedOut, "").await;
    world.ends_of_notices(2).await;
    let heard = ear.heard();
    assert_eq!(heard.len(), in_vain + 2);
    assert_eq!(heard[in_vain].body, heard[0].body);
    assert_ne!(heard[in_vain + 1].body, heard[0].body);
}

#[tokio::test]
async fn a_firing_that_ended_while_nobody_told_is_told_by_the_next_start() {
    let ear = Ear::answering(&[OK]).await;
    let mut world = World::telling(&target(&ear)).await;
    world.end().await;
    world.fire("web-1", Outcome::TimedOut, "").await;
    let world = world.restart(None).await;
    world.ends_of_notices(1).await;
    assert_eq!(ear.heard().len(), 1);
}

#[tokio::test]
async fn a_notice_is_given_up_after_a_day() {
    let ear = Ear::answering(&[DOWN]).await;
    let world = World::telling(&target(&ear)).await;
    world.fire("web-1", Outcome::TimedOut, "").await;
    ear.hear(2).await;
    world.clock.skip(Duration::from_secs(86_400));
    let (_, result, why) = world.ends_of_notices(1).await.remove(0);
    assert_eq!(result, "given_up");
    assert_eq!(why, "127.0.0.1 answered 503 Service Unavailable: heard\\u{1b}[31m");
}

#[tokio::test]
async fn what_is_owed_to_a_target_that_is_no_longer_named_is_given_up() {
    let ear = Ear::answering(&[DOWN]).await;
    let world = World::telling(&target(&ear)).await;
    world.fire("web-1", Outcome::TimedOut, "").await;
    ear.hear(1).await;
    let world = world.restart(Some("\n[[notify]]\ncommand = ['true']\n")).await;
    let why = "schedules.toml no longer names this target";
    let expected = ("ear".to_owned(), "given_up".to_owned(), why.to_owned());
    assert_eq!(world.ends_of_notices(1).await, [expected]);
}

#[tokio::test]
async fn a_target_that_says_nothing_holds_up_no_other() {
    let (silent, ear) = (Ear::answering(&[Answer::Silence]).await, Ear::answering(&[OK]).await);
    let both = format!("{}{}", target(&silent).replace("'ear'", "'silent'"), target(&ear));
    let world = World::telling(&both).await;
    for name in ["web-1", "web-2", "web-3"] {
        world.fire(name, Outcome::TimedOut, "").await;
    }
    world.ends_of_notices(3).await;
    assert_eq!((silent.heard().len(), ear.heard().len()), (1, 3));
}

#[tokio::test]
async fn a_notice_that_its_target_cannot_take_holds_up_no_other() {
    let ear = Ear::answering(&[Answer::Refusal("poison")]).await;
    let world = World::telling(&target(&ear)).await;
    world.fire("poison", Outcome::TimedOut, "").await;
    ear.hear(1).await;
    world.fire("web-2", Outcome::TimedOut, "").await;
    assert_eq!(world.ends_of_notices(1).await, [delivered("200 OK: heard\\u{1b}[31m")]);
    assert_eq!(world.open_notices().await, 1);
}

#[tokio::test]
async fn after_a_long_sleep_a_notice_is_tried_for_a_while() {
    let ear = Ear::answering(&[DOWN]).await;
    let mut world = World::telling(&target(&ear)).await;
    world.fire("web-1", Outcome::TimedOut, "").await;
    world.end().await;
    let before = ear.heard().len();
    world.clock.skip(Duration::from_secs(3 * 86_400));
    let world = world.restart(None).await;
    ear.hear(before + 3).await;
    assert_eq!(world.open_notices().await, 1);
    ear.answer(OK);
    assert_eq!(world.ends_of_notices(1).await, [delivered("200 OK: heard\\u{1b}[31m")]);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let ear = Ear::answering(&[Answer::Status("302 Found\r\nlocation: /elsewhere"), OK]).await;
    let world = World::telling(&target(&ear)).await;
    world.fire("web-1", Outcome::TimedOut, "").await;
    world.ends_of_notices(1).await;
    let lines: Vec<String> = ear.heard().into_iter().map(|heard: Heard| heard.line).collect();
    assert_eq!(lines, ["POST /hook?key=secret", "POST /hook?key=secret"]);
}

#[tokio::test]
async fn a_command_reads_the_notice_and_its_exit_status_counts() {
    let script = "cat >> told; test -e well || { touch well; exit 3; }";
    let notify = format!("\n[[notify]]\nname = 'ear'\ncommand = ['sh', '-c', '{script}']\n");
    let world = World::telling(&notify).await;
    world.fire("web-1", Outcome::TimedOut, "no answer").await;
    assert_eq!(world.ends_of_notices(1).await, [delivered("`sh` ended with exit status: 0")]);
    let told = std::fs::read_to_string(world.path("told")).unwrap();
    let lines: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[0]), (2, &lines[1]));
    assert_eq!(lines[0]["firing"]["trouble"][0]["reason"], "no answer");
}

#[tokio::test]
async fn a_log_that_cannot_be_written_is_told_of_once_without_a_row() {
    let (ear, other) = (Ear::answering(&[DOWN, OK]).await, Ear::answering(&[OK]).await);
    let both =
        format!("{}{}on = ['summary']", target(&ear), target(&other).replace("'ear'", "'other'"));
    let mut world = World::telling(&both).await;
    world.log_failed();
    world.log_failed();
    let told = ear.hear(2).await[1].json();
    assert_eq!((&told["event"], &told["notice"]), (&"log".into(), &Value::Null));
    let text = told["text"].as_str().unwrap();
    assert!(text.starts_with("lightsout does nothing: its audit log cannot be used ("), "{text}");
    world.end().await;
    assert_eq!((ear.heard().len(), other.heard().len()), (2, 0));
    assert_eq!(world.open_notices().await, 0);
}
