//! `lightsout init` and `lightsout accounts`; and the tags that `plan` names after a slip.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};

use lightsout::cloud::rehearsal::{Fault, Fleet};

use super::shell::{ALL, Done, ONE, Shell, finish};

/// Tags of several kinds in two regions, with names and values that try to leave their comment.
const MIXED: &str = r#"regions = ["KR", "SGN"]
[[servers]]
name = "dev-api"
count = 3
tags = { env = "dev", "서비스" = "주문" }
[[servers]]
name = "web"
region = "SGN"
tags = { env = "prod", note = "a\nb = 1" }
[[servers]]
name = "bare"
status = "NSTOP"
"#;

/// A folder without a schedules.toml, beside a cloud.
async fn empty(fleet: &str) -> Shell {
    let shell = Shell::of(fleet, ALL).await;
    fs::remove_file(shell.path().join("schedules.toml")).unwrap();
    shell
}

fn file(shell: &Shell) -> String {
    fs::read_to_string(shell.path().join("schedules.toml")).unwrap()
}

fn fault(toml: &str) -> Fault {
    Fleet::parse(&format!("[[faults]]\n{toml}")).unwrap().faults.remove(0)
}

/// Writes a first file, which must be good whatever was found.
async fn init(shell: &Shell) -> (String, Done) {
    let done = shell.run("init").await;
    assert_eq!(done.silent(), (Some(0), ""), "{done:?}");
    for command in ["lightsout edit", "lightsout plan", "lightsout run"] {
        assert!(done.stderr.contains(command), "{command}: {done:?}");
    }
    let text = file(shell);
    let check = shell.run("check").await;
    assert_eq!(check.code, Some(0), "{check:?}\n{text}");
    assert!(!check.stderr.contains("warning"), "{check:?}\n{text}");
    assert_eq!(shell.stop_requests(), 0);
    (text, done)
}

