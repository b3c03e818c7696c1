//! Forecasts the day on which an instance will have used up its budget, if its rules stay the same.
//!
//! [`super::usage`] knows the past; [`super::forecast_pattern`] follows the rules.

use std::collections::HashMap;
use std::rc::Rc;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::acting_rules::Acting;
use super::forecast_pattern::{Begin, OffTime, Turner, Unforeseen, off_times};
use super::usage::{PastYear, Row};
use crate::model::instance::Action;
use crate::schedule::budget::{Budget, Counting, Limit, Stretch, Used, year_before};
use crate::state_history::{By, State};

/// The length of a forecast. After one year, nothing of the past counts any more. Rules that do not
/// pass a limit in another year never will.
pub const LOOK_AHEAD: TimeDelta = TimeDelta::days(730);

/// The time at which an instance passes a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forecast {
    Passed(Limit),
    /// At this time, if the rules stay the same and all their firings succeed.
    Passes(Passing),
    /// Never, under the present rules.
    Never,
    Unknown(Doubt),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passing {
    /// The time. When days count, the beginning of the day that passes the limit.
    pub at: DateTime<Utc>,
    /// The limit may be passed sooner, since a part of the past is unknown.
    pub at_the_latest: bool,
    pub limit: Limit,
    /// The rule whose stop passes the limit; `None` when lightsout did not stop the instance, or
    /// nobody knows.
    pub by: Option<String>,
}

/// The reason why no forecast is possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The outcome depends on an unknown part of the past.
    Past,
    /// This rule stops the instance, and no rule starts it: people do, at unknown times.
    StartedByPeople(String),
    /// The first rule stops the instance at the very instant at which the second starts it.
    Torn(String, String),
    /// The rules turn the instance too often to be followed.
    TooOften,
}

/// Forecasts for many instances. Equal rules are followed only once.
#[derive(Debug)]
pub struct Forecaster<'f> {
    now: DateTime<Utc>,
    counting: Counting,
    budget: &'f Budget,
    known: HashMap<(Vec<Turner<'f>>, Begin), Foreseen>,
}

/// The future off-times, or the reason why they are unknown.
type Foreseen = Rc<Result<Vec<OffTime>, Unforeseen>>;

/// The point at which off-times pass a limit: the time, the limit, the rule's index.
type Crossing = (DateTime<Utc>, Limit, Option<usize>);

impl<'f> Forecaster<'f> {
    pub fn new(budget: &'f Budget, counting: Counting, now: DateTime<Utc>) -> Self {
        Self { now, counting, budget, known: HashMap::new() }
    }

