//! Collects the days of a file, and bounds the work that a file may make.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};

/// The first day that counts: nobody asks for older holidays.
pub(super) const FIRST: NaiveDate = NaiveDate::from_ymd_opt(1970, 1, 1).expect("a day");

/// The last day that counts. Events without an end are expanded up to this day.
pub(super) const LAST: NaiveDate = NaiveDate::from_ymd_opt(2099, 12, 31).expect("a day");

/// The most days that all events of a file may try or have: thousands of weekly events up to the
/// last day.
const MOST: usize = 10_000_000;

/// The cost of looking up a time in a zone, in days.
const A_TIME: usize = 10;

/// The work is too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stop;

/// The rest of the work that a file may make.
#[derive(Debug)]
pub(super) struct Work(usize);

impl Work {
    pub(super) fn new() -> Self {
        Self(MOST)
    }

    pub(super) fn take(&mut self, steps: usize) -> Result<(), Stop> {
        self.0 = self.0.checked_sub(steps).ok_or(Stop)?;
        Ok(())
    }

    /// Takes the cost of looking up a time in a zone.
    pub(super) fn look_up(&mut self) -> Result<(), Stop> {
        self.take(A_TIME)
    }
}

#[derive(Clone, Debug, Default)]
struct Mark {
    is_set: bool,
    is_listed: bool,
    name: Option<Arc<str>>,
}

/// All days of a file, in order.
#[derive(Debug)]
pub(super) struct Marks(Vec<Mark>);

impl Marks {
    pub(super) fn new() -> Self {
        Self(vec![Mark::default(); place(LAST) + 1])
    }

    /// Whether setting these days would change nothing but a name.
    pub(super) fn have(&self, (first, last): (NaiveDate, NaiveDate), is_listed: bool) -> bool {
        let is_there = |mark: &Mark| mark.is_set && (mark.is_listed || !is_listed);
        self.0[within(first, last)].iter().all(is_there)
    }

    /// Sets days in a row. The first event with a name gives a day its name.
    pub(super) fn set(
        &mut self,
        (first, last): (NaiveDate, NaiveDate),
        name: Option<&Arc<str>>,
        is_listed: bool,
        work: &mut Work,
    ) -> Result<(), Stop> {
        let days = within(first, last);
        work.take(1 + days.len())?;
        for mark in &mut self.0[days] {
            mark.is_set = true;
            mark.is_listed |= is_listed;
            if mark.name.is_none() {
                mark.name = name.cloned();
            }
        }
        Ok(())
    }

    /// The days with their names, and the listed ones.
    pub(super) fn days(self) -> (BTreeMap<NaiveDate, Option<Arc<str>>>, BTreeSet<NaiveDate>) {
        let (mut days, mut listed) = (BTreeMap::new(), BTreeSet::new());
        for (day, mark) in FIRST.iter_days().zip(self.0).filter(|(_, mark)| mark.is_set) {
            if mark.is_listed {
                listed.insert(day);
            }
            days.insert(day, mark.name);
        }
        (days, listed)
    }
}

/// The indexes of days in a row, as far as they count.
fn within(first: NaiveDate, last: NaiveDate) -> std::ops::Range<usize> {
    let (first, last) = (first.max(FIRST), last.min(LAST));
    if first > last { 0..0 } else { place(first)..place(last) + 1 }
}

fn place(day: NaiveDate) -> usize {
    usize::try_from(TimeDelta::num_days(&(day - FIRST))).unwrap_or_default()
}
