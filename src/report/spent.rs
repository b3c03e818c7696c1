//! The time that servers spent in each state.

use std::ops::AddAssign;

use chrono::TimeDelta;

use crate::state_history::State;

/// The time of one server or of several, by state. The parts add up to the whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    pub running: TimeDelta,
    pub off: TimeDelta,
    /// Off by our stop; part of `off`.
    pub off_by_us: TimeDelta,
    pub unknown: TimeDelta,
}

impl Spent {
    pub fn in_state(state: State, length: TimeDelta, is_by_us: bool) -> Self {
        let mut spent = Self::default();
        match state {
            State::Running => spent.running = length,
            State::Off => spent.off = length,
            State::Unknown => spent.unknown = length,
        }
        if is_by_us {
            spent.off_by_us = spent.off;
        }
        spent
    }

    pub fn whole(&self) -> TimeDelta {
        self.running + self.off + self.unknown
    }

    /// The share of the time with a known state, from 0 to 1; `None` of no time.
    pub fn known(&self) -> Option<f64> {
        share(self.running + self.off, self.whole())
    }

    /// The share of the time that was off, from 0 to 1; `None` of no time.
    pub fn off_share(&self) -> Option<f64> {
        share(self.off, self.whole())
    }
}

impl AddAssign for Spent {
    fn add_assign(&mut self, other: Self) {
        self.running += other.running;
        self.off += other.off;
        self.off_by_us += other.off_by_us;
        self.unknown += other.unknown;
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of a thousand servers' centuries fit")]
fn share(part: TimeDelta, whole: TimeDelta) -> Option<f64> {
    let whole = whole.num_milliseconds();
    (whole > 0).then(|| part.num_milliseconds() as f64 / whole as f64)
}

/// Hours with a fraction, from exact milliseconds.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of a thousand servers' centuries fit")]
pub fn hours(length: TimeDelta) -> f64 {
    length.num_milliseconds() as f64 / 3_600_000.0
}

/// Time by day of the week, from Monday, and hour of the day, in the report's zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HoursOfWeek(pub [[Spent; 24]; 7]);
