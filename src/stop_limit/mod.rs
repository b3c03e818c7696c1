//! The stop budget: how much of the allowed time each server has been stopped, and when its rules
//! will have used it up.
//!
//! - `usage` measures the past. `acting_rules` picks the rules, and `forecast_pattern` follows
//!   them.
//! - `forecast` finds the day on which a limit is passed. `entry` joins both for each server.
//! - `allowance` keeps rules from stops beyond a limit.
//! - `restart` finds the servers that are started before a limit.
//!
//! All of it is pure. `audit` reads the observations.
//!
//! [`schedule::budget`](crate::schedule::budget) owns the limits and the way days are counted.
//! [`state_history`](crate::state_history) owns the past states. In unknown time a server may have
//! been stopped or not, so results are given for both cases.

mod acting_rules;
pub(crate) mod allowance;
mod entry;
mod forecast;
mod forecast_pattern;
mod restart;
mod usage;

use chrono::TimeDelta;

pub use crate::schedule::budget::{Counting, LOOK_BACK};
pub use acting_rules::{Acting, Held, acting, perhaps_acting};
pub use allowance::Allowance;
pub use entry::{InstanceBudget, entries};
pub use forecast::{Doubt, Forecast, Forecaster, LOOK_AHEAD, Passing};
pub use restart::{Restart, off_before, restarts};
pub use usage::{FRESH, PastYear, Standing, standing};

/// A time in days, rounded down to tenths: `74.2`.
pub fn days(time: TimeDelta) -> f64 {
    const TENTHS: f64 = 10.0;
    let tenth = TimeDelta::days(1).num_milliseconds() / 10;
    let tenths = i32::try_from(time.num_milliseconds() / tenth).unwrap_or(i32::MAX);
    f64::from(tenths) / TENTHS
}
