//! Zones, durations, times as people type them, and which time a daemon was up.
//!
//! Imports nothing of the house but `text`.

pub mod duration;
pub(crate) mod spoken;
pub mod time_input;
pub mod uptime;
pub mod zone;
