//! When a rule fires, in local time, and the instants that this means in a zone.
//!
//! Whoever asks when a rule falls due asks here, so that all of them get the same answer.

use std::fmt;

use chrono::{DateTime, Utc};

use super::calendar::Days;
use super::cron::{Cron, Occurrence};
use super::window::Window;
use super::zone::Zone;
use crate::instance::Action;

/// When a rule fires, in local time. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Times {
    /// At which times of which days.
    pub pattern: Pattern,
    /// On which of those days at all; for a window on all of them, since days without firings
    /// would tear its stops from its starts.
    pub days: Days,
}

/// A pattern of local times.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// `cron`.
    Cron(Cron),
    /// `off` and `off_days`: the beginnings of its off-time, which stop, or its ends, which
    /// start.
    Window(Window, Action),
}

impl Times {
    /// The first occurrence after `after`, from 1970 to 2199; `None` when there is none.
    #[must_use]
    pub fn next_after(&self, zone: Zone, after: DateTime<Utc>) -> Option<Occurrence> {
        match &self.pattern {
            Pattern::Cron(cron) => cron.next_on(&self.days, zone, after),
            Pattern::Window(window, action) => window.next_after(*action, zone, after),
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

    /// The window whose beginnings or ends they are, where they come from one.
    #[must_use]
    pub fn window(&self) -> Option<&Window> {
        match &self.pattern {
            Pattern::Cron(_) => None,
            Pattern::Window(window, _) => Some(window),
        }
    }

    /// A cron expression in plain words, such as "At 20:00, on day 1 and 15"; `None` for the few
    /// that there are no right words for, and for windows, which are words.
    #[must_use]
    pub fn describe(&self) -> Option<String> {
        match &self.pattern {
            Pattern::Cron(cron) => Some(cron.describe()?.trim_end_matches('.').to_owned()),
            Pattern::Window(..) => None,
        }
    }
}

/// A cron expression as it is written in the file, a window as `off 20:00-08:00`.
impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.pattern {
            Pattern::Cron(cron) => cron.fmt(f),
            Pattern::Window(window, _) => window.fmt(f),
        }
    }
}
