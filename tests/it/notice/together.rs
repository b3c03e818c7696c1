//! Firings of one account that end close together, and who is told of them when.

use lightsout::model::outcome::Outcome::{Refused, Stopped, TimedOut, TooMany};
use serde_json::{Value, json};

use super::ear::{Answer, Ear, Heard};
use super::world::World;

/// So many are told one by one.
const ALONE: [&str; 5] = ["old-1", "old-2", "old-3", "old-4", "old-5"];
const OK: Answer = Answer::Status("200 OK");

fn target(ear: &Ear, rest: &str) -> String {
    format!("\n[[notify]]\nname = 'port-{}'\nurl = '{}'\n{rest}\n", ear.port, ear.url())
}

/// The sentence up to the command, with a T for each time.
fn said(heard: &Heard) -> String {
    let heard = heard.json();
    let text = heard["text"].as_str().unwrap().split("; lightsout ").next().unwrap();
    let word = |word: &str| match word.strip_prefix("2026-") {
        Some(rest) if rest.ends_with(',') => "T,".to_owned(),
        Some(_) => "T".to_owned(),
        None => word.to_owned(),
    };
    let said = text.split(' ').map(word).collect::<Vec<_>>().join(" ");
    // A second may end between two of them.
    said.replace("from T to T,", "at T,")
}

#[tokio::test]
async fn after_a_few_that_are_told_at_once_the_next_wait_and_are_told_together() {
    let (failures, all, korean) =
        (Ear::answering(&[OK]).await, Ear::answering(&[OK]).await, Ear::answering(&[OK]).await);
    let mut world = World::in_real_time(&format!(
        "{}{}{}",
        target(&failures, "on = ['failure']"),
        target(&all, "on = ['summary']"),
        target(&korean, "on = ['failure']\nlanguage = 'ko'"),
    ))
    .await;
    for name in ALONE {
        world.fire(name, Refused, "HTTP 400").await;
    }
    for alone in failures.hear(5).await {
        let alone = alone.json();
        assert_eq!((&alone["together"], &alone["firing"]["rule"]), (&Value::Null, &"night".into()));
    }
    all.hear(5).await;
    korean.hear(5).await;
    let slow = world.fire("web-2", TimedOut, "").await;
    let fine = world.fire("web-3", Stopped, "").await;
    let guarded = world.fire_whole(TooMany, "9 instances, at most 3").await;
    world.fire_whole(TooMany, "9 instances, at most 3").await;
    // Whatever waits is told at the end.
    world.end().await;
    let together = &failures.hear(6).await[5];
    assert_eq!(
        said(together),
        "3 firings of account `main`, due at T, need somebody: 2 too many: night (9 instances, at \
         most 3); 1 timed out: night"
    );
    let notice = together.json();
    assert_eq!(
        (&notice["event"], &notice["firing"]["firing"]),
        (&"failure".into(), &json!(guarded))
    );
    let Value::Object(told) = &notice["together"] else { panic!("{notice}") };
    let counts = json!({ "timed_out": 1, "too_many": 2 });
    assert_eq!((&told["account"], &told["troubled"]), (&"main".into(), &3.into()));
    assert_eq!((&told["counts"], &told["firings_left_out"]), (&counts, &0.into()));
    let first = &told["firings"][0];
    assert_eq!((&first["firing"], &first["trouble"]), (&json!(guarded), &1.into()));
    assert_eq!(told["firings"][2]["firing"], json!(slow));
    assert_eq!(notice["details"].as_array().unwrap().len(), 3);

    let summary = &all.hear(6).await[5];
    assert!(
        said(summary).starts_with(
            "4 firings of account `main`, due at T, have ended, and 3 of them need somebody: "
        ),
        "{summary:?}"
    );
    let of_all = &summary.json()["together"];
    assert_eq!(of_all["counts"], json!({ "stopped": 1, "timed_out": 1, "too_many": 2 }));
    assert_eq!(of_all["firings"][3]["firing"], json!(fine), "the gravest first");
    let korean = korean.hear(6).await[5].json();
    let text = korean["text"].as_str().unwrap();
    assert!(text.starts_with("`main` 계정의 실행 3건 확인 필요, 예정 시각 2026-"), "{text}");
    assert!(text.contains(": 서버 수 초과 2건: night("), "{text}");

    let mut world = world.restart(None).await;
    world.fire("web-5", Stopped, "").await;
    world.end().await;
    all.hear(7).await;
    assert_eq!((failures.heard().len(), all.heard().len()), (6, 7), "nothing is told twice");
}

#[tokio::test]
async fn firings_that_wait_when_a_daemon_dies_are_told_by_the_next() {
    let ear = Ear::answering(&[OK]).await;
    let world = World::in_real_time(&target(&ear, "on = ['failure', 'missed']")).await;
    for name in ALONE {
        world.fire(name, Refused, "no").await;
    }
    ear.hear(5).await;
    // It waits, and news of another kind goes past it.
    let waiting = world.fire("web-2", Refused, "no").await;
    world.miss(lightsout::clock::Clock::now(&*world.clock)).await;
    world.sign_of_life().await;
    assert_eq!(ear.hear(6).await[5].json()["event"], "missed");
    world.ends_of_notices(6).await;
    let mut world = world.dies().await;
    world.end().await;
    let last = ear.hear(7).await[6].json();
    assert_eq!(last["firing"]["firing"], json!(waiting), "{last}");
    assert_eq!(ear.heard().len(), 7);
}
