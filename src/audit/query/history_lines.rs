//! The filter of the history, and a place in it.

use chrono::{DateTime, Utc};

use crate::model::outcome::Outcome;

/// A filter of lines; all that is set must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryFilter {
    pub rule: Option<String>,
    /// The number or the name of an instance.
    pub instance: Option<String>,
    pub outcome: Option<Outcome>,
    /// Firings that began at this instant or later.
    pub since: Option<DateTime<Utc>>,
    /// Firings that began at this instant or earlier.
    pub until: Option<DateTime<Utc>>,
    /// Only lines after this one: older, or further down in the same firing.
    pub after: Option<HistoryPlace>,
    /// The most lines.
    pub limit: u32,
}

/// The place of a line in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryPlace {
    pub firing: i64,
    /// Orders the lines of a firing.
    pub line: i64,
}

impl Default for HistoryFilter {
    fn default() -> Self {
        Self {
            rule: None,
            instance: None,
            outcome: None,
            since: None,
            until: None,
            after: None,
            limit: 50,
        }
    }
}
