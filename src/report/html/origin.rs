//! What a page says of where its figures are from.

use chrono::{DateTime, Utc};

#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The log that it was made from, as people know it: its path.
    pub log: &'a str,
    pub made_at: DateTime<Utc>,
}
