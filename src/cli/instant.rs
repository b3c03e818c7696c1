//! Reads times on the command line, with a hint for a text that is no time.

use chrono::{DateTime, Utc};

use super::output::Misuse;
use crate::time::time_input;
use crate::time::zone::Zone;

/// Reads a time. An age such as `2d` counts back from `now`.
pub(super) fn parse(text: &str, zone: Zone, now: DateTime<Utc>) -> Result<DateTime<Utc>, Misuse> {
    time_input::parse(text, zone, now).map_err(|error| Misuse {
        message: error.to_string(),
        hint: "write 2026-11-23T20:00:00+09:00, \"2026-11-23 20:00\", 2026-11-23, or an age such \
               as 2d"
            .to_owned(),
    })
}
