//! Checks a value against a schema of the register, more strictly than a reader should: what the
//! schema does not name must not be there, and the words of a list that may grow must be listed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate};
use lightsout::cli::{OUTPUTS, Output};
use serde_json::Value;

/// The schema of each output, by its name.
static SCHEMAS: LazyLock<BTreeMap<&str, Value>> =
    LazyLock::new(|| OUTPUTS.iter().map(|output| (output.name, output.schema())).collect());

/// The fields that were seen with a value, each as `object.field`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen(pub(crate) BTreeSet<String>);

impl Seen {
    /// Checks a line that one of these outputs must be.
    pub(crate) fn one_of(&mut self, outputs: &[&Output], line: &Value, from: &str) {
        let mut wrong = Vec::new();
        for output in outputs {
            let schema = &SCHEMAS[output.name];
            let mut seen = Self::default();
            match seen.check((schema, schema), output.name, line, output.name) {
                Ok(()) => {
                    return self.0.extend(seen.0);
                }
                Err(error) => wrong.push(error),
            }
        }
        panic!("{from} prints what its schema does not say: {wrong:#?}\n{line}");
    }

    /// `at` is the object that the schema describes, `path` the place of the value.
    fn check(
        &mut self,
        (schema, root): (&Value, &Value),
        at: &str,
        value: &Value,
        path: &str,
    ) -> Result<(), String> {
        let wrong = |why: &str| Err(format!("{path}: {why}: {value}"));
        let Some(keys) = schema.as_object() else { return Ok(()) };
        for (key, told) in keys {
            if let Some(why) = fault(key, told, value) {
                return wrong(&why);
            }
            match key.as_str() {
                "$ref" => {
                    let name = told.as_str().unwrap().trim_start_matches("#/$defs/");
                    self.check((&root["$defs"][name], root), name, value, path)?;
                }
                "anyOf" => self.check_any((told, root), at, value, path)?,
                "items" => {
                    for (place, one) in value.as_array().into_iter().flatten().enumerate() {
                        self.check((told, root), at, one, &format!("{path}[{place}]"))?;
                    }
                }
                "additionalProperties" => {
                    let named = &schema["properties"];
                    let others = value.as_object().into_iter().flatten();
                    for (name, other) in others.filter(|(name, _)| named.get(name).is_none()) {
                        self.check((told, root), at, other, &format!("{path}.{name}"))?;
                    }
                }
                _ => {}
            }
        }
        let fields = value.as_object().filter(|_| keys.contains_key("properties"));
        for (name, field) in fields.into_iter().flatten() {
            match schema["properties"].get(name) {
                Some(of) => {
                    self.check((of, root), at, field, &format!("{path}.{name}"))?;
                    if !field.is_null() && field.as_array().is_none_or(|list| !list.is_empty()) {
                        self.0.insert(format!("{at}.{name}"));
                    }
                }
                None if keys.contains_key("additionalProperties") => {}
                None => return wrong(&format!("the schema has no `{name}`")),
            }
        }
        Ok(())
    }

    fn check_any(
        &mut self,
        (choices, root): (&Value, &Value),
        at: &str,
        value: &Value,
        path: &str,
    ) -> Result<(), String> {
        let mut wrong = Vec::new();
        for choice in choices.as_array().unwrap() {
            let mut seen = Self::default();
            match seen.check((choice, root), at, value, path) {
                Ok(()) => {
                    self.0.extend(seen.0);
                    return Ok(());
                }
                Err(error) => wrong.push(error),
            }
        }
        Err(wrong.join("; or "))
    }
}

/// What is wrong with a value by one keyword of its schema.
fn fault(key: &str, told: &Value, value: &Value) -> Option<String> {
    let is_wrong = match key {
        "type" => !has_type(told, value),
        "const" => told != value,
        "enum" => !told.as_array().unwrap().contains(value),
        "x-words" => value.as_str().is_some_and(|word| told.get(word).is_none()),
        "minimum" => value.as_f64().is_some_and(|it| Some(it) < told.as_f64()),
        "format" => !has_format(told, value),
        "required" => {
            let mut names = told.as_array().unwrap().iter().filter_map(Value::as_str);
            value.is_object() && names.any(|name| value.get(name).is_none())
        }
        "$schema"
        | "$defs"
        | "title"
        | "description"
        | "$ref"
        | "anyOf"
        | "items"
        | "properties"
        | "additionalProperties" => false,
        other => panic!("a schema says `{other}`, which is not checked"),
    };
    is_wrong.then(|| format!("{key} is {told}"))
}

fn has_type(told: &Value, value: &Value) -> bool {
    if let Some(all) = told.as_array() {
        return all.iter().any(|one| has_type(one, value));
    }
    match told.as_str().unwrap() {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no type `{other}`"),
    }
}

fn has_format(told: &Value, value: &Value) -> bool {
    let Some(text) = value.as_str() else { return true };
    match told.as_str().unwrap() {
        "date-time" => DateTime::parse_from_rfc3339(text).is_ok(),
        "date" => text.parse::<NaiveDate>().is_ok(),
        other => panic!("no format `{other}`"),
    }
}
