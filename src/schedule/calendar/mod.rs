//! Calendars: which local days are holidays, which are worked all the same, and how far that is
//! known.
//!
//! `days` is what a rule makes of calendars; `coverage` says where they end; `ics` reads them out of
//! iCalendar files; `builtin` has those that come with the program. Where they are written is for
//! `check` to judge.

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
pub use days::{Days, Skip, Workdays};

/// What the names of the calendars that are built in begin with.
pub const BUILTIN: &str = "builtin:";

/// `[calendars.NAME]`, or one that is built in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    /// The name of the table, or such as `builtin:kr`.
    pub name: String,
    /// Its days, with the name of each where it has one.
    pub holidays: BTreeMap<NaiveDate, Option<Arc<str>>>,
    /// Days that are worked, whatever else is said of them; none of them is a holiday.
    pub workdays: BTreeSet<NaiveDate>,
    /// The days up to which somebody has told what is a holiday: those that were given one by
    /// one, or up to an end. What recurs for ever tells nothing of the days around it.
    pub listed: BTreeSet<NaiveDate>,
    /// Why its file could not be read, so that nobody knows its days: rules that look at it do
    /// not fire.
    pub unreadable: Option<Arc<str>>,
}

/// What a calendar says of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day<'c> {
    /// It is a day of the calendar, of that name where it has one.
    Holiday(Option<&'c str>),
    /// It is worked, be it a weekend or a holiday elsewhere.
    Workday,
    Ordinary,
}

impl Calendar {
    /// What it says of a day.
    pub fn day(&self, day: NaiveDate) -> Day<'_> {
        match self.holidays.get(&day) {
            Some(name) => Day::Holiday(name.as_deref()),
            None if self.workdays.contains(&day) => Day::Workday,
            None => Day::Ordinary,
        }
    }

    /// Its first day from `day` on.
    pub fn first_from(&self, day: NaiveDate) -> Option<NaiveDate> {
        self.holidays.range(day..).next().map(|(day, _)| *day)
    }

    /// Where it is nothing but days in a row, as `FREQ=DAILY` makes it: the last of them, if
    /// `day` is one.
    pub fn last_in_row(&self, day: NaiveDate) -> Option<NaiveDate> {
        let ((first, _), (last, _)) =
            (self.holidays.first_key_value()?, self.holidays.last_key_value()?);
        let is_row = usize::try_from((*last - *first).num_days()) == Ok(self.holidays.len() - 1);
        (is_row && (*first..=*last).contains(&day)).then_some(*last)
    }
}

/// By its name and size: calendars are large, and those that differ are few.
impl Hash for Calendar {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.name, self.holidays.len(), self.listed.last()).hash(state);
    }
}

/// The calendars of a file, and those built in that it names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendars {
    entries: Vec<Entry>,
    /// Those that have other days in a rule's zone than in the file's.
    in_zones: HashMap<(String, Zone), Arc<Calendar>>,
}

/// A calendar and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The calendar, in the zone of the file.
    pub(super) calendar: Arc<Calendar>,
    /// The bytes of the file that first speak of it.
    pub(super) place: Range<usize>,
    /// The file that it was read from besides.
    pub(super) file: Option<PathBuf>,
}

impl Calendars {
    pub fn get(&self, name: &str) -> Option<&Arc<Calendar>> {
        self.iter().find(|calendar| calendar.name == name)
    }

    /// All of them, in the order in which the file speaks of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Calendar>> {
        self.entries.iter().map(|entry| &entry.calendar)
    }

    /// The files that they were read from.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.entries.iter().filter_map(|entry| entry.file.as_deref())
    }

    /// Those that were read from files.
    pub fn from_files(&self) -> impl Iterator<Item = &Arc<Calendar>> {
        let from_file = |entry: &&Entry| entry.file.is_some();
        self.entries.iter().filter(from_file).map(|entry| &entry.calendar)
    }

    /// All of them, each with where it comes from.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The calendar of that name as it is in a zone, if that has been said.
    pub(super) fn in_zone(&self, name: &str, zone: Zone) -> Option<&Arc<Calendar>> {
        self.in_zones.get(&(name.to_owned(), zone))
    }

    /// What a calendar is in a zone.
    pub(super) fn add_in_zone(&mut self, zone: Zone, calendar: Arc<Calendar>) {
        self.in_zones.insert((calendar.name.clone(), zone), calendar);
    }

    pub(super) fn add(&mut self, entry: Entry) {
        self.entries.push(entry);
    }
}
