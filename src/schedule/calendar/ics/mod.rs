//! Holidays out of an iCalendar file (RFC 5545): which days its events touch.
//!
//! `lines` takes the text apart, `scan` finds the events and their versions, `event` reads one,
//! `series` puts those of one `UID` together, `changes` has what is taken out of a series,
//! `rule` and `expand` write it out, `marks` collects the days. `time`, `zone` and `zones` say
//! when something is, `texts` what is written about it. What cannot be understood is an error,
//! never a day that is silently worked.

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
    /// Whether a file that cannot be understood stands for no day.
    is_forgiven: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holidays {
    /// Local days, with the name of each where it has one.
    pub days: BTreeMap<NaiveDate, Option<Arc<str>>>,
    /// Those of the days that do not recur for ever.
    pub listed: BTreeSet<NaiveDate>,
    /// Whether the file may stand for other days in other zones.
    pub depends_on_zone: bool,
    /// Those of its events that are marked as days that nobody has off.
    pub observances: Option<Observances>,
}

impl File {
    /// The file of these bytes.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes: lines::readable(bytes), is_forgiven: false }
    }

    /// The same; where it cannot be understood, it stands for no day.
    #[must_use]
    pub fn forgiven(self) -> Self {
        Self { is_forgiven: true, ..self }
    }

    /// The days that the file stands for in a zone.
    ///
    /// # Errors
    /// When anything that decides on a day cannot be understood: the first such thing.
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
