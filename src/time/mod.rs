//! Time zones, durations, times as people type them, and the uptime of daemons.
//!
//! Imports nothing of the house but `text` and the languages of `model`.

pub mod duration;
pub mod near;
pub(crate) mod spoken;
pub mod time_input;
pub mod uptime;
pub mod zone;
