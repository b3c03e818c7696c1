//! A question to the daemon and its answer: one line of JSON each.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The most bytes of a line.
pub(super) const LONGEST: u64 = 16 * 1024;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Question {
    Hold(NewHold),
    /// The numbers of holds.
    Release(Vec<i64>),
}

/// A hold whose author the daemon finds out by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewHold {
    pub subject: Held,
    pub until: DateTime<Utc>,
    pub skip: bool,
    pub why: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    Rule(String),
    Instance(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The number of the new hold.
    Held(i64),
    /// The numbers of those that were still in force.
    Released(Vec<i64>),
    /// This may not be held.
    Refused { message: String, hint: String },
    /// The log could not be read or written.
    Failed(String),
}

/// A line of JSON with its end.
pub(super) fn line<T: Serialize>(said: &T) -> Vec<u8> {
    let mut line = serde_json::to_vec(said).expect("these types have only texts and numbers");
    line.push(b'\n');
    line
}
