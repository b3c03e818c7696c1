//! Pairs of a stop and a start that undo each other: same instances, same instant.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::instance::{AccountName, Action, InstanceNo};
use crate::schedule::cron::Occurrence;
use crate::schedule::glob::Glob;
use crate::schedule::rule::Rule;
use crate::schedule::selector::{Selector, TagQuestion};

/// How many steps may be spent on one pair, and on a whole file: this ends in a warning, so it
/// may miss a clash in a file of thousands of rules, but must not make reading one slow.
const STEPS_A_PAIR: u32 = 400;
const STEPS_A_FILE: u32 = 60_000;

/// What a selector asks, regardless of the order it was written in.
type Asked<'r> = (Vec<&'r Glob>, Vec<&'r TagQuestion>, Vec<&'r InstanceNo>);

/// The indexes of the stop and the start of each pair. A rule is in one pair at most.
pub(super) fn find(rules: &[Rule]) -> Vec<(usize, usize)> {
    let mut groups: BTreeMap<(&AccountName, Asked<'_>, Asked<'_>), Vec<usize>> = BTreeMap::new();
    for (index, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.enabled) {
        let key = (&rule.account, asked(&rule.select), asked(&rule.except));
        groups.entry(key).or_default().push(index);
    }
    let mut steps = STEPS_A_FILE;
    groups.values().flat_map(|group| find_in(rules, group, &mut steps)).collect()
}

fn find_in(rules: &[Rule], group: &[usize], steps: &mut u32) -> Vec<(usize, usize)> {
    let (stopping, mut starting): (Vec<usize>, Vec<usize>) =
        group.iter().partition(|index| rules[**index].action == Action::Stop);
    let mut pairs = Vec::new();
    for stop in stopping {
        let clashing = starting.iter().position(|start| meet(&rules[stop], &rules[*start], steps));
        if let Some(position) = clashing {
            pairs.push((stop, starting.remove(position)));
        }
        if *steps == 0 {
            break;
        }
    }
    pairs
}

/// Whether two rules fire at one instant, as far as a few hundred steps can tell: whichever is
/// behind goes on to where the other is.
fn meet(one: &Rule, other: &Rule, steps: &mut u32) -> bool {
    let next = |rule: &Rule, after| rule.cron.next_after(rule.timezone, after);
    let (Some(mut a), Some(mut b)) = (next(one, ANY_DAY), next(other, ANY_DAY)) else {
        return false;
    };
    for _ in 0..STEPS_A_PAIR.min(*steps) {
        *steps -= 1;
        if a.at == b.at {
            return true;
        }
        let (behind, rule, ahead) =
            if a.at < b.at { (&mut a, one, b.at) } else { (&mut b, other, a.at) };
        let found: Option<Occurrence> = next(rule, ahead - TimeDelta::seconds(1));
        let Some(found) = found else { return false };
        *behind = found;
    }
    false
}

/// Where the search begins, which is all the same: rules repeat themselves.
const ANY_DAY: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn asked(selector: &Selector) -> Asked<'_> {
    let mut asked: Asked<'_> = (
        selector.names.iter().collect(),
        selector.tags.iter().collect(),
        selector.instances.iter().collect(),
    );
    asked.0.sort_unstable();
    asked.1.sort_unstable();
    asked.2.sort_unstable();
    asked
}
