//! The two ways of counting days, as one: lengths on an axis.
//!
//! By hours the axis is time itself. By days it is local time, and a stretch is widened to the
//! whole of each day that it touches, so that a day is counted once and in full. On either axis
//! 12 months are the last 365 days, by days with today as the last.

use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use super::{Count, YEAR};
use crate::time::zone::Zone;

/// How days are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counting {
    /// 24 hours stopped are a day.
    Hours,
    /// Each day of this zone that a server was stopped on is one.
    Days(Zone),
}

/// A stretch of an axis: its beginning and its end.
pub(crate) type Stretch = (NaiveDateTime, NaiveDateTime);

const YEAR_LONG: TimeDelta = TimeDelta::days(YEAR as i64);

impl Counting {
    /// As a file has it, whose zone this is.
    pub fn new(count: Count, zone: Zone) -> Self {
        match count {
            Count::Hours => Self::Hours,
            Count::Days => Self::Days(zone),
        }
    }

    /// Where on the axis the time between two instants lies, the second of which is later.
    pub(crate) fn stretch(self, from: DateTime<Utc>, until: DateTime<Utc>) -> Stretch {
        match self {
            Self::Hours => (from.naive_utc(), until.naive_utc()),
            Self::Days(zone) => (zone.local(from).date().into(), day_after(zone, until)),
        }
    }

    /// Where on the axis the 12 months lie that end at an instant.
    pub(crate) fn year_until(self, end: DateTime<Utc>) -> Stretch {
        let end = match self {
            Self::Hours => end.naive_utc(),
            Self::Days(zone) => day_after(zone, end),
        };
        year_before(end)
    }

    /// The smallest step on the axis that is told.
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

    /// How long one time without a gap is counted to have been.
    pub(crate) fn length(self, from: DateTime<Utc>, until: DateTime<Utc>) -> TimeDelta {
        let (from, until) = self.stretch(from, until);
        until - from
    }
}

/// The 12 months before a point of an axis.
pub(crate) fn year_before(point: NaiveDateTime) -> Stretch {
    (point - YEAR_LONG, point)
}

/// The end of the local day of what is just before an instant.
fn day_after(zone: Zone, at: DateTime<Utc>) -> NaiveDateTime {
    let last = zone.local(at - TimeDelta::milliseconds(1)).date();
    last.succ_opt().unwrap_or(last).and_time(NaiveTime::MIN)
}
