//! Finds a place for a zone that the file itself describes under its own name: a place whose clocks
//! turn in the same way.
//!
//! `zone` reads known names first.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Utc, Weekday};

use super::lines::Line;
use super::stamp::Stamp;
use crate::time::zone::Zone;

/// One place for each way in which clocks turn today.
const PLACES: [&str; 26] = [
    "Europe/Berlin",
    "Europe/London",
    "Europe/Helsinki",
    "Europe/Chisinau",
    "Europe/Lisbon",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Anchorage",
    "America/Halifax",
    "America/St_Johns",
    "America/Havana",
    "America/Santiago",
    "America/Nuuk",
    "Atlantic/Azores",
    "Australia/Sydney",
    "Australia/Adelaide",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Norfolk",
    "Pacific/Easter",
    "Asia/Jerusalem",
    "Asia/Beirut",
    "Africa/Cairo",
];

/// The years for which the clocks of both are compared.
const FIRST: i32 = 2024;
const LAST: i32 = 2034;

/// The most parts of a description that still count.
const MOST: usize = 64;

/// `STANDARD` or `DAYLIGHT`.
#[derive(Debug, Default)]
pub(super) struct Part {
    begins: Option<NaiveDateTime>,
    /// Offsets before and after the turn, in seconds.
    from: Option<i64>,
    to: Option<i64>,
    rule: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct Parts(Vec<Part>);

impl Parts {
    pub(super) fn begin(&mut self) {
        if self.0.len() <= MOST {
            self.0.push(Part::default());
        }
    }

    /// Takes a line of the part that began last.
    pub(super) fn take(&mut self, line: &Line<'_>) {
        let Some(part) = self.0.last_mut() else { return };
        if line.is("DTSTART") {
            part.begins = Stamp::written(line.value()).map(|stamp| stamp.local);
        } else if line.is("TZOFFSETFROM") {
            part.from = seconds(line.value());
        } else if line.is("TZOFFSETTO") {
            part.to = seconds(line.value());
        } else if line.is("RRULE") {
            part.rule = Some(line.value().to_owned());
        }
    }

    /// The place whose clocks turn in the same way; `None` if there is none, or if the description
    /// is not clear.
    pub(super) fn place(&self) -> Option<Zone> {
        if self.0.len() > MOST {
            return None;
        }
        let mut turns: Vec<(DateTime<Utc>, TimeDelta)> = Vec::new();
        for part in &self.0 {
            let (from, to) =
                (TimeDelta::try_seconds(part.from?)?, TimeDelta::try_seconds(part.to?)?);
            turns.extend(part.turns()?.into_iter().map(|local| (local.and_utc() - from, to)));
        }
        turns.sort_unstable();
        PLACES.into_iter().filter_map(Zone::named).find(|zone| turn_alike(*zone, &turns))
    }
}

/// Whether the clocks of a zone agree at every turn, before it, and in each month.
fn turn_alike(zone: Zone, turns: &[(DateTime<Utc>, TimeDelta)]) -> bool {
    let months = (FIRST..=LAST).flat_map(|year| (1..=12).map(move |month| (year, month)));
    let months = months.filter_map(|(year, month)| NaiveDate::from_ymd_opt(year, month, 1));
    let around = turns.iter().flat_map(|(at, _)| [*at - TimeDelta::seconds(1), *at]);
    let mut compared = 0;
    let mut agree = |at: DateTime<Utc>| {
        let count = turns.partition_point(|(turn, _)| *turn <= at);
        let Some((_, offset)) = count.checked_sub(1).map(|last| turns[last]) else { return true };
        compared += 1;
        zone.local(at) - at.naive_utc() == offset
    };
    let is_near = |at: &DateTime<Utc>| (FIRST..=LAST).contains(&at.year());
    let is_alike = months
        .map(|day| day.and_time(chrono::NaiveTime::MIN).and_utc())
        .chain(around.filter(is_near))
        .all(&mut agree);
    is_alike && compared > 0
}

impl Part {
    /// The local times of the turns, from the year before the compared years on.
    fn turns(&self) -> Option<Vec<NaiveDateTime>> {
        let begins = self.begins?;
        let Some(rule) = &self.rule else { return Some(vec![begins]) };
        let rule = Yearly::of(rule)?;
        let years = (FIRST - 1).max(begins.year())..=LAST;
        let days = years.filter_map(|year| rule.day(year));
        let turns = days.map(|day| day.and_time(begins.time()));
        let is_in_time =
            |at: &NaiveDateTime| *at >= begins && rule.until.is_none_or(|until| *at <= until);
        let mut turns: Vec<NaiveDateTime> = turns.filter(is_in_time).collect();
        // A part that ended before these years still gives an offset.
        if turns.is_empty() {
            turns.push(begins);
        }
        Some(turns)
    }
}

/// A day of each year: the last Sunday of March, the second one of November, or a date.
#[derive(Debug, Default)]
struct Yearly {
    month: u32,
    /// The weekday, and its position among those of its kind; 0 for the first within `days`.
    weekday: Option<(Weekday, i32)>,
    days: Vec<u32>,
    until: Option<NaiveDateTime>,
}

impl Yearly {
    fn of(text: &str) -> Option<Self> {
        let mut rule = Self::default();
        for part in text.split(';').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=')?;
            match name.trim().to_ascii_uppercase().as_str() {
                "FREQ" => value.eq_ignore_ascii_case("YEARLY").then_some(())?,
                "INTERVAL" => (value == "1").then_some(())?,
                "WKST" => {}
                "BYMONTH" => rule.month = value.parse().ok()?,
                "BYMONTHDAY" => {
                    rule.days =
                        value.split(',').map(|day| day.parse().ok()).collect::<Option<_>>()?;
                }
                "BYDAY" => {
                    let at = value.len().checked_sub(2)?;
                    let (nth, day) = (value.get(..at)?, value.get(at..)?);
                    let nth = if nth.is_empty() { 0 } else { nth.parse().ok()? };
                    rule.weekday = Some((weekday(day)?, nth));
                }
                "UNTIL" => rule.until = Some(Stamp::written(value)?.local),
                _ => return None,
            }
        }
        (1..=12).contains(&rule.month).then_some(rule)
    }

    fn day(&self, year: i32) -> Option<NaiveDate> {
        let mut days = NaiveDate::from_ymd_opt(year, self.month, 1)?
            .iter_days()
            .take_while(|day| day.month() == self.month)
            .filter(|day| self.days.is_empty() || self.days.contains(&day.day()));
        let Some((weekday, nth)) = self.weekday else { return days.next() };
        let matching: Vec<NaiveDate> = days.filter(|day| day.weekday() == weekday).collect();
        let place = match nth {
            ..0 => matching.len().checked_sub(usize::try_from(-nth).ok()?)?,
            0 => 0,
            _ => usize::try_from(nth - 1).ok()?,
        };
        matching.get(place).copied()
    }
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text.to_ascii_uppercase().as_str() {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    })
}

/// `+0900`, `-033000`, in seconds.
fn seconds(text: &str) -> Option<i64> {
    let (sign, digits) = text.trim().split_at_checked(1)?;
    let sign = match sign {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let is_number = matches!(digits.len(), 4 | 6) && digits.bytes().all(|b| b.is_ascii_digit());
    let number: i64 = digits.parse().ok().filter(|_| is_number)?;
    let number = if digits.len() == 4 { number * 100 } else { number };
    Some(sign * (number / 10_000 * 3_600 + number / 100 % 100 * 60 + number % 100))
}
