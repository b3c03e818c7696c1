//! Repairs values, and writes them as TOML.

use toml::de::DeTable;

use super::LONGEST_LINE;
use crate::schedule::edit::{bare, quoted};
use crate::time::spoken::{plain, plain_char};

/// Keys whose values are `true` or `false`.
const BOOLEANS: [&str; 4] = ["enabled", "dry_run", "all_day_only", "read_only"];
/// Keys whose values are lists of texts.
const LISTS: [&str; 9] = [
    "names",
    "instances",
    "regions",
    "skip_on",
    "only_on",
    "dates",
    "workdays",
    "without",
    "rules",
];
const NUMBERS: [&str; 5] = ["max_instances", "in_a_row", "in_12_months", "hour", "stopped"];

/// The key of a value; empty in a list.
#[derive(Clone, Copy)]
pub(super) struct Key<'a>(pub(super) &'a str);

/// A line with plain characters and plain quotes. The text within quotes stays.
pub(super) fn plain_marks(line: &str) -> String {
    // After each quote the whole rest is searched.
    if line.len() > LONGEST_LINE {
        return line.to_owned();
    }
    let mut new = String::with_capacity(line.len());
    let mut letters = line.char_indices();
    let mut is_remark = false;
    while let Some((at, c)) = letters.next() {
        let mark = plain_char(c);
        if is_remark || !matches!(mark, '"' | '\'') {
            is_remark |= mark == '#';
            new.push(if is_remark && mark != '#' { c } else { mark });
            continue;
        }
        let rest = &line[at + c.len_utf8()..];
        let Some(end) = end_of_text(c, rest) else {
            new.push(if mark == '\'' && c != '\'' { '"' } else { mark });
            continue;
        };
        let quote = if c == '\'' { '\'' } else { '"' };
        new.push(quote);
        new += &rest[..end];
        new.push(quote);
        // Continues after the closing quote.
        let behind = at + c.len_utf8() + end;
        for (at, _) in letters.by_ref() {
            if at >= behind {
                break;
            }
        }
    }
    new
}

/// The end of a text that `quote` began: before a quote of the same kind.
fn end_of_text(quote: char, rest: &str) -> Option<usize> {
    let is_same = |c: char| match quote {
        '"' | '\'' => c == quote,
        _ => plain_char(c) == plain_char(quote),
    };
    let mut is_escaped = false;
    let exact = rest.char_indices().find(|(_, c)| {
        let ends = !is_escaped && is_same(*c);
        is_escaped = quote == '"' && *c == '\\' && !is_escaped;
        ends
    });
    // `"nightly”`: a quote of the other kind, at a place where a text can end.
    let ends_there = |at: usize, c: char| {
        let behind = rest[at + c.len_utf8()..].trim_start();
        c != '"'
            && c != '\''
            && plain_char(c) == plain_char(quote)
            && (behind.is_empty() || behind.starts_with([',', ']', '}', '#']))
    };
    let other = rest.char_indices().find(|(at, c)| ends_there(*at, *c));
    match (exact, other) {
        (Some((one, _)), Some((other, _))) => Some(one.min(other)),
        (one, other) => one.or(other).map(|(at, _)| at),
    }
}

/// A value as TOML; `None` if the meaning is unclear.
pub(super) fn value(key: Key<'_>, text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    if parses(text) {
        return Some(text.to_owned());
    }
    let lower = plain(text).to_lowercase();
    match (text.chars().next()?, lower.as_str()) {
        ('[', _) => return list(text),
        ('{', _) => return table(text),
        ('"' | '\'', _) => return torn_text(text),
        (_, "true" | "false") => return Some(lower),
        (_, "yes" | "on" | "no" | "off") if BOOLEANS.contains(&key.0) => {
            return Some(matches!(lower.as_str(), "yes" | "on").to_string());
        }
        _ => {}
    }
    if BOOLEANS.contains(&key.0) {
        return None;
    }
    if NUMBERS.contains(&key.0) {
        return Some(lower).filter(|number| parses(number));
    }
    // `nightly"`, `<nightly>`
    let text = text.strip_suffix(['"', '\'']).unwrap_or(text);
    let text = without_marks(text)?;
    if text.contains(['"', '\'', '[', ']', '{', '}', '\\', '=']) {
        return None;
    }
    if LISTS.contains(&key.0) {
        let entries: Option<Vec<String>> = text.split(',').map(|it| entry(it.trim())).collect();
        return Some(format!("[{}]", entries?.join(", ")));
    }
    Some(quoted(text))
}

