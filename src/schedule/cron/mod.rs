//! Cron expressions, and the instants they mean in a zone.
//!
//! The grammar is our own (`item`), so that a refusal can point at what is wrong; which
//! days and times match is the `croner` crate's eligibility, on local time without any zone; the
//! walk to the next of them (`search`) and what happens where clocks jump are ours again
//! (`occurrence`). What people write in the place of an expression is `repair`'s business.

mod cron_error;
mod error;
mod field;
mod form;
mod item;
mod occurrence;
mod parse;
mod pattern;
mod repair;
mod search;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

pub use cron_error::CronError;
pub use occurrence::{Note, Occurrence};
pub use pattern::Cron;
pub use repair::with_zone;
pub(super) use repair::{from_sunday, from_zero};

impl Cron {
    /// The expression as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the rule follows the clock as it runs, because its minute or hour field begins
    /// with `*`; one that does not names its times, and each of them fires once.
    pub fn follows_clock(&self) -> bool {
        self.follows_clock
    }

    /// The expression in plain words, such as "At 20:00, on day 1 and 15."; `None` for the few
    /// that there are no right words for.
    pub fn describe(&self) -> Option<String> {
        parse::describe(&self.pattern)
    }

    /// How often it fires within an hour in which it fires.
    pub(super) fn times_an_hour(&self) -> usize {
        let pattern = &self.pattern.pattern;
        pattern.minutes.values().len() * pattern.seconds.values().len()
    }
}

impl FromStr for Cron {
    type Err = CronError;

    fn from_str(text: &str) -> Result<Self, CronError> {
        let parse::Parsed { pattern, follows_clock } =
            parse::parse(text).map_err(|error| error.repaired(text))?;
        Ok(Self { text: text.into(), pattern: Arc::new(pattern), follows_clock })
    }
}

impl PartialEq for Cron {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Cron {}

impl Hash for Cron {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl fmt::Debug for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cron").field(&self.text).finish()
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}
