//! Owns a time as a calendar writes it.
//!
//! `time` reads it from text.

use chrono::NaiveDateTime;

use crate::time::zone::Zone;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// Whole days: the time is midnight.
    Day,
    /// The wall clock of the reader.
    Floating,
    /// The wall clock of a zone.
    Zone(Zone),
    /// The wall clock of an unknown zone.
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) local: NaiveDateTime,
    pub(super) frame: Frame,
}