/// A text without a pair of marks around it that belong to no name, expression or glob. `None` if
/// only one mark is there: its meaning is unclear.
fn without_marks(text: &str) -> Option<&str> {
    let is_odd = |c: char| !c.is_alphanumeric() && !"*?-_./:@+%~".contains(c);
    let (first, last) = (text.chars().next()?, text.chars().next_back()?);
    match (is_odd(first), is_odd(last)) {
        (false, false) => Some(text),
        (true, true) if text.chars().count() > 2 => {
            let inner = &text[first.len_utf8()..text.len() - last.len_utf8()];
            let ends = [inner.chars().next()?, inner.chars().next_back()?];
            (!ends.into_iter().any(is_odd) && !inner.contains([';', '&'])).then_some(inner)
        }
        _ => None,
    }
}

pub(super) fn entry(text: &str) -> Option<String> {
    value(Key(""), text)
}

/// `["dev-*"` and `[dev-*]`. `["a" "b"]` is left alone.
fn list(text: &str) -> Option<String> {
    let inner = &text[1..];
    let inner = inner.strip_suffix(']').unwrap_or(inner);
    let inner = if inner.contains('[') { inner } else { inner.trim_end_matches(']') };
    let parts: Vec<&str> =
        parts(inner)?.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect();
    let is_pair = |part: &&str| !part.starts_with(['"', '\'', '{']) && part.contains('=');
    if parts.iter().any(is_pair) {
        return None;
    }
    let parts = parts.into_iter().flat_map(texts_apart);
    let entries: Option<Vec<String>> = parts.map(entry).collect();
    Some(format!("[{}]", entries?.join(", ")))
}

/// `"a" "b"`: texts with only blanks between.
fn texts_apart(part: &str) -> Vec<&str> {
    let pieces: Vec<&str> = part.split('"').collect();
    // Quotes in pairs: every other piece is outside of them.
    let are_texts = pieces.len() > 3
        && pieces.len() % 2 == 1
        && pieces.iter().step_by(2).all(|outside| outside.trim().is_empty());
    if !are_texts {
        return vec![part];
    }
    let mut ends = part.match_indices('"').map(|(at, _)| at);
    let mut texts = Vec::new();
    while let (Some(from), Some(until)) = (ends.next(), ends.next()) {
        texts.push(&part[from..=until]);
    }
    texts
}

/// `{ env: dev`, `{ env = "dev"`.
fn table(text: &str) -> Option<String> {
    let inner = &text[1..];
    let inner = inner.strip_suffix('}').unwrap_or(inner);
    let mut pairs = Vec::new();
    for part in parts(inner)?.into_iter().map(str::trim).filter(|part| !part.is_empty()) {
        let at = part.find(['=', ':'])?;
        let name = part[..at].trim().trim_matches(['"', '\'']);
        if name.is_empty() || name.contains(['"', '[', '{']) {
            return None;
        }
        let behind = part[at + 1..].trim_start_matches(['=', '>']);
        pairs.push(format!("{} = {}", bare(name), value(Key(name), behind)?));
    }
    Some(format!("{{ {} }}", pairs.join(", ")))
}

/// The parts between commas outside of quotes and brackets; `None` if a bracket closes and was not
/// opened.
fn parts(text: &str) -> Option<Vec<&str>> {
    let (mut depth, mut quote, mut start) = (0_i32, None, 0);
    let mut parts = Vec::new();
    for (at, c) in text.char_indices() {
        if let Some(begun) = quote {
            quote = Some(begun).filter(|begun| *begun != c);
            continue;
        }
        match c {
            '"' | '\'' => quote = Some(c),
            '[' | '{' => depth += 1,
            ']' | '}' => depth -= 1,
            ',' | ';' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        if depth < 0 {
            return None;
        }
    }
    parts.push(&text[start..]);
    Some(parts)
}

/// A text that is not closed, or has backslashes.
fn torn_text(text: &str) -> Option<String> {
    let quote = text.chars().next()?;
    let inner = &text[1..];
    let inner = inner.strip_suffix(quote).unwrap_or(inner).trim_end();
    let inner = inner.trim_end_matches(['"', '\'', '″', '′']);
    if inner.contains(quote) || inner.is_empty() || without_marks(inner) != Some(inner) {
        return None;
    }
    // `"C:\keys"`: within single quotes a backslash is only a character.
    if inner.contains('\\') {
        let is_plain = !inner.contains('\'') && !inner.contains("\\\\") && !inner.contains("\\\"");
        return is_plain.then(|| format!("'{inner}'"));
    }
    Some(quoted(inner))
}

fn parses(value: &str) -> bool {
    DeTable::parse(&format!("x = {value}")).is_ok()
}
