//! Finds the times at which a rule that means an instance did not fire, and the reason.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Event, Silence, What};
use crate::audit::{Around, Bearing};
use crate::model::language::Language;
use crate::schedule::Rule;
use crate::state_history::Absence;

/// The most silent times listed before the time that is asked about.
const TIMES: usize = 3;
/// The most times of a rule in one pass: a rule may fire every second.
const MOST: usize = 10_000;
/// The first pass covers this much time before the end; each further pass covers more.
const LEAST: TimeDelta = TimeDelta::hours(1);

/// A period in which one text of schedules.toml was in use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Silent<'a> {
    pub(super) around: &'a Around,
    pub(super) away: &'a [Absence],
    pub(super) from: DateTime<Utc>,
    pub(super) until: DateTime<Utc>,
    pub(super) language: Language,
}

impl Silent<'_> {
    /// The last times without a firing before the time that is asked about, and the first after it.
    pub(super) fn of(&self, rule: &Rule) -> Vec<Event> {
        let mut silences: Vec<Event> = if rule.enabled {
            let skipped = rule.skipped(self.from).take_while(|it| it.occurrence.at <= self.until);
            let skipped = skipped.map(|it| {
                let why = it.skip.in_language(self.language);
                silent(rule, it.occurrence.at, Silence::Skipped(why))
            });
            skipped.chain(self.away(rule)).collect()
        } else {
            let disabled = || Silence::Disabled(rule.disabled.clone());
            let due = self.due(rule, self.from, self.until);
            due.into_iter().map(|at| silent(rule, at, disabled())).collect()
        };
        silences.sort_by_key(|event| event.at);
        let after = silences.partition_point(|event| event.at <= self.around.at);
        silences.truncate(after + 1);
        silences.split_off(after.saturating_sub(TIMES))
    }

    /// The due times at which no daemon was there and after which none came to record them.
    fn away(&self, rule: &Rule) -> Vec<Event> {
        let told = self.told(rule);
        let due_in = |absence: &Absence| {
            let until = absence.until.unwrap_or(self.until).min(self.until);
            // The record of an absence also settles the earlier firings in it.
            let dealt_with = told.iter().filter(|at| **at <= until).max();
            let from = absence.from.max(self.from);
            let due = self.due(rule, dealt_with.map_or(from, |at| from.max(*at)), until);
            due.into_iter().filter(|at| absence.covers(*at)).collect::<Vec<_>>()
        };
        let due = self.away.iter().filter(|it| it.from < self.until).flat_map(due_in);
        due.map(|at| silent(rule, at, Silence::Away)).collect()
    }

    /// The last due times before the time that is asked about, and the first after it.
    fn due(&self, rule: &Rule, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let told = self.told(rule);
        let between = |from, until| {
            let due = rule.occurrences(from).map(|it| it.at).take_while(move |at| *at <= until);
            due.take(MOST).filter(|at| !told.contains(at)).collect::<Vec<_>>()
        };
        let asked = self.around.at.clamp(from.min(until), until);
        let mut back = LEAST;
        let mut due = between((asked - back).max(from), asked);
        while due.len() < TIMES && asked - back > from {
            back = back * 4;
            due = between((asked - back).max(from), asked);
        }
        let next = rule.next_after(asked).map(|it| it.at).filter(|at| *at <= until);
        due.extend(next.filter(|at| !told.contains(at)));
        due
    }

    /// The times for which the log has firings of the rule.
    fn told(&self, rule: &Rule) -> Vec<DateTime<Utc>> {
        let of_it = |(name, action): (&str, &str)| {
            name == rule.name.as_str() && action == rule.action.as_str()
        };
        let bearings = self.around.firings.iter().map(|firing| &firing.bearing);
        let of_it = bearings.filter(|it| of_it((&it.rule, &it.action)));
        of_it.map(Bearing::at).collect()
    }
}

fn silent(rule: &Rule, at: DateTime<Utc>, why: Silence) -> Event {
    let what = What::Silent { rule: rule.name.to_string(), action: rule.action, why };
    Event { at, what }
}
