//! Reads the fields and the counting of other schedulers.

use super::{Repair, is_good};
use crate::time::spoken::days;

/// The form of AWS and Quartz: a year at the end, and `1` for Sunday.
pub(super) fn foreign(text: &str, is_aws: bool) -> Option<Repair> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let (last, rest) = fields.split_last()?;
    let is_year = last.len() >= 4
        && last.starts_with("20")
        && last.chars().all(|c| c.is_ascii_digit() || "-,/*".contains(c));
    let counts_from_sunday = rest.contains(&"?");
    let is_theirs = match rest.len() {
        5 => {
            let has_mark = rest[2] == "?" || rest[4] == "?";
            is_year || *last == "*" && (is_aws || has_mark || days(rest[4]).is_some())
        }
        6 => is_year || *last == "*",
        _ => false,
    };
    if !is_theirs {
        return None;
    }
    if is_year {
        let words = format!(
            "a rule has no year and comes every year: leave `{last}` out if that is what you mean"
        );
        return Some(Repair::Say(words));
    }
    let (weekday, others) = rest.split_last()?;
    let has_numbers = weekday.bytes().any(|b| b.is_ascii_digit());
    let weekday = match from_sunday(weekday) {
        Some(names) if has_numbers && (counts_from_sunday || is_aws) => names,
        None if has_numbers && (counts_from_sunday || is_aws) => return Some(theirs(weekday)),
        _ if has_numbers => return Some(theirs(weekday)),
        _ => (*weekday).to_owned(),
    };
    let meant = format!("{} {weekday}", others.join(" ")).replace('?', "*");
    // Every day from the first on, or every month.
    let meant = meant.replace(" 1/1 ", " * ");
    let meant = days_from(&meant).unwrap_or(meant);
    is_good(&meant).then_some(Repair::Write(meant))
}

/// `1/2` in the field for days: every other day from the first on.
fn days_from(text: &str) -> Option<String> {
    let mut fields: Vec<String> = text.split_whitespace().map(ToOwned::to_owned).collect();
    let at = fields.len().checked_sub(3)?;
    let (first, step) = fields[at].split_once('/')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(first) || !is_number(step) {
        return None;
    }
    fields[at] = format!("{first}-31/{step}");
    Some(fields.join(" "))
}

fn theirs(weekday: &str) -> Repair {
    Repair::Say(format!(
        "a rule has no year: 5 fields, or 6 with seconds first. In `{weekday}`, `1` is Monday here \
         and Sunday in Quartz and AWS: names are the same everywhere"
    ))
}

/// The names of days of the week that count from Sunday as 1. `None` if there are none, or if a
/// step is needed.
pub(in crate::schedule) fn from_sunday(field: &str) -> Option<String> {
    named(field, ["", "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"])
}

/// The same for days that count from Sunday as 0.
pub(in crate::schedule) fn from_zero(field: &str) -> Option<String> {
    named(field, ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"])
}

/// The names of numbered days; `None` if one has no name.
fn named(field: &str, names: [&str; 8]) -> Option<String> {
    let one = |day: &str| {
        let end = day.find(|c: char| !c.is_ascii_digit()).unwrap_or(day.len());
        let (number, rest) = day.split_at(end);
        if number.is_empty() {
            return Some(day.to_owned());
        }
        let name = names.get(number.parse::<usize>().ok()?).filter(|name| !name.is_empty())?;
        Some(format!("{name}{rest}"))
    };
    if field.contains('/') {
        return None;
    }
    let item = |item: &str| match item.split_once('-') {
        Some((first, last)) => Some(format!("{}-{}", one(first)?, one(last)?)),
        None => one(item),
    };
    Some(field.split(',').map(item).collect::<Option<Vec<_>>>()?.join(","))
}
