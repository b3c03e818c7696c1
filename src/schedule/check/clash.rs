//! Finds pairs of a stop and a start that undo each other: same instances, same instant.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::instance::{AccountName, Action};
use crate::schedule::cron::Occurrence;
use crate::schedule::rule::Rule;
use crate::schedule::selector::{Clause, Selector};
use crate::schedule::times::Times;
use crate::time::zone::Zone;

/// The beginning of the search. This is a fixed date, because a file must mean the same whenever it
/// is read. The zone data knows the clocks of these years.
pub(super) const BEGIN: DateTime<Utc> = at(1_767_225_600); // 2026-01-01

/// The end of the search: each season has come twice, and the 29th of February once.
pub(super) const END: DateTime<Utc> = at(1_835_481_600); // 2028-03-01

/// The most steps for one pair of times, and for a file. The search ends in a warning only. It may
/// miss a clash in a file of thousands of rules, but must not make reading slow. Two daily rules
/// need 1,600 steps.
const STEPS_A_PAIR: u32 = 10_000;
const STEPS_A_FILE: u32 = 60_000;

/// Rules that fire rarely are followed beyond the end: this many steps are always made.
const LEAST_STEPS: u32 = 400;

/// The clauses of a selector, in any order.
pub(super) type Asked<'r> = BTreeSet<&'r Clause>;

pub(super) type When<'r> = (&'r Times, Zone);

/// The indexes of the stop and the start of each pair. Each clashing rule is in one pair, and there
/// are no more pairs than rules.
pub(super) fn find(rules: &[Rule]) -> Vec<(usize, usize)> {
    let mut search = Search { rules, steps: STEPS_A_FILE, known: HashMap::new() };
    groups(rules).iter().flat_map(|group| search.pairs(group)).collect()
}

/// The indexes of enabled rules with the same instances.
pub(super) fn groups(rules: &[Rule]) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<(&AccountName, Asked<'_>, Asked<'_>), Vec<usize>> = BTreeMap::new();
    for (index, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.enabled) {
        let key = (&rule.account, asked(&rule.select), asked(&rule.except));
        groups.entry(key).or_default().push(index);
    }
    groups.into_values().collect()
}

/// Large files repeat the same times, so the result for two of them is kept.
struct Search<'r> {
    rules: &'r [Rule],
    steps: u32,
    known: HashMap<(When<'r>, When<'r>), bool>,
}

impl Search<'_> {
    /// The pairs among rules with the same instances: one for each stop that clashes, and one for
    /// each start in no other pair.
    fn pairs(&mut self, group: &[usize]) -> Vec<(usize, usize)> {
        let rules = self.rules;
        let (stops, starts): (Vec<usize>, Vec<usize>) =
            group.iter().partition(|index| rules[**index].action == Action::Stop);
        let (stops, starts) = (by_times(rules, &stops), by_times(rules, &starts));
        let mut pairs = Vec::new();
        for stops in &stops {
            let start = starts.iter().find(|starts| self.meet(stops[0], starts[0]));
            pairs
                .extend(start.into_iter().flat_map(|start| stops.iter().map(|it| (*it, start[0]))));
        }
        let paired: HashSet<usize> = pairs.iter().map(|(_, start)| *start).collect();
        for starts in &starts {
            let stop = stops.iter().find(|stops| self.meet(stops[0], starts[0]));
            let left = starts.iter().filter(|start| !paired.contains(start));
            pairs.extend(stop.into_iter().flat_map(|stop| left.clone().map(|it| (stop[0], *it))));
        }
        pairs
    }

    /// Whether two rules fire at one instant, as far as the steps allow.
    fn meet(&mut self, one: usize, other: usize) -> bool {
        let (one, other) = (&self.rules[one], &self.rules[other]);
        if one.name == other.name {
            // The two rules of one window never do.
            return false;
        }
        let (here, there) = (times(one), times(other));
        if here == there || self.steps == 0 {
            return here == there;
        }
        if let Some(known) = self.known.get(&(here, there)) {
            return *known;
        }
        let meets = self.walk(one, other);
        self.known.insert((here, there), meets);
        meets
    }

    /// Walks through the firings of both rules: the one behind moves on to the other.
    fn walk(&mut self, one: &Rule, other: &Rule) -> bool {
        let next = |rule: &Rule, after| rule.next_after(after);
        let (Some(mut a), Some(mut b)) = (next(one, BEGIN), next(other, BEGIN)) else {
            return false;
        };
        for step in 0..STEPS_A_PAIR.min(self.steps) {
            self.steps -= 1;
            if a.at == b.at {
                return true;
            }
            if step >= LEAST_STEPS && a.at.max(b.at) > END {
                return false;
            }
            let (behind, rule, ahead) =
                if a.at < b.at { (&mut a, one, b.at) } else { (&mut b, other, a.at) };
            let found: Option<Occurrence> = next(rule, ahead - TimeDelta::seconds(1));
            let Some(found) = found else { return false };
            *behind = found;
        }
        false
    }
}

/// The rules of each time, in their order.
pub(super) fn by_times(rules: &[Rule], indexes: &[usize]) -> Vec<Vec<usize>> {
    let mut places = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for index in indexes {
        let place = *places.entry(times(&rules[*index])).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Vec::new());
        }
        groups[place].push(*index);
    }
    groups
}

const fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_secs(seconds).expect("within chrono's range")
}

pub(super) fn times(rule: &Rule) -> When<'_> {
    (&rule.times, rule.timezone)
}

pub(super) fn asked(selector: &Selector) -> Asked<'_> {
    selector.clauses().collect()
}
