//! Reports as pages, and those who are sent them.

use std::fs;
use std::process::Stdio;

use serde_json::Value;

use super::daemon::Process;
use super::shell::{ALL, ONE, Shell};
use crate::notice::ear::{Answer, Ear, Heard};

const PROGRAM: &str = "[[notify]]\ncommand = [\"sh\", \"-c\", \"cat > told.json\"]\n\
    on = [\"report\"]\ncron = \"0 0 * * *\"\n";

fn told(shell: &Shell) -> Value {
    let told = fs::read_to_string(shell.path().join("told.json")).unwrap();
    serde_json::from_str(&told).unwrap()
}

#[tokio::test]
async fn a_report_is_one_page_that_names_the_servers() {
    let shell = Shell::of(ONE, ALL).await;
    assert_eq!(shell.run("fire night --yes").await.code, Some(0));
    let done = shell.run("report --since 1h --format html").await;
    assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""));
    assert!(done.stdout.starts_with("<!DOCTYPE html><html lang=\"en\">"), "{}", done.stdout);
    assert!(done.stdout.ends_with("</html>\n"), "{}", done.stdout);
    for said in ["dev-a", "lightsout.db", "In 1 hour, "] {
        assert!(done.stdout.contains(said), "{said}: {}", done.stdout);
    }
}

#[tokio::test]
async fn a_target_of_reports_is_tried_with_the_report_that_was_last_due() {
    let shell = Shell::of(ONE, &format!("{ALL}{PROGRAM}")).await;
    assert_eq!(shell.run("notify test").await.code, Some(0));
    assert_eq!(
        told(&shell),
        serde_json::json!({
            "event": "test",
            "text": "this is a test: lightsout will tell `sh` of what it asked for",
        })
    );
    assert_eq!(shell.run("fire night --yes").await.code, Some(0));
    assert_eq!(shell.run("notify test").await.code, Some(0));
    let told = told(&shell);
    let text = told["text"].as_str().unwrap();
    assert!(text.contains("; report of ") && text.contains("In 1 day, no stop"), "{text}");
    assert_eq!((&told["event"], &told["report"]["late"]), (&"test".into(), &false.into()));
    let page = told["report"]["html"].as_str().unwrap();
    assert!(page.starts_with("<!DOCTYPE html>"), "{page}");
}

#[tokio::test]
async fn a_daemon_sends_reports() {
    let ear = Ear::answering(&[Answer::Status("200 OK")]).await;
    let rule = ALL.replace("0 20 * * *", "*/2 * * * * *");
    let target = format!(
        "[[notify]]\nurl = \"{}\"\non = [\"report\"]\ncron = \"*/3 * * * * *\"\n",
        ear.url()
    );
    let shell = Shell::of(ONE, &format!("{rule}{target}")).await;
    let child = shell.command("run").stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let daemon = Process(child.unwrap());
    let told: Vec<Value> = ear.hear(2).await.iter().map(Heard::json).collect();
    assert_eq!(told[0]["event"], "report");
    assert_eq!(told[1]["report"]["since"], told[0]["report"]["until"], "{told:#?}");
    assert_eq!(daemon.terminate().await, Some(0));
}
