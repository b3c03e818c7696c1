//! `lightsout servers`: every server ever seen, and what the log can say of it.

use serde_json::{Value, json};

use super::shell::{Shell, keys};

const FLEET: &str = "[[servers]]\nname = \"dev-api-1\"\nno = \"11\"\nstop_takes = \"300ms\"\n\
    tags = { env = \"dev\" }\n\
    [[servers]]\nname = \"Dev-Web\"\nno = \"9\"\nstop_takes = \"300ms\"\ntags = { env = \"dev\" }\n\
    [[servers]]\nname = \"qa-db\"\nno = \"3\"\n";

/// One rule by tags, which the log knows by its firings alone, and one by name.
const RULES: &str = "timezone = \"Asia/Seoul\"\n[accounts.main]\nplatform = \"vpc\"\n\
    regions = [\"KR\"]\n[[rules]]\nname = \"night\"\naction = \"stop\"\ncron = \"0 20 * * *\"\n\
    select = { tags = { env = \"dev\" } }\n[[rules]]\nname = \"morning\"\naction = \"start\"\n\
    cron = \"0 8 * * *\"\nselect = { names = [\"Dev-*\"] }\n[[rules]]\nname = \"never\"\n\
    action = \"stop\"\ncron = \"0 9 * * *\"\nselect = { names = [\"*\"] }\nenabled = false\n";

/// A log in which every server was seen, and `night` stopped two.
async fn stopped() -> Shell {
    let shell = Shell::of(FLEET, RULES).await;
    assert_eq!(shell.run("fire never --dry-run --yes").await.code, Some(0));
    assert_eq!(shell.run("fire night --yes").await.code, Some(0));
    shell
}

fn told(line: &Value, keys: &[&str]) -> Vec<Value> {
    keys.iter().map(|key| line[*key].clone()).collect()
}

#[tokio::test]
async fn every_server_ever_seen_is_told_with_its_state_and_the_rules_that_mean_it() {
    let shell = Shell::of(FLEET, RULES).await;
    let empty = shell.run("servers").await;
    assert_eq!(empty.silent(), (Some(0), ""), "{empty:?}");
    assert!(empty.stderr.contains("there is no audit log"), "{empty:?}");
    let shell = stopped().await;
    let lines = shell.json("servers").await;
    let told: Vec<Vec<Value>> = lines
        .iter()
        .map(|line| {
            told(line, &["account", "region", "instance_no", "instance_name", "state", "rules"])
        })
        .collect();
    let expected = json!([
        ["main", "KR", "11", "dev-api-1", "off", "night"],
        ["main", "KR", "9", "Dev-Web", "off", "night, morning"],
        ["main", "KR", "3", "qa-db", "running", ""],
    ]);
    assert_eq!(json!(told), expected);
    let web = &lines[1];
    for (key, time) in [("next_stop_at", "T20:00:00+09:00"), ("since", "+09:00")] {
        assert!(web[key].as_str().unwrap().ends_with(time), "{key}: {web}");
    }
    assert_eq!(web["next_action"], "start", "it is off: {web}");
    assert!(web["next_at"].as_str().unwrap().ends_with("T08:00:00+09:00"), "{web}");
    let table = shell.run("servers").await.stdout;
    assert!(table.contains("no rule means it") && table.contains("(night)"), "{table}");
    let json = shell.run("servers --format json").await.stdout;
    let csv = shell.run("servers --format csv").await.stdout;
    let heads: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    assert_eq!((heads, csv.lines().count()), (keys(json.lines().next().unwrap()), 4));
}

#[tokio::test]
async fn servers_are_found_by_a_part_of_a_name_in_any_case() {
    let shell = stopped().await;
    for (name, found) in [
        ("DEV", vec!["11", "9"]),
        ("d*1", vec!["11"]),
        ("9", vec!["9"]),
        ("{web,qa}", vec!["9", "3"]),
        ("nobody", vec![]),
    ] {
        let lines = shell.json(&format!("servers {name}")).await;
        let numbers: Vec<&str> =
            lines.iter().map(|line| line["instance_no"].as_str().unwrap()).collect();
        assert_eq!(numbers, found, "{name}");
    }
    let none = shell.run("servers nobody").await;
    assert!(none.stderr.contains("has never seen a server with `nobody` in its name"), "{none:?}");
}

#[tokio::test]
async fn a_held_server_says_until_when_and_its_next_stop_is_the_first_after_that() {
    let shell = stopped().await;
    let before = shell.json("servers qa").await;
    assert_eq!(told(&before[0], &["held_until", "next_at"]), [Value::Null, Value::Null]);
    let stop = |lines: &[Value]| lines[0]["next_stop_at"].as_str().unwrap().to_owned();
    let free = stop(&shell.json("servers api").await);
    for held in ["hold dev-api-1 --until 26h", "hold night --until 30h"] {
        assert_eq!(shell.run(held).await.code, Some(0));
    }
    let lines = shell.json("servers api").await;
    assert!(stop(&lines) > free, "{free}: {lines:?}");
    assert_eq!(told(&lines[0], &["held_rule"]), ["night"], "the hold that ends last counts");
    let held = lines[0]["held_until"].as_str().unwrap();
    assert!(stop(&lines).as_str() > held, "{lines:?}");
    assert!(lines[0]["held_by"].as_str().is_some_and(|by| !by.is_empty()), "{lines:?}");
    let table = shell.run("servers api").await.stdout;
    assert!(table.contains("with rule night"), "{table}");
}

