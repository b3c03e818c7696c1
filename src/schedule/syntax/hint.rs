//! Finds the hint for a value that does not fit the schema.
//!
//! `retyped` and `synonyms` find the new value.

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeArray, DeValue};

use super::form::form;
use super::header::wrong_header;
use super::only_text::only_text;
use super::retyped::{as_boolean, as_list, as_number, as_selector, as_tags, as_text};
use super::schema::{allowed_words, allows};
use super::synonyms::word_meant;
use crate::schedule::edit::quoted;
use crate::schedule::hint::{Fix, Hint};
use crate::schedule::source::Source;
use crate::time::duration::units_of;

/// The hint for a value of the wrong type at `path`.
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
    if let Some(hint) = all_of(key, found) {
        return hint.into();
    }
    if let Some(new) = retyped(&path, schema, value, source) {
        return Hint::write(&format!("{key} = {new}"), Fix::new(value.span(), new));
    }
    match (path.as_slice(), found) {
        (["notify"], _) => "write `[[notify]]` above each target".into(),
        (["expect"], _) => "write `[[expect]]` above each expectation".into(),
        (["overrides"], _) => "write `[[overrides]]` above each override".into(),
        (["rules"], _) => "write `[[rules]]` above each rule".into(),
        (["accounts"] | ["accounts", _], _) => {
            "give the account a name: `[accounts.main]`, its keys below".into()
        }
        (["calendars"] | ["calendars", _], _) => {
            "give the calendar a name: `[calendars.kr]`, its keys below".into()
        }
        (["prices", _, _], _) => "write `{ hour = …, stopped = … }` with what an hour costs".into(),
        (_, DeValue::Integer(_)) if form(key, schema).contains("its unit") => {
            match source
                .text
                .get(value.span())
                .filter(|text| text.bytes().all(|b| b.is_ascii_digit()))
            {
                Some("0") => Hint::write("\"0s\"", Fix::new(value.span(), "\"0s\"")),
                Some(number) => units_of(number).into(),
                None => form(key, schema).into(),
            }
        }
        (_, DeValue::Array(array)) if *key == "cron" && array.len() > 1 => {
            "a rule has one expression: make a rule of each".into()
        }
        _ => form(key, schema).into(),
    }
}

/// The hint for a word that means everything, in the place of names.
fn all_of(key: &str, found: &DeValue<'_>) -> Option<&'static str> {
    let word = found.as_str()?.to_lowercase();
    let is_all = matches!(word.as_str(), "all" | "any" | "every" | "everything" | "전체" | "모두");
    match key {
        "select" if is_all => Some("`select = { names = [\"*\"] }` selects everything"),
        "regions" if is_all || word == "*" => Some("without `regions`, all are looked at"),
        "except" if is_all || word == "none" => Some("leave `except` out to except nothing"),
        _ => None,
    }
}

/// The value in the wanted type, if there is only one reading.
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
        (_, DeValue::String(text)) if allows(schema, "array") => {
            let words = allowed_words(&schema["items"]);
            let is_word = |part: &str| {
                words.as_ref().is_none_or(|words| word_meant(part.trim(), words).is_some())
            };
            text.split([',', ';']).all(is_word).then(|| as_list(text)).flatten()
        }
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

/// Several values of one tag, as one glob that matches any.
fn alternatives(path: &[&str], array: &DeArray<'_>) -> Option<String> {
    let [.., "tags", _] = path else { return None };
    let is_plain = |text: &&str| !text.is_empty() && !text.contains(['{', '}', ',', '\\', '[']);
    let texts: Option<Vec<&str>> =
        array.iter().map(|entry| entry.get_ref().as_str().filter(is_plain)).collect();
    let texts = texts.filter(|texts| !texts.is_empty() && path.first() != Some(&"expect"))?;
    Some(quoted(&format!("{{{}}}", texts.join(","))))
}

/// The hint for a wrong entry in a list of texts.
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
        _ => form(key, list).into(),
    }
}

/// The hint for a number out of range.
pub(crate) fn out_of_range(path: &[String], schema: &Value, number: Option<i64>) -> String {
    match (path, number) {
        ([rules, ..], Some(0)) if rules == "rules" => {
            "to switch a rule off, write `enabled = false`".to_owned()
        }
        (_, None) if allows(schema, "string") => "write it in quotes".to_owned(),
        ([.., key], _) => form(key, schema),
        ([], _) => String::new(),
    }
}

/// The hint for a value that is none of `words`.
pub(crate) fn wrong_word(
    value: &Spanned<DeValue<'_>>,
    words: &[&str],
    source: &Source<'_>,
) -> Hint {
    if let Some(entries) = words_in_one(value, words, source) {
        return Hint::write(&entries, Fix::new(value.span(), &*entries));
    }
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

/// `["failure, missed"]`: several words in one entry of a list.
fn words_in_one(
    value: &Spanned<DeValue<'_>>,
    words: &[&str],
    source: &Source<'_>,
) -> Option<String> {
    let before = source.text.get(..value.span().start)?.trim_end();
    let text = value.get_ref().as_str().filter(|_| before.ends_with(['[', ',']))?;
    let parts: Vec<&str> = text.split([',', ';', '|', ' ']).filter(|it| !it.is_empty()).collect();
    let known: Vec<String> =
        parts.iter().map(|part| word_meant(part, words).map(quoted)).collect::<Option<_>>()?;
    (known.len() > 1).then(|| known.join(", "))
}

fn one_of(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`\"{word}\"`")).collect();
    format!("write {}", quoted.join(" or "))
}

/// The hint for the missing keys of a table.
pub(crate) fn missing(keys: &[&str], table: &Value) -> String {
    let forms: Vec<String> = keys
        .iter()
        .map(|key| format!("`{key}`: {}", form(key, &table["properties"][*key])))
        .collect();
    let others = others(keys, table).into_iter().map(|key| format!("or `{key}`"));
    forms.into_iter().chain(others).collect::<Vec<_>>().join("; ")
}

/// The keys that would do as well as the only missing one.
fn others<'s>(missing: &[&str], table: &'s Value) -> Vec<&'s str> {
    let groups = table["anyOf"].as_array().into_iter().flatten();
    let keys = groups.map(|group| match group["required"].as_array().map(Vec::as_slice) {
        Some([only]) => only.as_str(),
        _ => None,
    });
    match keys.collect::<Option<Vec<&str>>>().as_deref() {
        Some([first, others @ ..]) if [*first] == *missing => others.to_vec(),
        _ => Vec::new(),
    }
}

/// A key as written, in quotes if it needs them.
pub(crate) fn as_key(key: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !key.is_empty() && key.chars().all(is_bare) { key.to_owned() } else { format!("{key:?}") }
}
