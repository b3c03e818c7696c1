//! Measures the used part of the budget, from past states.

use chrono::{DateTime, TimeDelta, Utc};

use crate::schedule::budget::spent::Spent;
use crate::schedule::budget::{Counting, Limit, Used};
use crate::state_history::{By, Interval, Seen, State, Watch};

/// An observation holds for this long. When two observations this close show a change, the time
/// between them counts as stopped, not as unknown.
pub const FRESH: TimeDelta = TimeDelta::hours(1);

/// The used part of an instance's budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The time of this measure: the last observation, if that is recent.
    pub at: DateTime<Utc>,
    /// The state at that time.
    pub state: State,
    /// The stopped time without a break up to then; zero while the instance runs.
    pub in_a_row: Spent,
    /// The longest stopped time without a break in the last 12 months.
    pub longest: Spent,
    /// The stopped time in the last 12 months.
    pub in_12_months: Spent,
}

/// An instance's last 12 months, up to the last observation or, when that is old, up to now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastYear {
    intervals: Vec<Interval>,
    counting: Counting,
    at: DateTime<Utc>,
}

/// The usage at `now`, from observations since [`LOOK_BACK`](crate::schedule::budget::LOOK_BACK)
/// before.
pub fn standing(seen: &Seen, watch: &Watch, counting: Counting, now: DateTime<Utc>) -> Standing {
    PastYear::of(seen, watch, counting, now).standing()
}

impl Standing {
    pub fn of(&self, limit: Limit) -> Spent {
        match limit {
            Limit::InARow => self.in_a_row,
            Limit::In12Months => self.in_12_months,
        }
    }
}

impl PastYear {
    /// The past from observations since [`LOOK_BACK`](crate::schedule::budget::LOOK_BACK) before
    /// `now`.
    pub fn of(seen: &Seen, watch: &Watch, counting: Counting, now: DateTime<Utc>) -> Self {
        let fresh = |looked_at: &DateTime<Utc>| (now - FRESH..=now).contains(looked_at);
        let at = seen.sightings.looked_at.filter(fresh).unwrap_or(now);
        let from = counting.instant(counting.year_until(at).0);
        Self::new(seen.sightings.intervals((from, at), watch), counting, at)
    }

    /// `intervals` have no gap and end `at`.
    pub(crate) fn new(mut intervals: Vec<Interval>, counting: Counting, at: DateTime<Utc>) -> Self {
        for turn in 1..intervals.len().saturating_sub(1) {
            let (before, after) = (intervals[turn - 1].state, intervals[turn + 1].state);
            let interval = &mut intervals[turn];
            let is_short = interval.until - interval.from <= FRESH;
            let is_turn = before != after && before != State::Unknown && after != State::Unknown;
            if interval.state == State::Unknown && is_short && is_turn {
                interval.state = State::Off;
            }
        }
        Self { intervals, counting, at }
    }

    /// The same past, if the instance were stopped from then until a later time.
    #[must_use]
    pub fn stopped_until(&self, until: DateTime<Utc>) -> Self {
        let mut longer = self.clone();
        longer.intervals.push(Interval { from: self.at, until, state: State::Off, by: None });
        longer.at = until;
        longer
    }

    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// The state at the end.
    pub fn state(&self) -> State {
        self.intervals.last().map_or(State::Unknown, |last| last.state)
    }

    /// The beginning of that state; `None` if the past does not reach back to it.
    pub fn since(&self) -> Option<DateTime<Utc>> {
        let state = self.state();
        let lasted = self.intervals.iter().rev().take_while(|it| it.state == state).count();
        let first = self.intervals.len().checked_sub(lasted)?;
        (first > 0).then(|| self.intervals.get(first).map(|it| it.from))?
    }

    /// The author of that state, if known.
    pub fn by(&self) -> Option<&By> {
        self.intervals.last()?.by.as_ref()
    }

    /// Whether a rule has stopped the instance since its last known running time.
    pub fn was_stopped_by_us(&self) -> bool {
        let mut since = self.intervals.iter().rev().take_while(|it| it.state != State::Running);
        since.any(|it| matches!(it.by, Some(By::Us(_))))
    }

    pub fn standing(&self) -> Standing {
        Standing {
            at: self.at,
            state: self.state(),
            in_a_row: self.in_a_row(),
            longest: self.bounds(|rows| {
                let lengths = rows.iter().map(|(from, until)| self.counting.length(*from, *until));
                lengths.max().unwrap_or_default()
            }),
            in_12_months: self.bounds(|rows| {
                let stretches =
                    rows.iter().map(|(from, until)| self.counting.stretch(*from, *until));
                stretches.collect::<Used>().within(self.counting.year_until(self.at))
            }),
        }
    }

    fn in_a_row(&self) -> Spent {
        let now = |rows: &[Row]| {
            let last = rows.last().filter(|(_, until)| *until == self.at);
            last.map_or(TimeDelta::zero(), |(from, until)| self.counting.length(*from, *until))
        };
        let spent = self.bounds(now);
        // Time before the 12 months was not read.
        let whole = self.intervals.first().map(|first| (first.from, self.at));
        let has_no_beginning = self.rows(|state| state == State::Off).last() == whole.as_ref();
        if has_no_beginning { Spent::Unknown { at_least: spent.at_least() } } else { spent }
    }

    /// The least and the most that a measure gives: unknown time counts as running, then as
    /// stopped.
    fn bounds(&self, measure: impl Fn(&[Row]) -> TimeDelta) -> Spent {
        let at_least = measure(&self.rows(|state| state == State::Off));
        let at_most = measure(&self.rows(|state| state != State::Running));
        Spent::between(at_least, at_most)
    }

    /// The stopped times without a break.
    pub(crate) fn rows(&self, is_off: impl Fn(State) -> bool) -> Vec<Row> {
        let mut rows: Vec<Row> = Vec::new();
        for interval in self.intervals.iter().filter(|interval| is_off(interval.state)) {
            match rows.last_mut() {
                Some((_, until)) if *until == interval.from => *until = interval.until,
                _ => rows.push((interval.from, interval.until)),
            }
        }
        rows
    }
}

/// A time without a break: its beginning and its end.
pub(crate) type Row = (DateTime<Utc>, DateTime<Utc>);

#[cfg(test)]
mod tests;
