//! Calendars: local days that are holidays, and days that are worked in spite of one.
//!
//! `days` owns the choice of a rule's days, and `coverage` the end of a calendar. `ics` reads
//! iCalendar files, and `builtin` has the built-in calendars. `check` judges the tables of the
//! file.

pub mod builtin;
mod coverage;
mod days;
pub mod ics;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;

use crate::time::zone::Zone;

pub use coverage::Reach;
pub use days::{Days, FiringDays, Skip, Workdays};

/// The beginning of the names of built-in calendars.
pub const BUILTIN: &str = "builtin:";

/// `[calendars.NAME]`, or a built-in calendar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    /// The name of the table, or a name such as `builtin:kr`.
    pub name: String,
    /// The days, with their names if they have any.
    pub holidays: BTreeMap<NaiveDate, Option<Arc<str>>>,
    /// Days that are worked in any case. None of them is a holiday.
    pub workdays: BTreeSet<NaiveDate>,
    /// The days that were given one by one, or up to an end. They show how far the calendar knows
    /// the future; days that recur for ever do not.
    pub listed: BTreeSet<NaiveDate>,
    /// The error of reading its file. Then nobody knows its days, and rules with this calendar do
    /// not fire.
    pub unreadable: Option<Arc<str>>,
}

/// The answer of a calendar about a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day<'c> {
    /// A holiday, with its name if it has one.
    Holiday(Option<&'c str>),
    /// A day that is worked, even if it is a weekend or a holiday elsewhere.
    Workday,
    Ordinary,
}

impl Calendar {
    pub fn day(&self, day: NaiveDate) -> Day<'_> {
        match self.holidays.get(&day) {
            Some(name) => Day::Holiday(name.as_deref()),
            None if self.workdays.contains(&day) => Day::Workday,
            None => Day::Ordinary,
        }
    }

    pub fn first_from(&self, day: NaiveDate) -> Option<NaiveDate> {
        self.holidays.range(day..).next().map(|(day, _)| *day)
    }

    /// The last day of the row that contains `day`, if the calendar is one row of days.
    /// `FREQ=DAILY` makes such a calendar.
    pub fn last_in_row(&self, day: NaiveDate) -> Option<NaiveDate> {
        let ((first, _), (last, _)) =
            (self.holidays.first_key_value()?, self.holidays.last_key_value()?);
        let is_row = usize::try_from((*last - *first).num_days()) == Ok(self.holidays.len() - 1);
        (is_row && (*first..=*last).contains(&day)).then_some(*last)
    }
}

/// Hashes only the name and the size: calendars are large and few.
impl Hash for Calendar {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.name, self.holidays.len(), self.listed.last()).hash(state);
    }
}

/// The calendars of a file, with the built-in ones that it names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendars {
    entries: Vec<CalendarEntry>,
    /// Calendars with other days in the zone of a rule than in the zone of the file.
    in_zones: HashMap<(String, Zone), Arc<Calendar>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CalendarEntry {
    /// The calendar in the zone of the file.
    pub(super) calendar: Arc<Calendar>,
    /// The bytes of the file that first name the calendar.
    pub(super) place: Range<usize>,
    /// The calendar file, if it was read from one.
    pub(super) file: Option<PathBuf>,
}

impl Calendars {
    pub fn get(&self, name: &str) -> Option<&Arc<Calendar>> {
        self.iter().find(|calendar| calendar.name == name)
    }

    /// All calendars, in the order in which the file names them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Calendar>> {
        self.entries.iter().map(|entry| &entry.calendar)
    }

    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.entries.iter().filter_map(|entry| entry.file.as_deref())
    }

    pub fn from_files(&self) -> impl Iterator<Item = &Arc<Calendar>> {
        let from_file = |entry: &&CalendarEntry| entry.file.is_some();
        self.entries.iter().filter(from_file).map(|entry| &entry.calendar)
    }

    pub(super) fn entries(&self) -> &[CalendarEntry] {
        &self.entries
    }

    /// The calendar of this name in a zone, if it is known there.
    pub(super) fn in_zone(&self, name: &str, zone: Zone) -> Option<&Arc<Calendar>> {
        self.in_zones.get(&(name.to_owned(), zone))
    }

    /// Adds a calendar as it is in a zone.
    pub(super) fn add_in_zone(&mut self, zone: Zone, calendar: Arc<Calendar>) {
        self.in_zones.insert((calendar.name.clone(), zone), calendar);
    }

    pub(super) fn add(&mut self, entry: CalendarEntry) {
        self.entries.push(entry);
    }
}
