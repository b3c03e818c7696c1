//! The stop budget: how much of what the provider allows a server has been stopped, and when its
//! rules will have used it up.
//!
//! Pure. `standing` takes stock of what was seen, `pattern` foresees when rules turn a server,
//! `forecast` finds the day on which a limit is passed, `entry` puts all of it together. What the
//! limits are, and how days are counted, says [`schedule::budget`](crate::schedule::budget); what
//! was seen, [`states`](crate::state_history). What nobody saw is unknown: it may have been stopped or
//! not, and both are reckoned with.

mod acting_rules;
mod entry;
mod forecast;
mod forecast_pattern;
mod usage;

use chrono::TimeDelta;

pub use acting_rules::{Acting, Held, acting};
pub use entry::{Entry, Facts, entries};
pub use forecast::{Doubt, Forecast, Foresight, LOOK_AHEAD, Passing};
pub use usage::{FRESH, LOOK_BACK, Past, Standing, standing};

pub use crate::schedule::budget::Counting;
use crate::schedule::budget::{Budget, Limit};

/// For how long a server was stopped, in days as `[budget] count` counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    /// So long.
    Known(TimeDelta),
    /// Nobody saw it for part of the time.
    Unknown {
        /// So long at least.
        at_least: TimeDelta,
    },
}

impl Spent {
    /// Between two bounds: known where they are one.
    #[must_use]
    pub fn between(at_least: TimeDelta, at_most: TimeDelta) -> Self {
        if at_least < at_most { Self::Unknown { at_least } } else { Self::Known(at_least) }
    }

    /// What is known, `None` where that is not all.
    #[must_use]
    pub fn known(self) -> Option<TimeDelta> {
        match self {
            Self::Known(spent) => Some(spent),
            Self::Unknown { .. } => None,
        }
    }

    /// So long at least.
    #[must_use]
    pub fn at_least(self) -> TimeDelta {
        match self {
            Self::Known(spent) => spent,
            Self::Unknown { at_least } => at_least,
        }
    }

    /// How much of a limit it is at least, in whole hundredths, rounded down; 100 and above: it
    /// is used up.
    #[must_use]
    pub fn percent_of(self, limit: Limit, budget: &Budget) -> u32 {
        let whole = budget.allows(limit).num_milliseconds().max(1);
        let percent = self.at_least().num_milliseconds() * 100 / whole;
        u32::try_from(percent).unwrap_or(0)
    }
}

/// A time in days, rounded down to tenths: `74.2`.
#[must_use]
pub fn days(time: TimeDelta) -> f64 {
    const TENTHS: f64 = 10.0;
    let tenth = TimeDelta::days(1).num_milliseconds() / 10;
    let tenths = i32::try_from(time.num_milliseconds() / tenth).unwrap_or(i32::MAX);
    f64::from(tenths) / TENTHS
}