    /// The forecast of an instance with this past and these rules.
    pub fn forecast(&mut self, past: &PastYear, acting: &[Acting<'f>]) -> Forecast {
        let standing = past.standing();
        let spent =
            [(Limit::InARow, standing.in_a_row), (Limit::In12Months, standing.in_12_months)];
        for (limit, spent) in spent {
            if spent.at_least() > self.budget.allows(limit) {
                return Forecast::Passed(limit);
            }
        }
        if past.state() != State::Off
            && let Some(rule) = never_started(acting)
        {
            return Forecast::Unknown(Doubt::StartedByPeople(rule));
        }
        // The truth about an unknown past lies between these two.
        let (least, most) =
            (past.rows(|it| it == State::Off), past.rows(|it| it != State::Running));
        let (late, soon) = (at_best(past), at_worst(past));
        let turners: Vec<Turner<'f>> = acting.iter().map(Turner::of).collect();
        let mut cross = |rows: &[Row], begin| self.cross(rows, &turners, begin);
        let latest = cross(&least, late);
        let soonest = if (&least, late) == (&most, soon) { latest } else { cross(&most, soon) };
        let name = |place: usize| acting[place].rule.name.to_string();
        match (latest, soonest) {
            (Err(Unforeseen::Torn(one, other)), _) | (_, Err(Unforeseen::Torn(one, other))) => {
                Forecast::Unknown(Doubt::Torn(name(one), name(other)))
            }
            (Err(Unforeseen::TooOften), _) | (_, Err(Unforeseen::TooOften)) => {
                Forecast::Unknown(Doubt::TooOften)
            }
            (Ok(None), Ok(None)) => Forecast::Never,
            (Ok(None), Ok(Some(_))) => Forecast::Unknown(Doubt::Past),
            (Ok(Some((at, limit, by))), soonest) => {
                let stopped_by = || match past.by() {
                    Some(By::Us(rule)) => Some(rule.clone()),
                    _ => None,
                };
                let at_the_latest = soonest.is_ok_and(|soonest| soonest.map(|it| it.0) != Some(at));
                let by = by.map_or_else(stopped_by, |place| Some(name(place)));
                Forecast::Passes(Passing { at, at_the_latest, limit, by })
            }
        }
    }

    /// The first limit that is passed, when these off-times follow the past.
    fn cross(
        &mut self,
        past: &[Row],
        turners: &[Turner<'f>],
        begin: Begin,
    ) -> Result<Option<Crossing>, Unforeseen> {
        let (now, counting) = (self.now, self.counting);
        let known = self
            .known
            .entry((turners.to_vec(), begin))
            .or_insert_with(|| Rc::new(off_times(turners, begin, (now, now + LOOK_AHEAD))));
        let foreseen = Rc::clone(known);
        let foreseen = foreseen.as_ref().as_ref().map_err(|unforeseen| *unforeseen)?;
        let mut used: Used =
            past.iter().map(|(from, until)| counting.stretch(*from, *until)).collect();
        if used.within(counting.year_until(now)) > self.budget.allows(Limit::In12Months) {
            return Ok(Some((now, Limit::In12Months, None)));
        }
        for off_time in foreseen {
            let row = past.last().filter(|_| off_time.stopped_by.is_none());
            let (row_from, from) = *row.unwrap_or(&(off_time.from, off_time.from));
            let stretch = counting.stretch(from, off_time.until);
            used.add(stretch);
            let in_a_row = self.end_of_row((row_from, off_time.until));
            let in_12_months = self.end_of_year(&used, stretch).map(|at| at.max(off_time.from));
            let limits = [(in_a_row, Limit::InARow), (in_12_months, Limit::In12Months)];
            let passed = limits.into_iter().filter_map(|(at, limit)| Some((at?, limit)));
            if let Some((at, limit)) = passed.min() {
                return Ok(Some((at, limit, off_time.stopped_by)));
            }
        }
        Ok(None)
    }

    /// The time at which a row passes the limit in a row.
    fn end_of_row(&self, (from, until): Row) -> Option<DateTime<Utc>> {
        let (begin, end) = self.counting.stretch(from, until);
        let passes = begin + self.budget.allows(Limit::InARow);
        (passes < end).then(|| self.counting.instant(passes))
    }

    /// The time within the last used stretch at which the 12 months before it exceed their limit.
    fn end_of_year(&self, used: &Used, (from, until): Stretch) -> Option<DateTime<Utc>> {
        let allowed = self.budget.allows(Limit::In12Months);
        let step = self.counting.step();
        let passes = |point: NaiveDateTime| used.within(year_before(point)) > allowed;
        if !passes(until) {
            return None;
        }
        let steps = (until - from).num_milliseconds() / step.num_milliseconds();
        let point = |steps: i32| (from + step * steps).min(until);
        // Within a stretch, the sum only grows.
        let (mut before, mut after) = (0, i32::try_from(steps).ok()?.saturating_add(1));
        while after - before > 1 {
            let middle = i32::midpoint(before, after);
            *(if passes(point(middle)) { &mut after } else { &mut before }) = middle;
        }
        Some(self.counting.instant(point(before)))
    }
}

/// The state at the beginning, if all unknown time was the better case.
fn at_best(past: &PastYear) -> Begin {
    match (past.state(), past.by()) {
        (State::Running | State::Unknown, _) => Begin::Running,
        (State::Off, Some(By::Others)) => Begin::OffByOthers,
        (State::Off, Some(By::Us(_)) | None) => Begin::OffByUs,
    }
}

/// The state at the beginning, if all unknown time was the worse case.
fn at_worst(past: &PastYear) -> Begin {
    match (past.state(), past.by()) {
        (State::Running, _) => Begin::Running,
        (State::Off, Some(By::Us(_))) => Begin::OffByUs,
        (State::Off | State::Unknown, _) => Begin::OffByOthers,
    }
}

/// The rule that stops an instance which no rule starts.
fn never_started(acting: &[Acting<'_>]) -> Option<String> {
    let of = |action| acting.iter().find(|it| it.rule.action == action);
    of(Action::Stop).filter(|_| of(Action::Start).is_none()).map(|it| it.rule.name.to_string())
}

#[cfg(test)]
mod tests;
