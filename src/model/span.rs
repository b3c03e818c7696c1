//! A stretch of time that is asked about.

use chrono::{DateTime, TimeDelta, Utc};

/// The time that a report is about: from an instant up to before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: DateTime<Utc>,
    /// Its end, which is not in the future.
    pub until: DateTime<Utc>,
}

impl Span {
    /// Whether an instant lies in it.
    pub fn contains(self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.until
    }

    /// Just before it, for what asks for whatever comes after an instant.
    pub(crate) fn before(self) -> DateTime<Utc> {
        self.from - TimeDelta::milliseconds(1)
    }
}
