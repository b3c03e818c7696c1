//! WHAT is to be done and WHEN it falls due: schedules.toml, read and checked.
//!
//! Pure: reads its file, the calendars that it names, and nothing else. Never asks the time, the
//! network or the log.
//!
//! A file goes from `file` (bytes and TOML) through `syntax` (the JSON Schema, made from the
//! types in `raw`) and `check` (everything a schema cannot say) to the types in [`rule`]. On
//! the way every part adds to one list of [`Problem`]s and goes on. [`edit`] goes the other way:
//! it changes the text.

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
pub mod glob;
pub mod hint;
mod minimal;
pub mod notify;
pub mod observe;
pub mod prices;
pub mod problem;
mod problems;
mod raw;
mod read_error;
mod read_text;
pub mod readback;
pub mod report_times;
pub mod rule;
mod secrets;
pub mod selector;
pub(crate) mod source;
pub mod stop_budget;
mod syntax;
pub mod times;
mod toml_text;
mod torn;
pub mod window;

pub use crate::model::platform::Platform;
pub use check::HEARTBEAT;
pub use minimal::Glimpse;
pub use problem::{Problem, Severity};
pub use raw::schema_json;
pub use read_error::ReadError;
pub use rule::{
    Account, AuditFile, CredentialSource, Disabled, Drift, Entry, Gateway, HoldTerms, Rule,
    Schedules, Start, beside,
};
