//! Finds the hint for a header with the wrong brackets, or with a name at the wrong place.

use std::ops::Range;

use toml::de::DeValue;

use crate::schedule::edit::{bare, quoted};
use crate::schedule::hint::{Fix, Hint};
use crate::schedule::source::Source;

/// The hint for a table under a header that is no list, or a list that is no table.
pub(crate) fn wrong_header(
    path: &[&str],
    found: &DeValue<'_>,
    source: &Source<'_>,
) -> Option<Hint> {
    let written = match (path, found) {
        ([key @ ("rules" | "notify" | "expect" | "overrides")], DeValue::Table(table)) => {
            let wrong = format!("[{key}]");
            let right = format!("[[{key}]]");
            let words = format!("write `{right}`, in double brackets, above each of them");
            if let Some(header) = header(source, &wrong) {
                return Some(Hint::fixing(words, Fix::new(header, right)));
            }
            let first = table.iter().min_by_key(|(name, _)| name.span().start);
            let named = first.filter(|_| *key == "rules");
            return Some(
                named
                    .and_then(|(name, table)| rule_header(source, name.get_ref(), table.get_ref()))
                    .unwrap_or_else(|| words.into()),
            );
        }
        ([table @ ("accounts" | "calendars"), name], DeValue::Array(_)) => {
            format!("{table}.{}", bare(name))
        }
        (["accounts", _], _) => {
            let header = header(source, "[accounts]")?;
            let words = "give the account a name: `[accounts.main]`";
            return Some(Hint::fixing(words, Fix::new(header, "[accounts.main]")));
        }
        (
            [table @ ("limits" | "audit" | "protect" | "budget" | "holds" | "observe")],
            DeValue::Array(_),
        ) => (*table).to_owned(),
        _ => return None,
    };
    let header = header(source, &format!("[[{written}]]"))?;
    let right = format!("[{written}]");
    Some(Hint::write(&right.clone(), Fix::new(header, right)))
}

/// The hint for the header `[rules.NAME]`.
pub(crate) fn rule_header(source: &Source<'_>, name: &str, rule: &DeValue<'_>) -> Option<Hint> {
    let header = header(source, &format!("[rules.{}]", bare(name)))?;
    if rule.as_table().is_some_and(|keys| keys.contains_key("name")) {
        return Some(Hint::write("[[rules]]", Fix::new(header, "[[rules]]")));
    }
    let name = quoted(name);
    let words = format!("write `[[rules]]`, and below it `name = {name}`");
    Some(Hint::fixing(words, Fix::new(header, format!("[[rules]]\nname = {name}"))))
}

/// The place of this header, if exactly one line has it and nothing else.
fn header(source: &Source<'_>, header: &str) -> Option<Range<usize>> {
    let text = source.text;
    let mut found = text.match_indices(header).filter(|(at, _)| {
        let line_start = text[..*at].rfind('\n').map_or(0, |before| before + 1);
        let rest = &text[at + header.len()..];
        text[line_start..*at].trim().is_empty() && !rest.starts_with(']')
    });
    match (found.next(), found.next()) {
        (Some((at, _)), None) => Some(at..at + header.len()),
        _ => None,
    }
}
