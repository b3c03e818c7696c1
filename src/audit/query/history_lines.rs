//! The filter of the history, and a place in it.

use std::str::FromStr;

use chrono::{DateTime, Utc};

use crate::model::outcome::{NoSuchOutcome, Outcome};

/// A filter of lines; all that is set must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryFilter {
    pub rule: Option<String>,
    /// The number or the name of an instance.
    pub instance: Option<String>,
    /// Lines with any of these; all lines if there is none.
    pub outcomes: Vec<Wanted>,
    /// Firings that began at this instant or later.
    pub since: Option<DateTime<Utc>>,
    /// Firings that began at this instant or earlier.
    pub until: Option<DateTime<Utc>>,
    /// Only lines after this one: older, or further down in the same firing.
    pub after: Option<HistoryPlace>,
    /// The most lines.
    pub limit: u32,
}

/// An outcome, or several under one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Outcome(Outcome),
    /// Whatever needs somebody: see [`Outcome::concern`].
    Trouble,
    /// Servers that a hold kept as they were.
    Held,
}

impl Wanted {
    /// The words beside those of the outcomes.
    pub const WORDS: [&'static str; 2] = ["trouble", "held"];

    /// Reads words with commas between them.
    pub fn list(words: &str) -> Result<Vec<Self>, NoSuchOutcome> {
        let words = words.split(',').map(str::trim).filter(|word| !word.is_empty());
        words.map(str::parse).collect()
    }
}

impl FromStr for Wanted {
    type Err = NoSuchOutcome;

    fn from_str(word: &str) -> Result<Self, NoSuchOutcome> {
        match word {
            "trouble" => Ok(Self::Trouble),
            "held" => Ok(Self::Held),
            word => word.parse().map(Self::Outcome),
        }
    }
}

/// The place of a line in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryPlace {
    pub firing: i64,
    /// Orders the lines of a firing.
    pub line: i64,
}

impl Default for HistoryFilter {
    fn default() -> Self {
        Self {
            rule: None,
            instance: None,
            outcomes: Vec::new(),
            since: None,
            until: None,
            after: None,
            limit: 50,
        }
    }
}
