//! Reads `RRULE` (RFC 5545, 3.3.10): the frequency of an event, and its days.
//!
//! `expand` turns a rule into days.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use chrono::Weekday;

use super::IcsError;
use super::error::shown;
use super::lines::Line;

/// `FREQ`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Every {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// The numbers of a list, each once.
pub(super) type Numbers = BTreeSet<i32>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) line: usize,
    /// The text of the rule, short enough for a message.
    pub(super) written: String,
    pub(super) every: Every,
    pub(super) interval: i64,
    pub(super) count: Option<u64>,
    pub(super) until: Option<String>,
    pub(super) months: Numbers,
    pub(super) weeks: Numbers,
    pub(super) days_of_year: Numbers,
    pub(super) days_of_month: Numbers,
    /// Days of the week, with 0 for Monday. Each has its position in the month or year; 0 for all.
    pub(super) weekdays: BTreeSet<(i32, i32)>,
    pub(super) hours: Numbers,
    pub(super) minutes: Numbers,
    pub(super) seconds: Numbers,
    pub(super) positions: Numbers,
    /// The first day of the week, with 0 for Monday.
    pub(super) week_begins: i32,
    /// `SKIP`: an occurrence on a day that the month does not have moves to another day.
    pub(super) moves_days: bool,
}

const WEEKDAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

impl Rule {
    pub(super) fn of(line: &Line<'_>) -> Result<Self, IcsError> {
        let mut rule = Self::every(line.number, shown(line.value()));
        rule.read(line.value()).map_err(|why| rule.refused(why))?;
        Ok(rule)
    }

    /// The error for a rule that cannot be expanded.
    pub(super) fn refused(&self, why: &str) -> IcsError {
        let message = format!("`{}` cannot be expanded: {why}", self.written);
        IcsError::new(self.line, message, super::error::TAKE_OUT)
    }

    fn every(line: usize, written: String) -> Self {
        Self {
            line,
            written,
            every: Every::Year,
            interval: 1,
            count: None,
            until: None,
            months: Numbers::new(),
            weeks: Numbers::new(),
            days_of_year: Numbers::new(),
            days_of_month: Numbers::new(),
            weekdays: BTreeSet::new(),
            hours: Numbers::new(),
            minutes: Numbers::new(),
            seconds: Numbers::new(),
            positions: Numbers::new(),
            week_begins: 0,
            moves_days: false,
        }
    }

