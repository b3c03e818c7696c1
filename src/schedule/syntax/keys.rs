//! Finds the hint for an unknown key: the key that was meant, and its right place.

use std::collections::HashSet;
use std::ops::Range;

use serde_json::Value;
use toml::Spanned;
use toml::de::DeValue;

use super::header::rule_header;
use super::retyped::{as_boolean, as_list, as_tags};
use super::schema::{allowed_words, allows, known_keys};
use super::synonyms::{key_meant, word_meant};
use crate::schedule::cron::Cron;
use crate::schedule::edit::quoted;
use crate::schedule::hint::{Fix, Hint};
use crate::schedule::source::Source;

/// Parts of key names with values that must not be shown.
const SECRETS: [&str; 4] = ["key", "password", "secret", "token"];

pub(crate) struct UnknownKey<'s> {
    /// The known key that was probably meant.
    pub(crate) meant: Option<&'s str>,
    /// Whether the value may be a secret, which must not be shown.
    pub(crate) is_secret: bool,
    pub(crate) hint: Hint,
}

impl UnknownKey<'_> {
    /// An unknown key without further words.
    pub(crate) fn untold() -> Self {
        Self { meant: None, is_secret: true, hint: String::new().into() }
    }
}

/// A key and its value, their places, and the schema of their table.
pub(crate) struct Given<'a, 't> {
    pub(crate) name: &'a str,
    pub(crate) key: Range<usize>,
    pub(crate) value: &'a Spanned<DeValue<'t>>,
    pub(crate) source: &'a Source<'a>,
    /// The other keys of the same table.
    pub(crate) beside: &'a HashSet<String>,
}

/// Judges an unknown key of a table. `root` is the schema of the whole file.
pub(crate) fn unknown_key<'s>(
    given: &Given<'_, '_>,
    table: &'s Value,
    root: &Value,
) -> UnknownKey<'s> {
    let name = given.name;
    let value = given.value.get_ref();
    let selects = selection_of_rule(given, table);
    let times = times_of_rule(given, table);
    let meant = match &selects {
        Some(_) => Some("select"),
        None if times.is_some() => Some("cron"),
        None => key_meant(name, &known_keys(table).collect::<Vec<_>>(), |key| {
            may_stand_at(value, &table["properties"][key])
        }),
    };
    let homes = homes(name, root);
    let lower = name.to_lowercase();
    let is_secret = meant.is_none() && SECRETS.iter().any(|part| lower.contains(part));
    let hint = if is_secret {
        "keys do not belong into this file; `credentials` says where they are".into()
    } else if let Some(rule) = named_rule(given, table, root) {
        rule
    } else if let Some(select) = selects {
        select
    } else if let Some(enabled) = turned_round(given, table) {
        enabled
    } else if let Some(key) =
        meant.filter(|key| given.beside.contains(*key) && !joins(&table["properties"][*key]))
    {
        format!("`{key}` stands here already: one of the two is too much").into()
    } else if let Some(times) = times {
        times
    } else if let Some(key) = meant {
        renamed(given, key, &table["properties"][key])
    } else if !homes.is_empty() {
        format!("`{name}` belongs {}", homes.join(" or ")).into()
    } else {
        let known: Vec<_> = known_keys(table).map(|key| format!("`{key}`")).collect();
        format!("known here: {}", known.join(", ")).into()
    };
    UnknownKey { meant, is_secret, hint }
}

/// Whether another header can add more to this table or list.
fn joins(schema: &Value) -> bool {
    allows(&schema["items"], "object") || schema["additionalProperties"].is_object()
}

