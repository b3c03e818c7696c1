//! Warns of rules that keep servers off for longer than the provider allows, if nobody else starts
//! them.
//!
//! This is no mistake in the file, so only `check` reports it. Only groups of rules that both stop
//! and start are judged: nobody can know when people start by hand the servers that rules only
//! stop.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use toml::de::DeTable;

use super::clash::{Asked, BEGIN, When, asked, times};
use crate::model::instance::{AccountName, Action};
use crate::schedule::budget::{AtLimit, Budget, Count, Counting, Limit, Used, YEAR};
use crate::schedule::problem::Problem;
use crate::schedule::rule::{Rule, Schedules};
use crate::schedule::source::Source;

/// The most firings to look up for a file. The search ends in a warning only. It may miss a rule in
/// a file of thousands, but must not make reading slow. A nightly stop and its start need 1,500.
const STEPS: u32 = 15_000;

/// The indexes of rules with the same instances.
type Group = Vec<usize>;

/// The off-time of a group in a year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Off {
    longest: TimeDelta,
    in_all: TimeDelta,
}

impl Schedules {
    /// A warning about rules with more off-time than `[budget]` allows, if nothing is done at the
    /// limit. One warning for a file, about the longest off-time: neighbours of a rule mostly have
    /// the same fault.
    pub fn overspending(&self) -> Option<Problem> {
        if self.budget.at_limit != AtLimit::Warn {
            return None;
        }
        let rules = &self.rules;
        let groups = groups(rules);
        let mut search =
            Search { rules, count: self.budget.count, steps: STEPS, known: HashMap::new() };
        let too_long = |group: Group| {
            let (limit, off) = search.off_in_a_year(&group)?.passes(&self.budget)?;
            Some((group, limit, off))
        };
        let all: Vec<(Group, Limit, TimeDelta)> = groups.into_iter().filter_map(too_long).collect();
        let first_longest = all.iter().rev().max_by_key(|(.., off)| *off);
        let (group, limit, off) = first_longest?;
        let more = match all.len() - 1 {
            0 => String::new(),
            1 => "; what others of this file do comes to more, too".to_owned(),
            more => format!("; what {more} others of this file do comes to more, too"),
        };
        let message = message(&names(rules, group), (*limit, *off), &self.budget);
        let hint =
            format!("{}{more}; what is paid in full while stopped has no limit", hint(*limit));
        let source = Source::new(&self.path, &self.text);
        let place = self.place_of(&rules[*group.last()?]).unwrap_or(0..0);
        Some(source.warning(place, message, hint))
    }

    /// The place of a rule's times in the file.
    fn place_of(&self, rule: &Rule) -> Option<Range<usize>> {
        let number = self.entries().position(|entry| entry[0].name == rule.name)?;
        let file = DeTable::parse(&self.text).ok()?;
        let entry = file.get_ref().get("rules")?.get_ref().get(number)?.get_ref();
        let keys = ["cron", "off", "off_days"];
        keys.iter().find_map(|key| Some(entry.get(*key)?.span()))
    }
}

