//! Checks the shape of a parsed file against the JSON Schema: unknown keys, missing keys, wrong
//! types, words that are not among those allowed, numbers out of range.
//!
//! What does not fit is reported and taken out, so that the rest can still be judged.

use std::collections::HashSet;
use std::mem::{replace, take};
use std::ops::Range;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::nearest::nearest;
use super::problem::{Problem, Source};

/// What people write for a key, and the key.
const SYNONYMS: [(&str, &str); 13] = [
    ("credential", "credentials"),
    ("disabled", "enabled"),
    ("exclude", "except"),
    ("filter", "select"),
    ("include", "select"),
    ("region", "regions"),
    ("schedule", "cron"),
    ("selector", "select"),
    ("time_zone", "timezone"),
    ("timeout", "patience"),
    ("tz", "timezone"),
    ("when", "cron"),
    ("zone", "timezone"),
];

/// Parts of key names whose values must not be shown.
const SECRETS: [&str; 4] = ["key", "password", "secret", "token"];

/// Takes out of `file` what does not fit `schema`, and says why.
///
/// `is_torn`: parts of the file could not be parsed, so nothing is said to be missing.
pub(super) fn check(
    file: &mut Spanned<DeTable<'_>>,
    schema: &Value,
    source: &Source<'_>,
    is_torn: bool,
) -> (Losses, Vec<Problem>) {
    let losses = Losses { is_torn, tables: HashSet::new() };
    let mut shape = Shape { schema, source, losses, path: Vec::new(), problems: Vec::new() };
    let span = file.span();
    shape.table(file.get_mut(), span, schema);
    (shape.losses, shape.problems)
}

/// Where something was taken out, so that nobody complains of finding nothing there.
pub(super) struct Losses {
    is_torn: bool,
    /// Where the tables and lists begin that lost something.
    tables: HashSet<usize>,
}

impl Losses {
    /// Whether the table or list at `span` says less than was written.
    pub(super) fn touch(&self, span: &Range<usize>) -> bool {
        self.is_torn || self.tables.contains(&span.start)
    }
}

struct Shape<'a> {
    schema: &'a Value,
    source: &'a Source<'a>,
    losses: Losses,
    /// The keys that lead to what is being looked at.
    path: Vec<String>,
    problems: Vec<Problem>,
}

