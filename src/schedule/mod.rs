//! WHAT is to be done and WHEN it falls due: schedules.toml, read and checked.
//!
//! Pure: reads its file and nothing else. Never asks the time, the network or the log.

pub mod cron;
pub mod glob;
mod nearest;
pub mod rule;
pub mod selector;
pub mod zone;

pub use rule::{Account, AuditFile, CredentialSource, Gateway, Platform, Rule, Schedules};
