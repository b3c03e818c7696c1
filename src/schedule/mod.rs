//! Owns schedules.toml, read and checked: the actions of rules, and the times at which they fall
//! due.
//!
//! Pure: reads its file and the calendars that it names, and nothing else. Never asks the time, the
//! network or the log. `select` finds the servers of a rule, and the engine acts.
//!
//! A file passes these steps:
//!
//! 1. `file` reads bytes and TOML; `torn` repairs texts that are no TOML.
//! 2. `syntax` compares with the JSON Schema, which is made from the types in `raw`.
//! 3. `check` does everything that a schema cannot say.
//! 4. The result has the types of [`rule`].
//!
//! Each step adds to one list of [`Problem`]s and goes on. [`edit`] goes the other way: it changes
//! the text, and [`first_file`] writes the first one.

mod audit_file;
pub mod budget;
pub mod calendar;
pub mod changes;
mod check;
pub mod cron;
pub mod diff;
pub mod edit;
pub mod expect;
mod expiry;
mod file;
pub mod first_file;
pub mod glob;
pub mod hint;
mod meaning;
mod minimal;
pub mod notify;
pub mod observe;
pub mod overrides;
pub mod pace;
pub mod prices;
pub mod problem;
mod problems;
mod raw;
mod read_error;
mod read_text;
pub mod readback;
pub mod report_times;
pub mod rule;
mod secret_variables;
mod secrets;
pub mod selector;
pub mod shared;
pub(crate) mod source;
pub mod stop_budget;
mod syntax;
pub mod tag_questions;
pub mod times;
mod toml_text;
mod torn;
pub mod web;
pub mod window;

pub use crate::model::platform::Platform;
pub use audit_file::{AuditFile, Shared};
pub use check::HEARTBEAT;
pub use minimal::Glimpse;
pub use problem::{Problem, Severity};
pub use raw::schema_json;
pub use read_error::ReadError;
pub use rule::{
    Account, CredentialSource, Disabled, Drift, Gateway, HoldTerms, Rule, RuleEntry, Schedules,
    Start, beside,
};

/// The folder of the system's schedules.toml.
pub const SYSTEM_FOLDER: &str = "/etc/lightsout";
