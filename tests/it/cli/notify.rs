//! `lightsout notify test`, and notices of a real daemon.

use std::process::Stdio;

use super::daemon::{Process, stopped};
use super::shell::{ALL, ONE, Shell};
use crate::notice::ear::{Answer, Ear};
use crate::wait;

const OK: Answer = Answer::Status("200 OK");

fn target(ear: &Ear, name: &str) -> String {
    format!("[[notify]]\nname = \"{name}\"\nurl = \"{}\"\non = [\"summary\"]\n", ear.url())
}

#[tokio::test]
async fn a_test_is_sent_to_every_target_and_says_what_each_answered() {
    let (ear, full) = (
        Ear::answering(&[OK]).await,
        Ear::answering(&[Answer::Status("507 Insufficient Storage")]).await,
    );
    let text = format!(
        "{ALL}{}{}[[notify]]\ncommand = [\"sh\", \"-c\", \"env > environment\"]\n\
        [[notify]]\nurl = \"env:NO_SUCH_URL\"\n",
        target(&ear, "good"),
        target(&full, "full")
    );
    let shell = Shell::of(ONE, &text).await;
    let done = shell.run("notify test --format json").await;
    assert_eq!(done.code, Some(1), "{done:?}");
    let lines: Vec<String> = done
        .lines()
        .iter()
        .map(|line| format!("{} {} {}", line["target"], line["delivered"], line["answer"]))
        .collect();
    assert_eq!(
        lines,
        [
            "\"good\" true \"200 OK: heard\\\\u{1b}[31m\"",
            "\"full\" false \"127.0.0.1 answered 507 Insufficient Storage: heard\\\\u{1b}[31m\"",
            "\"sh\" true \"`sh` ended with exit status: 0\"",
            "\"NO_SUCH_URL\" false \"the variable `NO_SUCH_URL` is not set\"",
        ]
    );
    assert_eq!(ear.heard()[0].json()["event"], "test");
    let environment = std::fs::read_to_string(shell.path().join("environment")).unwrap();
    assert!(environment.contains("HOME="), "{environment}");
    assert!(!environment.contains("_KEY="), "the command saw the cloud's keys: {environment}");
    assert!(!format!("{done:?}").contains("secret"), "{done:?}");
}

#[tokio::test]
async fn one_target_can_be_tried_alone_and_one_that_is_not_there_is_named() {
    let (ear, other) = (Ear::answering(&[OK]).await, Ear::answering(&[OK]).await);
    let text = format!("{ALL}{}{}", target(&ear, "one"), target(&other, "two"));
    let shell = Shell::of(ONE, &text).await;
    let done = shell.run("notify test one").await;
    assert_eq!((done.code, ear.heard().len(), other.heard().len()), (Some(0), 1, 0), "{done:?}");
    let done = shell.run("notify test three").await;
    assert_eq!(done.silent(), (Some(2), ""));
    assert!(done.stderr.contains("there are `one`, `two`"), "{}", done.stderr);
}

#[tokio::test]
async fn a_daemon_stops_and_ends_whatever_its_targets_do_and_shows_no_url() {
    let (silent, ear) = (Ear::answering(&[Answer::Silence]).await, Ear::answering(&[OK]).await);
    let rule = ALL.replace("0 20 * * *", "*/2 * * * * *");
    let text = format!("{rule}{}{}", target(&silent, "silent"), target(&ear, "ear"));
    let shell = Shell::of(ONE, &text).await;
    let logs = shell.path().join("logs");
    let stderr = std::fs::File::create(&logs).unwrap();
    let child = shell.command("run").stdout(Stdio::null()).stderr(stderr).spawn().unwrap();
    let daemon = Process(child);
    stopped(&shell).await;
    // One that overlapped with it may be told before it.
    let is_the_stop = |body: &str| body.contains("night stopped 1 of 1; lightsout show ");
    let is_told = async || ear.heard().iter().any(|told| is_the_stop(&told.body));
    wait::until_so("the stop is told", is_told).await;
    silent.hear(1).await;
    assert_eq!(shell.stop_requests(), 1);
    assert_eq!(daemon.terminate().await, Some(0));
    let logs = std::fs::read_to_string(logs).unwrap();
    assert!(logs.contains("notice delivered"), "{logs}");
    assert!(!logs.contains("key=secret"), "{logs}");
}

#[tokio::test]
async fn a_killed_daemon_leaves_its_notice_to_the_next() {
    let ear = Ear::answering(&[Answer::Status("503 Service Unavailable")]).await;
    let rule = ALL.replace("0 20 * * *", "*/2 * * * * *");
    let shell = Shell::of(ONE, &format!("{rule}{}", target(&ear, "ear"))).await;
    let start = || {
        let child = shell.command("run").stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Process(child.unwrap())
    };
    let first = start();
    let told = ear.hear(1).await.remove(0);
    // `drop` kills without a chance to say anything.
    drop(first);
    let in_vain = ear.heard().len();
    ear.answer(OK);
    let second = start();
    assert_eq!(ear.hear(in_vain + 1).await[in_vain].body, told.body);
    assert_eq!(second.terminate().await, Some(0));
    let bodies: Vec<_> = ear.heard().split_off(in_vain).into_iter().map(|it| it.body).collect();
    let of_the_first = bodies.iter().filter(|body| **body == told.body).count();
    assert_eq!(of_the_first, 1, "what was confirmed is not sent again: {bodies:?}");
}
