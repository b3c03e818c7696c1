//! Instants in the log: whole milliseconds since 1970, UTC.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::column::column;

/// An instant in the log. A type of its own, because a bare integer would be read as seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(i64);

column!(number Millis);

impl Millis {
    pub(crate) fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl From<DateTime<Utc>> for Millis {
    fn from(at: DateTime<Utc>) -> Self {
        Self(at.timestamp_millis())
    }
}

impl From<Millis> for DateTime<Utc> {
    fn from(millis: Millis) -> Self {
        DateTime::from_timestamp_millis(millis.0).unwrap_or_default()
    }
}

impl From<i64> for Millis {
    fn from(millis: i64) -> Self {
        Self(millis)
    }
}

impl From<Millis> for i64 {
    fn from(millis: Millis) -> Self {
        millis.0
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
