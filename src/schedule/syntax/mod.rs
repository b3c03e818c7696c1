//! Checks a parsed file against the JSON Schema: unknown keys, missing keys, wrong types, words
//! that are not allowed, numbers out of range.
//!
//! A part that does not fit is reported and removed, so that `check` can judge the rest.

mod form;
mod header;
mod hint;
mod keys;
mod only_text;
mod removed_parts;
mod retyped;
mod schema;
mod synonyms;

use std::collections::HashSet;
use std::mem::{replace, take};
use std::ops::Range;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use self::keys::{Given, UnknownKey};
use self::schema::{
    allowed_words, allows, is_text, kind, known_keys, missing_keys, property, suits, takes_any_key,
    wanted,
};
use super::hint::Hint;
use super::problems::Problems;
use super::source::Source;

pub(super) use removed_parts::Losses;

/// Removes the parts of `file` that do not fit `schema`, and reports them.
///
/// `is_torn`: parts of the file could not be parsed. Then nothing is reported as missing.
pub(super) fn check(
    file: &mut Spanned<DeTable<'_>>,
    schema: &Value,
    source: &Source<'_>,
    is_torn: bool,
) -> (Losses, Problems) {
    let losses = Losses::new(is_torn);
    let mut shape =
        Shape { schema, source, losses, path: Vec::new(), problems: Problems::default() };
    let span = file.span();
    shape.table(file.get_mut(), span, schema);
    (shape.losses, shape.problems)
}

const LONGEST_TEXT: usize = 10_000;

/// The most entries of a list that is not of rules or the like, and of a table with the user's own
/// keys.
const MOST_ENTRIES: usize = 10_000;

/// The most rules of a file, and the most targets of notices.
const MOST_TABLES: usize = 20_000;

/// The most expectations: for each one, every rule is followed for more than a year.
const MOST_EXPECTATIONS: usize = 1_000;

struct Shape<'a> {
    schema: &'a Value,
    source: &'a Source<'a>,
    losses: Losses,
    /// The keys that lead to the present value.
    path: Vec<String>,
    problems: Problems,
}

