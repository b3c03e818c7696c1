//! `[[expect]]`: what an instance shall be at a time.
//!
//! What the rules make of it is foreseen in [`select::simulate`](crate::select::simulate).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::instance::{AccountName, Instance};

/// One entry of `[[expect]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// The line of the file that it begins on, from 1.
    pub line: usize,
    /// When. A firing counts from its instant on.
    pub at: DateTime<Utc>,
    /// Which instance: its name, its number (`0`, which no rule means, where none is given) and
    /// its tags, none of which is unknown.
    pub instance: Instance,
    pub account: AccountName,
    pub state: ExpectedState,
    /// What people say it is for.
    pub because: Option<String>,
}

/// What an instance can be expected to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ExpectedState {
    /// The last firing about it stopped it.
    Stopped,
    /// The last firing about it started it.
    Running,
    /// No rule acted on it, in all the 400 days before.
    Untouched,
}

impl ExpectedState {
    /// The word in schedules.toml and in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Running => "running",
            Self::Untouched => "untouched",
        }
    }
}
