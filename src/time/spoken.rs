//! Reads times and days in the forms that people use: `8pm`, `20.00`, `오후 8시 30분`, `Monday`, `월-금`,
//! `MON–FRI`.
//!
//! The result serves hints, which the checks of `schedule` write. `time_input` also takes days of the
//! week from here. A text with two readings gives none.

mod date;
mod days;
mod letters;
mod time;

use letters::ends;

pub(crate) use date::{date, dates, moment};
pub(crate) use days::{Group, days};
pub(crate) use letters::{plain, plain_char};
pub(crate) use time::{Clock, either_half, span, time};
