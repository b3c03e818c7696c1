//! What matches nothing on the cloud is said, and by whom it is said.

use std::fs::File;
use std::process::Stdio;

use lightsout::model::instance::InstanceNo;
use serde_json::Value;

use super::daemon::Process;
use super::shell::{ALL, ONE, Shell};
use crate::notice::ear::{Answer, Ear};
use crate::wait::{self, LONG};

/// Rules whose selectors match something and nothing.
const MIXED: &str = "timezone = \"Asia/Seoul\"\n[accounts.main]\nplatform = \"vpc\"\n\
    [protect]\nnames = [\"prod-*\", \"none\"]\ntags = { env = \"prod\" }\n\
    [[rules]]\nname = \"night\"\naction = \"stop\"\ncron = \"0 20 * * *\"\npatience = \"30s\"\n\
    select = { names = [\"dev-*\", \"qa-*\"] }\nexcept = { names = [\"dev-db\"], instances = [\"404\"] }\n";

/// What is said to match nothing, in the order of the texts.
fn said(text: &str) -> Vec<String> {
    let entries = text.lines().filter_map(|line| line.split_once("matches nothing: "));
    entries.map(|(_, entry)| entry.to_owned()).collect()
}

#[tokio::test]
async fn every_entry_that_matches_nothing_is_said_by_itself_before_and_after_a_firing() {
    let fleet = format!("{ONE}[[servers]]\nname = \"prod-a\"\nno = \"9\"\n");
    let shell = Shell::of(&fleet, MIXED).await;
    let expected = [
        "`instances` of `except`: 404",
        "`names` of `[protect]`: `none`",
        "`names` of `except`: `dev-db`",
        "`names` of `select`: `qa-*`",
        "`tags` of `[protect]`: `env=prod`",
    ];
    for command in ["plan", "plan night", "fire night --yes"] {
        let done = shell.run(command).await;
        assert_eq!(done.code, Some(0), "{command}: {done:?}");
        let mut said = said(&done.stderr);
        said.sort();
        assert_eq!(said, expected, "{command}: {done:?}");
    }
    assert_eq!(shell.json("history").await.len(), 1, "the log is for what became of servers");
}

#[tokio::test]
async fn what_could_not_be_read_is_not_said_to_match_nothing() {
    let refuse = "[[faults]]\nkind = \"refuse\"\ncode = \"77777\"\n";
    let tags = format!("{ONE}{refuse}on = \"resources\"\n");
    let region = format!(
        "regions = [\"KR\", \"JPN\"]\n{ONE}{refuse}on = \"getServerInstanceList\"\nregion = \"JPN\"\n"
    );
    let by_tag = ALL.replace("[[rules]]", "[protect]\ntags = { env = \"prod\" }\n[[rules]]");
    let by_name = ALL.replace("[[rules]]", "[protect]\nnames = [\"prod\"]\n[[rules]]");
    for (fleet, rules) in [(&tags, &by_tag), (&region, &by_name)] {
        let shell = Shell::of(fleet, rules).await;
        let done = shell.run("plan").await;
        assert_eq!(said(&done.stderr), [""; 0], "{done:?}");
    }
    let two =
        by_name.replace("[accounts.main]", "[accounts.b]\nplatform = \"vpc\"\n[accounts.main]");
    let two = two.replace("cron =", "account = \"main\"\ncron =");
    let shell = Shell::of(ONE, &two).await;
    let done = shell.run("fire night --yes").await;
    assert_eq!(said(&done.stderr), [""; 0], "it may be for the other account: {done:?}");
}

#[tokio::test]
async fn a_server_that_no_list_has_leaves_a_row_and_a_line_at_each_firing() {
    let rules = ALL.replace("names = [\"*\"]", "instances = [\"1\", \"404\"]");
    let shell = Shell::of(ONE, &rules).await;
    for firing in 1..=2 {
        let done = shell.run("fire night --yes").await;
        assert_eq!(done.code, Some(0), "{done:?}");
        assert_eq!(said(&done.stderr), ["`instances` of `select`: 404"]);
        let lines = shell.json("history --outcome skipped").await;
        assert_eq!(lines.len(), firing, "{lines:?}");
        assert_eq!(lines[0]["reason"], "matches nothing: `instances` of `select`: 404");
        assert_eq!(lines[0]["reason_code"], "matches_nothing");
        assert_eq!(lines[0]["instance_no"], Value::Null);
    }
    assert_eq!(shell.json("history --instance 404").await.len(), 2);
    assert_eq!(shell.json("history --instance 404 --outcome skipped").await.len(), 2);
    for other in ["40", "4", "404 --outcome stopped", "404 --rule other"] {
        assert_eq!(shell.json(&format!("history --instance {other}")).await, [] as [Value; 0]);
    }
    let gone = rules.replace("\"1\", ", "");
    std::fs::write(shell.path().join("schedules.toml"), gone).unwrap();
    let done = shell.run("fire night --yes").await;
    assert_eq!(done.code, Some(0), "{done:?}");
    let lines = shell.json("history --outcome nothing_matched").await;
    let reason = lines[0]["reason"].as_str().unwrap();
    assert!(reason.ends_with("matches nothing: `instances` of `select`: 404"), "{reason}");
    assert_eq!(shell.json("history --instance 404").await.len(), 3);
}