impl Shape<'_> {
    /// Whether a value fits, after the parts that do not fit were removed.
    fn fits(&mut self, value: &mut Spanned<DeValue<'_>>, schema: &Value) -> bool {
        let span = value.span();
        if let Some(words) = allowed_words(schema) {
            return self.is_word(value, &words);
        }
        match value.get_mut() {
            DeValue::Table(table) if allows(schema, "object") => self.table(table, span, schema),
            DeValue::Array(array) if allows(schema, "array") => self.array(array, &span, schema),
            DeValue::Float(_) | DeValue::Integer(_) if allows(schema, "number") => {}
            DeValue::Integer(number) if allows(schema, "integer") => {
                let number = i64::from_str_radix(number.as_str(), number.radix()).ok();
                return self.is_in_range(number, span, schema);
            }
            DeValue::String(text) if allows(schema, "string") => {
                return self.is_short(text.len(), span);
            }
            DeValue::Boolean(_) if allows(schema, "boolean") => {}
            found => {
                let message =
                    format!("{} must be {}, not {}", self.subject(), wanted(schema), kind(found));
                let hint = hint::wrong_type(&self.path, schema, value, self.source);
                self.report(span, message, hint);
                return false;
            }
        }
        true
    }

    fn table(&mut self, table: &mut DeTable<'_>, span: Range<usize>, schema: &Value) {
        let entries = take(table);
        let mut given: HashSet<String> =
            entries.keys().map(|key| key.get_ref().to_string()).collect();
        let count = entries.len();
        let most = if takes_any_key(schema) { MOST_ENTRIES } else { usize::MAX };
        if count > most {
            self.are_few(count, &span, &Value::Null);
        }
        let name = entries.get("name").and_then(|name| name.get_ref().as_str());
        let is_rule = self.path == ["rules"];
        let place = name.filter(|_| is_rule).map(|name| format!("rule `{name}`"));
        let place = place.unwrap_or_else(|| self.place());
        for (key, mut value) in entries.into_iter().take(most) {
            let name = key.get_ref().to_string();
            let Some(schema) = property(schema, &name) else {
                let (key, source) = (key.span(), self.source);
                let beside = &given;
                let entry = Given { name: &name, key: key.clone(), value: &value, source, beside };
                let unknown = if source.has_said_enough() {
                    UnknownKey::untold()
                } else {
                    keys::unknown_key(&entry, schema, self.schema)
                };
                given.extend(unknown.meant.map(str::to_owned));
                if self.path.is_empty() {
                    self.lose_stray(unknown.meant, value.get_ref());
                }
                self.unknown_key(&name, key, unknown);
                continue;
            };
            self.path.push(name);
            if self.fits(&mut value, schema) {
                table.insert(key, value);
            } else {
                self.lose_top();
            }
            self.path.pop();
        }
        if table.len() < count {
            self.losses.add(&span);
            if takes_any_key(schema) {
                self.lose_top();
            }
        }
        let missing = missing_keys(schema, |key| given.contains(key));
        if !missing.is_empty() && !self.losses.is_torn() {
            let (is, keys) = (if missing.len() == 1 { "is" } else { "are" }, listed(&missing));
            let hint = hint::missing(&missing, schema);
            self.report(span, format!("{keys} {is} missing in {place}"), hint);
        }
    }

    fn array(&mut self, array: &mut DeArray<'_>, span: &Range<usize>, schema: &Value) {
        let items = &schema["items"];
        self.are_few(array.len(), span, items);
        for mut value in replace(array, DeArray::new()).into_iter().take(self.most_entries(items)) {
            if self.is_text_where_due(&value, schema) && self.fits(&mut value, items) {
                array.push(value);
            } else {
                self.losses.add(span);
                self.lose_top();
            }
        }
    }

    /// Whether a text is no longer than any real name, pattern or message.
    fn is_short(&mut self, length: usize, span: Range<usize>) -> bool {
        if length > LONGEST_TEXT {
            let message = format!("{} has more than {LONGEST_TEXT} bytes", self.subject());
            self.report(span, message, "no name, pattern or reason is that long".to_owned());
        }
        length <= LONGEST_TEXT
    }

    /// The most entries of a list of these items.
    fn most_entries(&self, items: &Value) -> usize {
        match allows(items, "object") {
            true if self.path == ["expect"] => MOST_EXPECTATIONS,
            true => MOST_TABLES,
            false => MOST_ENTRIES,
        }
    }

    /// Reports a list with too many entries.
    fn are_few(&mut self, count: usize, span: &Range<usize>, items: &Value) {
        let most = self.most_entries(items);
        if count > most {
            self.losses.add(span);
            let message = format!("{} has more than {most} entries", self.subject());
            let hint = "a glob stands for many names, and a cron for many times";
            self.report(span.clone(), message, hint.to_owned());
        }
    }

    /// Whether an entry of a list of texts is a text; true for entries of other lists.
    fn is_text_where_due(&mut self, entry: &Spanned<DeValue<'_>>, list: &Value) -> bool {
        let found = entry.get_ref();
        if !is_text(&list["items"]) || found.is_str() {
            return true;
        }
        let key = self.path.last().map_or("", String::as_str);
        let message = format!("an entry of `{key}` must be a string, not {}", kind(found));
        let hint = hint::wrong_entry(key, list, entry, self.source);
        self.report(entry.span(), message, hint);
        false
    }

    /// Notes that a key at the top, or an entry right below it, is removed.
    fn lose_top(&mut self) {
        if let [top] = self.path.as_slice() {
            self.losses.add_top(top);
        }
    }

    /// Notes that an unknown key at the top is removed: the key that was `meant`, or any key that
    /// takes such a value.
    fn lose_stray(&mut self, meant: Option<&str>, value: &DeValue<'_>) {
        if self.source.has_said_enough() {
            self.losses.give_up();
            return;
        }
        let schema = self.schema;
        let could_be = |key: &&str| match meant {
            Some(meant) => *key == meant,
            None => suits(value, &schema["properties"][*key]),
        };
        for key in known_keys(schema).filter(could_be) {
            self.losses.add_top(key);
        }
    }

    fn unknown_key(&mut self, name: &str, span: Range<usize>, unknown: UnknownKey<'_>) {
        let message = format!("unknown key `{name}` in {}", self.place());
        // Nobody knows the table that a torn line began.
        let hint = if self.losses.is_torn() {
            "where the lines above are mended, it may be in its place".into()
        } else {
            unknown.hint
        };
        let problem = self.source.error(span, message, hint);
        self.problems.push(if unknown.is_secret { problem.without_value() } else { problem });
    }

    fn is_word(&mut self, value: &Spanned<DeValue<'_>>, words: &[&str]) -> bool {
        let found = value.get_ref();
        let Some(word) = found.as_str() else {
            let message = format!("{} must be a string, not {}", self.subject(), kind(found));
            self.report(value.span(), message, hint::wrong_word(value, words, self.source));
            return false;
        };
        if words.contains(&word) {
            return true;
        }
        let message = format!("{} cannot be `{word}`", self.subject());
        self.report(value.span(), message, hint::wrong_word(value, words, self.source));
        false
    }

    fn is_in_range(&mut self, number: Option<i64>, span: Range<usize>, schema: &Value) -> bool {
        let least = schema["minimum"].as_i64().unwrap_or(i64::MIN);
        let most = schema["maximum"].as_i64().unwrap_or(i64::MAX);
        if number.is_some_and(|number| (least..=most).contains(&number)) {
            return true;
        }
        let hint = hint::out_of_range(&self.path, schema, number);
        let message = match number {
            None => format!("a number in {} is too large", self.subject()),
            Some(_) => format!("{} must lie between {least} and {most}", self.subject()),
        };
        self.report(span, message, hint);
        false
    }

    fn report(&mut self, span: Range<usize>, message: String, hint: impl Into<Hint>) {
        self.problems.push(self.source.error(span, message, hint));
    }

    /// The present table, in words.
    fn place(&self) -> String {
        match self.path.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] => "the file".to_owned(),
            ["rules"] => "a rule".to_owned(),
            ["notify"] => "a target of notices".to_owned(),
            ["expect"] => "an expectation".to_owned(),
            ["overrides"] => "an override".to_owned(),
            ["rules" | "expect" | "overrides", .., key] => format!("`{key}`"),
            path => {
                let keys: Vec<String> = path.iter().map(|key| hint::as_key(key)).collect();
                format!("`[{}]`", keys.join("."))
            }
        }
    }

    /// The present value, in words.
    fn subject(&self) -> String {
        let key = self.path.last().map_or("", String::as_str);
        format!("`{key}`")
    }
}

/// Keys in a sentence: `a`, `b` and `c`.
fn listed(keys: &[&str]) -> String {
    let quoted: Vec<_> = keys.iter().map(|key| format!("`{key}`")).collect();
    match quoted.as_slice() {
        [all @ .., last] if !all.is_empty() => format!("{} and {last}", all.join(", ")),
        all => all.join(""),
    }
}
