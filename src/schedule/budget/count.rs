//! Owns the two ways of counting stopped days: both are lengths on an axis.
//!
//! 1. By hours, the axis is time itself.
//! 2. By days, the axis is local time. A stretch grows to the whole of each day that it touches, so
//!    each day is counted once and in full.
//!
//! On both axes, 12 months are the last 365 days; by days, today is the last of them. `used` adds
//! up the stretches.

use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use super::{Count, YEAR};
use crate::time::zone::Zone;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counting {
    /// 24 stopped hours are one day.
    Hours,
    /// Each day of this zone on which the server was stopped is one day.
    Days(Zone),
}

/// A part of an axis: its beginning and its end.
pub(crate) type Stretch = (NaiveDateTime, NaiveDateTime);

const YEAR_LONG: TimeDelta = TimeDelta::days(YEAR as i64);

impl Counting {
    /// The counting of a file whose zone is `zone`.
    pub fn new(count: Count, zone: Zone) -> Self {
        match count {
            Count::Hours => Self::Hours,
            Count::Days => Self::Days(zone),
        }
    }

    /// The part of the axis between two instants. `until` must be later.
    pub(crate) fn stretch(self, from: DateTime<Utc>, until: DateTime<Utc>) -> Stretch {
        match self {
            Self::Hours => (from.naive_utc(), until.naive_utc()),
            Self::Days(zone) => (zone.local(from).date().into(), day_after(zone, until)),
        }
    }

    /// The part of the axis with the 12 months that end at an instant.
    pub(crate) fn year_until(self, end: DateTime<Utc>) -> Stretch {
        let end = match self {
            Self::Hours => end.naive_utc(),
            Self::Days(zone) => day_after(zone, end),
        };
        year_before(end)
    }

    /// The smallest step on the axis that messages show.
    pub(crate) fn step(self) -> TimeDelta {
        match self {
            Self::Hours => TimeDelta::seconds(1),
            Self::Days(_) => TimeDelta::days(1),
        }
    }

    /// The instant of a point of the axis.
    pub(crate) fn instant(self, point: NaiveDateTime) -> DateTime<Utc> {
        match self {
            Self::Hours => point.and_utc(),
            Self::Days(zone) => zone.instant(point),
        }
    }

    /// The counted length of one time without a gap.
    pub(crate) fn length(self, from: DateTime<Utc>, until: DateTime<Utc>) -> TimeDelta {
        let (from, until) = self.stretch(from, until);
        until - from
    }
}

/// The 12 months before a point of an axis.
pub(crate) fn year_before(point: NaiveDateTime) -> Stretch {
    (point - YEAR_LONG, point)
}

/// The end of the local day that contains the moment just before an instant.
fn day_after(zone: Zone, at: DateTime<Utc>) -> NaiveDateTime {
    let last = zone.local(at - TimeDelta::milliseconds(1)).date();
    last.succ_opt().unwrap_or(last).and_time(NaiveTime::MIN)
}
