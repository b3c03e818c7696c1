//! When a rule fires, in local time, and the instants that this means in a zone.
//!
//! Whoever asks when a rule falls due asks here, so that all of them get the same answer.

use std::fmt;

use chrono::{DateTime, Utc};

use super::calendar::{Days, Skip};
use super::cron::{Cron, Occurrence};
use super::zone::Zone;

/// When a rule fires, in local time. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Times {
    /// At which times of which days.
    pub pattern: Pattern,
    /// On which of those days at all.
    pub days: Days,
}

/// A pattern of local times.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// `cron`.
    Cron(Cron),
}

/// An occurrence that does not take place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skipped<'t> {
    /// When it would have been.
    pub occurrence: Occurrence,
    /// Why it is not.
    pub skip: Skip<'t>,
}

impl Pattern {
    /// The first occurrence after `after` on one of `days`.
    fn next_on(&self, days: &Days, zone: Zone, after: DateTime<Utc>) -> Option<Occurrence> {
        match self {
            Self::Cron(cron) => cron.next_on(days, zone, after),
        }
    }
}

impl Times {
    /// The first occurrence after `after`, from 1970 to 2199; `None` when there is none.
    #[must_use]
    pub fn next_after(&self, zone: Zone, after: DateTime<Utc>) -> Option<Occurrence> {
        self.pattern.next_on(&self.days, zone, after)
    }

    /// What holidays alone prevent after `after`: the first occurrence of each day, in order.
    pub fn skipped(&self, zone: Zone, after: DateTime<Utc>) -> impl Iterator<Item = Skipped<'_>> {
        let (holidays, else_skipped) = (self.days.holidays(), self.days.without_holidays());
        let mut from = Some(after).filter(|_| !holidays.is_all());
        let on_holidays = std::iter::from_fn(move || {
            let occurrence = self.pattern.next_on(&holidays, zone, from?)?;
            from = Some(occurrence.at);
            Some(occurrence)
        });
        let mut last = None;
        on_holidays.filter_map(move |occurrence| {
            let day = occurrence.day(zone);
            let is_first = last.replace(day) != Some(day);
            let skip = self.days.skips(day).filter(|_| is_first)?;
            else_skipped.skips(day).is_none().then_some(Skipped { occurrence, skip })
        })
    }

    /// All occurrences after `after`, in order.
    pub fn occurrences(
        &self,
        zone: Zone,
        after: DateTime<Utc>,
    ) -> impl Iterator<Item = Occurrence> + '_ {
        let first = self.next_after(zone, after);
        std::iter::successors(first, move |last| self.next_after(zone, last.at))
    }

    /// In plain words, such as "At 20:00, on day 1 and 15"; `None` for the few that there are no
    /// right words for.
    #[must_use]
    pub fn describe(&self) -> Option<String> {
        match &self.pattern {
            Pattern::Cron(cron) => Some(cron.describe()?.trim_end_matches('.').to_owned()),
        }
    }
}

/// As it is written in the file.
impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.pattern {
            Pattern::Cron(cron) => cron.fmt(f),
        }
    }
}
