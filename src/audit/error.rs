//! Why the log could not be opened, read or written.

use std::path::PathBuf;

use super::flaw::Finding;

/// A failure of the audit log. Whatever is about to be asked of the cloud is not asked.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The file cannot be made or opened.
    #[error("could not open the audit log {path}")]
    Open {
        /// The log.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A reader found no log.
    #[error("there is no audit log at {0}")]
    Missing(PathBuf),
    /// The file is no log: empty, no database, or a database of something else.
    #[error("{0} is not an audit log of lightsout")]
    NotALog(PathBuf),
    /// The file's tables are from a later version.
    #[error("the audit log {0} was written by a newer version of lightsout")]
    Newer(PathBuf),
    /// The file's tables are from an earlier version, and a reader does not touch them.
    #[error("the audit log {0} was written by an older version of lightsout")]
    Older(PathBuf),
    /// The migrations did not go through.
    #[error("could not bring the audit log {path} up to date")]
    Migrate {
        /// The log.
        path: PathBuf,
        /// Why.
        #[source]
        source: sqlx::migrate::MigrateError,
    },
    /// Another daemon writes to this log.
    #[error("a daemon is already running on this log (process {pid})")]
    AnotherDaemon {
        /// Its process id.
        pid: i64,
    },
    /// The log is not as it was written, so nothing of it may be removed.
    #[error("the audit log is not as it was written{}: {}", place(.0), .0.problem)]
    Unsound(Box<Finding>),
    /// The file was deleted, or another one put in its place, while it was in use.
    #[error("the audit log {0} was deleted or replaced")]
    Gone(PathBuf),
    /// SQLite said no: disk full, locked, not a database, an input or output error.
    #[error("the audit log could not be read or written")]
    Database(#[from] sqlx::Error),
}

fn place(finding: &Finding) -> String {
    finding.seq.map(|seq| format!(" at entry {seq}")).unwrap_or_default()
}
