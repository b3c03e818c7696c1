//! Damaged indexes, made anew: an index holds nothing that its table does not hold.

use std::fs;
use std::sync::atomic::Ordering;

use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use tracing::{error, warn};

use super::audit_log::AuditLog;
use super::damaged;
use super::error::{AuditError, Trouble};
use super::log::connect;

/// From which size on a log is not looked at page by page.
const VERY_LARGE: u64 = 256 << 20;

impl AuditLog {
    /// Has SQLite look at every page, before a night hangs on it, and makes the indexes anew where
    /// one is damaged. That takes a moment, so a very large log is left to whoever meets it.
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

    /// Takes note of an error: where it tells of damage, indexes are to be made anew; where a row
    /// could not be decoded, it is said which one, once.
    pub fn heed(&self, error: &AuditError) {
        if error.trouble() == Trouble::Damage {
            self.damage.is_met.store(true, Ordering::Relaxed);
        }
        if error.is_unnamed() && !self.damage.is_sought.swap(true, Ordering::Relaxed) {
            tokio::spawn(damaged::say_undecoded(self.path.clone()));
        }
    }

    /// Whether an error has told of damage since this was asked last.
    pub fn has_met_damage(&self) -> bool {
        self.damage.is_met.swap(false, Ordering::Relaxed)
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
        if !matches!(error.trouble(), Trouble::Damage | Trouble::Misshapen) {
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
