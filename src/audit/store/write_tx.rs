//! The door of every write: a transaction in which a session appends entries.

use std::ops::{Deref, DerefMut};

use sqlx::{Connection, SqliteConnection, SqliteTransaction};

use super::audit_log::AuditLog;
use super::chain::{self, Author};
use super::error::AuditError;
use super::record::Record;

/// A transaction of a session, begun so that nobody else writes. Rolled back unless it is committed.
#[derive(Debug)]
pub(crate) struct WriteTx<'c> {
    log: &'c AuditLog,
    tx: SqliteTransaction<'c>,
}

impl AuditLog {
    /// Begins to write on the session's own connection.
    pub(crate) async fn begin_on<'c>(
        &'c self,
        connection: &'c mut SqliteConnection,
    ) -> Result<WriteTx<'c>, AuditError> {
        let tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        Ok(WriteTx { log: self, tx })
    }

    /// Appends records in a transaction of their own; returns the first one's number.
    pub(crate) async fn record<R: Record>(&self, records: &[R]) -> Result<i64, AuditError> {
        let mut connection = self.connection().await?;
        let mut tx = self.begin_on(&mut connection).await?;
        let first = tx.append(records).await?;
        tx.commit().await?;
        Ok(first)
    }
}

impl WriteTx<'_> {
    /// Appends records of one kind and returns the number of the first; the others follow it.
    pub(crate) async fn append<R: Record>(&mut self, records: &[R]) -> Result<i64, AuditError> {
        let author = Author { session: Some(self.log.session.0), at: self.log.clock.now().into() };
        chain::append(&mut self.tx, author, records).await
    }

    pub(crate) async fn commit(self) -> Result<(), AuditError> {
        Ok(self.tx.commit().await?)
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
