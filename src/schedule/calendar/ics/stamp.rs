//! A time as a calendar writes it.

use chrono::NaiveDateTime;

use crate::time::zone::Zone;

/// What a local time is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// Whole days: the time is midnight.
    Day,
    /// The wall clock of whoever looks.
    Floating,
    /// The wall clock of a zone.
    Zone(Zone),
    /// The wall clock of a zone that nobody knows.
    Unknown,
}

/// A day, or a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) local: NaiveDateTime,
    pub(super) frame: Frame,
}
