//! A period that a question is about.

use chrono::{DateTime, TimeDelta, Utc};

/// The period of a report. The beginning belongs to it, the end does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub from: DateTime<Utc>,
    /// The end, which is not in the future.
    pub until: DateTime<Utc>,
}

impl Period {
    /// Whether an instant lies in it.
    pub fn contains(self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.until
    }

    /// The instant just before the period, for queries that begin after an instant.
    pub(crate) fn before(self) -> DateTime<Utc> {
        self.from - TimeDelta::milliseconds(1)
    }
}
