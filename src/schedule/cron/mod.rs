//! Cron expressions, and their instants in a zone.
//!
//! The grammar is ours (`item`), so that an error can mark the mistake. The crate `croner` judges
//! the days and times, in local time without a zone. The walk to the next match (`search`) and the
//! jumps of clocks (`occurrence`) are ours again. `repair` handles texts that people write in the
//! place of an expression.

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
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the rule follows the clock, because its minute or hour field begins with `*`. Other
    /// rules name their times, and each time fires once.
    pub fn follows_clock(&self) -> bool {
        self.follows_clock
    }

    /// The expression in words, such as "At 20:00, on day 1 and 15."; `None` for the few without
    /// right words.
    pub fn describe(&self) -> Option<String> {
        parse::describe(&self.pattern)
    }

    /// The number of firings in an hour that has any.
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
