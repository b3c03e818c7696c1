//! Turns values of one type into another: texts into lists, words into booleans, and the like.
//!
//! `None` means that only a person can decide.

use serde_json::Value;
use toml::de::DeValue;

use super::only_text::only_text;
use super::schema::allows;
use crate::schedule::edit::{bare, quoted};
use crate::time::spoken::plain;

const YES: &[&str] = &["true", "yes", "on", "y", "t", "1", "enabled", "예", "참"];
const NO: &[&str] = &["false", "no", "off", "n", "f", "0", "disabled", "아니오", "아니요", "거짓"];

/// The list of the parts of one text between commas; braces stay whole.
pub(crate) fn as_list(text: &str) -> Option<String> {
    let parts: Vec<&str> = if text.contains(['{', '[']) {
        vec![text]
    } else {
        text.split([',', ';']).map(str::trim).filter(|part| !part.is_empty()).collect()
    };
    let is_one = |part: &&str| !part.contains(char::is_whitespace);
    let quoted: Vec<String> = parts.iter().map(|part| quoted(part)).collect();
    (!parts.is_empty() && parts.iter().all(is_one)).then(|| format!("[{}]", quoted.join(", ")))
}

pub(crate) fn as_boolean(value: &DeValue<'_>) -> Option<String> {
    let word = match value {
        DeValue::String(text) => plain(text).trim().to_lowercase(),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Array(array) => only_text(array)?.to_lowercase(),
        _ => return None,
    };
    let known = [(YES, "true"), (NO, "false")];
    known.into_iter().find(|(words, _)| words.contains(&word.as_str())).map(|(_, it)| it.to_owned())
}

pub(crate) fn as_number(text: &str, schema: &Value) -> Option<String> {
    let text = plain(text).trim().to_owned();
    let is_number = text.parse::<u32>().is_ok()
        || allows(schema, "number") && text.parse::<f64>().is_ok_and(f64::is_finite);
    is_number.then_some(text)
}

/// The text that was written without quotes at `path`.
pub(crate) fn as_text(path: &[&str], value: &DeValue<'_>, written: &str) -> Option<String> {
    match (path, value) {
        ([.., "mode"], DeValue::Integer(number)) if number.radix() == 8 => {
            Some(quoted(&format!("0{}", number.as_str())))
        }
        ([.., "mode" | "name"], DeValue::Integer(_))
        | ([.., "tags", _], DeValue::Integer(_) | DeValue::Boolean(_) | DeValue::Float(_))
        | ([.., "at" | "cron" | "disabled_since" | "from" | "until"], DeValue::Datetime(_)) => {
            Some(quoted(written))
        }
        ([.., "timezone"], DeValue::Integer(_)) if written.starts_with(['+', '-']) => {
            Some(quoted(written))
        }
        _ => None,
    }
}

/// Names in the place of `select`, `except` or `[protect]`.
pub(crate) fn as_selector(value: &DeValue<'_>) -> Option<String> {
    let names = match value {
        DeValue::String(text) => as_list(text)?,
        DeValue::Array(array) => {
            let texts: Option<Vec<String>> =
                array.iter().map(|entry| entry.get_ref().as_str().map(quoted)).collect();
            format!("[{}]", texts.filter(|texts| !texts.is_empty())?.join(", "))
        }
        _ => return None,
    };
    (!names.contains('=')).then(|| format!("{{ names = {names} }}"))
}

/// `env=dev`, or a list of these, as a table.
pub(crate) fn as_tags(value: &DeValue<'_>) -> Option<String> {
    let texts: Vec<&str> = match value {
        DeValue::String(text) => text.split(',').collect(),
        DeValue::Array(array) => {
            array.iter().map(|entry| entry.get_ref().as_str()).collect::<Option<_>>()?
        }
        _ => return None,
    };
    let tag = |text: &&str| {
        let (key, value) = text.split_once(['=', ':'])?;
        let (key, value) = (key.trim(), value.trim());
        (!key.is_empty()).then(|| format!("{} = {}", bare(key), quoted(value)))
    };
    let tags: Vec<String> = texts.iter().map(tag).collect::<Option<_>>()?;
    (!tags.is_empty()).then(|| format!("{{ {} }}", tags.join(", ")))
}
