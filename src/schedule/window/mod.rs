//! Windows: the local times at which instances are off, day by day, and the firings that this
//! comes to.
//!
//! `hours` are the times of a day, `days` the whole days, `search` finds where the off-time that
//! both make together begins and ends.

mod days;
mod hours;
mod search;

use std::fmt;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use self::hours::Turn;
use super::calendar::{Calendar, Skip};

pub use self::days::{OffDays, WEEK, WEEKENDS, weekdays};
pub use self::hours::{Hours, Span, SpanError};

/// When instances are off, in local time: some hours of every day, and whole days. Not always.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    hours: Hours,
    days: OffDays,
}

/// A window that never ends: all hours, or all days of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this never ends")]
pub struct Endless;

impl Window {
    /// The hours of every day, and the days as a whole.
    ///
    /// # Errors
    /// When nothing would be left of the week.
    pub fn new(hours: Hours, days: OffDays) -> Result<Self, Endless> {
        if hours.are_all() || days.are_all() { Err(Endless) } else { Ok(Self { hours, days }) }
    }

    /// Whether instances are off at a local time.
    pub fn is_off(&self, local: NaiveDateTime) -> bool {
        let minute = hours::minute_of(local.time());
        let begun = self.turns_of(local.date()).iter().rev().find(|turn| turn.minute <= minute);
        begun.is_some_and(|turn| turn.is_off)
    }

    /// Whether that time of the day is off on every day, whole days that are off aside.
    pub fn is_off_daily(&self, time: NaiveTime) -> bool {
        let minute = hours::minute_of(time);
        let begun = self.hours.turns().iter().rev().find(|turn| turn.minute <= minute);
        begun.is_some_and(|turn| turn.is_off)
    }

    /// The days that are off only because they are holidays, from one day to another, both
    /// included, and which holidays those are.
    pub fn holidays(
        &self,
        first: NaiveDate,
        last: NaiveDate,
    ) -> impl Iterator<Item = (NaiveDate, Skip<'_>)> {
        self.days.holidays(first, last)
    }

    /// The calendars whose holidays are off.
    pub fn calendars(&self) -> impl Iterator<Item = &Arc<Calendar>> {
        self.days.calendars.iter()
    }

    /// What a day is like, from midnight on.
    fn turns_of(&self, day: NaiveDate) -> &[Turn] {
        if self.days.contain(day) { &hours::OFF_ALL_DAY } else { self.hours.turns() }
    }
}

/// `off 20:00-08:00 and on weekends`.
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.hours.are_none(), self.days.are_none()) {
            (true, _) => write!(f, "off on {}", self.days),
            (false, true) => write!(f, "off {}", self.hours),
            (false, false) => write!(f, "off {} and on {}", self.hours, self.days),
        }
    }
}

#[cfg(test)]
mod tests;
