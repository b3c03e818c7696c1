//! Times as people write them: RFC 3339, `YYYY-MM-DD[ HH:MM]` in the file's zone, or an age.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use super::output::Misuse;
use crate::schedule::duration::parse_duration;
use crate::schedule::zone::Zone;

/// Reads a time. An age such as `2d` counts back from `now`.
pub(super) fn parse(text: &str, zone: Zone, now: DateTime<Utc>) -> Result<DateTime<Utc>, Misuse> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.to_utc());
    }
    if let Ok(age) = parse_duration(text) {
        return Ok(now - age);
    }
    let midnight = |date: NaiveDate| date.and_time(NaiveTime::MIN);
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M"))
        .or_else(|_| NaiveDate::parse_from_str(text, "%Y-%m-%d").map(midnight));
    match local {
        // Far from these years a zone has no instants to tell.
        Ok(local) if (0..=9999).contains(&local.year()) => Ok(zone.instant(local)),
        _ => Err(Misuse {
            message: format!("`{text}` is no time"),
            hint: "write 2026-11-23T20:00:00+09:00, \"2026-11-23 20:00\", 2026-11-23, or an age \
                   such as 2d"
                .to_owned(),
        }),
    }
}
