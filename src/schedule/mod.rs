//! WHAT is to be done and WHEN it falls due: schedules.toml, read and checked.
//!
//! Pure: reads its file and nothing else. Never asks the time, the network or the log.

mod check;
pub mod cron;
pub mod duration;
mod file;
pub mod glob;
mod nearest;
pub mod problem;
mod raw;
pub mod rule;
pub mod selector;
mod shape;
pub mod zone;

pub use file::ReadError;
pub use problem::{Problem, Severity};
pub use raw::schema_json;
pub use rule::{Account, AuditFile, CredentialSource, Gateway, Platform, Rule, Schedules};
