//! Reads times that people type: RFC 3339, `YYYY-MM-DD[ HH:MM]` in the file's zone, or an age.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use crate::time::duration::parse_duration;
use crate::time::zone::Zone;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no time")]
pub struct NoTime(String);

/// Reads a time. An age such as `2d` counts back from `now`.
///
/// # Errors
/// The text has none of these forms.
pub fn parse(text: &str, zone: Zone, now: DateTime<Utc>) -> Result<DateTime<Utc>, NoTime> {
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
        // A zone knows no instants far from these years.
        Ok(local) if (0..=9999).contains(&local.year()) => Ok(zone.instant(local)),
        _ => Err(NoTime(text.to_owned())),
    }
}
