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
