//! The files at the top of the repository.

use std::path::Path;

use lightsout::schedule::{Schedules, schema_json};

fn top(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

#[test]
fn the_example_has_no_problem_at_all() {
    let (schedules, warnings) = Schedules::read(&top("schedules.toml")).unwrap();
    assert_eq!(warnings, []);
    let rules: Vec<_> = schedules.rules.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(rules, ["dev-nightly", "dev-morning", "qa-weekend"]);
}

#[test]
fn the_example_keeps_its_own_expectations() {
    let (schedules, _) = Schedules::read(&top("schedules.toml")).unwrap();
    let foreseen = schedules.foresee(|_, foresight| foresight.outlook.state());
    let expected: Vec<_> = schedules.expect.iter().map(|expect| Some(expect.state)).collect();
    assert_eq!((foreseen, schedules.expect.len()), (expected, 3));
}

#[test]
fn the_defaults_in_the_schema_are_those_of_the_reader() {
    let schema: serde_json::Value = serde_json::from_str(&schema_json()).unwrap();
    let rule = &schema["properties"]["rules"]["items"];
    assert_eq!(rule["required"], serde_json::json!(["name", "select"]));
    let when = [&["action", "cron"][..], &["off"], &["off_days"]];
    let when = when.map(|keys| serde_json::json!({ "required": keys }));
    assert_eq!(rule["anyOf"], serde_json::json!(when));
    for (key, default) in rule["properties"].as_object().unwrap() {
        let Some(default) = default.get("default") else { continue };
        let line = format!("{key} = {default}");
        let text = String::from(
            "timezone = 'UTC'\naccounts.main.platform = 'vpc'\n[[rules]]\nname = 'r'\n\
             action = 'stop'\ncron = '@daily'\nselect.names = ['*']\nask = ['true']\n",
        );
        let read = |text: &str| {
            let (schedules, _) = Schedules::parse(Path::new("s.toml"), text).unwrap();
            format!("{:?}", schedules.rules)
        };
        assert_eq!(read(&format!("{text}{line}\n")), read(&text), "{line}");
    }
}

/// `INSTA_UPDATE=always cargo test schema` renews the file.
#[test]
fn the_schema_at_the_top_is_the_one_the_reader_checks_with() {
    let path = top("schedules.schema.json");
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(&path, schema_json()).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == schema_json(),
        "schedules.schema.json is out of date; `INSTA_UPDATE=always cargo test schema` renews it"
    );
}

#[test]
fn every_word_that_a_key_knows_is_taken() {
    let top = "timezone = \"Asia/Seoul\"\n";
    let account = "[accounts.main]\nplatform = \"vpc\"\n";
    let rule = "[[rules]]\nname = \"a\"\naction = \"start\"\ncron = \"0 8 * * *\"\n\
        select = { names = [\"a\"] }\n";
    let notify = "[[notify]]\nurl = \"https://example.com/\"\n";
    let events = [
        "log",
        "unreadable",
        "failure",
        "drift",
        "missed",
        "budget",
        "changed",
        "ahead",
        "summary",
    ];
    for (before, key, words) in [
        ("[budget]\n", "count", &["hours", "days"][..]),
        ("[budget]\n", "at_limit", &["warn", "keep_running", "start"]),
        ("[accounts.other]\n", "platform", &["vpc", "classic"]),
        (rule, "start", &["all", "ours"]),
        (rule, "drift", &["refuse", "allow"]),
        (notify, "format", &["json", "slack", "teams", "discord"]),
        (notify, "on", &events),
    ] {
        for word in words {
            let value = if key == "on" { format!("[\"{word}\"]") } else { format!("\"{word}\"") };
            let text = format!("{top}{account}{before}{key} = {value}\n");
            let read = Schedules::parse(Path::new("schedules.toml"), &text);
            let read = read.map_err(|problems| problems[0].to_string());
            assert!(read.is_ok(), "{key} = {value}: {:?}", read.err());
        }
    }
}
