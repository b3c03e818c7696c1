//! The failures of the log: opening, reading, writing.

use std::borrow::Cow;
use std::path::PathBuf;

use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;

use super::at::At;
use crate::audit::shared::shared_error::SharedError;
use crate::audit::store::finding::Finding;

/// A failure of the audit log. The request that it was for is not sent.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The file cannot be made or opened.
    #[error("could not open the audit log {path}")]
    Open {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("there is no audit log at {0}")]
    Missing(PathBuf),
    /// The file is no log: empty, no database, or another database.
    #[error("{0} is not an audit log of lightsout")]
    NotALog(PathBuf),
    /// The file's tables are from a later version.
    #[error("the audit log {0} was written by a newer version of lightsout")]
    Newer(PathBuf),
    /// The file's tables are from an earlier version, and a reader does not migrate.
    #[error("the audit log {0} was written by an older version of lightsout")]
    Older(PathBuf),
    /// A migration failed.
    #[error("could not bring the audit log {path} up to date")]
    Migrate {
        path: PathBuf,
        #[source]
        source: MigrateError,
    },
    /// Another daemon writes to this log.
    #[error("a daemon is already running on this log (process {pid})")]
    AnotherDaemon { pid: i64 },
    /// The log is not as it was written, so nothing may be removed.
    #[error("the audit log is not as it was written{}: {}", place(.0), .0.problem)]
    Unsound(Box<Finding>),
    /// A row cannot be decoded: no version of this program writes such a row.
    #[error("row {seq} of the table `{table}` in the audit log cannot be read: damaged")]
    Damaged { table: Cow<'static, str>, seq: i64 },
    /// Rows were removed while they were being read.
    #[error("the audit log was pruned while it was read")]
    Pruned,
    /// The file was deleted or replaced while it was in use.
    #[error("the audit log {0} was deleted or replaced")]
    Gone(PathBuf),
    /// The shared log failed.
    #[error(transparent)]
    Shared(#[from] SharedError),
    /// This machine's log is none that was shared.
    #[error(
        "the shared log at {0} is empty: `lightsout audit share` puts a log into it, or begins one"
    )]
    Unshared(String),
    /// A pruned log has holes that the shared log would refuse.
    #[error("the audit log {0} was pruned: a log with holes cannot be shared")]
    PrunedLog(PathBuf),
    /// The shared log and this machine's copy have different entries of the same number.
    #[error(
        "this machine's copy and the shared log have different entries {seq}: nothing more is \
         written from here, and the copy stays as it is"
    )]
    Diverged { seq: i64 },
    /// The shared log has an entry that this version cannot copy.
    #[error("entry {seq} of the kind `{kind}` was written by a newer version of lightsout")]
    Beyond { seq: i64, kind: String },
    /// Another node has taken the firing over.
    #[error("firing {firing} is another node's by now: it was taken over from this one")]
    Superseded { firing: i64 },
    /// A daemon of another machine goes on with the shared log.
    #[error("the daemon of node {0} is alive, and goes on with the shared log")]
    NodeAlive(String),
    /// Another node tells people by now.
    #[error("this node is not on duty any more")]
    OffDuty,
    /// SQLite failed: disk full, locked, not a database, an input or output error.
    #[error("the audit log could not be read or written")]
    Database(#[source] sqlx::Error),
}

impl From<At> for AuditError {
    fn from(At(table, seq): At) -> Self {
        Self::Damaged { table, seq }
    }
}

impl From<sqlx::Error> for AuditError {
    fn from(error: sqlx::Error) -> Self {
        At::in_error(&error).cloned().map_or_else(|| Self::Database(error), Self::from)
    }
}

/// SQLite's failures, as far as the remedies differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Another process kept the log locked.
    Busy,
    Full,
    /// The file or its folder may not be written.
    ReadOnly,
    /// The file is not as SQLite left it.
    Damage,
    /// Rows or tables differ from those that lightsout makes.
    Misshapen,
    Other,
}

impl AuditError {
    /// Whether the shared log cannot be followed for now: it is away, not begun, or differs. Time, a
    /// person or a newer version may change that.
    pub fn is_of_the_shared_log(&self) -> bool {
        match self {
            Self::Shared(error) => error.is_away() || matches!(error, SharedError::NotMade(_)),
            _ => self.is_apart() || matches!(self, Self::Unshared(_)),
        }
    }

    /// Whether this machine's copy cannot be made equal to the shared log.
    pub(crate) fn is_apart(&self) -> bool {
        matches!(self, Self::Diverged { .. } | Self::Beyond { .. })
    }

    /// Whether a row could not be decoded and is still unknown.
    pub fn is_unnamed(&self) -> bool {
        use sqlx::Error::{ColumnDecode, Decode};
        matches!(self, Self::Database(ColumnDecode { .. } | Decode(_)))
    }

    pub fn trouble(&self) -> Trouble {
        match self {
            Self::Damaged { .. } => Trouble::Misshapen,
            Self::Database(error) => trouble(error),
            Self::Migrate { source: MigrateError::Execute(error), .. }
            | Self::Migrate { source: MigrateError::ExecuteMigration(error, _), .. } => {
                trouble(error)
            }
            _ => Trouble::Other,
        }
    }
}

fn trouble(error: &sqlx::Error) -> Trouble {
    if matches!(error, sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)) {
        return Trouble::Misshapen;
    }
    let code = error.as_database_error().and_then(DatabaseError::code);
    let code = code.and_then(|code| code.parse::<i32>().ok());
    // The lowest byte is SQLite's primary result code.
    match code.map(|code| code & 0xff) {
        Some(5 | 6) => Trouble::Busy,
        Some(8) => Trouble::ReadOnly,
        Some(11) => Trouble::Damage,
        Some(13) => Trouble::Full,
        _ if is_less_than_it_should_be(error) => Trouble::Misshapen,
        _ => Trouble::Other,
    }
}

/// Whether a table or a column is missing that every log of this version has.
fn is_less_than_it_should_be(error: &sqlx::Error) -> bool {
    let said = error.as_database_error().map(DatabaseError::message).unwrap_or_default();
    said.starts_with("no such table") || said.starts_with("no such column")
}

fn place(finding: &Finding) -> String {
    finding.seq.map(|seq| format!(" at entry {seq}")).unwrap_or_default()
}
