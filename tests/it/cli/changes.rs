//! What others start and stop: `history --changes`, `status`, and rules that start only `ours`.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use lightsout::audit::{AuditLog, Writer};
use lightsout::clock::{Clock, RehearsalClock, SystemClock};
use lightsout::cloud::codes;
use lightsout::model::instance::{AccountName, Instance, InstanceNo, Product, RegionCode, Status};
use lightsout::schedule::AuditFile;
use serde_json::Value;

use super::daemon::Process;
use super::shell::{ALL, Done, ONE, Shell, keys};
use crate::wait;

/// Starts what lightsout stopped.
const MORNING: &str = "[[rules]]\nname = \"morning\"\naction = \"start\"\ncron = \"0 8 * * *\"\n\
    select = { names = [\"*\"] }\npatience = \"30s\"\nstart = \"ours\"\n";

/// Three servers that take a second either way, one of them stopped.
const THREE: &str = "[[servers]]\nname = \"a\"\nno = \"1\"\nstop_takes = \"500ms\"\n\
    start_takes = \"500ms\"\n[[servers]]\nname = \"b\"\nno = \"2\"\nstop_takes = \"500ms\"\n\
    start_takes = \"500ms\"\n[[servers]]\nname = \"c\"\nno = \"3\"\nstatus = \"NSTOP\"\n";

fn somebody_turns(shell: &Shell, no: &str, status: Status) {
    shell.cloud.set_status(&InstanceNo::new(no).unwrap(), status, codes::operation("NULL"));
}

/// Number, what would become or became of it, and why; of each line, by number.
fn words(done: &Done, what: &str) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let line = |line: Value| {
        format!("{} {} {}", word(&line["instance_no"]), word(&line[what]), word(&line["reason"]))
    };
    let mut lines: Vec<String> = done.lines().into_iter().map(line).collect();
    lines.sort();
    lines
}

/// Leaves it in the log that servers ran an hour ago.
pub(super) async fn ran_an_hour_ago(shell: &Shell) {
    let file = AuditFile {
        path: shell.path().join("lightsout.db"),
        mode: 0o600,
        keep: None,
        shared: None,
    };
    let then = SystemClock::new().now() - Duration::from_secs(3_600);
    let clock = RehearsalClock::new(then, 0);
    let log = AuditLog::open(&file, Writer::Fire, clock).await.unwrap();
    for no in ["1", "2"] {
        let instance = Instance {
            no: InstanceNo::new(no).unwrap(),
            name: "a".to_owned(),
            region: RegionCode::new("KR").unwrap(),
            status: codes::status("RUN"),
            operation: codes::operation("NULL"),
            booted_at: None,
            created_at: None,
            product: Product::default(),
            tags: None,
        };
        log.seen(&AccountName::new("main").unwrap(), &[&instance], then).await.unwrap();
    }
    log.end("done").await.unwrap();
}

