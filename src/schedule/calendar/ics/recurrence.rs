//! `RRULE`: when an event comes again, as the `rrule` crate has it.
//!
//! The crate counts in UTC here whatever the frame is: a rule is about the digits of the wall
//! clock, and what instants these are is decided later, with the zone data that rules use.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use rrule::{RRule, RRuleSet, Tz, Unvalidated};

use super::IcsError;
use super::lines::Line;
use super::time::{Frame, Stamp};

/// The last day for which events without an end are written out.
const HORIZON: NaiveDate = NaiveDate::from_ymd_opt(2099, 12, 31).expect("a day");

/// How often an event may come: every day to the horizon, or a little more often.
const MOST: u16 = u16::MAX;

/// Whether a rule has no end.
pub(super) fn is_endless(line: &Line) -> bool {
    let ends = |key: &str| ["COUNT", "UNTIL"].iter().any(|end| key.eq_ignore_ascii_case(end));
    !line.value.split(';').filter_map(|part| part.split_once('=')).any(|(key, _)| ends(key))
}

/// Writes out a rule for an event that begins at `start`: the local times, `start` among them.
pub(super) fn expand(line: &Line, start: Stamp) -> Result<Vec<NaiveDateTime>, IcsError> {
    let refused = |why: &str| line.error(format!("`{}` cannot be expanded: {why}", line.value));
    let Written { rule, until } = written(&line.value).map_err(&refused)?;
    let until = match until.map(|text| Stamp::parse(text, None)) {
        None => None,
        Some(Some(until)) => Some(last_time(until, start.frame)),
        Some(None) => return Err(refused("`UNTIL` is no date or time")),
    };
    if until.is_some_and(|until| until < start.local) {
        // Some programs leave this behind of what was taken out of a calendar.
        return Ok(Vec::new());
    }
    let begin = Tz::UTC.from_utc_datetime(&start.local);
    let rule = match until {
        Some(until) => rule.until(Tz::UTC.from_utc_datetime(&until)),
        None => rule,
    };
    let rule = rule.validate(begin).map_err(|error| refused(&error.to_string()))?;
    let horizon = Tz::UTC.from_utc_datetime(&HORIZON.and_time(NaiveTime::MIN));
    let found = RRuleSet::new(begin).rrule(rule).before(horizon).all(MOST);
    if found.limited || (until.is_none() && found.dates.is_empty()) {
        return Err(refused("it comes too often, or never"));
    }
    let again = found.dates.iter().map(DateTime::naive_utc);
    Ok(std::iter::once(start.local).chain(again).collect())
}

/// A rule, and its end, which is counted in another frame.
struct Written<'t> {
    rule: RRule<Unvalidated>,
    until: Option<&'t str>,
}

/// Reads a rule. What the crate would take for something else, or stumble over, is refused.
fn written(text: &str) -> Result<Written<'_>, &'static str> {
    if !text.is_ascii() {
        return Err("it is no `RRULE`");
    }
    let mut until = None;
    let mut parts = Vec::new();
    for part in text.split(';').filter(|part| !part.is_empty()) {
        let (key, value) = part.split_once('=').ok_or("it is no `RRULE`")?;
        match key.to_ascii_uppercase().as_str() {
            "UNTIL" => until = Some(value),
            "INTERVAL" if value.bytes().all(|b| b == b'0') => return Err("`INTERVAL` is 0"),
            "COUNT" if value.bytes().all(|b| b == b'0') => return Err("`COUNT` is 0"),
            "BYDAY" if !value.split(',').all(is_weekday) => {
                return Err("`BYDAY` is no list of days");
            }
            _ => {}
        }
        if !key.eq_ignore_ascii_case("UNTIL") {
            parts.push(part.to_ascii_uppercase());
        }
    }
    let rule = RRule::from_str(&parts.join(";")).map_err(|_| "it is no `RRULE` that is known")?;
    Ok(Written { rule, until })
}

/// `MO`, `1MO`, `-1SU`.
fn is_weekday(text: &str) -> bool {
    let Some((count, day)) = text.split_at_checked(text.len().saturating_sub(2)) else {
        return false;
    };
    let days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
    days.contains(&day.to_ascii_uppercase().as_str())
        && (count.is_empty() || count.parse::<i16>().is_ok_and(|count| count != 0))
}

/// The last local time that `UNTIL` lets through.
fn last_time(until: Stamp, frame: Frame) -> NaiveDateTime {
    match (until.frame, frame) {
        (Frame::Day, Frame::Floating | Frame::Zone(_)) => {
            until.local.date().and_hms_opt(23, 59, 59).unwrap_or(until.local)
        }
        _ => until.in_frame(frame),
    }
}

#[cfg(test)]
mod tests {
    use super::super::lines::lines;
    use super::*;

    fn days(rule: &str, start: &str) -> Result<Vec<String>, String> {
        let line = lines(&format!("RRULE:{rule}")).next().unwrap().unwrap();
        let start = Stamp::parse(start, None).unwrap();
        let found = expand(&line, start).map_err(|error| error.message)?;
        Ok(found.iter().skip(1).map(|at| at.date().to_string()).take(4).collect())
    }

    #[test]
    fn rules_are_expanded_from_the_start_on() {
        for (rule, start, expected) in [
            (
                "FREQ=YEARLY",
                "20241225",
                &["2024-12-25", "2025-12-25", "2026-12-25", "2027-12-25"][..],
            ),
            ("FREQ=YEARLY;COUNT=2", "20241225", &["2024-12-25", "2025-12-25"]),
            ("freq=yearly;until=20251225", "20241225", &["2024-12-25", "2025-12-25"]),
            ("FREQ=YEARLY;UNTIL=20251224T150000Z", "20241225", &["2024-12-25"]),
            ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", "20260130", &["2026-01-30", "2026-02-27"]),
            ("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=2", "20261126", &["2026-11-26", "2027-11-25"]),
            ("FREQ=DAILY;INTERVAL=2;COUNT=2;WKST=MO", "20261126", &["2026-11-26", "2026-11-28"]),
            ("FREQ=YEARLY;UNTIL=20200101", "20241225", &[]),
        ] {
            let expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
            assert_eq!(days(rule, start), Ok(expected), "{rule}");
        }
    }

    #[test]
    fn what_cannot_be_expanded_is_refused() {
        for rule in [
            "",
            "FREQ=FORTNIGHTLY",
            "FREQ=DAILY;INTERVAL=0",
            "FREQ=DAILY;COUNT=0",
            "FREQ=WEEKLY;BYDAY=XXMO",
            "FREQ=WEEKLY;BYDAY=MONDAY",
            "FREQ=YEARLY;BYMONTH=13",
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=YEARLY;UNTIL=soon",
            "FREQ=HOURLY",
            "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
            "RSCALE=CHINESE;FREQ=YEARLY",
            "FREQ=매년",
            "FREQ",
        ] {
            let refused = days(rule, "20260101");
            assert!(refused.is_err(), "{rule}: {refused:?}");
        }
    }
}
