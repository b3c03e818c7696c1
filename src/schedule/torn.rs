//! Repairs texts that are no TOML: quotes and brackets of word processors or other keyboards,
//! missing ones, bare words, and the habits of YAML.
//!
//! A text is repaired line by line until it parses. So one slip gives one problem, and the rest of
//! the file is judged as it was meant. `line` repairs a line, and `value` its value.

mod limits;
mod line;
mod value;

use std::collections::BTreeMap;

use limits::{LISTS, LONGEST_LINE};
use toml::de::DeTable;

use self::line::{Place, closed, mended};
use super::hint::{Fix, Hint};
use super::problem::Problem;
use super::secrets::hides_a_secret;
use super::source::Source;

/// The most repeated parses. Each gets further than the one before.
const MOST_ROUNDS: usize = 24;
/// Longer texts count as damaged, not as misspelt.
pub(super) const LONGEST: usize = 64 << 10;
/// Repairs a text that does not parse. Returns a text with the same number of lines that parses
/// further, and a problem for each repaired line.
pub(super) fn mend(source: &Source<'_>) -> (String, Vec<Problem>) {
    let mut lines: Vec<String> = source.text.split('\n').map(ToOwned::to_owned).collect();
    let mut said: BTreeMap<usize, (usize, String)> = BTreeMap::new();
    if source.text.len() <= LONGEST {
        for _ in 0..MOST_ROUNDS {
            let Some((at, column, message)) = first_error(&lines) else { break };
            let Some(changes) = changes(&lines, at, &message) else { break };
            for (at, new) in changes {
                let column = if said.is_empty() || !said.contains_key(&at) { column } else { 0 };
                said.entry(at).or_insert((column, message.clone()));
                lines[at] = new;
            }
        }
    }
    let mut start = 0;
    let mut problems = Vec::new();
    for (at, old) in source.text.split('\n').enumerate() {
        if let Some((column, message)) = said.get(&at) {
            let place = (start + column).min(start + old.len());
            let hint = hint((start, old), &lines[at], message);
            problems.push(source.error(place..place, message.clone(), hint));
        }
        start += old.len() + 1;
    }
    (lines.join("\n"), problems)
}

/// Proposes one line in the place of another.
fn hint((start, old): (usize, &str), new: &str, message: &str) -> Hint {
    if hides_a_secret(new) {
        return "a text stands in plain double quotes, and nothing else on its line".into();
    }
    let shared = |pairs: &mut dyn Iterator<Item = (char, char)>| -> usize {
        pairs.take_while(|(one, other)| one == other).map(|(c, _)| c.len_utf8()).sum()
    };
    let head = shared(&mut old.chars().zip(new.chars()));
    let tail = shared(&mut old[head..].chars().rev().zip(new[head..].chars().rev()));
    let span = start + head..start + old.len() - tail;
    let fix = Fix::new(span, &new[head..new.len() - tail]);
    let header = new.trim();
    if message.starts_with("duplicate") && header.starts_with("[[") {
        let words = format!("write `{header}`, in double brackets, above each of them");
        return Hint::fixing(words, fix);
    }
    Hint::write(header, fix)
}

/// The line of the first error, from 0; the bytes before it on that line; and its message.
fn first_error(lines: &[String]) -> Option<(usize, usize, String)> {
    let text = lines.join("\n");
    let (_, errors) = DeTable::parse_recoverable(&text);
    let first = errors.iter().min_by_key(|error| error.span().map_or(0, |span| span.start))?;
    let at = first.span().map_or(0, |span| span.start).min(text.len());
    let line = text[..at].matches('\n').count();
    let start = text[..at].rfind('\n').map_or(0, |before| before + 1);
    Some((line, at - start, first.message().to_owned()))
}

/// The lines to change so that the first error disappears.
fn changes(lines: &[String], at: usize, message: &str) -> Option<Vec<(usize, String)>> {
    if message.starts_with("duplicate") {
        return doubled(lines, at);
    }
    let place = Place::of(lines, at);
    let candidates = [
        mended(&lines[at], place).map(|new| (at, new)),
        closed(lines, at),
        // The parser may report the line after the torn one.
        (0..at).rev().find(|at| !lines[*at].trim().is_empty()).and_then(|above| {
            mended(&lines[above], Place::of(lines, above)).map(|new| (above, new))
        }),
    ];
    let is_further = |change: &(usize, String)| {
        let mut tried = lines.to_vec();
        tried[change.0].clone_from(&change.1);
        first_error(&tried).is_none_or(|(line, ..)| line > at)
    };
    let found = candidates.into_iter().flatten().find(is_further)?;
    Some(vec![found])
}

/// `[rules]` more than once: each needs double brackets.
fn doubled(lines: &[String], at: usize) -> Option<Vec<(usize, String)>> {
    let is_single = |line: &str, list: &str| line.trim_end().trim() == format!("[{list}]");
    let list = LISTS
        .into_iter()
        .find(|list| is_single(&lines[at], list) || lines[at].trim() == format!("[[{list}]]"))?;
    let all = lines.iter().enumerate().filter(|(_, line)| is_single(line, list));
    let changed: Vec<(usize, String)> = all
        .map(|(at, line)| (at, line.replace(&format!("[{list}]"), &format!("[[{list}]]"))))
        .collect();
    (!changed.is_empty()).then_some(changed)
}
