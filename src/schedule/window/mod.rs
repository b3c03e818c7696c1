//! Windows: the local times at which instances are off, and the firings at their beginnings and
//! ends.
//!
//! `hours` owns the times of a day, and `days` the whole days. `search` finds the beginnings and
//! ends of the off-time that both make together.

mod days;
mod hours;
mod search;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use self::hours::Turn;
use super::calendar::{Calendar, Skip};
use super::overrides::{Change, Override, Overrides};

pub use self::days::{OffDays, WEEK, WEEKENDS, weekdays};
pub use self::hours::{Hours, OffHours, SpanError};

/// The off-time of instances in local time: hours of every day, and whole days. Never always.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    hours: Hours,
    days: OffDays,
}

/// The window never ends: it has all hours, or all days of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this never ends")]
pub struct Endless;

impl Window {
    /// A window of these hours of every day, and these whole days.
    ///
    /// # Errors
    /// No time of the week would be left.
    pub fn new(hours: Hours, days: OffDays) -> Result<Self, Endless> {
        if hours.are_all() || days.are_all() { Err(Endless) } else { Ok(Self { hours, days }) }
    }

    /// Whether instances are off at a local time.
    pub fn is_off(&self, overrides: &Overrides, local: NaiveDateTime) -> bool {
        let turns = self.turns_of(overrides, local.date());
        hours::is_off_at(&turns, hours::minute_of(local.time()))
    }

    /// Whether this time of day is off on every day, apart from whole days.
    pub fn is_off_daily(&self, time: NaiveTime) -> bool {
        hours::is_off_at(self.hours.turns(), hours::minute_of(time))
    }

    /// The days, from one to another, both included, that are off only because of holidays, with
    /// these holidays.
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

    /// `매일 20:00-08:00, 주말 종일 꺼짐`.
    pub fn in_korean(&self) -> String {
        let (hours, days) = (&self.hours, self.days.in_korean());
        match (self.hours.are_none(), self.days.are_none()) {
            (true, _) => format!("{days} 종일 꺼짐"),
            (false, true) => format!("매일 {hours} 꺼짐"),
            (false, false) => format!("매일 {hours}, {days} 종일 꺼짐"),
        }
    }

    /// The turns of a day, from midnight on. An override replaces everything that begins on its
    /// days. Hours off that began on the day before end as they would.
    fn turns_of<'w>(&'w self, overrides: &'w Overrides, day: NaiveDate) -> Cow<'w, [Turn]> {
        let none = overrides.is_empty();
        let (before, on) =
            if none { (None, None) } else { (overrides.before(day), overrides.on(day)) };
        if on.is_none() && self.days.contain(day) {
            return Cow::Borrowed(&hours::OFF_ALL_DAY);
        }
        let [before, on] = [before, on].map(|it| self.hours_of(it));
        if before == on { Cow::Borrowed(on) } else { Cow::Owned(hours::behind(before, on)) }
    }

    /// The turns of the hours that begin on the days of an override, or on all other days.
    fn hours_of<'w>(&'w self, overridden: Option<&'w Override>) -> &'w [Turn] {
        match overridden.map(|it| &it.change) {
            Some(Change::Skip) => &hours::ON_ALL_DAY,
            Some(Change::Off(hours)) => hours.turns(),
            Some(Change::Cron(_)) | None => self.hours.turns(),
        }
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
