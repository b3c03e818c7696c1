//! Edits the text of a schedules.toml: adds a rule or an override, disables, enables or removes a
//! rule.
//!
//! Text in, text out. The parser gives the places, and only the bytes concerned are replaced.
//! Comments, layout and line endings elsewhere stay as they are. (`toml_edit` writes the document
//! anew: it turns CRLF into LF and sorts dotted keys.)
//!
//! `check` judges the result.

mod new_override;
mod new_rule;
mod removal;

use std::ops::Range;

use chrono::NaiveDate;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use self::new_override::{NewChange, NewOverride};
pub use self::new_rule::{NewRule, NewSelector, NewTimes};
pub(super) use self::new_rule::{bare, quoted};
pub use self::removal::{Removed, remove};

/// The reasons why a text cannot be edited.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    #[error("the file is no TOML")]
    NotToml(#[from] toml::de::Error),
    /// `rules = [{ … }]`: there is no safe place for a new line.
    #[error("the {0} are not written as `[[{0}]]`")]
    Inline(&'static str),
    #[error("there is no rule `{0}`")]
    NoRule(String),
    /// Without rules nothing would take the file.
    #[error("`{0}` is the last rule")]
    LastRule(String),
    #[error("lines of something else stand between those of rule `{0}`")]
    Entangled(String),
}

impl EditError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotToml(_) => "`lightsout check` shows where",
            Self::Inline(_) => "give each of them such a line, and lines of its own",
            Self::NoRule(_) => "`lightsout rules` names the rules there are",
            Self::LastRule(_) => {
                "a file without rules is taken by no daemon; `lightsout disable` keeps the rule from \
                 firing"
            }
            Self::Entangled(_) => "put the lines of the rule together, or use `lightsout edit`",
        }
    }
}

/// The bytes of a key and of its value.
struct KeyAndValue {
    key: Range<usize>,
    value: Range<usize>,
}

/// The bytes to replace, and the new text.
type Splice = (Range<usize>, String);

/// The text with one more rule at its end.
///
/// # Errors
/// The text is no TOML, or has its rules as a list in brackets.
pub fn add(text: &str, rule: &NewRule) -> Result<String, EditError> {
    rules(text, DeTable::parse(text)?.get_ref())?;
    Ok(appended(text, &rule.lines()))
}

/// The text with one more override at its end.
///
/// # Errors
/// The text is no TOML, or has its overrides as a list in brackets.
pub fn add_override(text: &str, new: &NewOverride) -> Result<String, EditError> {
    tables("overrides", text, DeTable::parse(text)?.get_ref())?;
    Ok(appended(text, &new.lines()))
}

/// The text with an empty line and new lines at its end.
fn appended(text: &str, lines: &[String]) -> String {
    let line_break = line_break(text);
    let mut text = text.to_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text += line_break;
    }
    if text.lines().last().is_some_and(|line| !line.trim().is_empty()) {
        text += line_break;
    }
    for line in lines {
        text += line;
        text += line_break;
    }
    text
}

/// The text with a rule disabled. A rule that was disabled before keeps its day, and its reason
/// unless there is a new one.
///
/// # Errors
/// The text is no TOML, has its rules as a list in brackets, or has no such rule.
pub fn disable(
    text: &str,
    name: &str,
    because: Option<&str>,
    since: NaiveDate,
) -> Result<String, EditError> {
    let root = DeTable::parse(text)?;
    let rule = rule(text, root.get_ref(), name)?;
    let enabled = entry(rule, "enabled");
    let mut splices = Vec::new();
    let mut lines = Vec::new();
    match &enabled {
        Some(enabled) => splices.push((enabled.value.clone(), "false".to_owned())),
        None => lines.push("enabled = false".to_owned()),
    }
    if let Some(because) = because.map(quoted) {
        match entry(rule, "disabled_because") {
            Some(old) => splices.push((old.value, because)),
            None => lines.push(format!("disabled_because = {because}")),
        }
    }
    if entry(rule, "disabled_since").is_none() {
        lines.push(format!("disabled_since = {}", quoted(&since.to_string())));
    }
    let above = enabled.or_else(|| entry(rule, "name"));
    let above = above.ok_or_else(|| EditError::NoRule(name.to_owned()))?;
    splices.push(lines_below(text, &above, &lines));
    Ok(spliced(text, splices))
}

/// The text with a rule enabled: the lines that `disable` wrote are removed. If a comment stands
/// beside `enabled = false`, the value becomes `true` and the comment stays.
///
/// # Errors
/// The text is no TOML, has its rules as a list in brackets, or has no such rule.
pub fn enable(text: &str, name: &str) -> Result<String, EditError> {
    let root = DeTable::parse(text)?;
    let rule = rule(text, root.get_ref(), name)?;
    let gone =
        ["disabled_because", "disabled_since"].into_iter().filter_map(|key| entry(rule, key));
    let mut splices: Vec<Splice> = gone.map(|entry| without(text, &entry)).collect();
    if let Some(enabled) = entry(rule, "enabled")
        && &text[enabled.value.clone()] == "false"
    {
        splices.push(if is_alone(text, &enabled) {
            without(text, &enabled)
        } else {
            (enabled.value, "true".to_owned())
        });
    }
    Ok(spliced(text, splices))
}

