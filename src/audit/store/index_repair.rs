//! Rebuilds damaged indexes. An index holds nothing that its table does not hold.

use std::fs;
use std::sync::atomic::Ordering;

use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use tracing::{error, warn};

use super::audit_log::AuditLog;
use super::damaged;
use super::error::{AuditError, Trouble};
use super::log::connect;

/// A log from this size on is not checked page by page.
const VERY_LARGE: u64 = 256 << 20;

impl AuditLog {
    /// Lets SQLite check every page before a night depends on them, and rebuilds damaged indexes.
    /// The check takes time, so a very large log is repaired only when damage is met.
    ///
    /// # Errors
    /// When the log cannot be read for another reason.
    pub async fn inspect(&self) -> Result<(), AuditError> {
        if fs::metadata(&self.path).is_ok_and(|data| data.len() > VERY_LARGE) {
            return Ok(());
        }
        let mut connection = connect(&self.path, self.writer).await?;
        let said: Result<String, _> =
            sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut connection).await;
        connection.close().await?;
        match said.map_err(AuditError::from) {
            Ok(said) if said == "ok" => return Ok(()),
            Ok(said) => error!(said, "the audit log is damaged; its indexes are made anew"),
            Err(error) if error.trouble() == Trouble::Damage => {
                error!(%error, "the audit log is damaged; its indexes are made anew");
            }
            Err(error) => return Err(error),
        }
        if let Err(error) = self.mend_indexes().await {
            error!(%error, "the audit log is damaged beyond its indexes: docs/log.md");
        }
        Ok(())
    }

    /// Notes an error. Damage marks the indexes for a rebuild. An undecodable row is searched and
    /// named, once.
    pub fn heed(&self, error: &AuditError) {
        if error.trouble() == Trouble::Damage {
            self.damage.is_met.store(true, Ordering::Relaxed);
        }
        if error.is_unnamed() && !self.damage.is_sought.swap(true, Ordering::Relaxed) {
            tokio::spawn(damaged::say_undecoded(self.path.clone()));
        }
    }

    /// Whether an error has told of damage since the last call.
    pub fn has_met_damage(&self) -> bool {
        self.damage.is_met.swap(false, Ordering::Relaxed)
    }

    /// Does a work. If it meets damage, rebuilds the indexes and does the work once more.
    ///
    /// # Errors
    /// Those of the work.
    pub async fn mending<T>(
        &self,
        work: impl AsyncFn() -> Result<T, AuditError>,
    ) -> Result<T, AuditError> {
        match work().await {
            Err(error) if error.trouble() == Trouble::Damage => {
                error!(%error, "the audit log is damaged; its indexes are made anew");
                self.mend_indexes().await?;
                work().await
            }
            done => done,
        }
    }

    /// Replaces a damaged result by an empty one, with a message. Other errors are passed on.
    ///
    /// # Errors
    /// Those others.
    pub fn without_the_damaged<T: Default>(
        &self,
        error: AuditError,
        what: &str,
    ) -> Result<T, AuditError> {
        if !matches!(error.trouble(), Trouble::Damage | Trouble::Misshapen) {
            return Err(error);
        }
        self.heed(&error);
        error!(%error, "{what}; the rest goes on");
        Ok(T::default())
    }

    /// Rebuilds the indexes from their tables.
    ///
    /// # Errors
    /// When a table is damaged as well, or the log cannot be written.
    pub async fn mend_indexes(&self) -> Result<(), AuditError> {
        let mut connection = connect(&self.path, self.writer).await?;
        if sqlx::query("REINDEX").execute(&mut connection).await.is_err() {
            // SQLite reads the pages of an index to clear it. If it cannot, the schema is edited so
            // that the index does not exist.
            build_anew(&mut connection).await?;
            // Until then, the pages of the old indexes are unused.
            if let Err(error) = sqlx::query("VACUUM").execute(&mut connection).await {
                warn!(%error, "the pages of damaged indexes stay in the file");
            }
        }
        connection.close().await?;
        warn!("the indexes of the audit log were damaged, and have been made anew");
        Ok(())
    }
}

async fn build_anew(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
    let indexes: Vec<String> = sqlx::query_scalar(
        "SELECT sql
        FROM sqlite_schema
        WHERE type = 'index' AND sql IS NOT NULL",
    )
    .fetch_all(&mut *tx)
    .await?;
    let version: i64 = sqlx::query_scalar("PRAGMA schema_version").fetch_one(&mut *tx).await?;
    sqlx::query("PRAGMA writable_schema = ON").execute(&mut *tx).await?;
    sqlx::query("DELETE FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
        .execute(&mut *tx)
        .await?;
    // Makes other connections read the schema again. A pragma takes no parameter.
    let version = format!("PRAGMA schema_version = {}", version + 1);
    sqlx::query(AssertSqlSafe(version)).execute(&mut *tx).await?;
    sqlx::query("PRAGMA writable_schema = RESET").execute(&mut *tx).await?;
    for index in indexes {
        sqlx::query(AssertSqlSafe(index)).execute(&mut *tx).await?;
    }
    tx.commit().await
}
