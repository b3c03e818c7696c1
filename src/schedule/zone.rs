//! Local time and instants: what a zone's clocks show, and when they jump.

/// A zone of the IANA database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(chrono_tz::Tz);