#[tokio::test]
async fn a_rule_that_starts_ours_plans_and_starts_only_what_lightsout_stopped() {
    let shell = Shell::of(THREE, &format!("{ALL}{MORNING}")).await;
    let unknown = "nothing in the log says that lightsout stopped it";
    let plan = shell.run("plan morning --format json").await;
    let expected = ["1 already ", "2 already ", &format!("3 skip {unknown}")];
    assert_eq!((plan.code, words(&plan, "would")), (Some(0), expected.map(String::from).to_vec()));
    ran_an_hour_ago(&shell).await;
    somebody_turns(&shell, "1", codes::status("NSTOP"));
    assert_eq!(shell.run("fire night --yes").await.code, Some(0));
    let plan = shell.run("plan morning --format json").await;
    let planned = words(&plan, "would");
    assert!(planned[0].starts_with("1 skip stopped by somebody else between 20"), "{planned:?}");
    assert_eq!(planned[1..], ["2 start ".to_owned(), format!("3 skip {unknown}")]);
    let fired = shell.run("fire morning --yes --format json").await;
    assert_eq!(fired.code, Some(0), "what is left alone by choice is no failure: {fired:?}");
    let done = words(&fired, "outcome");
    assert_eq!(done[0], planned[0].replace("skip", "skipped"));
    assert_eq!(done[1..], ["2 started ".to_owned(), format!("3 skipped {unknown}")]);

    let changes = shell.run("history --changes --format json").await;
    let lines = changes.lines();
    assert_eq!((changes.code, lines.len()), (Some(0), 1), "{changes:?}");
    let names = "change unseen_since seen_at account region instance_no instance_name \
        status_before status_after";
    assert_eq!(keys(&changes.stdout), names.split(' ').collect::<Vec<_>>());
    assert_eq!(
        (&lines[0]["instance_name"], &lines[0]["status_before"], &lines[0]["status_after"]),
        (&"a".into(), &"RUN".into(), &"NSTOP".into())
    );
    let (since, seen) = (lines[0]["unseen_since"].as_str(), lines[0]["seen_at"].as_str());
    assert!(since < seen, "{lines:?}");
    for (filter, count) in [
        ("--instance a", 1),
        ("--instance 1", 1),
        ("--instance b", 0),
        ("--since 30m", 1),
        ("--until 30m", 0),
        ("--limit 1", 1),
    ] {
        let filtered = shell.json(&format!("history --changes {filter}")).await;
        assert_eq!(filtered.len(), count, "{filter}");
    }
    let csv = shell.run("history --changes --format csv").await;
    assert!(csv.stdout.starts_with("change,unseen_since,seen_at,account,"), "{csv:?}");
    let table = shell.run("history --changes").await;
    let head = "AFTER BY INSTANCE NAME ACCOUNT REGION FROM TO";
    let first = table.stdout.lines().next().unwrap_or_default();
    assert_eq!(first.split_whitespace().collect::<Vec<_>>().join(" "), head, "{table:?}");
    let last = table.stdout.lines().nth(2).unwrap_or_default();
    assert!(last.starts_with("as of 2") && table.stdout.lines().count() == 3, "{table:?}");
    for filter in ["--rule night", "--outcome stopped"] {
        let wrong = shell.run(&format!("history --changes {filter}")).await;
        assert_eq!(wrong.silent(), (Some(2), ""), "{filter}: {wrong:?}");
    }
}

#[tokio::test]
async fn an_edited_file_switches_looking_on_and_status_says_when_it_was() {
    let shell = Shell::of(ONE, &format!("observe.every = \"off\"\n{ALL}")).await;
    let child = shell.command("run").stderr(Stdio::null()).spawn().unwrap();
    let daemon = Process(child);
    let looked = async |count: usize| {
        let look = async || {
            let status = shell.run("status --format json").await;
            // There is no log before the daemon has made one.
            let status = status.lines().pop()?;
            let looked = status["looked"].as_array().unwrap();
            (!status["daemon"].is_null() && looked.len() == count).then(|| looked.clone())
        };
        wait::until("it looks", look).await
    };
    looked(0).await;
    fs::write(shell.path().join("schedules.toml"), format!("observe.every = \"1m\"\n{ALL}"))
        .unwrap();
    let looks = looked(1).await;
    assert_eq!(looks[0]["account"], "main");
    let table = shell.run("status --verbose").await.stdout;
    assert!(table.contains("\naccount    main: last good look "), "{table}");
    let csv = shell.run("status --format csv").await.stdout;
    assert!(csv.lines().any(|line| line.starts_with("looked,20")), "{csv}");
    let counts = shell.cloud.counts();
    assert_eq!(daemon.terminate().await, Some(0));
    let asked: Vec<(&str, u64)> = counts.requests.into_iter().collect();
    assert_eq!(asked, [("getRegionList", 2), ("getServerInstanceList", 2)], "lists only");
}
