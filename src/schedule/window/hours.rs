//! Owns the times of a day that are off.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{NaiveTime, Timelike};

use crate::time::spoken::span as spoken;

const DAY: u16 = 24 * 60;

/// The turns of a day that is off as a whole.
pub(super) static OFF_ALL_DAY: [Turn; 1] = [Turn { minute: 0, is_off: true }];

/// The turns of a day without any hours off.
pub(super) static ON_ALL_DAY: [Turn; 1] = [Turn { minute: 0, is_off: false }];

/// The state from this minute of a day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Turn {
    pub(super) minute: u16,
    pub(super) is_off: bool,
}

impl Turn {
    pub(super) fn time(self) -> NaiveTime {
        let (hour, minute) = (u32::from(self.minute / 60), u32::from(self.minute % 60));
        NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default()
    }
}

/// A time of day until another: `20:00-08:00`. An earlier end means the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffHours {
    /// The minute of the day at which the span begins.
    from: u16,
    /// The minute at which the span ends; on the next day if it is not after `from`.
    until: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` {problem}")]
pub struct SpanError {
    text: String,
    problem: &'static str,
    pub hint: &'static str,
    /// The same span in the right form, if there is only one reading.
    pub meant: Option<String>,
}

impl FromStr for OffHours {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let error =
            |problem, hint| SpanError { text: text.to_owned(), problem, hint, meant: spoken(text) };
        let unreadable = || {
            error(
                "does not say from when until when",
                "write from when until when, as `HH:MM-HH:MM`",
            )
        };
        let (from, until) = text.split_once('-').ok_or_else(unreadable)?;
        if let Some(time) = [from, until].into_iter().find(|part| is_out_of_range(part)) {
            let hint = "hours go from 00 to 24, minutes from 00 to 59; the last is `24:00`";
            let text = time.trim().to_owned();
            return Err(SpanError { text, problem: "is no time of day", hint, meant: None });
        }
        let (from, until) = minute(from).zip(minute(until)).ok_or_else(unreadable)?;
        if from == DAY {
            return Err(error("begins at the end of a day", "midnight is `00:00` there"));
        }
        if from == until {
            return Err(error("ends when it begins", "whole days belong into `off_days`"));
        }
        Ok(Self { from, until })
    }
}

/// `HH:MM` as a minute of the day; `24:00` is its end.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let number = |text: &str, lengths: &[usize]| {
        let is_number = lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u16>().ok().filter(|_| is_number)
    };
    let (hour, minute) = (number(hour, &[1, 2])?, number(minute, &[2])?);
    let at = hour * 60 + minute;
    (minute < 60 && at <= DAY).then_some(at)
}

/// Whether a text has the form of a time, but no day has this time.
fn is_out_of_range(text: &str) -> bool {
    let is_number = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    let has_form = text
        .trim()
        .split_once(':')
        .is_some_and(|(hour, minute)| is_number(hour) && is_number(minute));
    has_form && minute(text).is_none()
}

/// The minute of the day of a time.
pub(super) fn minute_of(time: NaiveTime) -> u16 {
    u16::try_from(time.hour() * 60 + time.minute()).unwrap_or(DAY - 1)
}

/// The times of every day that are off. Two values are equal if they are off at the same times.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hours {
    /// From midnight on. Each turn changes the state.
    turns: Arc<[Turn]>,
}

impl Hours {
    pub(super) fn turns(&self) -> &[Turn] {
        &self.turns
    }

    pub(super) fn are_all(&self) -> bool {
        self.turns.iter().all(|turn| turn.is_off)
    }

    pub(super) fn are_none(&self) -> bool {
        !self.turns.iter().any(|turn| turn.is_off)
    }

    /// The time at which hours off that began on the day before end; midnight if none do.
    pub fn end_on_next_day(&self) -> NaiveTime {
        Turn { minute: end_of_tail(&self.turns), is_off: false }.time()
    }
}

/// The state of daily turns at a minute.
pub(super) fn is_off_at(turns: &[Turn], minute: u16) -> bool {
    let begun = turns.iter().rev().find(|turn| turn.minute <= minute);
    begun.is_some_and(|turn| turn.is_off)
}

/// The minute at which the hours off that go over midnight end; 0 if none do. Hours that begin at
/// midnight go over none.
pub(super) fn end_of_tail(turns: &[Turn]) -> u16 {
    match turns {
        [first, second, .., last] if first.is_off && last.is_off => second.minute,
        _ => 0,
    }
}

/// The turns of a day, if the day before has other hours than the day itself.
pub(super) fn behind(before: &[Turn], on: &[Turn]) -> Vec<Turn> {
    let (tail, begin) = (end_of_tail(before), end_of_tail(on));
    turns(|minute| minute < tail || minute >= begin && is_off_at(on, minute)).collect()
}

/// The turns between the states of the minutes of a day.
fn turns(is_off: impl Fn(u16) -> bool) -> impl Iterator<Item = Turn> {
    let mut was_off = None;
    (0..DAY).filter_map(move |minute| {
        let is_off = is_off(minute);
        (was_off.replace(is_off) != Some(is_off)).then_some(Turn { minute, is_off })
    })
}

/// All times that lie in any of the spans.
impl FromIterator<OffHours> for Hours {
    fn from_iter<T: IntoIterator<Item = OffHours>>(spans: T) -> Self {
        let mut is_off = [false; DAY as usize];
        for OffHours { from, until } in spans {
            let until = if until > from { until } else { until + DAY };
            for minute in from..until {
                is_off[usize::from(minute % DAY)] = true;
            }
        }
        Self { turns: turns(|minute| is_off[usize::from(minute)]).collect() }
    }
}

/// `12:00-13:00, 20:00-08:00`.
impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let goes_on = self.turns.last().map(|turn| turn.is_off) == Some(self.turns[0].is_off);
        let turns = self.turns.iter().skip(usize::from(goes_on));
        let (begins, mut ends): (Vec<Turn>, Vec<Turn>) = turns.partition(|turn| turn.is_off);
        if begins.first().zip(ends.first()).is_some_and(|(begin, end)| end.minute < begin.minute) {
            // The first end belongs to the span over midnight.
            ends.rotate_left(1);
        }
        for (place, (begin, end)) in begins.iter().zip(ends).enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            let end = if end.minute == 0 { DAY } else { end.minute };
            let (from, until) = (written(begin.minute), written(end));
            write!(f, "{comma}{from}-{until}")?;
        }
        Ok(())
    }
}

fn written(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}
