//! What is changed of a series: occurrences that are taken out, moved or called off.

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

/// What is taken out of a series.
#[derive(Default)]
pub(super) struct Out {
    /// Told by events of their own, and whether the series would have them.
    altered: HashMap<NaiveDateTime, bool>,
    times: HashSet<NaiveDateTime>,
    days: HashSet<NaiveDate>,
    /// The days of `altered` and `times`.
    concerned: HashSet<NaiveDate>,
}

/// What all occurrences of a series become from when on. `None`: they are called off, or a rule
/// of their own tells them.
#[derive(Default)]
pub(super) struct Ranges(pub(super) BTreeMap<NaiveDateTime, Option<Moved>>);

/// What occurrences become from one on.
pub(super) struct Moved {
    pub(super) by: TimeDelta,
    pub(super) length: TimeDelta,
    pub(super) name: Option<Arc<str>>,
}

/// How long an occurrence is, and what it is called.
pub(super) type Told<'e> = (TimeDelta, Option<&'e Arc<str>>);

impl Out {
    /// What an event says itself of what is taken out of it.
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

    /// These occurrences are told by events of their own.
    pub(super) fn alter(&mut self, times: impl Iterator<Item = NaiveDateTime>) {
        for at in times {
            self.altered.insert(at, false);
            self.concerned.insert(at.date());
        }
    }

    /// Those of the altered occurrences that the series would have.
    pub(super) fn met(&self) -> impl Iterator<Item = NaiveDateTime> {
        self.altered.iter().filter(|(_, is_met)| **is_met).map(|(at, _)| *at)
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.altered.is_empty() && self.times.is_empty() && self.days.is_empty()
    }
}

impl Ranges {
    /// An occurrence as it was changed; `None` where it does not take place.
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

/// Which time of a series is meant: of a day, the time that the series has.
pub(super) fn place(stamp: Stamp, series: Stamp, zones: &Zones) -> NaiveDateTime {
    match (stamp.frame, series.frame) {
        (Frame::Day, Frame::Floating | Frame::Zone(_)) => {
            stamp.local.date().and_time(series.local.time())
        }
        _ => zones.local(stamp, series.frame),
    }
}

/// The last time that a rule lets through, if there is one.
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

/// Tells the times of a rule for an event that begins so, less those that are taken out.
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

/// That the file makes too much work.
pub(super) fn too_much(line: usize) -> IcsError {
    let message = "the file stands for more days and times than are counted, from here on";
    IcsError::new(line, message, FEWER)
}