/// Whether a value can be read under a key, perhaps in another form.
fn may_stand_at(value: &DeValue<'_>, schema: &Value) -> bool {
    let word = || value.as_str().map(str::to_lowercase);
    match value {
        DeValue::Array(_) => {
            allows(schema, "array") || allows(schema, "object") || allowed_words(schema).is_some()
        }
        DeValue::Table(_) => allows(schema, "object") || allows(schema, "array"),
        DeValue::Boolean(_) => allows(schema, "boolean"),
        _ => allowed_words(schema)
            .is_none_or(|words| word().is_some_and(|word| word_meant(&word, &words).is_some())),
    }
}

/// `names = [...]` or `tag = "env=dev"` in a rule that has no `select`.
fn selection_of_rule(given: &Given<'_, '_>, table: &Value) -> Option<Hint> {
    let select = table["properties"].get("select")?;
    let known: Vec<&str> = known_keys(select).collect();
    let is_name = |name: &str| {
        known.contains(&name) || matches!(name, "tag" | "servers" | "server" | "hosts" | "labels")
    };
    if !is_name(given.name) || given.beside.contains("select") {
        return None;
    }
    let value = given.value.get_ref();
    let key = key_meant(given.name, &known, |_| true)?;
    let schema = &select["properties"][key];
    let written = match value {
        DeValue::String(text) if key != "tags" => as_list(text),
        _ if key == "tags" && !value.is_table() => as_tags(value),
        value => {
            let is_right = match value {
                DeValue::Array(_) => allows(schema, "array"),
                DeValue::Table(_) => allows(schema, "object"),
                _ => false,
            };
            given.source.text.get(given.value.span()).filter(|_| is_right).map(ToOwned::to_owned)
        }
    }?;
    let line = format!("select = {{ {key} = {written} }}");
    Some(Hint::write(&line, Fix::new(given.key.start..given.value.span().end, &*line)))
}

/// `disabled = true`
fn turned_round(given: &Given<'_, '_>, table: &Value) -> Option<Hint> {
    let is_turned = matches!(given.name, "disabled" | "disable" | "inactive" | "paused");
    table["properties"]
        .get("enabled")
        .filter(|_| is_turned && !given.beside.contains("enabled"))?;
    let enabled = match as_boolean(given.value.get_ref()) {
        Some(word) => word == "false",
        None => !given.value.get_ref().as_bool()?,
    };
    let line = format!("enabled = {enabled}");
    Some(Hint::write(&line, Fix::new(given.key.start..given.value.span().end, &*line)))
}

/// The known key in the place of the unknown one, and the value in the right form.
fn renamed(given: &Given<'_, '_>, key: &str, schema: &Value) -> Hint {
    let value = given.value.get_ref();
    let list = value.as_str().filter(|_| allows(schema, "array") && !allows(schema, "string"));
    if let Some(list) = list.and_then(as_list) {
        let line = format!("{key} = {list}");
        return Hint::write(&line, Fix::new(given.key.start..given.value.span().end, &*line));
    }
    Hint::meant(key, Fix::new(given.key.clone(), key))
}

/// `[rules.nightly]`: the name of a rule belongs among its keys.
fn named_rule(given: &Given<'_, '_>, table: &Value, root: &Value) -> Option<Hint> {
    let is_rule = std::ptr::eq(table, &raw const root["properties"]["rules"]["items"]);
    (is_rule && given.value.get_ref().is_table()).then_some(())?;
    rule_header(given.source, given.name, given.value.get_ref())
}

/// `at = "20:00"` in a rule.
fn times_of_rule(given: &Given<'_, '_>, table: &Value) -> Option<Hint> {
    let is_time = matches!(
        given.name,
        "at" | "time"
            | "when"
            | "schedule"
            | "start_time"
            | "crontab"
            | "cron_expression"
            | "run_at"
    );
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

/// The tables that know a key of this name.
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
        (&tables["overrides"]["items"], "in `[[overrides]]`"),
        (&rule["properties"]["select"], "in `select = { … }`"),
    ]
    .into_iter()
    .filter(|(table, _)| table["properties"].get(name).is_some())
    .map(|(_, words)| words)
    .collect()
}
