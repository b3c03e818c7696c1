//! What a soak found, and how it is told.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use lightsout::cloud::rehearsal::Tally;

use super::machine::Use;

/// How many problems are shown.
const MOST_SHOWN: usize = 50;

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// What must not be: empty, if all is well.
    pub(crate) problems: Vec<String>,
    pub(crate) servers: usize,
    pub(crate) rules: usize,
    pub(crate) firings: usize,
    pub(crate) late: usize,
    pub(crate) kills: usize,
    /// Requests of all kinds, and how many of them a fault struck.
    pub(crate) requests: usize,
    pub(crate) struck: usize,
    /// Rows of requests for a change.
    pub(crate) changes: usize,
    pub(crate) tally: Tally,
    /// How often each outcome was recorded.
    pub(crate) words: BTreeMap<String, i64>,
    /// Why nothing is known of how some instances ended.
    pub(crate) unknown: BTreeMap<String, i64>,
    /// What the process took after the first week and at the end.
    pub(crate) machine: Option<(Use, Use)>,
    pub(crate) took: Duration,
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} servers, {} rules, {} firings ({} late), {} kills, in {:.0?}",
            self.servers, self.rules, self.firings, self.late, self.kills, self.took
        )?;
        writeln!(
            f,
            "{} requests, {} of them struck by a fault; {} to change something: {:?}",
            self.requests, self.struck, self.changes, self.tally
        )?;
        writeln!(f, "outcomes: {:?}", self.words)?;
        for (reason, count) in &self.unknown {
            writeln!(f, "unknown, {count}: {reason}")?;
        }
        if let Some((first, last)) = self.machine {
            writeln!(f, "after the first week: {first}; at the end: {last}")?;
        }
        for problem in self.problems.iter().take(MOST_SHOWN) {
            writeln!(f, "PROBLEM {problem}")?;
        }
        write!(f, "{} problems", self.problems.len())
    }
}
