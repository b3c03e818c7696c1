//! Owns the changes of a series: occurrences that are removed, moved or cancelled.
//!
//! `series` finds the events that make them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::IcsError;
use super::error::FEWER;
use super::event::Event;
use super::expand::{Except, Found, Series, Span};
use super::marks::{Stop, Work};
use super::rule::{Every, Rule};
use super::stamp::{Frame, Stamp};
use super::zones::Zones;

/// The occurrences that are removed from a series.
#[derive(Default)]
pub(super) struct Out {
    /// Occurrences that events of their own replace, and whether the series has each of them.
    altered: HashMap<NaiveDateTime, bool>,
    times: HashSet<NaiveDateTime>,
    days: HashSet<NaiveDate>,
    /// The days of `altered` and `times`.
    concerned: HashSet<NaiveDate>,
}

/// For each start, the change of all occurrences from there on. `None`: they are cancelled, or an
/// own rule replaces them.
#[derive(Default)]
pub(super) struct Ranges(pub(super) BTreeMap<NaiveDateTime, Option<Moved>>);

/// The change of all occurrences from one on.
pub(super) struct Moved {
    pub(super) by: TimeDelta,
    pub(super) length: TimeDelta,
    pub(super) name: Option<Arc<str>>,
}

/// The length and the name of an occurrence.
pub(super) type Told<'e> = (TimeDelta, Option<&'e Arc<str>>);

impl Out {
    /// The removals that an event itself lists.
    pub(super) fn of(event: &Event, zones: &Zones, work: &mut Work) -> Result<Self, IcsError> {
        let mut out = Self::default();
        for stamp in &event.taken_out {
            match (stamp.frame, event.start.frame) {
                (_, Frame::Day) => drop(out.days.insert(zones.day(*stamp))),
                (Frame::Day, _) => drop(out.days.insert(stamp.local.date())),
                (_, frame) => drop(out.times.insert(zones.local(*stamp, frame))),
            }
        }
        let mut taken = Vec::new();
        for rule in &event.except {
            let mut add = |work: &mut Work, span: Span| {
                work.look_up()?;
                taken.push(span);
                Ok(())
            };
            let told = |error: IcsError| error.of(event.summary.as_deref());
            expand(rule, event.start, (zones, work), (&mut Self::default(), &mut add))
                .map_err(told)?;
            if taken.iter().any(|span| span.first != span.last) {
                return Err(told(rule.refused("it takes out several times of a day")));
            }
        }
        out.times.extend(taken.iter().map(|span| span.first));
        out.concerned.extend(out.times.iter().map(NaiveDateTime::date));
        Ok(out)
    }

    /// Marks occurrences that events of their own replace.
    pub(super) fn alter(&mut self, times: impl Iterator<Item = NaiveDateTime>) {
        for at in times {
            self.altered.insert(at, false);
            self.concerned.insert(at.date());
        }
    }

    /// The replaced occurrences that the series really has.
    pub(super) fn met(&self) -> impl Iterator<Item = NaiveDateTime> {
        self.altered.iter().filter(|(_, is_met)| **is_met).map(|(at, _)| *at)
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.altered.is_empty() && self.times.is_empty() && self.days.is_empty()
    }
}

impl Ranges {
    /// An occurrence after its change; `None` if it does not take place.
    pub(super) fn changed<'c>(&'c self, span: Span, told: Told<'c>) -> Option<(Span, Told<'c>)> {
        let Some((_, moved)) = self.0.range(..=span.first).next_back() else {
            return Some((span, told));
        };
        let moved = moved.as_ref()?;
        let Span { first, last } = span;
        let span = Span { first: first + moved.by, last: last + moved.by };
        Some((span, (moved.length, moved.name.as_ref())))
    }
}

impl Except for Out {
    fn concerns(&self, day: NaiveDate) -> bool {
        self.concerned.contains(&day) || self.days.contains(&day)
    }

    fn takes(&mut self, at: NaiveDateTime) -> bool {
        if let Some(is_met) = self.altered.get_mut(&at) {
            *is_met = true;
            return true;
        }
        self.times.contains(&at) || self.days.contains(&at.date())
    }
}

/// The time of a series that a stamp means. A day means the time that the series has on it.
pub(super) fn place(stamp: Stamp, series: Stamp, zones: &Zones) -> NaiveDateTime {
    match (stamp.frame, series.frame) {
        (Frame::Day, Frame::Floating | Frame::Zone(_)) => {
            stamp.local.date().and_time(series.local.time())
        }
        _ => zones.local(stamp, series.frame),
    }
}

/// The last time of a rule, if it ends.
pub(super) fn last_time(
    rule: &Rule,
    start: Stamp,
    zones: &Zones,
) -> Result<Option<NaiveDateTime>, IcsError> {
    let Some(until) = &rule.until else { return Ok(None) };
    let until = Stamp::written(until).ok_or_else(|| rule.refused("`UNTIL` is no date or time"))?;
    Ok(Some(match (until.frame, start.frame) {
        (Frame::Day, Frame::Floating | Frame::Zone(_)) => {
            let end = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default();
            until.local.date().and_time(end)
        }
        _ => zones.local(until, start.frame),
    }))
}

/// Passes on the times of a rule for an event with this start, without the removed ones.
pub(super) fn expand(
    rule: &Rule,
    start: Stamp,
    (zones, work): (&Zones, &mut Work),
    (except, found): (&mut dyn Except, &mut Found<'_>),
) -> Result<(), IcsError> {
    let until = last_time(rule, start, zones)?;
    let series = match start.frame {
        Frame::Day if rule.every < Every::Day => {
            return Err(rule.refused("a whole day comes once a day at most"));
        }
        Frame::Day => Series::of_days(rule, start.local, until),
        _ => Series::of_times(rule, start.local, until),
    };
    if rule.moves_days && series.can_miss_a_day() {
        return Err(rule.refused("`SKIP` moves its days"));
    }
    series.expand(except, work, found).map_err(|Stop| too_much(rule.line))
}

/// The error for a file that makes too much work.
pub(super) fn too_much(line: usize) -> IcsError {
    let message = "the file stands for more days and times than are counted, from here on";
    IcsError::new(line, message, FEWER)
}
