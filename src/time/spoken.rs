//! What people write for times and days where a file asks for other forms: `8pm`, `20.00`,
//! `오후 8시 30분`, `Monday`, `월-금`, `MON–FRI`. Only hints are made of it; what can be understood
//! in two ways is not understood.

mod date;
mod days;
mod letters;
mod time;

use letters::ends;

pub(crate) use date::{date, dates, moment};
pub(crate) use days::{Group, days};
pub(crate) use letters::{plain, plain_char};
pub(crate) use time::{Clock, either_half, span, time};
