//! Files that somebody typed half asleep, or wrote to do harm.

use std::fs;
use std::path::Path;

use lightsout::schedule::{Problem, ReadError, Schedules};
use proptest::prelude::*;
use proptest::sample::select;
use toml::Table;

use super::mutation::{mutated, mutations};

const EXAMPLE: &str = include_str!("../../../schedules.toml");
const FULL: &str = r#"
timezone = "Asia/Seoul"
[audit]
path = "log/lightsout.db"
mode = "0640"
[accounts.main]
platform = "vpc"
gateway = "https://gateway.example.test"
resource_manager = "http://127.0.0.1:1"
regions = ["KR", "SGN"]
credentials = "env:DEV"
[accounts."old"]
platform = "classic"
[limits]
max_instances = 5
[protect]
names = ["*prod*", "개발-\u0041"]
[[rules]]
name = "night"
action = "stop"
cron = "0 20 * * MON-FRI"
timezone = "America/New_York"
account = "main"
select = { tags = { env = "d{e,}v" }, instances = [1021003, "42"] }
except.names = ["dev-[!a-c]*"]
patience = "1h30m"
late = "0s"
max_instances = 2
enabled = false
dry_run = true
drift = "allow"
"#;

/// Keys and values of schedules.toml, and others, thrown together.
fn thrown_together() -> impl Strategy<Value = String> {
    let key = select(
        &[
            "timezone",
            "audit",
            "path",
            "mode",
            "accounts",
            "main",
            "platform",
            "gateway",
            "regions",
            "credentials",
            "limits",
            "max_instances",
            "protect",
            "names",
            "tags",
            "instances",
            "rules",
            "name",
            "action",
            "cron",
            "account",
            "select",
            "except",
            "patience",
            "late",
            "enabled",
            "dry_run",
            "drift",
            "nonsense",
            "\"a b\"",
            "\"\"",
        ][..],
    );
    let leaf = prop_oneof![
        select(
            &[
                "\"stop\"",
                "\"vpc\"",
                "\"0 20 * * *\"",
                "\"Asia/Seoul\"",
                "\"dev-*\"",
                "\"10m\"",
                "\"\"",
                "\"\\u0000\"",
                "'''\n'''",
                "true",
                "0",
                "-1",
                "99999999999999999999",
                "1e308",
                "nan",
                "inf",
                "2026-11-23",
                "07:00:00",
                "0x7f",
                "[]",
                "{}",
            ][..]
        )
        .prop_map(ToOwned::to_owned),
        any::<i64>().prop_map(|number| number.to_string()),
    ];
    let value = leaf.prop_recursive(4, 24, 4, |inner| {
        let named = ("[a-z_]{1,8}", inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|all| format!("[{}]", all.join(", "))),
            prop::collection::vec(named, 0..3).prop_map(|all| {
                let pairs: Vec<_> = all.iter().map(|(key, it)| format!("{key} = {it}")).collect();
                format!("{{ {} }}", pairs.join(", "))
            }),
        ]
    });
    let line = prop_oneof![
        4 => (key.clone(), value).prop_map(|(key, value)| format!("{key} = {value}")),
        1 => key.clone().prop_map(|key| format!("[{key}]")),
        1 => key.clone().prop_map(|key| format!("[[{key}]]")),
        1 => (key.clone(), key).prop_map(|(one, other)| format!("[{one}.{other}]")),
    ];
    prop::collection::vec(line, 0..24).prop_map(|lines| lines.join("\n"))
}

/// What must hold of every text: it is refused with reasons, or it says what strict TOML says.
fn is_read_rightly(text: &str) -> Result<(), TestCaseError> {
    let path = Path::new("s.toml");
    match Schedules::parse(path, text) {
        Err(problems) => {
            prop_assert!(problems.iter().any(Problem::is_error));
            for problem in problems {
                prop_assert!(!problem.render_plain().is_empty());
            }
        }
        Ok((schedules, _)) => {
            let strict: Table = toml::from_str(text)
                .map_err(|error| TestCaseError::fail(format!("taken, and no TOML: {error}")))?;
            let said = |rule: &toml::Value, key: &str| rule[key].as_str().map(ToOwned::to_owned);
            let written = strict.get("rules").and_then(toml::Value::as_array);
            let written = written.into_iter().flatten();
            let written: Vec<_> =
                written.map(|it| ["name", "action", "cron"].map(|key| said(it, key))).collect();
            let read: Vec<_> = schedules
                .rules
                .iter()
                .map(|it| [it.name.to_string(), it.action.to_string(), it.times.to_string()])
                .map(|rule| rule.map(Some))
                .collect();
            prop_assert_eq!(read, written);
            let again =
                Schedules::parse(path, &format!("{text}\n# the end")).map_err(|problems| {
                    TestCaseError::fail(format!("refused when read again: {problems:?}"))
                })?;
            prop_assert_eq!(again.0.rules, schedules.rules);
            prop_assert_eq!(again.0.accounts, schedules.accounts);
            prop_assert_eq!(format!("{:?}", again.0.protect), format!("{:?}", schedules.protect));
        }
    }
    Ok(())
}

#[test]
fn the_files_that_are_made_wrong_are_right_before() {
    for text in [EXAMPLE, FULL] {
        assert!(Schedules::parse(Path::new("s.toml"), text).is_ok());
        is_read_rightly(text).unwrap();
    }
}

proptest! {
    #[test]
    fn a_good_file_made_wrong_is_refused_or_says_what_toml_says(
        good in select(&[EXAMPLE, FULL][..]), mutations in mutations()
    ) {
        let bytes = mutated(good.as_bytes(), &mutations);
        is_read_rightly(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn keys_and_values_thrown_together_are_refused_or_say_what_toml_says(
        text in thrown_together(), goes_before in any::<bool>()
    ) {
        is_read_rightly(&if goes_before { format!("{text}\n{FULL}") } else { text })?;
    }

    #[test]
    fn a_file_of_random_bytes_is_refused_with_a_reason(
        bytes in prop::collection::vec(any::<u8>(), 1..300)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("schedules.toml");
        fs::write(&path, &bytes).unwrap();
        match Schedules::read(&path) {
            Err(ReadError::NotText { line, .. }) => prop_assert!(line <= bytes.len()),
            Err(ReadError::Invalid(problems)) => prop_assert!(!problems.is_empty()),
            // Line ends and comments are a file without rules.
            Ok((schedules, _)) => prop_assert!(schedules.rules.is_empty()),
            other => return Err(TestCaseError::fail(format!("{other:?}"))),
        }
    }
}
