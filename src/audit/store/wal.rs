//! Moves the write-ahead log into the file, so that little depends on it.

use std::fs;

use sqlx::Connection;

use super::audit_log::AuditLog;
use super::error::AuditError;
use super::log::connect;

impl AuditLog {
    /// Moves the write-ahead log into the file and empties it, on a connection of its own, without
    /// waiting for anybody. Returns the bytes that stay, because a reader needs them.
    pub async fn checkpoint(&self) -> Result<u64, AuditError> {
        let mut connection = connect(&self.path, self.writer).await?;
        sqlx::query("PRAGMA busy_timeout = 0").execute(&mut connection).await?;
        // This needs no lock that a writer waits for. The second step, which needs one, begins the
        // file anew, and is worth a try only when everything was moved.
        let (_, pages, moved): (i64, i64, i64) =
            sqlx::query_as("PRAGMA wal_checkpoint(PASSIVE)").fetch_one(&mut connection).await?;
        if pages == moved {
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await?;
        }
        connection.close().await?;
        let mut name = self.path.as_os_str().to_owned();
        name.push("-wal");
        Ok(fs::metadata(name).map(|data| data.len()).unwrap_or_default())
    }
}
