//! What to write instead of what does not fit.

use std::ops::Range;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeArray, DeValue};

use super::header::{rule_header, wrong_header};
use super::retyped::{as_boolean, as_list, as_number, as_selector, as_tags, as_text};
use super::schema::{allows, known_keys, wanted};
use super::synonyms::{key_meant, word_meant};
use crate::schedule::cron::Cron;
use crate::schedule::edit::quoted;
use crate::schedule::hint::{Fix, Hint};
use crate::schedule::problem::Source;

/// Parts of key names whose values must not be shown.
const SECRETS: [&str; 4] = ["key", "password", "secret", "token"];

/// What is said about a key that is not known.
pub(crate) struct UnknownKey<'s> {
    /// The known key that was probably meant.
    pub(crate) meant: Option<&'s str>,
    /// Whether its value may be a secret, which must not be shown.
    pub(crate) is_secret: bool,
    pub(crate) hint: Hint,
}

impl UnknownKey<'_> {
    /// Of which nothing more is told.
    pub(crate) fn untold() -> Self {
        Self { meant: None, is_secret: true, hint: String::new().into() }
    }
}

/// A key and its value, where they stand, and the schema of the table that they stand in.
pub(crate) struct Given<'a, 't> {
    pub(crate) name: &'a str,
    pub(crate) key: Range<usize>,
    pub(crate) value: &'a Spanned<DeValue<'t>>,
    pub(crate) source: &'a Source<'a>,
}

/// Judges an unknown key of a table; `root` is the schema of the whole file.
pub(crate) fn unknown_key<'s>(
    given: &Given<'_, '_>,
    table: &'s Value,
    root: &Value,
) -> UnknownKey<'s> {
    let name = given.name;
    let meant = key_meant(name, &known_keys(table).collect::<Vec<_>>());
    let homes = homes(name, root);
    let lower = name.to_lowercase();
    let is_secret = meant.is_none() && SECRETS.iter().any(|part| lower.contains(part));
    let hint = if is_secret {
        "keys do not belong into this file; `credentials` says where they are".into()
    } else if let Some(rule) = named_rule(given, table, root) {
        rule
    } else if let Some(key) = meant {
        renamed(given, key, &table["properties"][key])
    } else if let Some(times) = times_of_rule(given, table) {
        times
    } else if !homes.is_empty() {
        format!("`{name}` belongs {}", homes.join(" or ")).into()
    } else {
        let known: Vec<_> = known_keys(table).map(|key| format!("`{key}`")).collect();
        format!("known here: {}", known.join(", ")).into()
    };
    UnknownKey { meant, is_secret, hint }
}

/// The known key in the place of the unknown one, and the value in the form that is read there.
fn renamed(given: &Given<'_, '_>, key: &str, schema: &Value) -> Hint {
    let value = given.value.get_ref();
    let list = value.as_str().filter(|_| allows(schema, "array") && !allows(schema, "string"));
    if let Some(list) = list.and_then(as_list) {
        let line = format!("{key} = {list}");
        return Hint::write(&line, Fix::new(given.key.start..given.value.span().end, &*line));
    }
    Hint::meant(key, Fix::new(given.key.clone(), key))
}

/// `[rules.nightly]`: a rule has its name among its keys.
fn named_rule(given: &Given<'_, '_>, table: &Value, root: &Value) -> Option<Hint> {
    let is_rule = std::ptr::eq(table, &raw const root["properties"]["rules"]["items"]);
    (is_rule && given.value.get_ref().is_table()).then_some(())?;
    rule_header(given.source, given.name)
}

