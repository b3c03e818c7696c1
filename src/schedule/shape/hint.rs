//! What to write instead of what does not fit.

use serde_json::Value;
use toml::de::DeValue;

use super::schema::{allows, known_keys, wanted};
use crate::schedule::nearest::nearest;

/// What people write for a key, and the key.
const SYNONYMS: [(&str, &str); 19] = [
    ("cmd", "command"),
    ("credential", "credentials"),
    ("events", "on"),
    ("exclude", "except"),
    ("filter", "select"),
    ("include", "select"),
    ("interval", "every"),
    ("reason", "because"),
    ("region", "regions"),
    ("schedule", "cron"),
    ("selector", "select"),
    ("time_zone", "timezone"),
    ("timeout", "patience"),
    ("tz", "timezone"),
    ("webhook", "url"),
    ("when", "cron"),
    ("why", "because"),
    ("window", "off"),
    ("zone", "timezone"),
];

/// Parts of key names whose values must not be shown.
const SECRETS: [&str; 4] = ["key", "password", "secret", "token"];

/// What is said about a key that is not known.
pub(super) struct UnknownKey<'s> {
    /// The known key that was probably meant.
    pub(super) meant: Option<&'s str>,
    /// Whether its value may be a secret, which must not be shown.
    pub(super) is_secret: bool,
    pub(super) hint: String,
}

/// Judges the unknown key `name` of a table; `root` is the schema of the whole file.
pub(super) fn unknown_key<'s>(name: &str, table: &'s Value, root: &Value) -> UnknownKey<'s> {
    let lower = name.to_lowercase();
    let synonym = SYNONYMS.iter().find(|(word, _)| *word == lower).map(|(_, key)| *key);
    let synonym = synonym.and_then(|key| known_keys(table).find(|known| *known == key));
    let meant = synonym.or_else(|| nearest(name, known_keys(table)));
    let homes = homes(name, root);
    let is_secret = SECRETS.iter().any(|part| lower.contains(part));
    let hint = if is_secret {
        "keys do not belong into this file; `credentials` says where they are".to_owned()
    } else if let Some(key) = meant {
        format!("did you mean `{key}`?")
    } else if !homes.is_empty() {
        format!("`{name}` belongs {}", homes.join(" or "))
    } else {
        let known: Vec<_> = known_keys(table).map(|key| format!("`{key}`")).collect();
        format!("known here: {}", known.join(", "))
    };
    UnknownKey { meant, is_secret, hint }
}

/// Where in the file a key of that name is known.
fn homes(name: &str, root: &Value) -> Vec<&'static str> {
    let tables = &root["properties"];
    let rule = &tables["rules"]["items"];
    [
        (root, "at the top, above the first table"),
        (&tables["audit"], "in `[audit]`"),
        (&tables["accounts"]["additionalProperties"], "in `[accounts.NAME]`"),
        (&tables["calendars"]["additionalProperties"], "in `[calendars.NAME]`"),
        (&tables["budget"], "in `[budget]`"),
        (&tables["limits"], "in `[limits]`"),
        (&tables["holds"], "in `[holds]`"),
        (&tables["observe"], "in `[observe]`"),
        (&tables["prices"], "in `[prices]`"),
        (
            &tables["prices"]["properties"]["products"]["additionalProperties"],
            "in `[prices.products.\"CODE\"]`",
        ),
        (rule, "in `[[rules]]`"),
        (&tables["notify"]["items"], "in `[[notify]]`"),
        (&tables["expect"]["items"], "in `[[expect]]`"),
        (&rule["properties"]["select"], "in `select = { … }`"),
    ]
    .into_iter()
    .filter(|(table, _)| table["properties"].get(name).is_some())
    .map(|(_, words)| words)
    .collect()
}

