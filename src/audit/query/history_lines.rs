//! What is asked of the history.

use chrono::{DateTime, Utc};

use crate::model::outcome::Outcome;

/// Which lines of the history are wanted; all that is given must hold.
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
    /// Only what comes after this line, which is older or further down in the same firing.
    pub after: Option<HistoryPlace>,
    /// How many lines at most.
    pub limit: u32,
}

/// Where a line stands in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryPlace {
    pub firing: i64,
    /// What orders the lines of a firing.
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
