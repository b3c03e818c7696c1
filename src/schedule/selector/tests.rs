//! Tests of selectors.

use std::path::Path;

use chrono::DateTime;
use serde_json::Value;

use super::*;
use crate::model::instance::{Operation, PowerState, Product, RegionCode, Status};
use crate::schedule::diff::diff;
use crate::schedule::raw::schema;
use crate::schedule::{Problem, Schedules};

fn instance(no: &str, name: &str) -> Instance {
    Instance {
        no: InstanceNo::new(no).unwrap(),
        name: name.to_owned(),
        region: RegionCode::new("KR").unwrap(),
        status: Status::new("RUN", PowerState::Running),
        operation: Operation::new("NULL", true),
        booted_at: None,
        created_at: None,
        product: Product::default(),
        tags: None,
    }
}

fn question(key: &str, value: &str) -> TagQuestion {
    TagQuestion { key: key.to_owned(), value: Glob::new(value).unwrap() }
}

fn selector(names: &[&str], tags: &[(&str, &str)], instances: &[&str]) -> Selector {
    let names = names.iter().map(|name| Clause::Name(Glob::new(name).unwrap()));
    let numbers = instances.iter().map(|no| Clause::Number(InstanceNo::new(*no).unwrap()));
    Selector::of(
        names
            .chain(numbers)
            .chain(tags.iter().map(|(key, value)| Clause::Tag(question(key, value)))),
    )
}

#[test]
fn a_tag_must_be_there_and_match_in_case() {
    let tags = vec![("env".to_owned(), "dev".to_owned()), ("팀".to_owned(), String::new())];
    for (key, value, expected) in [
        ("env", "dev", true),
        ("env", "Dev", false),
        ("Env", "dev", false),
        ("env", "*", true),
        ("팀", "*", true),
        ("팀", "?*", false),
        ("owner", "*", false),
        ("\u{1110}\u{1175}\u{11b7}", "*", true),
    ] {
        assert_eq!(question(key, value).holds_for(&tags), expected, "{key}={value}");
    }
}

#[test]
fn keys_of_a_selector_must_all_hold_and_keys_of_a_protection_need_not() {
    use Verdict::{No, Unreadable, Yes};
    let dev = instance("1021003", "dev-api-1");
    for (names, has_tags, instances, tag, all, any) in [
        (&["dev-*"][..], false, &[][..], No, Yes, Yes),
        (&["qa-*", "dev-*"], false, &[], No, Yes, Yes),
        (&["dev-*"], true, &[], Yes, Yes, Yes),
        (&["dev-*"], true, &[], No, No, Yes),
        (&["qa-*"], true, &[], Yes, No, Yes),
        (&["dev-*"], true, &[], Unreadable, Unreadable, Yes),
        (&["qa-*"], true, &[], Unreadable, No, Unreadable),
        (&[], false, &["1021003"], No, Yes, Yes),
        (&["dev-*"], false, &["937507"], No, No, Yes),
        (&[], false, &[], Yes, No, No),
    ] {
        let tags: &[_] = if has_tags { &[("env", "dev")] } else { &[] };
        let selector = selector(names, tags, instances);
        let tags = |_: &TagQuestion| tag;
        let dev = Description::of(&dev, &tags);
        assert_eq!(selector.all_of(&dev), all, "all of {selector:?}, tag {tag:?}");
        assert_eq!(selector.any_of(&dev), any, "any of {selector:?}, tag {tag:?}");
    }
}

/// A file with a stop and a start at 20:00, each with its own selector.
fn file(stop: &str, start: &str) -> (Schedules, Vec<Problem>) {
    let rule = |action, select| {
        format!(
            "[[rules]]\nname = '{action}'\naction = '{action}'\ncron = '0 20 * * *'\n{select}\n"
        )
    };
    let head = "timezone = 'UTC'\naccounts.main.platform = 'classic'\n";
    let text = format!("{head}{}{}", rule("stop", stop), rule("start", start));
    Schedules::parse(Path::new("s.toml"), &text).unwrap()
}

#[test]
fn every_key_of_the_schema_is_a_criterion_that_tells_selectors_apart() {
    let schema = schema();
    let select = &schema["properties"]["rules"]["items"]["properties"]["select"]["properties"];
    let written = |key: &str| match &select[key]["examples"][0] {
        Value::Object(tags) => {
            let (tag, value) = tags.iter().next().unwrap();
            format!("select.{key}.{tag} = {value}\n")
        }
        example => format!("select.{key} = {example}\n"),
    };
    let keys: Vec<&str> = select.as_object().unwrap().keys().map(String::as_str).collect();
    for (key, other) in keys.iter().zip(keys.iter().cycle().skip(1)) {
        let (both, one) = (format!("{}{}", written(key), written(other)), written(other));
        let (with, same) = file(&both, &both);
        let (without, apart) = file(&one, &both);
        let of = |file: &Schedules| -> Vec<&str> {
            let criteria = file.rules[0].select.criteria().iter();
            criteria.map(|criterion| criterion.key.as_str()).collect()
        };
        assert!(of(&with).contains(key) && !of(&without).contains(key), "{key} is not read");
        assert_eq!((same.len(), apart.len()), (1, 0), "{key} tells a stop and a start apart");
        let from = DateTime::UNIX_EPOCH;
        let difference = diff(&without, &with, from, from);
        let words: Vec<String> = difference.rules.into_iter().flat_map(|rule| rule.words).collect();
        let says = |word: &String| word.contains(&format!("gains {key} "));
        assert!(words.iter().any(says), "{key}: {words:?}");
    }
}
