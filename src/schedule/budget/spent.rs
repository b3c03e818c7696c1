//! How much of the stop budget is used up.

use chrono::TimeDelta;

use super::{Budget, Limit};

/// For how long a server was stopped, in days as `[budget] count` counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    Known(TimeDelta),
    /// Nobody saw it for part of the time.
    Unknown {
        /// So long at least.
        at_least: TimeDelta,
    },
}

impl Spent {
    /// Between two bounds: known where they are one.
    pub fn between(at_least: TimeDelta, at_most: TimeDelta) -> Self {
        if at_least < at_most { Self::Unknown { at_least } } else { Self::Known(at_least) }
    }

    /// What is known, `None` where that is not all.
    pub fn known(self) -> Option<TimeDelta> {
        match self {
            Self::Known(spent) => Some(spent),
            Self::Unknown { .. } => None,
        }
    }

    /// So long at least.
    pub fn at_least(self) -> TimeDelta {
        match self {
            Self::Known(spent) => spent,
            Self::Unknown { at_least } => at_least,
        }
    }

    /// How much of a limit it is at least, in whole hundredths, rounded down; 100 and above: it
    /// is used up.
    pub fn percent_of(self, limit: Limit, budget: &Budget) -> u32 {
        let whole = budget.allows(limit).num_milliseconds().max(1);
        let percent = self.at_least().num_milliseconds() * 100 / whole;
        u32::try_from(percent).unwrap_or(0)
    }
}
