//! Reads the JSON Schema, as far as [`raw`](crate::schedule::raw) uses it.

use serde_json::Value;
use toml::de::DeValue;

pub(crate) fn property<'s>(schema: &'s Value, key: &str) -> Option<&'s Value> {
    let any_key = || schema.get("additionalProperties").filter(|schema| schema.is_object());
    schema["properties"].get(key).or_else(any_key)
}

/// Whether the keys of a table are the user's own.
pub(crate) fn takes_any_key(schema: &Value) -> bool {
    schema.get("additionalProperties").is_some_and(Value::is_object)
}

/// Whether a value has an allowed type.
pub(crate) fn suits(value: &DeValue<'_>, schema: &Value) -> bool {
    match value {
        DeValue::Table(_) => allows(schema, "object"),
        DeValue::Array(_) => allows(schema, "array"),
        DeValue::Integer(_) => allows(schema, "integer") || allows(schema, "number"),
        DeValue::Boolean(_) => allows(schema, "boolean"),
        DeValue::String(_) => allows(schema, "string"),
        DeValue::Float(_) => allows(schema, "number"),
        DeValue::Datetime(_) => false,
    }
}

/// The allowed words, if only some are allowed.
pub(crate) fn allowed_words<'s>(schema: &'s Value) -> Option<Vec<&'s str>> {
    let choices = schema.get("oneOf")?.as_array()?;
    // A word with a description is a choice of its own; those without share one.
    let words = |choice: &'s Value| {
        let shared = choice["enum"].as_array().into_iter().flatten();
        shared.chain(choice.get("const")).filter_map(Value::as_str)
    };
    Some(choices.iter().flat_map(words).collect())
}

/// The known keys of a table, in alphabetical order; none if it takes any key.
pub(crate) fn known_keys(schema: &Value) -> impl Iterator<Item = &str> {
    let known = schema["properties"].as_object().into_iter().flatten();
    let mut keys: Vec<&str> = known.map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    keys.into_iter()
}

/// The keys that a table still needs beside those that it `has`. If one of several groups of keys
/// is needed and none is present, the first group.
pub(crate) fn missing_keys<'s>(schema: &'s Value, has: impl Fn(&str) -> bool) -> Vec<&'s str> {
    let keys = |schema: &'s Value| {
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str)
    };
    let groups = schema["anyOf"].as_array().map(Vec::as_slice).unwrap_or_default();
    let has_group = groups.iter().any(|group| keys(group).all(&has));
    let first = groups.first().filter(|_| !has_group);
    let missing = keys(schema).chain(first.into_iter().flat_map(keys));
    missing.filter(|key| !has(key)).collect()
}

/// Whether values of this JSON type are allowed.
pub(crate) fn allows(schema: &Value, kind: &str) -> bool {
    match &schema["type"] {
        Value::String(only) => only == kind,
        Value::Array(several) => several.iter().any(|one| one == kind),
        _ => false,
    }
}

/// Whether any text fits, and nothing else.
pub(crate) fn is_text(schema: &Value) -> bool {
    schema["type"] == "string" && schema.get("enum").is_none()
}

/// The type that a schema wants, in TOML's words.
pub(crate) fn wanted(schema: &Value) -> &'static str {
    match () {
        () if allows(schema, "object") => "a table",
        () if allows(schema, "array") && allows(schema, "string") => "a string or a list",
        () if allows(schema, "array") => "a list",
        () if allows(schema, "string") => "a string",
        () if allows(schema, "integer") => "a whole number",
        () if allows(schema, "number") => "a number",
        () => "`true` or `false`",
    }
}

/// The type of a value, in TOML's words.
pub(crate) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
