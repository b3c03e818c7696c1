//! Reads times that people type: RFC 3339, `YYYY-MM-DD[ HH:MM]` in the file's zone, an age, and
//! times without a date, such as `20:00`, `monday` or `yesterday 20:00`.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use crate::time::duration::parse_duration;
use crate::time::spoken::{self, Group};
use crate::time::zone::Zone;

/// Within so many days each day of the week comes again, and each time of day.
const WITHIN: u64 = 8;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no time")]
pub struct NoTime(String);

/// Which of the times is meant by `20:00` or `monday`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The last one, up to now.
    Last,
    /// The next one after now.
    Next,
}

/// Reads a time. An age such as `2d` counts back from `now`, and `+2d` counts ahead. A day without
/// a time is the midnight at its beginning.
///
/// # Errors
/// The text has none of these forms.
pub fn parse(
    text: &str,
    zone: Zone,
    now: DateTime<Utc>,
    side: Side,
) -> Result<DateTime<Utc>, NoTime> {
    let read =
        exact(text, zone).or_else(|| length(text, now)).or_else(|| undated(text, zone, now, side));
    read.ok_or_else(|| NoTime(text.to_owned()))
}

/// Whether a text gives neither a date nor a length of time, so that its reader should hear which
/// time was read.
pub fn is_undated(text: &str, zone: Zone) -> bool {
    exact(text, zone).is_none() && length(text, DateTime::UNIX_EPOCH).is_none()
}

fn exact(text: &str, zone: Zone) -> Option<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    let midnight = |date: NaiveDate| date.and_time(NaiveTime::MIN);
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M"))
        .or_else(|_| NaiveDate::parse_from_str(text, "%Y-%m-%d").map(midnight));
    // A zone knows no instants far from these years.
    let local = local.ok().filter(|local| (0..=9999).contains(&local.year()));
    local.map(|local| zone.instant(local))
}

fn length(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match text.strip_prefix('+') {
        Some(ahead) => Some(now + parse_duration(ahead).ok()?),
        None => Some(now - parse_duration(text).ok()?),
    }
}

/// Reads a day, a time of day, or both.
fn undated(text: &str, zone: Zone, now: DateTime<Utc>, side: Side) -> Option<DateTime<Utc>> {
    let text = text.trim().to_lowercase();
    if matches!(&*text, "now" | "지금") {
        return Some(now);
    }
    let (day, time) = match text.split_once(' ') {
        Some((day, time)) => (Some(day), time_of_day(time)?),
        None => match time_of_day(&text) {
            Some(time) => (None, time),
            None => (Some(&*text), NaiveTime::MIN),
        },
    };
    let today = zone.local(now).date();
    let at = |day: NaiveDate| zone.instant(day.and_time(time));
    let weekday = match day {
        Some("yesterday" | "어제") => return today.pred_opt().map(at),
        Some("today" | "오늘") => return Some(at(today)),
        Some("tomorrow" | "내일") => return today.succ_opt().map(at),
        Some(day) => Some(weekday(day)?),
        None => None,
    };
    let days = (0..=WITHIN).filter_map(|far| match side {
        Side::Last => today.checked_sub_days(Days::new(far)),
        Side::Next => today.checked_add_days(Days::new(far)),
    });
    let is_meant = |day: &NaiveDate| {
        weekday.is_none_or(|wanted| day.weekday().num_days_from_sunday() as usize == wanted)
    };
    days.filter(is_meant).map(at).find(|at| match side {
        Side::Last => *at <= now,
        Side::Next => *at > now,
    })
}

fn time_of_day(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text.trim(), "%H:%M").ok()
}

/// A day of the week, from Sunday on.
fn weekday(text: &str) -> Option<usize> {
    match *spoken::days(text)? {
        [Group::One(day)] => Some(day),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_a_date_is_the_last_one_or_the_next_one() {
        let zone: Zone = "Asia/Seoul".parse().unwrap();
        // Monday, 20:00 there.
        let now: DateTime<Utc> = "2026-11-23T11:00:00Z".parse().unwrap();
        let read = |text, side| {
            let at = parse(text, zone, now, side).ok()?;
            Some(zone.local(at).format("%F %H:%M").to_string())
        };
        for (text, last, next) in [
            ("20:00", "2026-11-23 20:00", "2026-11-24 20:00"),
            ("20:01", "2026-11-22 20:01", "2026-11-23 20:01"),
            ("8:30", "2026-11-23 08:30", "2026-11-24 08:30"),
            ("yesterday", "2026-11-22 00:00", "2026-11-22 00:00"),
            ("Yesterday 20:00", "2026-11-22 20:00", "2026-11-22 20:00"),
            ("today", "2026-11-23 00:00", "2026-11-23 00:00"),
            ("today 23:00", "2026-11-23 23:00", "2026-11-23 23:00"),
            ("tomorrow 02:00", "2026-11-24 02:00", "2026-11-24 02:00"),
            ("어제 20:00", "2026-11-22 20:00", "2026-11-22 20:00"),
            ("monday", "2026-11-23 00:00", "2026-11-30 00:00"),
            ("mon 20:00", "2026-11-23 20:00", "2026-11-30 20:00"),
            ("MON 21:00", "2026-11-16 21:00", "2026-11-23 21:00"),
            ("fri", "2026-11-20 00:00", "2026-11-27 00:00"),
            ("금요일 18:00", "2026-11-20 18:00", "2026-11-27 18:00"),
            ("now", "2026-11-23 20:00", "2026-11-23 20:00"),
            ("2h", "2026-11-23 18:00", "2026-11-23 18:00"),
            ("+2h", "2026-11-23 22:00", "2026-11-23 22:00"),
            ("2026-11-20", "2026-11-20 00:00", "2026-11-20 00:00"),
        ] {
            let both = [Side::Last, Side::Next].map(|side| read(text, side));
            assert_eq!(both, [Some(last.to_owned()), Some(next.to_owned())], "{text}");
        }
        for text in ["mon-fri", "weekdays", "someday", "24:00", "8pm", "yesterday 8pm", "", "+"] {
            assert_eq!(read(text, Side::Last), None, "{text}");
        }
    }

    #[test]
    fn only_a_time_without_a_date_and_a_length_may_be_misread() {
        for (text, expected) in [
            ("20:00", true),
            ("monday", true),
            ("yesterday", true),
            ("2d", false),
            ("+2d", false),
            ("2026-11-23", false),
            ("2026-11-23T20:00:00+09:00", false),
        ] {
            assert_eq!(is_undated(text, Zone::UTC), expected, "{text}");
        }
    }
}