/// The lines of a rule, as they stand in the text.
///
/// # Errors
/// The text is no TOML, has its rules as a list in brackets, or has no such rule.
pub fn lines_of(text: &str, name: &str) -> Result<String, EditError> {
    let root = DeTable::parse(text)?;
    let rule = rule(text, root.get_ref(), name)?;
    let named = entry(rule, "name").ok_or_else(|| EditError::NoRule(name.to_owned()))?;
    let (first, last) = extent(rule).unwrap_or((named.key.start, named.value.end));
    // Above the first key stands `[[rules]]`, perhaps with comments or empty lines between.
    let header = text[..first].rfind("[[").unwrap_or(first);
    Ok(text[line_start(text, header)..line_end(text, last)].trim_end().to_owned())
}

/// The first and the last byte of the keys and values of a table, with those of its tables.
fn extent(table: &DeTable<'_>) -> Option<(usize, usize)> {
    let ends = table.iter().map(|(key, value)| {
        let inner = match value.get_ref() {
            DeValue::Table(inner) => extent(inner),
            _ => None,
        };
        let (first, last) = inner.unwrap_or((key.span().start, value.span().end));
        (first.min(key.span().start), last.max(value.span().end))
    });
    ends.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
}

/// The rules, if each has lines of its own.
fn rules<'a>(text: &str, root: &'a DeTable<'_>) -> Result<Vec<&'a DeTable<'a>>, EditError> {
    tables("rules", text, root)
}

/// The tables of a list, if each has lines of its own.
fn tables<'a>(
    list: &'static str,
    text: &str,
    root: &'a DeTable<'_>,
) -> Result<Vec<&'a DeTable<'a>>, EditError> {
    let Some(entries) = root.get(list) else { return Ok(Vec::new()) };
    let DeValue::Array(entries) = entries.get_ref() else { return Err(EditError::Inline(list)) };
    if entries.is_empty() {
        return Err(EditError::Inline(list));
    }
    let table = |entry: &'a Spanned<DeValue<'_>>| match entry.get_ref() {
        DeValue::Table(table) if !text[entry.span()].starts_with('{') => Ok(table),
        _ => Err(EditError::Inline(list)),
    };
    entries.iter().map(table).collect()
}

fn rule<'a>(text: &str, root: &'a DeTable<'_>, name: &str) -> Result<&'a DeTable<'a>, EditError> {
    let is_meant =
        |rule: &&DeTable<'_>| rule.get("name").and_then(|it| it.get_ref().as_str()) == Some(name);
    let found = rules(text, root)?.into_iter().find(is_meant);
    found.ok_or_else(|| EditError::NoRule(name.to_owned()))
}

fn entry(rule: &DeTable<'_>, key: &str) -> Option<KeyAndValue> {
    let (key, value) = rule.iter().find(|(known, _)| known.get_ref() == key)?;
    Some(KeyAndValue { key: key.span(), value: value.span() })
}

/// The beginning of the line of `at`.
fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |before| before + 1)
}

/// The end of the line of `at`, line break included.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |behind| at + behind + 1)
}

/// Whether an entry has its lines to itself.
fn is_alone(text: &str, entry: &KeyAndValue) -> bool {
    let behind = &text[entry.value.end..line_end(text, entry.value.end)];
    behind.trim().is_empty()
}

/// The line break of the first line of a text.
fn line_break(text: &str) -> &'static str {
    match text.split_once('\n') {
        Some((line, _)) if line.ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// New lines below an entry, indented like it.
fn lines_below(text: &str, above: &KeyAndValue, lines: &[String]) -> Splice {
    let at = line_end(text, above.value.end);
    let indent = &text[line_start(text, above.key.start)..above.key.start];
    let is_ended = text[..at].ends_with('\n');
    let like = if is_ended { &text[line_start(text, above.value.end)..] } else { text };
    let line_break = line_break(like);
    let mut new = if is_ended { String::new() } else { line_break.to_owned() };
    new.extend(lines.iter().map(|line| format!("{indent}{line}{line_break}")));
    (at..at, new)
}

/// Removes an entry, with its line if nothing else is on it.
fn without(text: &str, entry: &KeyAndValue) -> Splice {
    let end = line_end(text, entry.value.end);
    if is_alone(text, entry) {
        return (line_start(text, entry.key.start)..end, String::new());
    }
    let behind = &text[entry.value.end..end];
    let blank = behind.len() - behind.trim_start().len();
    (entry.key.start..entry.value.end + blank, String::new())
}

fn spliced(text: &str, mut splices: Vec<Splice>) -> String {
    splices.sort_by_key(|(range, _)| range.start);
    let mut new = String::with_capacity(text.len() + 200);
    let mut done = 0;
    for (range, put) in splices {
        new += &text[done..range.start];
        new += &put;
        done = range.end;
    }
    new + &text[done..]
}

#[cfg(test)]
mod tests;