impl Shape<'_> {
    /// Whether a value fits, once what does not fit inside it has been taken out.
    fn fits(&mut self, value: &mut Spanned<DeValue<'_>>, schema: &Value) -> bool {
        let span = value.span();
        if let Some(words) = allowed_words(schema) {
            return self.is_word(value, &words);
        }
        match value.get_mut() {
            DeValue::Table(table) if allows(schema, "object") => self.table(table, span, schema),
            DeValue::Array(array) if allows(schema, "array") => self.array(array, &span, schema),
            DeValue::Integer(number) if allows(schema, "integer") => {
                let number = i64::from_str_radix(number.as_str(), number.radix()).ok();
                return self.is_in_range(number, span, schema);
            }
            DeValue::String(_) if allows(schema, "string") => {}
            DeValue::Boolean(_) if allows(schema, "boolean") => {}
            found => {
                let message =
                    format!("{} must be {}, not {}", self.subject(), wanted(schema), kind(found));
                let hint = self.type_hint(schema, found);
                self.report(span, message, hint);
                return false;
            }
        }
        true
    }

    fn table(&mut self, table: &mut DeTable<'_>, span: Range<usize>, schema: &Value) {
        let entries = take(table);
        let mut missing = self.missing(&entries, schema);
        let count = entries.len();
        let name = entries.get("name").and_then(|name| name.get_ref().as_str());
        let place = name.map_or_else(|| self.place(), |name| format!("rule `{name}`"));
        for (key, mut value) in entries {
            let name = key.get_ref().to_string();
            let Some(schema) = property(schema, &name) else {
                let meant = self.unknown_key(&name, key.span(), schema);
                missing.retain(|key| Some(*key) != meant);
                continue;
            };
            self.path.push(name);
            if self.fits(&mut value, schema) {
                table.insert(key, value);
            }
            self.path.pop();
        }
        if table.len() < count {
            self.losses.tables.insert(span.start);
        }
        for key in missing {
            let hint = example_hint(key, &schema["properties"][key]);
            self.report(span.clone(), format!("`{key}` is missing in {place}"), hint);
        }
    }

    fn array(&mut self, array: &mut DeArray<'_>, span: &Range<usize>, schema: &Value) {
        let items = &schema["items"];
        for mut value in replace(array, DeArray::new()) {
            if self.fits(&mut value, items) {
                array.push(value);
            } else {
                self.losses.tables.insert(span.start);
            }
        }
    }

    fn missing<'s>(&self, table: &DeTable<'_>, schema: &'s Value) -> Vec<&'s str> {
        let required = schema["required"].as_array().into_iter().flatten();
        let required = required.filter_map(Value::as_str);
        required.filter(|key| !self.losses.is_torn && !table.contains_key(*key)).collect()
    }

    /// Reports a key, and returns the one that was probably meant.
    fn unknown_key<'s>(
        &mut self,
        name: &str,
        span: Range<usize>,
        schema: &'s Value,
    ) -> Option<&'s str> {
        let known = || schema["properties"].as_object().into_iter().flat_map(|known| known.keys());
        let lower = name.to_lowercase();
        let synonym = SYNONYMS.iter().find(|(word, _)| *word == lower).map(|(_, key)| *key);
        let synonym = synonym.and_then(|key| known().find(|known| *known == key));
        let near = || nearest(name, known().map(String::as_str));
        let meant = synonym.map(String::as_str).or_else(near);
        let homes = self.homes(name);
        let is_secret = SECRETS.iter().any(|part| lower.contains(part));
        let hint = if is_secret {
            "keys do not belong into this file; `credentials` says where they are".to_owned()
        } else if let Some(key) = meant {
            format!("did you mean `{key}`?")
        } else if !homes.is_empty() {
            format!("`{name}` belongs {}", homes.join(" or "))
        } else {
            let known: Vec<_> = known().map(|key| format!("`{key}`")).collect();
            format!("known here: {}", known.join(", "))
        };
        let message = format!("unknown key `{name}` in {}", self.place());
        let problem = self.source.error(span, message, hint);
        self.problems.push(if is_secret { problem.without_value() } else { problem });
        meant
    }

    /// Where else in the file a key of that name is known.
    fn homes(&self, name: &str) -> Vec<&'static str> {
        let root = &self.schema["properties"];
        [
            (self.schema, "at the top, above the first table"),
            (&root["audit"], "in `[audit]`"),
            (&root["accounts"]["additionalProperties"], "in `[accounts.NAME]`"),
            (&root["limits"], "in `[limits]`"),
            (&root["rules"]["items"], "in `[[rules]]`"),
            (&root["rules"]["items"]["properties"]["select"], "in `select = { … }`"),
        ]
        .into_iter()
        .filter(|(place, _)| place["properties"].get(name).is_some())
        .map(|(_, words)| words)
        .collect()
    }

    fn is_word(&mut self, value: &Spanned<DeValue<'_>>, words: &[&str]) -> bool {
        let found = value.get_ref();
        let Some(word) = found.as_str() else {
            let message = format!("{} must be a string, not {}", self.subject(), kind(found));
            self.report(value.span(), message, one_of(words));
            return false;
        };
        if words.contains(&word) {
            return true;
        }
        let hint = match nearest(word, words.iter().copied()) {
            Some(near) => format!("did you mean `{}`?", serde_json::Value::from(near)),
            None => one_of(words),
        };
        let message = format!("{} cannot be `{word}`", self.subject());
        self.report(value.span(), message, hint);
        false
    }

    fn is_in_range(&mut self, number: Option<i64>, span: Range<usize>, schema: &Value) -> bool {
        let least = schema["minimum"].as_i64().unwrap_or(i64::MIN);
        let most = schema["maximum"].as_i64().unwrap_or(i64::MAX);
        if number.is_some_and(|number| (least..=most).contains(&number)) {
            return true;
        }
        if number.is_none() && allows(schema, "string") {
            let message = format!("a number in {} is too large", self.subject());
            self.report(span, message, "write it in quotes".to_owned());
            return false;
        }
        let message = format!("{} must lie between {least} and {most}", self.subject());
        let hint = match (self.path.as_slice(), number) {
            ([.., rules, _], Some(0)) if rules == "rules" => {
                "to switch a rule off, write `enabled = false`".to_owned()
            }
            ([.., key], _) => example_hint(key, schema),
            ([], _) => String::new(),
        };
        self.report(span, message, hint);
        false
    }

    fn report(&mut self, span: Range<usize>, message: String, hint: String) {
        self.problems.push(self.source.error(span, message, hint));
    }

    /// The table being looked at, in words.
    fn place(&self) -> String {
        match self.path.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] => "the file".to_owned(),
            ["rules"] => "a rule".to_owned(),
            ["rules", .., key] => format!("`{key}`"),
            path => format!("`[{}]`", path.join(".")),
        }
    }

    /// The value being looked at, in words.
    fn subject(&self) -> String {
        let key = self.path.last().map_or("", String::as_str);
        format!("`{key}`")
    }

    fn type_hint(&self, schema: &Value, found: &DeValue<'_>) -> String {
        let path: Vec<_> = self.path.iter().map(String::as_str).collect();
        match (path.as_slice(), found) {
            (["rules"], DeValue::Table(_)) => {
                "write `[[rules]]`, in double brackets, above each rule".to_owned()
            }
            (["rules"], _) => "write `[[rules]]` above each rule".to_owned(),
            (["accounts", ..], _) => {
                "give the account a name: `[accounts.main]`, its keys below".to_owned()
            }
            ([], _) => String::new(),
            ([.., key], DeValue::String(text)) if allows(schema, "array") => {
                format!("write `{key} = [{}]`", Value::from(text.as_ref()))
            }
            ([.., key], DeValue::Integer(number)) if allows(schema, "array") => {
                format!("write `{key} = [\"{number}\"]`")
            }
            ([.., key], DeValue::String(text))
                if allows(schema, "integer") && text.parse::<u32>().is_ok()
                    || allows(schema, "boolean") && text.parse::<bool>().is_ok() =>
            {
                format!("write `{key} = {text}`, without quotes")
            }
            ([.., key], _) => example_hint(key, schema),
        }
    }
}

