//! Finds the firings without a row: due while no daemon was there, and never recorded as missed.
//! Also counts the days on which a calendar prevented a rule.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use chrono::{DateTime, Utc};

use crate::audit::report_facts::{Fired, FiringFacts, HowRun};
use crate::model::instance::Action;
use crate::model::period::Period;
use crate::schedule::Schedules;
use crate::time::uptime::LONGEST_ABSENCE;

/// The promises of the files that were in use.
#[derive(Debug, Default)]
pub(crate) struct Promised {
    /// The firings without a row.
    pub(crate) silent: Vec<Fired>,
    /// The days on which a calendar prevented each rule.
    pub(super) skipped: BTreeMap<(String, Action), u64>,
    /// The number of texts that could not be parsed.
    pub(super) unreadable: u64,
}

impl Promised {
    /// Follows the files that daemons had in use. A daemon that comes back writes a row for each
    /// missed firing. So a firing has no row only when no daemon came back within a month, or at
    /// all.
    pub(crate) fn of(facts: &FiringFacts) -> Self {
        let mut promised = Self::default();
        let known: HashSet<(&str, Action, DateTime<Utc>)> = facts
            .firings
            .iter()
            .map(|fired| (fired.rule.as_str(), fired.action, fired.due_at))
            .collect();
        for (place, file) in facts.files.iter().enumerate() {
            let next = facts.files.get(place + 1).map_or(facts.span.until, |next| next.since);
            let in_use =
                Period { from: file.since.max(facts.span.from), until: next.min(facts.span.until) };
            if in_use.from >= in_use.until {
                continue;
            }
            let Ok((schedules, _)) = Schedules::recall(Path::new(&file.path), &file.text) else {
                promised.unreadable += 1;
                continue;
            };
            promised.skips(&schedules, in_use);
            for gap in facts.unattended(in_use) {
                promised.silences(&schedules, gap, &known);
            }
        }
        promised
    }

    fn skips(&mut self, file: &Schedules, span: Period) {
        for rule in file.rules.iter().filter(|rule| rule.enabled) {
            let skipped = rule.skipped(span.before());
            let days = skipped.take_while(|skipped| skipped.occurrence.at < span.until).count();
            if days > 0 {
                let days = u64::try_from(days).unwrap_or(u64::MAX);
                *self.skipped.entry((rule.name.to_string(), rule.action)).or_default() += days;
            }
        }
    }

    fn silences(
        &mut self,
        file: &Schedules,
        gap: Period,
        known: &HashSet<(&str, Action, DateTime<Utc>)>,
    ) {
        for rule in file.rules.iter().filter(|rule| rule.enabled) {
            let due = rule.occurrences(gap.before()).map(|occurrence| occurrence.at);
            let due = due.take_while(|at| *at < gap.until);
            let unknown =
                |at: &DateTime<Utc>| !known.contains(&(rule.name.as_str(), rule.action, *at));
            self.silent.extend(due.filter(unknown).map(|due_at| Fired {
                firing: None,
                rule: rule.name.to_string(),
                action: rule.action,
                account: rule.account.clone(),
                due_at,
                run: HowRun::Missed,
                is_makeup: false,
                is_dry_run: rule.dry_run,
                is_open: false,
                words: Vec::new(),
                ended: Vec::new(),
            }));
        }
    }
}

impl FiringFacts {
    /// The parts of a period without a daemon that would have recorded its missed firings.
    fn unattended(&self, span: Period) -> impl Iterator<Item = Period> {
        let away = self.watch.away.iter();
        let untold =
            away.filter(|away| away.until.is_none_or(|until| until - away.from > LONGEST_ABSENCE));
        untold.filter_map(move |away| {
            let from = away.from.max(span.from);
            let until = away.until.unwrap_or(span.until).min(span.until);
            (from < until).then_some(Period { from, until })
        })
    }
}