/// A window that asks for tags, and nothing else.
const HOURS: &str = "timezone = \"Asia/Seoul\"\n[accounts.main]\nplatform = \"vpc\"\n\
    [[rules]]\nname = \"hours\"\noff = \"20:00-08:00\"\nselect = { tags = { env = \"dev\" } }\n";

#[tokio::test]
async fn a_server_that_is_off_has_its_start_next_only_if_lightsout_stopped_it() {
    let fleet = format!(
        "{FLEET}[[servers]]\nname = \"dev-off\"\nno = \"5\"\nstatus = \"NSTOP\"\n\
         tags = {{ env = \"dev\" }}\n"
    );
    let shell = Shell::of(&fleet, HOURS).await;
    assert_eq!(shell.run("fire hours --action stop --yes").await.code, Some(0));
    let next = async |shell: &Shell| -> Vec<Vec<Value>> {
        let lines = shell.json("servers").await;
        let keys = ["instance_name", "state", "next_action", "rules", "perhaps"];
        lines.iter().map(|line| told(line, &keys)).collect()
    };
    let expected = json!([
        ["dev-api-1", "off", "start", "hours", null],
        ["dev-off", "off", "stop", "hours", null],
        ["Dev-Web", "off", "start", "hours", null],
    ]);
    assert_eq!(json!(next(&shell).await), expected);
    let table = shell.run("servers").await.stdout;
    assert!(table.contains("08:00 (hours)") && table.contains(", Asia/Seoul\n"), "{table}");
    assert_eq!(shell.run("fire hours --action start --yes").await.code, Some(0));
    let running = json!(["dev-api-1", "running", "stop", "hours", null]);
    assert_eq!(json!(next(&shell).await[0]), running);
    // A rule that starts whatever it selects starts that one, too.
    let all = format!("{HOURS}start = \"all\"\n");
    std::fs::write(shell.path().join("schedules.toml"), all).unwrap();
    assert_eq!(next(&shell).await[1][2], "start");
}

#[tokio::test]
async fn the_rules_of_a_server_are_not_known_before_a_firing_has_read_its_tags() {
    let named = "[[rules]]\nname = \"named\"\naction = \"stop\"\ncron = \"0 21 * * *\"\n\
        select = { names = [\"dev-api-1\"] }\n";
    let shell = Shell::of(FLEET, &format!("{HOURS}{named}")).await;
    assert_eq!(shell.run("fire named --dry-run --yes").await.code, Some(0));
    assert_eq!(shell.run("fire hours --action stop --dry-run --yes").await.code, Some(0));
    let lines = shell.json("servers").await;
    let known = lines.iter().map(|line| told(line, &["instance_name", "next_rule", "perhaps"]));
    let expected = json!([["dev-api-1", "named", "hours"], ["Dev-Web", null, "hours"],]);
    assert_eq!(json!(known.collect::<Vec<_>>()), expected);
    let table = shell.run("servers").await.stdout;
    assert!(table.contains("not known yet: its tags are read when a rule fires"), "{table}");
    assert!(!table.contains("no rule means it"), "{table}");
    // A rule that has looked and matched nothing is tried.
    let other = format!("{HOURS}{named}").replace("env = \"dev\"", "env = \"other\"");
    std::fs::write(shell.path().join("schedules.toml"), other).unwrap();
    shell.run("fire hours --action stop --yes").await;
    let table = shell.run("servers Web").await.stdout;
    assert!(table.contains("no rule means it"), "{table}");
}

#[tokio::test]
async fn servers_are_picked_by_their_state_their_trouble_and_their_hold() {
    let fleet = format!(
        "{FLEET}[[servers]]\nname = \"dev-gpu\"\nno = \"7\"\ntags = {{ env = \"dev\" }}\n\
         refuse = {{ code = \"77777\", message = \"Nobody may stop this.\" }}\n"
    );
    let shell = Shell::of(&fleet, RULES).await;
    assert_eq!(shell.run("fire never --dry-run --yes").await.code, Some(0));
    assert_eq!(shell.run("fire night --yes").await.code, Some(1));
    assert_eq!(shell.run("hold qa-db --until 2h").await.code, Some(0));
    for (arguments, found) in [
        ("--state running", vec!["7", "3"]),
        ("--state off", vec!["11", "9"]),
        ("dev --state running", vec!["7"]),
        ("--state unknown", vec![]),
        ("--trouble", vec!["7"]),
        ("--held", vec!["3"]),
        ("--held --state off", vec![]),
    ] {
        let lines = shell.json(&format!("servers {arguments}")).await;
        let numbers: Vec<&str> =
            lines.iter().map(|line| line["instance_no"].as_str().unwrap()).collect();
        assert_eq!(numbers, found, "{arguments}");
        let said = shell.run(&format!("servers {arguments}")).await.stderr;
        assert_eq!(said.contains("no server is so now"), found.is_empty(), "{arguments}: {said}");
    }
    let gpu = &shell.json("servers gpu").await[0];
    assert_eq!(told(gpu, &["state", "trouble"]), ["running", "refused"]);
    let table = shell.run("servers gpu").await.stdout;
    assert!(table.contains("running, refused"), "{table}");
    assert_eq!(shell.run("servers --state asleep").await.code, Some(2));
}
