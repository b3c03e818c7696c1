//! Owns `[[expect]]`: the expected state of an instance at a time.
//!
//! [`select::simulate`](crate::select::simulate) finds the state to which the rules lead.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::instance::{AccountName, InstanceNo};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// The first line of the entry, from 1.
    pub line: usize,
    /// The time. A firing counts from its instant on.
    pub at: DateTime<Utc>,
    /// Which instance.
    pub instance: ExpectedInstance,
    pub account: AccountName,
    pub state: ExpectedState,
    /// The purpose, in the author's words.
    pub because: Option<String>,
}

/// An instance as the cloud would show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedInstance {
    /// `0`, which no rule means, if none is given.
    pub no: InstanceNo,
    pub name: String,
    /// All its tags.
    pub tags: Vec<(String, String)>,
}

/// The expected state of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
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
