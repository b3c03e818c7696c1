//! Describes the change of a selector: its gains and losses, and whether it matches more instances
//! or fewer.

use crate::schedule::selector::Selector;

/// The most entries of a list that are named.
const MOST_NAMED: usize = 5;

/// The way in which the keys of a selector combine.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// All must match: `select` and `except`.
    All,
    /// Any is enough: `[protect]`.
    Any,
}

/// The kind of the selector, and the effect on the instances that it matches.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub(super) label: &'static str,
    pub(super) keys: Keys,
    pub(super) fate: &'static str,
}

/// The difference in one sentence; `None` if both mean the same.
pub(super) fn difference(part: Part, old: &Selector, new: &Selector) -> Option<String> {
    let (mut gains, mut losses) = (Vec::new(), Vec::new());
    let (mut more, mut fewer) = (false, false);
    for ((key, before), (_, after)) in lists(old).into_iter().zip(lists(new)) {
        let gained: Vec<String> = missing_from(&before, &after);
        let lost: Vec<String> = missing_from(&after, &before);
        let has = (!gained.is_empty(), !lost.is_empty());
        let (grows, shrinks) = match (before.is_empty(), after.is_empty()) {
            (true, false) if part.keys == Keys::All && !old.is_empty() => (false, true),
            (true, false) => (true, false),
            (false, true) if part.keys == Keys::All && !new.is_empty() => (true, false),
            (false, true) => (false, true),
            // For names and numbers one match is enough; of tags all must match.
            _ if key == "tags" => (has.1, has.0),
            _ => has,
        };
        (more, fewer) = (more || grows, fewer || shrinks);
        gains.extend((has.0).then(|| format!("{key} {}", named(&gained))));
        losses.extend((has.1).then(|| format!("{key} {}", named(&lost))));
    }
    let gains = (!gains.is_empty()).then(|| format!("gains {}", gains.join(", ")));
    let losses = (!losses.is_empty()).then(|| format!("loses {}", losses.join(", ")));
    let parts: Vec<String> = gains.into_iter().chain(losses).collect();
    let which = match (more, fewer) {
        (true, false) => "more",
        (false, true) => "fewer",
        _ => "other",
    };
    let Part { label, fate, .. } = part;
    let changed = parts.join(" and ");
    (!parts.is_empty()).then(|| format!("{label} {changed}: {which} servers {fate}"))
}

pub(in crate::schedule) fn described(selector: &Selector) -> String {
    let given = lists(selector).into_iter().filter(|(_, entries)| !entries.is_empty());
    let parts: Vec<String> =
        given.map(|(key, entries)| format!("{key} {}", named(&entries))).collect();
    parts.join(", ")
}

fn lists(selector: &Selector) -> [(&'static str, Vec<String>); 3] {
    let tag = |tag: &crate::schedule::selector::TagQuestion| format!("{}={}", tag.key, tag.value);
    [
        ("names", selector.names.iter().map(ToString::to_string).collect()),
        ("tags", selector.tags.iter().map(tag).collect()),
        ("instances", selector.instances.iter().map(ToString::to_string).collect()),
    ]
}

fn missing_from(from: &[String], list: &[String]) -> Vec<String> {
    let from: std::collections::HashSet<&String> = from.iter().collect();
    list.iter().filter(|entry| !from.contains(entry)).cloned().collect()
}

fn named(entries: &[String]) -> String {
    let first: Vec<String> =
        entries.iter().take(MOST_NAMED).map(|entry| format!("`{entry}`")).collect();
    match entries.len().saturating_sub(MOST_NAMED) {
        0 => first.join(", "),
        others => format!("{} and {others} more", first.join(", ")),
    }
}