#[tokio::test]
async fn of_many_servers_that_no_list_has_each_is_found_by_its_number() {
    let numbers: Vec<String> = (401..=421).map(|no| format!("\"{no}\"")).collect();
    let rules = ALL.replace("names = [\"*\"]", &format!("instances = [{}]", numbers.join(", ")));
    let shell = Shell::of(ONE, &rules).await;
    // Once beside a server that is there, and once alone.
    assert_eq!(shell.run("fire night --yes").await.code, Some(0));
    let beside = rules.replace("[\"401\"", "[\"1\", \"401\"");
    std::fs::write(shell.path().join("schedules.toml"), beside).unwrap();
    assert_eq!(shell.run("fire night --yes").await.code, Some(0));
    for number in [401, 410, 411, 420, 421] {
        let lines = shell.json(&format!("history --instance {number}")).await;
        let firings: Vec<&Value> = lines.iter().map(|line| &line["firing"]).collect();
        assert_eq!(firings.len(), 2, "{number}: {lines:?}");
        assert_ne!(firings[0], firings[1], "{number}: {lines:?}");
    }
}

#[tokio::test]
async fn a_daemon_says_what_matches_nothing_when_it_starts_and_not_first_when_it_fires() {
    for observe in ["", "observe.every = \"off\"\n"] {
        let rules =
            MIXED.replace("names = [\"dev-*\"", "instances = [\"1\", \"404\"], names = [\"dev-*\"");
        let shell = Shell::of(ONE, &format!("{observe}{rules}")).await;
        let log = shell.path().join("stderr");
        let stderr = File::create(&log).unwrap();
        let daemon =
            Process(shell.command("run").stderr(stderr).stdout(Stdio::null()).spawn().unwrap());
        let text = || std::fs::read_to_string(&log).unwrap();
        let all = [
            "`instances` of `select`: 404",
            "`names` of `select`: `qa-*`",
            "`names` of `except`: `dev-db`",
            "`names` of `[protect]`: `none`, `prod-*`",
        ];
        let said = || all.iter().all(|entry| text().contains(entry)).then_some(());
        let is_said = wait::maybe(async || said()).await;
        is_said.unwrap_or_else(|| panic!("not all is said: {}", text()));
        assert_eq!(daemon.terminate().await, Some(0));
        assert!(!text().contains("env=prod"), "nobody asked about tags: {}", text());
        assert_eq!(shell.json("history").await, [] as [Value; 0], "it has not fired");
    }
}

#[tokio::test]
async fn a_daemon_says_it_once_a_load_and_again_when_it_ceases_to_match() {
    let ear = Ear::answering(&[Answer::Status("200 OK")]).await;
    let rules = ALL
        .replace("0 20 * * *", "* * * * * *")
        .replace("[[rules]]", "[protect]\nnames = [\"prod-*\"]\n[[rules]]");
    let notify = format!("[[notify]]\nname = \"a\"\nurl = \"{}\"\non = [\"summary\"]\n", ear.url());
    let fleet = format!("{ONE}[[servers]]\nname = \"b\"\nno = \"2\"\nstop_takes = \"100ms\"\n");
    let shell = Shell::of(&fleet, &format!("{rules}{notify}")).await;
    let log = shell.path().join("stderr");
    let stderr = File::create(&log).unwrap();
    let daemon =
        Process(shell.command("run").stderr(stderr).stdout(Stdio::null()).spawn().unwrap());
    let said = || std::fs::read_to_string(&log).unwrap().matches("matches nothing").count();
    let entry = "matches nothing: `names` of `[protect]`: `prod-*`";
    let told = || ear.heard().iter().filter(|it| it.body.contains(entry)).count();
    let firings = async |more: usize| {
        let count = async || shell.json("history --limit 1000 --outcome already").await.len();
        let before = count().await;
        wait::until_so("it fires", async || count().await >= before + more).await;
    };
    let story = async {
        // There is no log before the daemon has made one.
        wait::until_so("it is said", async || said() > 0).await;
        firings(4).await;
        assert_eq!(said(), 1, "once a load");
        let no = InstanceNo::new("2").unwrap();
        shell.cloud.rename(&no, "prod-b");
        let skipped = async || shell.json("history --outcome skipped").await;
        wait::until_so("it is skipped", async || !skipped().await.is_empty()).await;
        shell.cloud.rename(&no, "b");
        wait::until_so("it is said again", async || said() > 1).await;
        wait::until_so("it is told again", async || told() > 1).await;
        firings(2).await;
        assert_eq!((said(), told()), (2, 2), "and again when it ceases to match");
    };
    tokio::time::timeout(LONG, story).await.expect("it is said");
    assert_eq!(daemon.terminate().await, Some(0));
}

#[tokio::test]
async fn what_a_dry_run_matched_is_nobody_s_measure() {
    let fleet = format!("{ONE}[[servers]]\nname = \"b\"\nno = \"2\"\ntags = {{ env = \"dev\" }}\n");
    let by_tag = ALL.replace("names = [\"*\"]", "tags = { env = \"dev\" }");
    let shell = Shell::of(&fleet, &by_tag).await;
    assert_eq!(shell.run("fire night --yes").await.code, Some(0));
    shell.cloud.set_tags(&InstanceNo::new("2").unwrap(), &[]);
    assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    let held = shell.run("hold b --until 30h").await;
    assert_eq!(held.code, Some(0), "{held:?}");
    assert!(!held.stderr.contains("no firing to come"), "{held:?}");
}
