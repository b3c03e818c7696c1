//! Damaged indexes, made anew: an index holds nothing that its table does not hold.

use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use tracing::{error, warn};

use super::error::{AuditError, Trouble};
use super::log::{AuditLog, connect};

/// Whether an error has told of damage since the last mending.
#[derive(Debug, Default)]
pub(super) struct Damage(AtomicBool);

impl AuditLog {
    /// Takes note of an error: where it tells of damage, indexes are to be made anew.
    pub fn heed(&self, error: &AuditError) {
        // A row that cannot be decoded is no fault of an index.
        let is_damage = error.trouble() == Trouble::Damage;
        if is_damage && !matches!(error, AuditError::Damaged { .. }) {
            self.damage.0.store(true, Ordering::Relaxed);
        }
    }

    /// Whether an error has told of damage since this was asked last.
    #[must_use]
    pub fn has_met_damage(&self) -> bool {
        self.damage.0.swap(false, Ordering::Relaxed)
    }

    /// Does a work; and once more, with the indexes made anew, where it met damage.
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

    /// Goes on with nothing in the place of what is damaged, which is said; other errors are
    /// handed on.
    ///
    /// # Errors
    /// Those others.
    pub fn without_the_damaged<T: Default>(
        &self,
        error: AuditError,
        what: &str,
    ) -> Result<T, AuditError> {
        if error.trouble() != Trouble::Damage {
            return Err(error);
        }
        self.heed(&error);
        error!(%error, "{what}; the rest goes on");
        Ok(T::default())
    }

    /// Makes the indexes anew from their tables.
    ///
    /// # Errors
    /// When a table is damaged as well, or the log cannot be written.
    pub async fn mend_indexes(&self) -> Result<(), AuditError> {
        let mut connection = connect(&self.path, self.writer).await?;
        if sqlx::query("REINDEX").execute(&mut connection).await.is_err() {
            // To clear an index SQLite reads its pages. Where it cannot, it is told that there is
            // no such index.
            build_anew(&mut connection).await?;
            // The pages of the old ones are in nobody's use until then.
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
    // Other connections are to read the schema again. A pragma takes no parameter.
    let version = format!("PRAGMA schema_version = {}", version + 1);
    sqlx::query(AssertSqlSafe(version)).execute(&mut *tx).await?;
    sqlx::query("PRAGMA writable_schema = RESET").execute(&mut *tx).await?;
    for index in indexes {
        sqlx::query(AssertSqlSafe(index)).execute(&mut *tx).await?;
    }
    tx.commit().await
}
