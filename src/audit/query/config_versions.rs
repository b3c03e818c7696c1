//! Finds the texts of schedules.toml that were in use around a time.

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::row::row;
use crate::audit::store::seq_range;

/// The most texts.
const TEXTS: usize = 5;
/// The most loads that are searched: a daemon that restarts loads the same text again.
const LOADS: i64 = 500;

row! {
    /// A text of schedules.toml that was in use.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct ConfigVersion of "file_load" {
        /// Its number, as firings name it.
        pub file: i64,
        pub path: String,
        pub text: String,
        /// The time at which it came into use.
        pub since: DateTime<Utc> = of_number,
    }
}

row! {
    struct Load of "file_load" {
        file: i64,
        path: String,
        at: DateTime<Utc> = of_number,
    }
}

impl AuditReader {
    /// The text of schedules.toml that the daemon used at a time. Before any daemon, the last text
    /// of another command.
    pub async fn file_in_use(
        &self,
        at: DateTime<Utc>,
    ) -> Result<Option<ConfigVersion>, AuditError> {
        Ok(self.files_in_use(at, at).await?.pop())
    }

    /// The texts of schedules.toml that daemons used in a period, in the order of their use, the
    /// last few of many. The first mostly came into use before the period. Before any daemon, those
    /// of other commands.
    pub async fn files_in_use(
        &self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<ConfigVersion>, AuditError> {
        let mut connection = self.connection().await;
        // From the newest back to the one in use when the period began.
        let mut loads = loads(&mut connection, (from, until), Writer::Daemon).await?;
        let mut first = last_load(&mut connection, from, Writer::Daemon).await?;
        if first.is_none() {
            let begins = loads.last().map_or(until, |load| load.at);
            loads.extend(self::loads(&mut connection, (from, begins), Writer::Other).await?);
            first = last_load(&mut connection, from, Writer::Other).await?;
        }
        loads.extend(first);
        let mut texts: Vec<Load> = Vec::new();
        for load in loads {
            let known = texts.len();
            match texts.last_mut() {
                Some(later) if later.file == load.file => later.at = load.at,
                _ if known == TEXTS => break,
                _ => texts.push(load),
            }
        }
        let mut files = Vec::new();
        for Load { file, path, at } in texts.into_iter().rev() {
            let text = sqlx::query_scalar("SELECT text FROM file_text WHERE seq = ?1")
                .bind(file)
                .fetch_one(&mut *connection)
                .await?;
            files.push(ConfigVersion { file, path, text, since: at });
        }
        Ok(files)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writer {
    Daemon,
    Other,
}

/// The loads in a period, the newest first.
async fn loads(
    connection: &mut SqliteConnection,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    writer: Writer,
) -> Result<Vec<Load>, sqlx::Error> {
    sqlx::query_as(BY_WRITER)
        .bind(Millis::from(from))
        .bind(Millis::from(until))
        .bind(seq_range::number_before(connection, from).await?)
        .bind(seq_range::number_after(connection, until).await?)
        .bind(LOADS)
        .bind(writer == Writer::Daemon)
        .fetch_all(connection)
        .await
}

/// The last load by a time.
async fn last_load(
    connection: &mut SqliteConnection,
    by: DateTime<Utc>,
    writer: Writer,
) -> Result<Option<Load>, sqlx::Error> {
    sqlx::query_as(BY_WRITER)
        .bind(i64::MIN)
        .bind(Millis::from(by))
        .bind(0)
        .bind(seq_range::number_after(connection, by).await?)
        .bind(1)
        .bind(writer == Writer::Daemon)
        .fetch_optional(connection)
        .await
}

const BY_WRITER: &str = "
SELECT load.seq, load.file, load.path, begun.at
FROM file_load AS load
CROSS JOIN entry AS begun ON begun.seq = load.seq
CROSS JOIN session ON session.seq = begun.session
WHERE load.seq >= ?3
    AND load.seq < ?4
    AND begun.at > ?1
    AND begun.at <= ?2
    AND (session.writer = 'daemon') = ?6
ORDER BY load.seq DESC
LIMIT ?5";
