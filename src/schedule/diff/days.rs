//! Puts the days of a rule, and the days of calendars, into words.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::schedule::calendar::{Calendar, Calendars, Days};

/// The most days that are named one by one.
const MOST_NAMED: usize = 5;

/// `, not on days of kr`; empty if a rule fires on all days.
pub(in crate::schedule) fn described(days: &Days) -> String {
    let skip = (!days.skip_on.is_empty()).then(|| format!(", not on days of {}", skip_on(days)));
    let only = (!days.only_on.is_empty()).then(|| format!(", only on days of {}", only_on(days)));
    let on = days.on.as_ref().map(|_| format!(", on {}", on(days)));
    skip.into_iter().chain(only).chain(on).collect()
}

/// A sentence for each difference in the days of a rule.
pub(super) fn differences(old: &Days, new: &Days) -> Vec<String> {
    type Said = fn(&Days) -> String;
    let keys: [(&str, Said); 3] = [("skip_on", skip_on), ("only_on", only_on), ("on", on)];
    let changed = keys.iter().filter(|(_, said)| said(old) != said(new));
    let mut words: Vec<String> = changed
        .map(|(key, said)| match (said(new), said(old)) {
            (new, old) if new.is_empty() => format!("has no `{key}` any more, it was {old}"),
            (new, old) if old.is_empty() => format!("`{key}` is {new}, was not there"),
            (new, old) => format!("`{key}` is {new}, was {old}"),
        })
        .collect();
    let before: Vec<&Arc<Calendar>> = old.calendars().collect();
    let other = |now: &&Arc<Calendar>| {
        let same = before.iter().find(|before| before.name == now.name);
        same.is_some_and(|before| before != now)
    };
    let others: BTreeSet<&str> =
        new.calendars().filter(other).map(|calendar| calendar.name.as_str()).collect();
    words.extend(others.iter().map(|name| format!("its calendar `{name}` has other days")));
    words
}

/// A sentence for each calendar that is new, gone, or has other days.
pub(super) fn of_calendars(old: &Calendars, new: &Calendars) -> Vec<String> {
    let of_new = new.iter().filter_map(|calendar| match old.get(&calendar.name) {
        None => Some(format!("calendar `{}` is new", calendar.name)),
        Some(before) if before == calendar => None,
        Some(before) => Some(other_days(before, calendar)),
    });
    let gone = old.iter().filter(|calendar| new.get(&calendar.name).is_none());
    of_new.chain(gone.map(|calendar| format!("calendar `{}` is gone", calendar.name))).collect()
}

fn other_days(old: &Calendar, new: &Calendar) -> String {
    let off = |calendar: &Calendar| calendar.holidays.keys().copied().collect::<BTreeSet<_>>();
    let [before, after] = [off(old), off(new)];
    let parts = [
        ("is off now", &after - &before),
        ("is not off any more", &before - &after),
        ("is worked now", &new.workdays - &old.workdays),
        ("is not a make-up day any more", &old.workdays - &new.workdays),
    ];
    let told: Vec<String> = parts
        .iter()
        .filter(|(_, days)| !days.is_empty())
        .map(|(fate, days)| format!("{} {}", named(days), plural(fate, days.len())))
        .collect();
    match told.as_slice() {
        [] => format!("calendar `{}` has other names or times", new.name),
        told => format!("calendar `{}`: {}", new.name, told.join("; ")),
    }
}

fn named(days: &BTreeSet<NaiveDate>) -> String {
    let first: Vec<String> = days.iter().take(MOST_NAMED).map(ToString::to_string).collect();
    match days.len().saturating_sub(MOST_NAMED) {
        0 => first.join(", "),
        1 => format!("{} and 1 more day", first.join(", ")),
        more => format!("{} and {more} more days", first.join(", ")),
    }
}

fn plural(fate: &str, days: usize) -> String {
    if days == 1 {
        fate.to_owned()
    } else {
        fate.replacen("is", "are", 1).replace("a make-up day", "make-up days")
    }
}

fn skip_on(days: &Days) -> String {
    list(&days.skip_on)
}

fn only_on(days: &Days) -> String {
    list(&days.only_on)
}

fn on(days: &Days) -> String {
    match days.on.as_ref().map(|workdays| &workdays.of) {
        None => String::new(),
        Some(None) => "workdays".to_owned(),
        Some(Some(calendar)) => format!("workdays of `{}`", calendar.name),
    }
}

fn list(calendars: &[Arc<Calendar>]) -> String {
    let names: BTreeSet<String> =
        calendars.iter().map(|calendar| format!("`{}`", calendar.name)).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}