fn property<'s>(schema: &'s Value, key: &str) -> Option<&'s Value> {
    let any_key = || schema.get("additionalProperties").filter(|schema| schema.is_object());
    schema["properties"].get(key).or_else(any_key)
}

fn allowed_words(schema: &Value) -> Option<Vec<&str>> {
    let choices = schema.get("oneOf")?.as_array()?;
    Some(choices.iter().filter_map(|choice| choice["const"].as_str()).collect())
}

fn one_of(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`\"{word}\"`")).collect();
    format!("write {}", quoted.join(" or "))
}

fn allows(schema: &Value, kind: &str) -> bool {
    match &schema["type"] {
        Value::String(only) => only == kind,
        Value::Array(several) => several.iter().any(|one| one == kind),
        _ => false,
    }
}

/// What a schema asks for, in TOML's words.
fn wanted(schema: &Value) -> &'static str {
    match () {
        () if allows(schema, "object") => "a table",
        () if allows(schema, "array") => "a list",
        () if allows(schema, "string") => "a string",
        () if allows(schema, "integer") => "a whole number",
        () => "`true` or `false`",
    }
}

/// What was found, in TOML's words.
fn kind(value: &DeValue<'_>) -> &'static str {
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

fn example_hint(key: &str, schema: &Value) -> String {
    let item = &schema["examples"][0];
    let example = if item.is_null() { &schema["items"]["examples"][0] } else { item };
    if example.is_null() {
        return format!("{key} must be {}", wanted(schema));
    }
    format!("for example `{key} = {}`", in_toml(example))
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
