//! Notices of targets with `language = "ko"`.

use chrono::TimeDelta;
use lightsout::clock::Clock;
use lightsout::model::instance::AccountName;
use lightsout::model::outcome::Outcome;
use lightsout::schedule::budget::spent::Spent;

use super::ear::{Answer, Ear};
use super::world::World;
use crate::english::{english, said};

/// Names of the world, and of commands and files.
const NAMES: [&str; 7] = ["night", "lightsout", "show", "history", "report", "budget", "status"];

/// The text of the last of so many notices. The machine's own name may be in it.
async fn told(ear: &Ear, count: usize) -> String {
    let heard = ear.hear(count).await;
    let text = heard[count - 1].json()["text"].as_str().unwrap().to_owned();
    let of_options =
        ["--outcome", "--changes"].iter().fold(text.clone(), |t, it| t.replace(it, ""));
    let left = english(&of_options.replace("outcome missed", "").replace(" missed", ""), &NAMES);
    assert!(left.is_empty(), "{left:?} in {text}");
    text
}

#[tokio::test]
async fn every_event_is_told_in_korean_and_to_others_in_english() {
    const OK: &[Answer] = &[Answer::Status("200 OK")];
    let [ko, en] = [Ear::answering(OK).await, Ear::answering(OK).await];
    let on = "on = ['log', 'unreadable', 'failure', 'drift', 'missed', 'budget', 'changed']";
    let targets = format!(
        "\n[[notify]]\nname = 'k'\nurl = '{}'\nlanguage = 'ko'\n{on}\n\
         [[notify]]\nname = 'e'\nurl = '{}'\n{on}\n",
        ko.url(),
        en.url()
    );
    let world = World::telling(&targets).await;

    let firing = world
        .fire("web-3", Outcome::Refused, "asked 2 times; HTTP 400, return code 25033 (거부)")
        .await;
    let text = told(&ko, 1).await;
    assert_eq!(
        text,
        format!(
            "night: 서버 1대 중 0대 정지: 거부됨 1대(web-3: 2번 요청함; HTTP 400, 응답 코드 25033 \
             (거부)); lightsout show {firing}"
        )
    );
    let english = en.hear(1).await[0].json();
    assert_eq!(
        english["text"],
        format!(
            "night stopped 0 of 1: 1 refused (web-3: asked 2 times; HTTP 400, return code 25033 \
             (거부)); lightsout show {firing}"
        )
    );
    // Programs read the same from both.
    assert_eq!(ko.hear(1).await[0].json()["firing"], english["firing"]);

    for (place, (outcome, reason, said)) in [
        (Outcome::TimedOut, "accepted, and still RUN, operation SHTDN", "시간 초과 1대"),
        (Outcome::Unknown, "no answer, and its state could not be read", "알 수 없음 1대"),
        (Outcome::Skipped, "busy: RUN, operation RSTRT", "건너뜀 1대"),
    ]
    .into_iter()
    .enumerate()
    {
        world.fire("web-3", outcome, reason).await;
        let text = told(&ko, 2 + place).await;
        assert!(text.contains(said), "{text}");
    }
    for (place, (outcome, reason, said)) in [
        (Outcome::Drifted, "12 instances, 2 at most in its last firings", "서버 수 급증(서버 12대"),
        (Outcome::TooMany, "60 instances, max_instances = 50", "서버 수 초과(서버 60대"),
        (Outcome::CloudFailed, "the gateway could not be reached: 연결 거부", "클라우드 오류("),
        (Outcome::Overlapped, "firing 7 was still being followed", "겹침("),
    ]
    .into_iter()
    .enumerate()
    {
        world.fire_whole(outcome, reason).await;
        let text = told(&ko, 5 + place).await;
        assert!(text.contains(said), "{text}");
    }

    let now = world.clock.now();
    world.miss(now - TimeDelta::hours(1)).await;
    world.sign_of_life().await;
    let text = told(&ko, 9).await;
    assert!(text.starts_with("놓친 실행 1건: night, 예정 시각 2026-"), "{text}");
    assert!(text.contains("(데몬이"), "{text}");

    let restart = world.restart_of("web-1").await;
    world.herald(&[&restart]);
    let text = told(&ko, 10).await;
    assert!(
        text.starts_with("night 규칙으로 정지한 서버 1대를 다른 사람이 시작함: web-1("),
        "{text}"
    );

    let days = |days: i64| TimeDelta::hours(24 * days + 5);
    world.near(&[("web-1", Spent::Known(days(68)))]).await;
    let text = told(&ko, 11).await;
    assert!(text.contains("web-1: 연속 한도 90일 중 68.2일 정지"), "{text}");

    let account = AccountName::new("main").unwrap();
    world.lose(&account, "the keys were refused: HTTP 401, return code 200 (인증 실패)").await;
    let text = told(&ko, 12).await;
    assert!(text.contains("`main` 계정을 읽을 수 없음(키가 거부됨: HTTP 401"), "{text}");
    world.find(&account).await;
    let text = told(&ko, 13).await;
    assert!(text.contains("`main` 계정을 다시 읽을 수 있음"), "{text}");

    world.log_failed();
    let heard = ko.hear(14).await;
    let text = heard[13].json()["text"].as_str().unwrap().to_owned();
    // The words of the system stay as they are.
    assert!(
        text.starts_with("lightsout이 아무것도 하지 않음: 감사 로그를 사용할 수 없음("),
        "{text}"
    );
}

#[tokio::test]
async fn a_report_is_told_in_korean_with_its_page_and_its_tables() {
    let ear = Ear::answering(&[Answer::Status("200 OK")]).await;
    let targets = format!(
        "\n[[notify]]\nurl = '{}'\nlanguage = 'ko'\non = ['report']\ncron = '0 21 * * *'\n\
         [[notify]]\ncommand = ['sh', '-c', 'cat > told.json']\nlanguage = 'ko'\n\
         on = ['report']\ncron = '0 21 * * *'\n",
        ear.url()
    );
    let world = World::telling(&targets).await;
    world.fire("web-3", Outcome::Refused, "HTTP 400, return code 25033").await;
    world.clock.skip(std::time::Duration::from_secs(3_600));
    world.sign_of_life().await;
    let told = ear.hear(1).await[0].json();
    world.ends_of_notices(2).await;
    let piped = std::fs::read_to_string(world.path("told.json")).unwrap();
    let piped: serde_json::Value = serde_json::from_str(&piped).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let mut texts: Vec<String> = told["details"].as_array().unwrap().iter().map(text).collect();
    assert_eq!(texts[0], "정지: 1건 중 0건 성공(일부 실패 1건)");
    texts.push(text(&told["text"]));
    assert!(texts.last().unwrap().contains("보고서: 1일 동안 정지 1건 중 0건"), "{texts:?}");
    texts.push(text(&piped["report"]["markdown"]));
    let page = text(&piped["report"]["html"]);
    assert!(page.contains("<html lang=\"ko\">"), "{page}");
    texts.push(said(&page));
    for text in texts {
        let left = english(&text, &["night", "lightsout", "main", "Asia", "Seoul"]);
        assert!(left.is_empty(), "{left:?} in {text}");
    }
    // Programs read the same words in each language.
    assert!(text(&told["report"]["total"]["sentence"]).starts_with("In 1 day"), "{told}");
}
