//! Reads holidays from an iCalendar file (RFC 5545): the days that its events touch.
//!
//! - `lines` takes the text apart; `scan` finds the events, their versions and the zones.
//! - `event` reads one event; `series` puts those of one `UID` together.
//! - `changes` has the removals from a series; `rule` and `expand` give its days.
//! - `marks` collects the days.
//! - `time`, `zone` and `zones` read times; `texts` reads names and marks.
//!
//! A part that cannot be understood is an error: silence would turn a holiday into a workday.

mod changes;
mod error;
mod event;
mod expand;
mod lines;
mod marks;
mod own_zone;
mod rule;
mod scan;
mod series;
mod stamp;
mod texts;
mod time;
mod zone;
mod zones;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;

use self::marks::{Marks, Work};
use self::scan::Head;
use self::series::Reading;
use crate::time::zone::Zone;

pub use error::IcsError;
pub use texts::{LeftOut, Observances};

/// A file, as it was read from the disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    bytes: Vec<u8>,
    /// Whether a file that cannot be understood counts as one without days.
    is_forgiven: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holidays {
    /// Local days, with their names if they have any.
    pub days: BTreeMap<NaiveDate, Option<Arc<str>>>,
    /// The days that do not recur for ever.
    pub listed: BTreeSet<NaiveDate>,
    /// Whether the file may give other days in other zones.
    pub depends_on_zone: bool,
    /// Events that are marked as days on which everybody works.
    pub observances: Option<Observances>,
}

impl File {
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes: lines::readable(bytes), is_forgiven: false }
    }

    /// The same file, which has no days if it cannot be understood.
    #[must_use]
    pub fn forgiven(self) -> Self {
        Self { is_forgiven: true, ..self }
    }

    /// The days of the file in a zone.
    ///
    /// # Errors
    /// The first part that decides on a day and cannot be understood.
    pub fn holidays(&self, zone: Zone, left_out: &LeftOut) -> Result<Holidays, IcsError> {
        let read = self.read(zone, left_out);
        if self.is_forgiven { Ok(read.unwrap_or_default()) } else { read }
    }

    fn read(&self, zone: Zone, left_out: &LeftOut) -> Result<Holidays, IcsError> {
        let (heads, zones) = scan::scan(&self.bytes, zone)?;
        let observances = Observances::default();
        let (marks, work) = (Marks::new(), Work::new());
        let mut reading = Reading { zones, left_out, marks, work, observances };
        for heads in groups(&heads) {
            reading.group(&heads)?;
        }
        let (days, listed) = reading.marks.days();
        Ok(Holidays {
            days,
            listed,
            depends_on_zone: reading.zones.were_asked(),
            observances: reading.observances.counted(),
        })
    }
}

/// The events of each `UID`, in the order of the first of each.
fn groups<'h, 'f>(heads: &'h [Head<'f>]) -> Vec<Vec<&'h Head<'f>>> {
    let mut groups: Vec<Vec<&Head<'_>>> = Vec::with_capacity(heads.len());
    let mut known: HashMap<&str, usize> = HashMap::new();
    for head in heads {
        let next = groups.len();
        let place = match &head.uid {
            Some(uid) => *known.entry(uid).or_insert(next),
            None => next,
        };
        match groups.get_mut(place) {
            Some(group) => group.push(head),
            None => groups.push(vec![head]),
        }
    }
    groups
}

#[cfg(test)]
mod tests;
