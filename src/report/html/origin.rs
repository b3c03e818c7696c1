//! What a page says of where its figures are from.

use chrono::{DateTime, Utc};

/// Where a report comes from.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The log that it was made from, as people know it: its path.
    pub log: &'a str,
    /// When it was made.
    pub made_at: DateTime<Utc>,
}
