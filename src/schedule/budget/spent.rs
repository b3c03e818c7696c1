//! Owns the used part of a stop budget, as far as it is known.

use chrono::TimeDelta;

use super::{Budget, Limit};

/// The time for which a server was stopped, in days as `[budget] count` counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    Known(TimeDelta),
    /// Nobody observed the server for part of the time.
    Unknown {
        at_least: TimeDelta,
    },
}

impl Spent {
    /// The time between two bounds; known if they are equal.
    pub fn between(at_least: TimeDelta, at_most: TimeDelta) -> Self {
        if at_least < at_most { Self::Unknown { at_least } } else { Self::Known(at_least) }
    }

    /// The time, if it is known in full.
    pub fn known(self) -> Option<TimeDelta> {
        match self {
            Self::Known(spent) => Some(spent),
            Self::Unknown { .. } => None,
        }
    }

    /// The least time that is certain.
    pub fn at_least(self) -> TimeDelta {
        match self {
            Self::Known(spent) => spent,
            Self::Unknown { at_least } => at_least,
        }
    }

    /// The least used part of a limit in whole per cent, rounded down. From 100 on, the limit is
    /// used up.
    pub fn percent_of(self, limit: Limit, budget: &Budget) -> u32 {
        let whole = budget.allows(limit).num_milliseconds().max(1);
        let percent = self.at_least().num_milliseconds() * 100 / whole;
        u32::try_from(percent).unwrap_or(0)
    }
}
