//! When a rule fires, in local time, and the instants that this means in a zone.
//!
//! Whoever asks when a rule falls due asks here, so that all of them get the same answer.

use std::fmt;

use chrono::{DateTime, Utc};

use super::calendar::Days;
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

impl Times {
    /// The first occurrence after `after`, from 1970 to 2199; `None` when there is none.
    #[must_use]
    pub fn next_after(&self, zone: Zone, after: DateTime<Utc>) -> Option<Occurrence> {
        match &self.pattern {
            Pattern::Cron(cron) => cron.next_on(&self.days, zone, after),
        }
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
