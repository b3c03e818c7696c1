//! The stop budget: how much of what the provider allows a server has been stopped, and when its
//! rules will have used it up.
//!
//! - `usage` takes stock of what was seen. `forecast_pattern` foresees when rules turn a server;
//!   `acting_rules` says which rules.
//! - `forecast` finds the day on which a limit is passed. `entry` puts all of it together.
//! - `allowance` says which stops would overrun a limit. It alone reads the log; the rest is pure.
//!
//! The limits, and how days are counted, are [`schedule::budget`](crate::schedule::budget)'s
//! business. What was seen is [`state_history`](crate::state_history)'s. What nobody saw is
//! unknown: the server may have been stopped or not, and both are reckoned with.

mod acting_rules;
pub(crate) mod allowance;
mod entry;
mod forecast;
mod forecast_pattern;
mod usage;

use chrono::TimeDelta;

pub use crate::schedule::budget::{Counting, LOOK_BACK};
pub use acting_rules::{Acting, Held, acting};
pub use allowance::Allowance;
pub use entry::{Entry, entries};
pub use forecast::{Doubt, Forecast, Foresight, LOOK_AHEAD, Passing};
pub use usage::{FRESH, Past, Standing, standing};

/// A time in days, rounded down to tenths: `74.2`.
pub fn days(time: TimeDelta) -> f64 {
    const TENTHS: f64 = 10.0;
    let tenth = TimeDelta::days(1).num_milliseconds() / 10;
    let tenths = i32::try_from(time.num_milliseconds() / tenth).unwrap_or(i32::MAX);
    f64::from(tenths) / TENTHS
}
