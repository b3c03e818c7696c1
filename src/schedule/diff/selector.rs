//! Describes the change of a selector: its gains and losses, and whether it matches more instances
//! or fewer.

use std::collections::{BTreeSet, HashSet};

use crate::schedule::selector::{Clause, Criterion, Key, Selector};

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
    let keys = [old, new].into_iter().flat_map(Selector::criteria).map(|criterion| criterion.key);
    for key in keys.collect::<BTreeSet<Key>>() {
        let [before, after] = [old, new].map(|selector| clauses(selector, key));
        let gained: Vec<&Clause> = missing_from(before, after);
        let lost: Vec<&Clause> = missing_from(after, before);
        let has = (!gained.is_empty(), !lost.is_empty());
        let (grows, shrinks) = match (before.is_empty(), after.is_empty()) {
            (true, false) if part.keys == Keys::All && !old.is_empty() => (false, true),
            (true, false) => (true, false),
            (false, true) if part.keys == Keys::All && !new.is_empty() => (true, false),
            (false, true) => (false, true),
            _ if key.is_any_enough() => has,
            _ => (has.1, has.0),
        };
        (more, fewer) = (more || grows, fewer || shrinks);
        let key = key.as_str();
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
    let words = |Criterion { key, clauses }: &Criterion| {
        format!("{} {}", key.as_str(), named(&clauses.iter().collect::<Vec<_>>()))
    };
    selector.criteria().iter().map(words).collect::<Vec<_>>().join(", ")
}

pub(in crate::schedule) fn described_in_korean(selector: &Selector) -> String {
    let words = |Criterion { key, clauses }: &Criterion| {
        let named: Vec<String> = clauses.iter().map(|clause| format!("`{clause}`")).collect();
        format!("{} {}", key.in_korean(), named.join(", "))
    };
    selector.criteria().iter().map(words).collect::<Vec<_>>().join(", ")
}

/// The clauses of one key.
fn clauses(selector: &Selector, key: Key) -> &[Clause] {
    let criterion = selector.criteria().iter().find(|criterion| criterion.key == key);
    criterion.map(|criterion| &*criterion.clauses).unwrap_or_default()
}

fn missing_from<'c>(from: &[Clause], list: &'c [Clause]) -> Vec<&'c Clause> {
    let from: HashSet<&Clause> = from.iter().collect();
    list.iter().filter(|clause| !from.contains(clause)).collect()
}

fn named(clauses: &[&Clause]) -> String {
    let first: Vec<String> =
        clauses.iter().take(MOST_NAMED).map(|clause| format!("`{clause}`")).collect();
    match clauses.len().saturating_sub(MOST_NAMED) {
        0 => first.join(", "),
        others => format!("{} and {others} more", first.join(", ")),
    }
}
