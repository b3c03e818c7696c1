//! `lightsout demo`: what it prints, the page that it keeps up, and that nothing is left behind.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use super::daemon::Process;
use super::shell::{bare, finish};
use super::web::exchange;

/// The demo with a folder of its own for what it keeps.
fn demo(folder: &tempfile::TempDir, arguments: &str) -> Command {
    let mut command = bare(folder.path(), &format!("demo {arguments}"));
    command.env("TMPDIR", folder.path());
    command
}

fn fits(line: &str) -> bool {
    line.chars().count() <= 80
}

fn is_empty(folder: &tempfile::TempDir) -> bool {
    fs::read_dir(folder.path()).unwrap().next().is_none()
}

#[tokio::test]
async fn the_demo_fits_80_columns_and_ends_with_what_to_open_next() {
    let folder = tempfile::tempdir().unwrap();
    let done = finish(demo(&folder, "")).await;
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.stdout.lines().all(fits), "{}", done.stdout);
    for outcome in ["stopped", "started", "refused", "already"] {
        assert!(done.stdout.contains(outcome), "{done:?}");
    }
    let (_, next) = done.stdout.split_once("\nWhat to open next:\n\n").unwrap();
    let commands: Vec<_> = next.lines().map(|line| line.split("  ").nth(1).unwrap()).collect();
    let expected = ["lightsout demo --web", "lightsout check", "lightsout plan", "lightsout run"];
    assert_eq!(commands, expected);
    assert!(is_empty(&folder));
}

#[tokio::test]
async fn the_page_of_the_demo_shows_its_night_until_it_is_told_to_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = demo(&folder, "--web");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut process = Process(child);
    let mut stdout = BufReader::new(process.0.stdout.take().unwrap());
    let address = stdout
        .by_ref()
        .lines()
        .map(Result::unwrap)
        .inspect(|line| assert!(fits(line), "{line}"))
        .find_map(|line| line.strip_prefix("http://").map(ToOwned::to_owned))
        .expect("it says where the page is");
    let address = address.parse().unwrap();
    let get = |path: &str| {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        exchange(address, request.as_bytes())
    };
    let page = get("/");
    assert_eq!(page.status, 200, "{page:?}");
    let (_, night) = page.body.split_once("id=\"last-night\"").unwrap();
    let (night, rest) = night.split_once("id=\"tonight\"").unwrap();
    assert!(night.contains("4 of 6 servers off") && night.contains("dev-gpu"), "{night}");
    assert!(rest.contains("1 stop at 20:00"), "the daemon lives: {rest}");
    let history = get("/history").body;
    assert!(history.contains("Tue 24") || history.contains("2026-11-24"), "{history}");
    assert!(!is_empty(&folder));
    assert_eq!(process.terminate().await, Some(0));
    assert!(is_empty(&folder));
}

#[tokio::test]
async fn a_demo_that_is_ended_early_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = demo(&folder, "");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut process = Process(child);
    let mut stdout = BufReader::new(process.0.stdout.take().unwrap());
    let begun = stdout.by_ref().lines().any(|line| line.unwrap().contains("the night begins"));
    assert!(begun && !is_empty(&folder));
    assert_eq!(process.terminate().await, Some(1));
    assert!(is_empty(&folder));
}
