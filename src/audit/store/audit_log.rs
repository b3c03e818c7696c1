//! The open log of a process, and the process's memory of it.

use std::collections::VecDeque;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64};

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

use super::open_file::OpenFile;
use super::record::AnswerRecord;
use super::session_id::SessionId;
use super::writer::Writer;
use crate::audit::shared::shared_log::SharedLog;
use crate::clock::{Clock, Moment};

/// The audit log, open for writing by one session. Ends when told to, or with the process.
#[derive(Debug)]
pub struct AuditLog {
    pub(crate) path: PathBuf,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) writer: Writer,
    pub(super) connection: tokio::sync::Mutex<SqliteConnection>,
    /// Everything but claims waits here for the connection, and whoever keeps the copy waits here to
    /// write by a connection of its own.
    pub(crate) queue: Arc<tokio::sync::Mutex<()>>,
    pub(crate) session: SessionId,
    /// The log that other machines write too, of which this one keeps a copy.
    pub(crate) shared: Option<Arc<SharedLog>>,
    pub(crate) lock: SessionLock,
    pub(crate) file: OpenFile,
    /// Every firing below this number has ended, and stays so.
    pub(crate) ended_below: AtomicI64,
    /// Answers that the log could not take yet.
    pub(crate) unwritten: Unwritten,
    pub(crate) marks: Marks,
    pub(crate) damage: Damage,
    /// Reasons why the log may not be whole, found by a daemon.
    pub(super) doubts: Vec<String>,
}

/// The last entry at some moments, in their order.
#[derive(Debug, Default)]
pub(crate) struct Marks(pub(super) std::sync::Mutex<VecDeque<(Moment, i64)>>);

/// Answers that wait for the log, in the order of arrival.
#[derive(Debug, Default)]
pub(crate) struct Unwritten(pub(super) std::sync::Mutex<Vec<Waiting>>);

#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) came_at: DateTime<Utc>,
    pub(super) answer: AnswerRecord,
}

/// An error has told of damage since the last repair.
#[derive(Debug, Default)]
pub(crate) struct Damage {
    pub(super) is_met: AtomicBool,
    /// The search for the undecodable row has been done.
    pub(super) is_sought: AtomicBool,
}

/// The lock that a living session holds.
#[derive(Debug)]
pub(crate) struct SessionLock {
    pub(super) path: PathBuf,
    pub(super) file: File,
}