    fn read(&mut self, text: &str) -> Result<(), &'static str> {
        let mut frequency = None;
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (key, value) = part.split_once('=').ok_or("it is no `RRULE`")?;
            let (key, value) = (key.trim().to_ascii_uppercase(), value.trim().to_ascii_uppercase());
            if let Some((list, range, why)) = self.list(&key) {
                *list = numbers(&value, range).ok_or(why)?;
                continue;
            }
            match key.as_str() {
                "FREQ" => frequency = Some(every(&value).ok_or(UNKNOWN)?),
                "INTERVAL" => {
                    self.interval = positive(&value).ok_or("`INTERVAL` is no number from 1 on")?;
                }
                "COUNT" => {
                    let count = positive(&value).ok_or("`COUNT` is no number from 1 on")?;
                    self.count = Some(count.unsigned_abs());
                }
                "UNTIL" => self.until = Some(value),
                "BYDAY" => {
                    self.weekdays = weekdays(&value).ok_or("`BYDAY` is no list of days")?;
                }
                "WKST" => {
                    self.week_begins = weekday(&value).ok_or("`WKST` is no day of the week")?;
                }
                "RSCALE" if value == "GREGORIAN" => {}
                "RSCALE" => return Err("its days are those of another calendar than ours"),
                "SKIP" => self.moves_days = value != "OMIT",
                key if key.starts_with("X-") => {}
                _ => return Err(UNKNOWN),
            }
        }
        self.every = frequency.ok_or(UNKNOWN)?;
        self.must_make_sense()
    }

    /// The list of this name, its range, and a word for the message.
    fn list(&mut self, key: &str) -> Option<(&mut Numbers, RangeInclusive<i32>, &'static str)> {
        Some(match key {
            "BYMONTH" => (&mut self.months, 1..=12, "`BYMONTH` is no list of months"),
            "BYWEEKNO" => (&mut self.weeks, -53..=53, "`BYWEEKNO` is no list of weeks"),
            "BYYEARDAY" => (&mut self.days_of_year, -366..=366, "`BYYEARDAY` is no list of days"),
            "BYMONTHDAY" => (&mut self.days_of_month, -31..=31, "`BYMONTHDAY` is no list of days"),
            "BYHOUR" => (&mut self.hours, 0..=23, "`BYHOUR` is no list of hours"),
            "BYMINUTE" => (&mut self.minutes, 0..=59, "`BYMINUTE` is no list of minutes"),
            "BYSECOND" => (&mut self.seconds, 0..=60, "`BYSECOND` is no list of seconds"),
            "BYSETPOS" => (&mut self.positions, -366..=366, "`BYSETPOS` is no list of numbers"),
            _ => return None,
        })
    }

    fn must_make_sense(&self) -> Result<(), &'static str> {
        let has_place = self.weekdays.iter().any(|(place, _)| *place != 0);
        let is_yearly = self.every == Every::Year;
        if has_place && (self.every < Every::Month || !self.weeks.is_empty()) {
            return Err("`BYDAY` counts days of a month or a year, and there is none");
        }
        if !self.weeks.is_empty() && !is_yearly {
            return Err("`BYWEEKNO` counts weeks of a year, and there is none");
        }
        if !self.days_of_year.is_empty() && !is_yearly && self.every > Every::Hour {
            return Err("`BYYEARDAY` counts days of a year, and there is none");
        }
        if !self.days_of_month.is_empty() && self.every == Every::Week {
            return Err("`BYMONTHDAY` counts days of a month, and there is none");
        }
        if !self.positions.is_empty() && self.every < Every::Day {
            return Err("`BYSETPOS` within a day is not counted here");
        }
        Ok(())
    }
}

const UNKNOWN: &str = "it is no `RRULE` that is known";

fn every(text: &str) -> Option<Every> {
    Some(match text {
        "YEARLY" => Every::Year,
        "MONTHLY" => Every::Month,
        "WEEKLY" => Every::Week,
        "DAILY" => Every::Day,
        "HOURLY" => Every::Hour,
        "MINUTELY" => Every::Minute,
        "SECONDLY" => Every::Second,
        _ => return None,
    })
}

/// A number from 1 on. One too large for the type means for ever, or never again.
fn positive(text: &str) -> Option<i64> {
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = is_number.then(|| text.parse().unwrap_or(i64::from(u32::MAX)))?;
    (number > 0).then_some(number.min(i64::from(u32::MAX)))
}

/// A list of numbers. A list that counts from both ends has no 0.
fn numbers(text: &str, range: RangeInclusive<i32>) -> Option<Numbers> {
    let is_from_both_ends = *range.start() < 0;
    let number = |text: &str| {
        let number: i32 = text.trim().parse().ok()?;
        (range.contains(&number) && !(is_from_both_ends && number == 0)).then_some(number)
    };
    text.split(',').map(number).collect()
}

fn weekday(text: &str) -> Option<i32> {
    let place = WEEKDAYS.iter().position(|known| *known == text)?;
    i32::try_from(place).ok()
}

/// `MO`, `1MO`, `-1SU`.
fn weekdays(text: &str) -> Option<BTreeSet<(i32, i32)>> {
    let one = |text: &str| {
        let text = text.trim();
        let (place, day) = text.split_at_checked(text.len().checked_sub(2)?)?;
        let place = match place {
            "" => 0,
            place => place.parse().ok().filter(|it| (-53..=53).contains(it) && *it != 0)?,
        };
        Some((place, weekday(day)?))
    };
    text.split(',').map(one).collect()
}

/// The day of the week, with 0 for Monday.
pub(super) fn from_monday(day: Weekday) -> i32 {
    i32::try_from(day.num_days_from_monday()).unwrap_or_default()
}
