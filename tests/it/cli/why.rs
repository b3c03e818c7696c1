//! `lightsout why`: who is meant, and what is printed.

use std::fs;

use super::shell::{ALL, ONE, Shell, bare, finish, keys};

/// Two servers of one name.
const TWINS: &str = "[[servers]]\nname = \"dev-a\"\nno = \"1\"\n[[servers]]\nname = \"dev-a\"\n\
    no = \"2\"\n[[servers]]\nname = \"dev-b\"\nno = \"3\"\n";

#[tokio::test]
async fn why_asks_nothing_of_the_cloud_and_ends_with_one_sentence() {
    let shell = Shell::of(ONE, ALL).await;
    assert_eq!(shell.run("fire night --yes").await.code, Some(0));
    let asked = shell.cloud.requests().len();
    let line = &shell.json("history").await[0];
    let request_id = line["request_id"].as_str().unwrap();
    fs::write(shell.path().join("schedules.toml"), "nmae = 1\n").unwrap();
    let done = finish(bare(shell.path(), "why dev-a")).await;
    assert_eq!((done.code, shell.cloud.requests().len()), (Some(0), asked), "{done:?}");
    let heads: Vec<&str> =
        done.stdout.lines().filter(|line| line.starts_with(char::is_uppercase)).take(3).collect();
    assert_eq!(heads, ["State", "What happened", "Rules in use then"], "{}", done.stdout);
    let answer = format!("accepted, HTTP 200, code 0, request id {request_id} (success)");
    assert!(done.stdout.contains(&answer), "{}", done.stdout);
    let (_, sentence) = done.stdout.trim_end().rsplit_once("\n\n").unwrap();
    let said = " because `night`, due at ";
    let (_, due) = sentence.split_once(said).unwrap_or_else(|| panic!("{sentence}"));
    let is_short = due.split(',').next().is_some_and(|at| at.split(':').count() == 2);
    assert!(sentence.starts_with("It is off") && is_short, "{sentence}");
    let json = finish(bare(shell.path(), "why 1 --format json")).await;
    assert!(json.stdout.contains(&format!("{said}20")), "programs get full times: {json:?}");
    let names = "instance_no instance_name account at state status_before seen_before same_until \
        status_after seen_after timeline";
    assert!(keys(&json.stdout).starts_with(&names.split(' ').collect::<Vec<_>>()), "{json:?}");
    let csv = finish(bare(shell.path(), "why 1 --format csv")).await;
    assert!(csv.stdout.starts_with("at,what,rule,firing,told\n20"), "{csv:?}");
}

#[tokio::test]
async fn who_or_when_cannot_be_meant_is_refused() {
    let shell = Shell::of(TWINS, ALL).await;
    let nothing = shell.run("why dev-a").await;
    assert_eq!(nothing.silent(), (Some(2), ""), "{nothing:?}");
    assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    for (arguments, said) in [
        ("why dev-a", "`dev-a` is 2 servers: `1` (dev-a, account main), `2` (dev-a, account main)"),
        ("why dev-c", "did you mean `dev-b`?"),
        ("why nobody", "`lightsout plan` asks the cloud"),
        ("why 1 --account other", "the log has never seen a server `1` of account `other`"),
        ("why 1 --at 2999-01-01", "that time is still to come"),
        ("why 1 --at someday", "`someday` is no time"),
    ] {
        let done = shell.run(arguments).await;
        assert_eq!(done.silent(), (Some(2), ""), "{arguments}: {done:?}");
        assert!(done.stderr.contains(said), "{arguments}: {done:?}");
    }
    let answer = &shell.json("why 2").await[0];
    assert_eq!((&answer["state"], &answer["cause"]), (&"running".into(), &"dry_run".into()));
}

#[tokio::test]
async fn a_server_is_known_by_the_name_it_once_had() {
    let shell = Shell::of(ONE, ALL).await;
    assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    shell.cloud.rename(&lightsout::model::instance::InstanceNo::new("1").unwrap(), "qa-a");
    assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    for name in ["dev-a", "qa-a", "1"] {
        assert_eq!(shell.json(&format!("why {name}")).await[0]["instance_name"], "qa-a");
    }
}
