//! Finds windows on the same instances of which one ends within the other. The first starts servers
//! that the second keeps off, and they stay on until the second begins again.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::clash::{BEGIN, END, by_times, groups};
use crate::model::instance::Action;
use crate::schedule::rule::Rule;

/// The most times to look at in a file. As for a clash, the search ends in a warning only. Two
/// daily windows need 1,600.
const STEPS_A_FILE: u32 = 60_000;

/// A window that starts servers that another keeps off.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Overlap {
    pub(super) ending: usize,
    pub(super) lasting: usize,
    pub(super) at: DateTime<Utc>,
}

/// At most one overlap for each window that ends within another, and for each pair of windows.
pub(super) fn find(rules: &[Rule]) -> Vec<Overlap> {
    let mut steps = STEPS_A_FILE;
    let mut paired = HashSet::new();
    let mut overlaps = Vec::new();
    for group in groups(rules) {
        let starts: Vec<usize> = group.into_iter().filter(|it| ends_window(&rules[*it])).collect();
        // A warning about one window holds for those with the same off-times too.
        let starts: Vec<usize> = by_times(rules, &starts).into_iter().map(|same| same[0]).collect();
        for &ending in &starts {
            let others = starts.iter().filter(|lasting| **lasting != ending);
            let overlap = others.copied().find_map(|lasting| {
                let at = first(&rules[ending], &rules[lasting], &mut steps)?;
                Some(Overlap { ending, lasting, at })
            });
            let pair = |it: &Overlap| (ending.min(it.lasting), ending.max(it.lasting));
            overlaps.extend(overlap.filter(|it| paired.insert(pair(it))));
        }
    }
    overlaps
}

fn ends_window(rule: &Rule) -> bool {
    rule.times.window().is_some() && rule.action == Action::Start && !rule.dry_run
}

/// The first time at which one window ends and the other continues. If the other begins at that
/// instant, the two clash, which is reported already.
fn first(ending: &Rule, lasting: &Rule, steps: &mut u32) -> Option<DateTime<Utc>> {
    let (window, zone) = (lasting.times.window()?, lasting.timezone);
    let overrides = &lasting.times.overrides;
    let begins = |at| {
        let just_before = at - TimeDelta::seconds(1);
        let next = window.next_after(overrides, (Action::Stop, zone), just_before);
        next.is_some_and(|next| next.at == at)
    };
    let mut at = BEGIN;
    while *steps > 0 {
        *steps -= 1;
        at = ending.next_after(at)?.at;
        if at > END {
            return None;
        }
        if window.is_off(overrides, zone.local(at)) && !begins(at) {
            return Some(at);
        }
    }
    None
}
