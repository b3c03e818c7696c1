//! The stop budget: how much of what the provider allows a server has been stopped, and when its
//! rules will have used it up.
//!
//! Pure. `standing` takes stock of what was seen, `pattern` foresees when rules turn a server,
//! `forecast` finds the day on which a limit is passed, `entry` puts all of it together. What the
//! limits are, and how days are counted, says [`schedule::budget`](crate::schedule::budget); what
//! was seen, [`states`](crate::state_history). What nobody saw is unknown: it may have been stopped or
//! not, and both are reckoned with.

mod acting_rules;
pub(crate) mod allowance;
mod entry;
mod forecast;
mod forecast_pattern;
mod usage;

use chrono::TimeDelta;

pub use crate::schedule::budget::LOOK_BACK;
pub use acting_rules::{Acting, Held, acting};
pub use allowance::Allowance;
pub use entry::{Entry, entries};
pub use forecast::{Doubt, Forecast, Foresight, LOOK_AHEAD, Passing};
pub use usage::{FRESH, Past, Standing, standing};

pub use crate::schedule::budget::Counting;

/// A time in days, rounded down to tenths: `74.2`.
#[must_use]
pub fn days(time: TimeDelta) -> f64 {
    const TENTHS: f64 = 10.0;
    let tenth = TimeDelta::days(1).num_milliseconds() / 10;
    let tenths = i32::try_from(time.num_milliseconds() / tenth).unwrap_or(i32::MAX);
    f64::from(tenths) / TENTHS
}