/// What to write instead of a value of the wrong type; `path` leads to it.
pub(super) fn wrong_type(path: &[String], schema: &Value, found: &DeValue<'_>) -> String {
    let path: Vec<_> = path.iter().map(String::as_str).collect();
    match (path.as_slice(), found) {
        (["rules"], DeValue::Table(_)) => {
            "write `[[rules]]`, in double brackets, above each rule".to_owned()
        }
        (["notify"], _) => "write `[[notify]]` above each target".to_owned(),
        (["expect"], _) => "write `[[expect]]` above each expectation".to_owned(),
        (["rules"], _) => "write `[[rules]]` above each rule".to_owned(),
        (["accounts"] | ["accounts", _], _) => {
            "give the account a name: `[accounts.main]`, its keys below".to_owned()
        }
        (["calendars"] | ["calendars", _], _) => {
            "give the calendar a name: `[calendars.kr]`, its keys below".to_owned()
        }
        (["prices", _, _], _) => {
            "write `{ hour = 123.0, stopped = 4.5 }` with what an hour costs".to_owned()
        }
        ([], _) => String::new(),
        (["notify", "command"], DeValue::String(text)) => {
            let words: Vec<Value> = text.split_whitespace().map(Value::from).collect();
            format!("write `command = {}`", in_toml(&words.into()))
        }
        ([.., key], _) if allows(schema, "array") && allows(schema, "string") => {
            example(key, schema)
        }
        ([.., key], DeValue::String(text)) if allows(schema, "array") => {
            format!("write `{key} = [{}]`", Value::from(text.as_ref()))
        }
        ([.., key], DeValue::Integer(number)) if allows(schema, "array") => {
            format!("write `{key} = [\"{number}\"]`")
        }
        ([.., key @ ("dates" | "workdays")], DeValue::Datetime(day)) => {
            format!("put it in quotes, in a list: `{key} = [\"{day}\"]`")
        }
        ([.., key], DeValue::String(text))
            if allows(schema, "integer") && text.parse::<u32>().is_ok()
                || allows(schema, "number") && text.parse::<f64>().is_ok()
                || allows(schema, "boolean") && text.parse::<bool>().is_ok() =>
        {
            format!("write `{key} = {text}`, without quotes")
        }
        ([.., key], _) if written(key, schema).is_some() => example(key, schema),
        ([.., key], DeValue::Integer(number)) => format!("write `{key} = \"{number}\"`"),
        ([.., key], DeValue::Boolean(word)) => format!("write `{key} = \"{word}\"`"),
        ([.., key], _) => example(key, schema),
    }
}

/// What to write instead of an entry of a list of texts that is none.
pub(super) fn wrong_entry(key: &str, list: &Value, found: &DeValue<'_>) -> String {
    match (key, found) {
        ("dates" | "workdays", DeValue::Datetime(day)) => format!("put it in quotes: `\"{day}\"`"),
        _ => example(key, list),
    }
}

/// What to write instead of a number that is out of range.
pub(super) fn out_of_range(path: &[String], schema: &Value, number: Option<i64>) -> String {
    match (path, number) {
        ([rules, ..], Some(0)) if rules == "rules" => {
            "to switch a rule off, write `enabled = false`".to_owned()
        }
        (_, None) if allows(schema, "string") => "write it in quotes".to_owned(),
        ([.., key], _) => example(key, schema),
        ([], _) => String::new(),
    }
}

/// What to write instead of `word`, which is none of `words`.
pub(super) fn wrong_word(word: &str, words: &[&str]) -> String {
    match nearest(word, words.iter().copied()) {
        Some(near) => format!("did you mean `\"{near}\"`?"),
        None => one_of(words),
    }
}

pub(super) fn one_of(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`\"{word}\"`")).collect();
    format!("write {}", quoted.join(" or "))
}

/// An example from the schema.
pub(super) fn example(key: &str, schema: &Value) -> String {
    match written(key, schema) {
        Some(line) => format!("for example `{line}`"),
        None => format!("`{key}` must be {}", wanted(schema)),
    }
}

/// Examples for several keys of a table.
pub(super) fn examples(keys: &[&str], table: &Value) -> String {
    let lines = keys.iter().filter_map(|key| written(key, &table["properties"][*key]));
    let quoted: Vec<_> = lines.map(|line| format!("`{line}`")).collect();
    format!("for example {}", quoted.join(", "))
}

/// A key as it is written, in quotes where it must be.
pub(super) fn as_key(key: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !key.is_empty() && key.chars().all(is_bare) { key.to_owned() } else { format!("{key:?}") }
}

/// A key with the example that the schema has for it.
fn written(key: &str, schema: &Value) -> Option<String> {
    let example = &schema["examples"][0];
    (!example.is_null()).then(|| format!("{key} = {}", in_toml(example)))
}

/// A value as it is written in TOML, on one line.
fn in_toml(value: &Value) -> String {
    match value {
        Value::Object(table) => {
            let entries: Vec<_> =
                table.iter().map(|(key, value)| format!("{key} = {}", in_toml(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(in_toml).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}
