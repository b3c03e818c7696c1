//! Two accounts on two platforms, two regions, and one of everything that may stand in the file.

use serde_json::Value;

use super::shell::Shell;

const FLEET: &str = r#"
regions = ["KR", "SGN"]
[[servers]]
name = "dev-a"
no = "1"
tags = { env = "dev" }
stop_takes = "500ms"
[[servers]]
name = "dev-b"
no = "2"
region = "SGN"
tags = { env = "dev" }
stop_takes = "500ms"
[[servers]]
name = "dev-a"
no = "3"
platform = "classic"
tags = { env = "dev" }
stop_takes = "500ms"
[[servers]]
name = "old-b"
no = "4"
platform = "classic"
tags = { env = "dev", team = "ops" }
stop_takes = "500ms"
"#;

const FILE: &str = r#"
timezone = "Asia/Seoul"
[accounts.main]
platform = "vpc"
regions = ["KR", "SGN"]
[accounts.second]
platform = "classic"
regions = ["KR"]
[calendars.office]
dates = ["2026-12-24"]
[[rules]]
name = "hours"
account = "main"
off = "20:00-08:00"
off_days = ["weekends", "builtin:kr", "office"]
select = { tags = { env = "dev" } }
[[rules]]
name = "night"
account = "second"
action = "stop"
cron = "0 20 * * *"
skip_on = ["office"]
select = { tags = { env = "dev" } }
except = { tags = { team = "ops" } }
[[expect]]
at = "2026-12-24 21:00"
instance = { name = "dev-a", account = "main", tags = { env = "dev" } }
state = "stopped"
[[expect]]
at = "2026-12-24 21:00"
instance = { name = "old-b", account = "second", tags = { env = "dev", team = "ops" } }
state = "untouched"
"#;

/// `account region number: word` of each line, in order.
fn told(lines: &[Value], word: &str) -> Vec<String> {
    let text = |line: &Value, key: &str| line[key].as_str().unwrap_or_default().to_owned();
    let told = |line: &Value| {
        let [account, region, no] = ["account", "region", "instance_no"].map(|key| text(line, key));
        format!("{account} {region} {no}: {}", text(line, word))
    };
    let mut told: Vec<String> = lines.iter().map(told).collect();
    told.sort();
    told
}

#[tokio::test]
async fn everything_holds_on_two_accounts_and_two_regions_at_once() {
    let shell = Shell::of(FLEET, FILE).await;
    assert_eq!(shell.run("test").await.code, Some(0));
    let next = shell.json("next --from 2026-12-23T12:00:00+09:00 --until 2026-12-28").await;
    let instants = |rule: &str| -> Vec<String> {
        let of_rule = next.iter().filter(|line| line["rule"] == rule && line["skipped"] != true);
        of_rule.map(|line| line["at"].as_str().unwrap()[5..16].to_owned()).collect()
    };
    assert_eq!(instants("hours"), ["12-23T20:00"], "off over Christmas and the weekend");
    assert_eq!(instants("night"), ["12-23T20:00", "12-25T20:00", "12-26T20:00", "12-27T20:00"]);

    // One name, two accounts: both are held.
    assert_eq!(shell.run("hold dev-a --until 25h").await.code, Some(0));
    let plan = shell.json("plan").await;
    let stops: Vec<Value> = plan.into_iter().filter(|line| line["action"] == "stop").collect();
    let expected =
        ["main KR 1: skip", "main SGN 2: stop", "second KR 3: skip", "second KR 4: skip"];
    assert_eq!(told(&stops, "would"), expected);
    assert_eq!(shell.run("fire hours --action stop --yes").await.code, Some(0));
    assert_eq!(shell.run("fire night --yes").await.code, Some(0));
    let stopped = told(&shell.json("history").await, "outcome");
    let expected = [
        "main KR 1: skipped",
        "main SGN 2: stopped",
        "second KR 3: skipped",
        "second KR 4: skipped",
    ];
    assert_eq!(stopped, expected);
    assert_eq!(shell.run("release dev-a").await.code, Some(0));
    assert_eq!(shell.run("fire night --yes").await.code, Some(0));
    let stopped = told(&shell.json("history --rule night --limit 2").await, "outcome");
    assert_eq!(stopped, ["second KR 3: stopped", "second KR 4: skipped"]);
    assert_eq!(shell.stop_requests(), 2);
}