#[tokio::test]
async fn the_first_file_says_what_was_found_and_its_rule_sends_nothing() {
    let shell = empty(MIXED).await;
    let (text, done) = init(&shell).await;
    for part in [
        "[accounts.main]\nplatform = \"vpc\"",
        "credentials = \"env\"",
        "# Servers: 4 in KR, 1 in SGN.",
        "#   env  dev (3), prod (1)\n",
        "#   note  a\\nb = 1 (1)\n",
        "#   서비스  주문 (3)\n",
        "max_instances = 50",
        "tags = { env = \"prod\" }",
        "select = { tags = { env = \"dev\" } }",
        "dry_run = true",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(done.stderr.contains("account main: 5 servers in KR, SGN"), "{done:?}");
    assert!(!done.stderr.contains("warning"), "{done:?}");
    let plan = shell.json("plan").await;
    let stops = plan.iter().filter(|line| line["action"] == "stop");
    assert!(stops.clone().count() == 3, "{plan:?}");
    let again = shell.run("init").await;
    assert_eq!(again.silent(), (Some(2), ""), "{again:?}");
    assert!(again.stderr.contains("schedules.toml is there already"), "{again:?}");
    assert_eq!(file(&shell), text);
    let other = shell.run("init -c other.toml").await;
    assert_eq!(other.code, Some(0), "{other:?}");
    assert!(other.stderr.contains("lightsout plan -c other.toml"), "{other:?}");
}

#[tokio::test]
async fn an_account_without_servers_gets_a_file_too() {
    let shell = empty("").await;
    let (text, _) = init(&shell).await;
    assert!(text.contains("# It has no servers yet."), "{text}");
    assert!(text.contains("CHANGE THIS"), "{text}");
}

#[tokio::test]
async fn a_large_fleet_finds_room_below_its_limit() {
    let shell =
        empty("[[servers]]\nname = \"dev\"\ncount = 5000\ntags = { env = \"dev\" }\n").await;
    let (text, _) = init(&shell).await;
    assert!(text.contains("max_instances = 5000 "), "{text}");
    assert!(text.contains("default 50, and 5000 servers were found"), "{text}");
    assert!(text.contains("of the 60 servers that were looked at"), "{text}");
    let plan = shell.run("plan -o csv").await;
    assert_eq!(plan.code, Some(0), "{}", plan.stderr);
}

#[tokio::test]
async fn tags_that_cannot_be_read_are_missing_and_said_to_be() {
    let shell = empty(ONE).await;
    shell.cloud.add_fault(fault("kind = \"forbidden\"\non = \"resources\"\n"));
    let (text, done) = init(&shell).await;
    assert!(text.contains("# Its tags could not be read: "), "{text}");
    assert!(text.contains("# Servers: 1 in KR."), "{text}");
    assert!(text.contains("names = [\"dev-*\"]"), "{text}");
    assert!(done.stderr.contains("warning: tags could not be read"), "{done:?}");
    assert!(done.stderr.contains("NCP_RESOURCE_MANAGER_VIEWER"), "{done:?}");
}

#[tokio::test]
async fn refused_keys_no_keys_and_no_network_still_give_a_file() {
    let shell = empty(ONE).await;
    shell.cloud.add_fault(fault("kind = \"denied\"\n"));
    let (text, done) = init(&shell).await;
    assert!(text.contains("# It could not be read: the keys were refused"), "{text}");
    assert!(done.stderr.contains("warning: the account could not be read"), "{done:?}");
    for (change, said) in [("no keys", "no keys: the environment has no"), ("no network", "")] {
        fs::remove_file(shell.path().join("schedules.toml")).unwrap();
        let mut command = shell.command("init");
        let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
        if change == "no keys" {
            command.env_remove("NCLOUD_ACCESS_KEY");
        } else {
            command.env("NCLOUD_API_GW", format!("http://{nobody}"));
        }
        let done = finish(command).await;
        assert_eq!(done.silent(), (Some(0), ""), "{change}: {done:?}");
        assert!(done.stderr.contains(said), "{change}: {done:?}");
        assert!(file(&shell).contains("# It could not be read: "), "{change}: {done:?}");
        assert_eq!(shell.run("check").await.code, Some(0), "{change}");
    }
}

#[tokio::test]
async fn the_profile_is_found_where_the_environment_has_no_keys() {
    let shell = empty(ONE).await;
    let folder = shell.path().join(".ncloud");
    fs::create_dir(&folder).unwrap();
    let keys = format!(
        "[DEFAULT]\nncloud_access_key_id = {}\nncloud_secret_access_key = {}\n",
        shell.cloud.access_key(),
        shell.cloud.secret_key()
    );
    fs::write(folder.join("configure"), keys).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(folder.join("configure"), mode).unwrap();
    let mut command = shell.command("init");
    command.env_remove("NCLOUD_ACCESS_KEY").env_remove("NCLOUD_SECRET_KEY");
    let done = finish(command).await;
    assert_eq!(done.code, Some(0), "{done:?}");
    let text = file(&shell);
    assert!(text.contains("credentials = \"profile\""), "{text}");
    assert!(text.contains("# Servers: 1 in KR."), "{text}");
}

#[tokio::test]
async fn a_classic_account_of_the_same_keys_is_found_as_well() {
    let classic = "[[servers]]\nname = \"old\"\nplatform = \"classic\"\ntags = { env = \"dev\" }\n";
    let shell = empty(classic).await;
    let (text, _) = init(&shell).await;
    assert!(text.contains("[accounts.main]\nplatform = \"classic\""), "{text}");
    assert!(text.contains("#   env  dev (1)\n"), "{text}");
    let shell = empty(&format!("{ONE}{classic}")).await;
    let (text, _) = init(&shell).await;
    assert!(text.contains("[accounts.main]\nplatform = \"vpc\""), "{text}");
    assert!(text.contains("[accounts.classic]\nplatform = \"classic\""), "{text}");
    assert!(text.contains("account = \"main\""), "{text}");
}

#[tokio::test]
async fn accounts_are_listed_with_what_can_be_read() {
    let rules = ALL.replace(
        "[[rules]]",
        "[accounts.other]\nplatform = \"vpc\"\ncredentials = \"env:OTHER\"\n[[rules]]\n\
         account = \"main\"",
    );
    let shell = Shell::of(MIXED, &rules).await;
    let done = shell.run("accounts -o json").await;
    assert_eq!(done.code, Some(3), "{done:?}");
    let lines = done.lines();
    let (main, other) = (&lines[0], &lines[1]);
    assert_eq!((&main["account"], &main["state"]), (&"main".into(), &"read".into()), "{main}");
    assert_eq!(main["regions"], serde_json::json!(["KR", "SGN"]), "{main}");
    assert_eq!(
        (&main["servers"], &main["running"], &main["rules"]),
        (&5.into(), &4.into(), &1.into()),
        "{main}"
    );
    assert_eq!((&other["state"], &other["servers"]), (&"no keys".into(), &().into()), "{other}");
    assert!(other["reason"].as_str().unwrap().contains("OTHER_ACCESS_KEY"), "{other}");
    assert!(done.stderr.contains("error: account `other`: no keys"), "{done:?}");
    let table = shell.run("accounts").await.stdout;
    assert!(table.starts_with("ACCOUNT"), "{table}");
    shell.cloud.add_fault(fault("kind = \"forbidden\"\non = \"resources\"\n"));
    let part = shell.run("accounts -o json").await.lines().remove(0);
    assert_eq!(part["state"], "in part", "{part}");
    assert!(part["reason"].as_str().unwrap().starts_with("tags: "), "{part}");
    assert_eq!(shell.stop_requests(), 0);
}

#[tokio::test]
async fn after_a_slip_in_a_tag_plan_names_the_tags_that_there_are() {
    for (select, said) in [
        (
            "env = \"dve\"",
            "no server has tag `env=dve`; the values of `env` in use: dev (3), prod (1)",
        ),
        ("env = \"dve\"", "did you mean `env=dev`?"),
        ("evn = \"dev\"", "no server has a tag `evn`; the keys in use: env, note, 서비스"),
        ("evn = \"dev\"", "did you mean `env`?"),
    ] {
        let rules = ALL.replace("names = [\"*\"]", &format!("tags = {{ {select} }}"));
        let shell = Shell::of(MIXED, &rules).await;
        let done = shell.run("plan").await;
        assert_eq!(done.code, Some(0), "{done:?}");
        assert!(done.stderr.contains("rule `night` matched no server"), "{done:?}");
        assert!(done.stderr.contains(said), "{said}: {done:?}");
        assert!(!done.stderr.contains("lightsout plan"), "{done:?}");
    }
}
