//! Puts the overrides of a rule, and changes of them, into words.

use std::sync::Arc;

use crate::schedule::overrides::{Override, Overrides};

/// The most overrides that are named one by one.
const MOST_NAMED: usize = 3;

/// `; off 23:00-08:00 from 2026-12-07 until 2026-12-11 (release week)`; empty if there is none.
pub(in crate::schedule) fn described(overrides: &Overrides) -> String {
    let all: Vec<String> = overrides.iter().map(ToString::to_string).collect();
    let named = all.iter().take(MOST_NAMED).fold(String::new(), |named, one| named + "; " + one);
    match all.len().saturating_sub(MOST_NAMED) {
        0 => named,
        1 => format!("{named}; and 1 more override"),
        more => format!("{named}; and {more} more overrides"),
    }
}

pub(super) fn differences(old: &Overrides, new: &Overrides) -> Vec<String> {
    let without = |all: &Overrides, others: &Overrides| -> Vec<Arc<Override>> {
        all.iter().filter(|one| !others.iter().any(|other| other == *one)).cloned().collect()
    };
    let come = without(new, old).into_iter().map(|it| format!("has a new override: {it}"));
    let gone = without(old, new).into_iter().map(|it| format!("has no override any more: {it}"));
    come.chain(gone).collect()
}
