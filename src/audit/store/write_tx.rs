//! The door of every write: a transaction in which a session appends entries.

use std::ops::{Deref, DerefMut};

use sqlx::{Connection, SqliteConnection, SqliteTransaction};

use super::audit_log::AuditLog;
use super::chain::{self, Author};
use super::error::AuditError;
use super::record::Record;

/// A transaction of a session, begun so that nobody else writes.
#[derive(Debug)]
pub(crate) struct WriteTx<'c> {
    log: &'c AuditLog,
    tx: SqliteTransaction<'c>,
}

/// Writes entries: does the work in a transaction, and commits it when the work succeeds. The work
/// is a block with a result. A caller that has or wants another connection than the queue's names
/// it in the middle.
macro_rules! writing {
    ($log:ident, |$tx:ident| $work:block) => {
        $crate::audit::store::write_tx::writing!($log, &mut *$log.connection().await?, |$tx| $work)
    };
    ($log:ident, $connection:expr, |$tx:ident| $work:block) => {{
        // A lock in the expression is held to the end of the match.
        match $connection {
            connection => {
                let mut begun = $log.begin_on(connection).await?;
                let done: Result<_, $crate::audit::store::error::AuditError> = {
                    let $tx = &mut begun;
                    async { $work }.await
                };
                begun.end(done).await
            }
        }
    }};
}

pub(crate) use writing;

impl AuditLog {
    /// Begins to write on the session's own connection. [`writing`] is the way to it.
    pub(crate) async fn begin_on<'c>(
        &'c self,
        connection: &'c mut SqliteConnection,
    ) -> Result<WriteTx<'c>, AuditError> {
        let tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        Ok(WriteTx { log: self, tx })
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
        chain::append(&mut self.tx, author, records).await
    }

    /// Commits what was done, or undoes it.
    pub(crate) async fn end<T>(self, done: Result<T, AuditError>) -> Result<T, AuditError> {
        let done = done?;
        self.tx.commit().await?;
        Ok(done)
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