/// `at = "20:00"` in a rule.
fn times_of_rule(given: &Given<'_, '_>, table: &Value) -> Option<Hint> {
    let is_time = matches!(given.name, "at" | "time" | "when" | "schedule");
    table["properties"].get("cron").filter(|_| is_time)?;
    let written = given.value.get_ref().as_str()?;
    let cron = match written.parse::<Cron>() {
        Ok(_) => written.to_owned(),
        Err(error) => error.fix?.1,
    };
    cron.parse::<Cron>().ok()?;
    let line = format!("cron = {}", quoted(&cron));
    Some(Hint::write(&line, Fix::new(given.key.start..given.value.span().end, &*line)))
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
pub(crate) fn wrong_type(
    path: &[String],
    schema: &Value,
    value: &Spanned<DeValue<'_>>,
    source: &Source<'_>,
) -> Hint {
    let path: Vec<_> = path.iter().map(String::as_str).collect();
    let found = value.get_ref();
    if let Some(hint) = wrong_header(&path, found, source) {
        return hint;
    }
    let Some(key) = path.last() else { return "".into() };
    if let Some(new) = retyped(&path, schema, value, source) {
        return Hint::write(&format!("{key} = {new}"), Fix::new(value.span(), new));
    }
    match (path.as_slice(), found) {
        (["notify"], _) => "write `[[notify]]` above each target".into(),
        (["expect"], _) => "write `[[expect]]` above each expectation".into(),
        (["rules"], _) => "write `[[rules]]` above each rule".into(),
        (["accounts"] | ["accounts", _], _) => {
            "give the account a name: `[accounts.main]`, its keys below".into()
        }
        (["calendars"] | ["calendars", _], _) => {
            "give the calendar a name: `[calendars.kr]`, its keys below".into()
        }
        (["prices", _, _], _) => {
            "write `{ hour = 123.0, stopped = 4.5 }` with what an hour costs".into()
        }
        _ => example(key, schema).into(),
    }
}

/// The value in the type that is asked for, where that can be told.
fn retyped(
    path: &[&str],
    schema: &Value,
    value: &Spanned<DeValue<'_>>,
    source: &Source<'_>,
) -> Option<String> {
    let written = || source.text.get(value.span()).map(ToOwned::to_owned);
    match (path, value.get_ref()) {
        ([.., "notify", "command"], DeValue::String(text)) => {
            let words: Vec<String> = text.split_whitespace().map(quoted).collect();
            (!text.contains(['"', '\'', '\\'])).then(|| format!("[{}]", words.join(", ")))
        }
        ([.., "select" | "except" | "protect"], found) => as_selector(found),
        ([.., "tags"], found) => as_tags(found),
        (_, DeValue::Array(array)) if allows(schema, "string") && !allows(schema, "array") => {
            only_text(array).map(quoted).or_else(|| alternatives(path, array))
        }
        _ if allows(schema, "array") && allows(schema, "string") => None,
        (_, DeValue::String(text)) if allows(schema, "array") => as_list(text),
        (_, DeValue::Integer(number)) if allows(schema, "array") => Some(format!("[\"{number}\"]")),
        ([.., "dates" | "workdays"], DeValue::Datetime(day)) => Some(format!("[\"{day}\"]")),
        (_, DeValue::String(text)) if allows(schema, "integer") || allows(schema, "number") => {
            as_number(text, schema)
        }
        (_, DeValue::Float(_)) if allows(schema, "integer") => {
            written()?.strip_suffix(".0").map(ToOwned::to_owned)
        }
        (_, found) if allows(schema, "boolean") => as_boolean(found),
        (path, found) if allows(schema, "string") => as_text(path, found, &written()?),
        _ => None,
    }
}

/// The text of a list that holds nothing else.
pub(crate) fn only_text<'a>(array: &'a DeArray<'_>) -> Option<&'a str> {
    match array.iter().map(|entry| entry.get_ref().as_str()).collect::<Vec<_>>().as_slice() {
        [only] => *only,
        _ => None,
    }
}

/// Several values of a tag, any of which will do.
fn alternatives(path: &[&str], array: &DeArray<'_>) -> Option<String> {
    let [.., "tags", _] = path else { return None };
    let is_plain = |text: &&str| !text.is_empty() && !text.contains(['{', '}', ',', '\\', '[']);
    let texts: Option<Vec<&str>> =
        array.iter().map(|entry| entry.get_ref().as_str().filter(is_plain)).collect();
    let texts = texts.filter(|texts| !texts.is_empty() && path.first() != Some(&"expect"))?;
    Some(quoted(&format!("{{{}}}", texts.join(","))))
}

/// What to write instead of an entry of a list of texts that is none.
pub(crate) fn wrong_entry(
    key: &str,
    list: &Value,
    entry: &Spanned<DeValue<'_>>,
    source: &Source<'_>,
) -> Hint {
    let written = source.text.get(entry.span()).map(quoted);
    match (key, entry.get_ref(), written) {
        ("dates" | "workdays", DeValue::Datetime(day), Some(written)) => {
            let words = format!("put it in quotes: `\"{day}\"`");
            Hint::fixing(words, Fix::new(entry.span(), written))
        }
        ("names" | "regions", DeValue::Integer(_), Some(written)) => {
            Hint::write(&written, Fix::new(entry.span(), &*written))
        }
        _ => example(key, list).into(),
    }
}

/// What to write instead of a number that is out of range.
pub(crate) fn out_of_range(path: &[String], schema: &Value, number: Option<i64>) -> String {
    match (path, number) {
        ([rules, ..], Some(0)) if rules == "rules" => {
            "to switch a rule off, write `enabled = false`".to_owned()
        }
        (_, None) if allows(schema, "string") => "write it in quotes".to_owned(),
        ([.., key], _) => example(key, schema),
        ([], _) => String::new(),
    }
}

/// What to write instead of a value that is none of `words`.
pub(crate) fn wrong_word(value: &Spanned<DeValue<'_>>, words: &[&str]) -> Hint {
    let written = match value.get_ref() {
        DeValue::String(text) => Some(&**text),
        DeValue::Array(array) => only_text(array),
        _ => None,
    };
    match written.and_then(|written| word_meant(written, words)) {
        Some(word) => {
            let word = quoted(word);
            Hint::meant(&word, Fix::new(value.span(), &*word))
        }
        None => one_of(words).into(),
    }
}

fn one_of(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`\"{word}\"`")).collect();
    format!("write {}", quoted.join(" or "))
}

/// An example from the schema.
pub(crate) fn example(key: &str, schema: &Value) -> String {
    match written(key, schema) {
        Some(line) => format!("for example `{line}`"),
        None => format!("`{key}` must be {}", wanted(schema)),
    }
}

/// Examples for several keys of a table.
pub(crate) fn examples(keys: &[&str], table: &Value) -> String {
    let lines = keys.iter().filter_map(|key| written(key, &table["properties"][*key]));
    let quoted: Vec<_> = lines.map(|line| format!("`{line}`")).collect();
    format!("for example {}", quoted.join(", "))
}

/// A key as it is written, in quotes where it must be.
pub(crate) fn as_key(key: &str) -> String {
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
