//! `[audit]`: the log, and with whom it is shared.

use std::path::PathBuf;
use std::time::Duration;

use super::shared::SharedPlace;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditFile {
    /// The path of the log, relative to the folder of schedules.toml already.
    pub path: PathBuf,
    /// The mode for creating the log.
    pub mode: u32,
    /// The time for which entries are kept; `None` for ever.
    pub keep: Option<Duration>,
    /// The log that other machines write too; `None` for a log of this machine.
    pub shared: Option<Shared>,
}

/// `[audit] shared` and `node`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    pub place: SharedPlace,
    /// The name of this machine among the others; `None`: the machine's own.
    pub node: Option<String>,
}