/// The rules that can act, by their instances. Only groups that both stop and start.
fn groups(rules: &[Arc<Rule>]) -> Vec<Group> {
    let mut groups: BTreeMap<(&AccountName, Asked<'_>, Asked<'_>), Group> = BTreeMap::new();
    for (place, rule) in rules.iter().enumerate().filter(|(_, it)| it.enabled && !it.dry_run) {
        let key = (&rule.account, asked(&rule.select), asked(&rule.except));
        groups.entry(key).or_default().push(place);
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    groups.retain(|group| {
        let has = |action| group.iter().any(|place| rules[*place].action == action);
        has(Action::Stop) && has(Action::Start)
    });
    // In the order of the file, so that the first groups are looked at if the steps run out.
    groups.sort_unstable();
    groups
}

/// Large files repeat the same times, so the results are kept.
struct Search<'r> {
    rules: &'r [Arc<Rule>],
    count: Count,
    /// The number of firings that may still be looked up.
    steps: u32,
    known: HashMap<Vec<(Action, When<'r>)>, Option<Off>>,
}

impl<'r> Search<'r> {
    /// The off-time of a group; `None` if the search takes too long.
    fn off_in_a_year(&mut self, group: &[usize]) -> Option<Off> {
        let rules: &'r [Arc<Rule>] = self.rules;
        let of = |place: &usize| (rules[*place].action, times(&rules[*place]));
        let mut seen = HashSet::new();
        let key: Vec<(Action, When<'r>)> =
            group.iter().map(of).filter(|it| seen.insert(*it)).collect();
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let off = self.walk(&key);
        self.known.insert(key, off);
        off
    }

    /// Walks through the turns of a year.
    fn walk(&mut self, rules: &[(Action, When<'r>)]) -> Option<Off> {
        let counting = Counting::new(self.count, rules[0].1.1);
        let end = BEGIN + TimeDelta::days(i64::from(YEAR));
        let (mut off, mut used) = (Off::default(), Used::default());
        let mut at = BEGIN;
        while let Some(from) = self.next(rules, Action::Stop, at).ok()?.filter(|at| *at < end) {
            at = self.next(rules, Action::Start, from).ok()?.map_or(end, |at| at.min(end));
            off.longest = off.longest.max(counting.length(from, at));
            used.add(counting.stretch(from, at));
        }
        // By days, a year that begins within a day touches one day more.
        let (first, _) = counting.stretch(BEGIN, end);
        off.in_all = used.within((first, first + TimeDelta::days(i64::from(YEAR))));
        Some(off)
    }

    /// The next firing of any of these rules with this action.
    fn next(
        &mut self,
        rules: &[(Action, When<'r>)],
        action: Action,
        after: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, TooLong> {
        let mut first: Option<DateTime<Utc>> = None;
        for (_, (times, zone)) in rules.iter().filter(|(does, _)| *does == action) {
            self.steps = self.steps.checked_sub(1).ok_or(TooLong)?;
            let next = times.next_after(*zone, after).map(|next| next.at);
            first = first.into_iter().chain(next).min();
        }
        Ok(first)
    }
}

/// The search needs more firings than are allowed.
struct TooLong;

impl Off {
    /// The limit that is exceeded, and the off-time.
    fn passes(self, budget: &Budget) -> Option<(Limit, TimeDelta)> {
        let both = [(Limit::InARow, self.longest), (Limit::In12Months, self.in_all)];
        both.into_iter().find(|(limit, off)| *off > budget.allows(*limit))
    }
}

/// The names of the rules of a group, each once: a window has two rules.
fn names(rules: &[Arc<Rule>], group: &[usize]) -> Vec<String> {
    let mut names: Vec<String> =
        group.iter().map(|place| format!("`{}`", rules[*place].name)).collect();
    names.dedup();
    names
}

/// `window `nights` keeps servers off …`.
fn message(names: &[String], (limit, off): (Limit, TimeDelta), budget: &Budget) -> String {
    let who = match names {
        [only] => format!("window {only} keeps"),
        [one, other] => format!("rules {one} and {other} keep"),
        [one, other, more @ ..] => format!("rules {one}, {other} and {} more keep", more.len()),
        [] => String::new(),
    };
    let days = (off.num_hours() + 12) / 24;
    let span = match limit {
        Limit::InARow => "days in a row",
        Limit::In12Months => "days a year",
    };
    let counted = match budget.count {
        Count::Hours => "24 hours to a day",
        Count::Days => "each day that they are off on",
    };
    format!(
        "{who} servers off for about {days} {span} ({counted}), and NAVER Cloud is believed to \
         return what is stopped for more than {} days {limit}",
        budget.days(limit)
    )
}

fn hint(limit: Limit) -> &'static str {
    match limit {
        Limit::InARow => {
            "let them run in between, or say in `[budget]` what is done then: `at_limit = \"start\"`"
        }
        Limit::In12Months => {
            "stop later or start sooner, or say in `[budget]` what is done then: \
             `at_limit = \"keep_running\"`"
        }
    }
}
