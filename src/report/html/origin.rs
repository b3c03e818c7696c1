//! The origin of a report's figures, for its page.

use chrono::{DateTime, Utc};

#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The path of the log.
    pub log: &'a str,
    pub made_at: DateTime<Utc>,
}
