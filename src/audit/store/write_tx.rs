//! The door of every write: a transaction in which a session appends entries.
//!
//! With a shared log, the copy on this machine commits only what the shared log has taken. When
//! another node was faster, the work is done once more on what that node wrote.

use std::ops::{Deref, DerefMut};

use sqlx::{Connection, SqliteConnection, SqliteTransaction};

use super::audit_log::AuditLog;
use super::chain::{self, Author};
use super::error::AuditError;
use super::pull;
use super::record::Record;
use crate::audit::shared::line::Line;
use crate::audit::shared::shared_error::SharedError;
use crate::model::ids::FiringId;

/// The most tries of one write. Each loss means that another node has written.
const MOST_TRIES: usize = 50;

/// A transaction of a session, begun so that nobody else writes.
#[derive(Debug)]
pub(crate) struct WriteTx<'c> {
    log: &'c AuditLog,
    tx: SqliteTransaction<'c>,
    /// The entries for the shared log, if there is one.
    lines: Vec<Line>,
}

/// Writes entries: does the work in a transaction, and commits it when the work succeeds. The work
/// is a block with a result, and may be done more than once. A caller that has or wants another
/// connection than the queue's names it in the middle.
macro_rules! writing {
    ($log:ident, |$tx:ident| $work:block) => {
        $crate::audit::store::write_tx::writing!($log, &mut *$log.connection().await?, |$tx| $work)
    };
    ($log:ident, $connection:expr, |$tx:ident| $work:block) => {
        // A lock in the expression is held to the end of the match.
        match $connection {
            connection => {
                let mut tries = $crate::audit::store::write_tx::Tries::default();
                loop {
                    let mut begun = $log.begin_on(connection).await?;
                    let done: Result<_, $crate::audit::store::error::AuditError> = {
                        let $tx = &mut begun;
                        async { $work }.await
                    };
                    let ended = begun.end(done).await;
                    if let Some(done) = tries.settle($log, connection, ended).await {
                        break done;
                    }
                }
            }
        }
    };
}

pub(crate) use writing;

impl AuditLog {
    /// Begins to write on the session's own connection. [`writing`] is the way to it.
    pub(crate) async fn begin_on<'c>(
        &'c self,
        connection: &'c mut SqliteConnection,
    ) -> Result<WriteTx<'c>, AuditError> {
        let tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        Ok(WriteTx { log: self, tx, lines: Vec::new() })
    }

    /// Appends records in a transaction of their own; returns the first one's number.
    pub(crate) async fn record<R: Record>(&self, records: &[R]) -> Result<i64, AuditError> {
        writing!(self, |tx| { tx.append(records).await })
    }
}

impl WriteTx<'_> {
    /// Appends records of one kind and returns the number of the first; the others follow it.
    pub(crate) async fn append<R: Record>(&mut self, records: &[R]) -> Result<i64, AuditError> {
        let author = Author { session: Some(self.log.session.0), at: self.log.clock.now().into() };
        let lines = self.log.shared.is_some().then_some(&mut self.lines);
        chain::append(&mut self.tx, author, records, lines).await
    }

    /// Checks that a firing is still this session's. Only another machine can have taken it over.
    pub(crate) async fn must_hold(&mut self, firing: FiringId) -> Result<(), AuditError> {
        if self.log.shared.is_none() {
            return Ok(());
        }
        let holder: Option<i64> = sqlx::query_scalar(
            "SELECT session
            FROM entry
            WHERE seq = coalesce((SELECT max(seq) FROM takeover WHERE firing = ?1), ?1)",
        )
        .bind(firing)
        .fetch_optional(&mut *self.tx)
        .await?;
        if holder == Some(self.log.session.0) {
            return Ok(());
        }
        Err(AuditError::Superseded { firing: firing.into() })
    }

    /// Commits what was done, or undoes it.
    pub(crate) async fn end<T>(self, done: Result<T, AuditError>) -> Ended<T> {
        let done = match done {
            Ok(done) => done,
            Err(error) => return Ended::Settled(Err(error)),
        };
        if let Some(shared) = &self.log.shared
            && let Some(last) = self.lines.last()
            && let Err(error) = Box::pin(shared.append(&self.lines)).await
        {
            let hash = last.hash;
            return match error {
                error if error.is_out_of_place() => Ended::Lost,
                error if error.is_unknown() => Ended::Unknown { hash, done, error },
                error => Ended::Settled(Err(error.into())),
            };
        }
        if let Err(error) = self.tx.commit().await {
            return Ended::Settled(Err(error.into()));
        }
        if let (Some(shared), Some(last)) = (&self.log.shared, self.lines.last()) {
            shared.has_copied(last.seq);
        }
        Ended::Settled(Ok(done))
    }
}

/// How one try of a write ended.
#[derive(Debug)]
pub(crate) enum Ended<T> {
    Settled(Result<T, AuditError>),
    /// Another node wrote first. Nothing was written.
    Lost,
    /// The shared log was asked to take it, and did not say whether it has.
    Unknown {
        hash: [u8; 32],
        done: T,
        error: SharedError,
    },
}

/// The tries of one write whose end is not known, each with its last hash and what it did.
#[derive(Debug)]
pub(crate) struct Tries<T> {
    unknown: Vec<([u8; 32], T)>,
    lost: usize,
}

impl<T> Default for Tries<T> {
    fn default() -> Self {
        Self { unknown: Vec::new(), lost: 0 }
    }
}

impl<T> Tries<T> {
    /// The result of the write; `None` when it is to be tried once more.
    pub(crate) async fn settle(
        &mut self,
        log: &AuditLog,
        connection: &mut SqliteConnection,
        ended: Ended<T>,
    ) -> Option<Result<T, AuditError>> {
        match ended {
            Ended::Settled(done) => {
                // An earlier try may have arrived after all, and this one found its work done.
                return match self.found(connection).await {
                    Ok(Some(earlier)) => Some(Ok(earlier)),
                    Ok(None) => Some(done),
                    Err(error) => Some(Err(error)),
                };
            }
            Ended::Lost => self.lost += 1,
            Ended::Unknown { hash, done, error } => {
                tracing::debug!(%error, "a write may have reached the shared log");
                self.unknown.push((hash, done));
            }
        }
        // Rare, and large: it does not make every write's future larger.
        Box::pin(self.look(log, connection)).await.unwrap_or_else(|error| Some(Err(error)))
    }

    /// What an earlier try did, if it is in the copy by now.
    async fn found(&mut self, connection: &mut SqliteConnection) -> Result<Option<T>, AuditError> {
        for at in 0..self.unknown.len() {
            if chain::has(connection, &self.unknown[at].0).await? {
                return Ok(Some(self.unknown.swap_remove(at).1));
            }
        }
        Ok(None)
    }

    /// Reads what the shared log has by now: an earlier try may be there.
    async fn look(
        &mut self,
        log: &AuditLog,
        connection: &mut SqliteConnection,
    ) -> Result<Option<Result<T, AuditError>>, AuditError> {
        let Some(shared) = &log.shared else { return Ok(None) };
        pull::pull(connection, &mut *shared.link().await).await?;
        if let Some(earlier) = self.found(connection).await? {
            return Ok(Some(Ok(earlier)));
        }
        if self.lost + self.unknown.len() >= MOST_TRIES {
            return Err(SharedError::Raced.into());
        }
        Ok(None)
    }
}

impl Deref for WriteTx<'_> {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.tx
    }
}

impl DerefMut for WriteTx<'_> {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.tx
    }
}
