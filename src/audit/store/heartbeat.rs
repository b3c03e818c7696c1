//! The sessions' heartbeats, outside the chain: a session lives, and which time it has lived
//! through.
//!
//! [`crate::engine`] decides when to write one.

use super::audit_log::AuditLog;
use super::error::AuditError;
use super::millis::Millis;
use super::row::row;
use super::write_tx::writing;
use crate::time::uptime::{MOST_STRETCHES, Stretch, Uptime};

row! {
    struct LivedRow {
        lived_from: Millis,
        lived_until: Millis,
    }
}

/// The end of the last daemon.
#[derive(Debug, Default)]
pub struct LastDaemon {
    pub lived: Uptime,
    /// The text of schedules.toml that the last daemon used, if any.
    pub file_text: Option<String>,
}

impl AuditLog {
    /// Overwrites this session's heartbeat, with the period that it is living through.
    pub async fn sign_of_life(&self, lived: Option<Stretch>) -> Result<(), AuditError> {
        writing!(self, |tx| {
            sqlx::query(
                "INSERT INTO life (session, seen_at)
                VALUES (?1, ?2)
                ON CONFLICT (session) DO UPDATE SET seen_at = excluded.seen_at",
            )
            .bind(i64::from(self.session))
            .bind(Millis::from(self.clock.now()))
            .execute(&mut **tx)
            .await?;
            if let Some(stretch) = lived {
                sqlx::query(
                    "INSERT INTO lived (session, lived_from, lived_until)
                    VALUES (?1, ?2, ?3)
                    ON CONFLICT (session, lived_from)
                        DO UPDATE SET lived_until = excluded.lived_until",
                )
                .bind(i64::from(self.session))
                .bind(Millis::from(stretch.from))
                .bind(Millis::from(stretch.until))
                .execute(&mut **tx)
                .await?;
            }
            Ok(())
        })
    }

    /// The end of the last daemon before this session.
    pub async fn past(&self) -> Result<LastDaemon, AuditError> {
        let mut connection = self.connection().await?;
        let mut rows: Vec<LivedRow> = sqlx::query_as(
            "SELECT lived_from, lived_until
            FROM lived
            WHERE session < ?1
            ORDER BY lived_until DESC
            LIMIT ?2",
        )
        .bind(i64::from(self.session))
        .bind(i64::try_from(MOST_STRETCHES).unwrap_or(i64::MAX))
        .fetch_all(&mut *connection)
        .await?;
        rows.reverse();
        let stretch =
            |row: LivedRow| Stretch { from: row.lived_from.into(), until: row.lived_until.into() };
        let file_text = sqlx::query_scalar(
            "SELECT file_text.text
            FROM file_load
            JOIN entry AS loaded ON loaded.seq = file_load.seq
            JOIN session ON session.seq = loaded.session
            JOIN file_text ON file_text.seq = file_load.file
            WHERE session.writer = 'daemon' AND session.seq < ?1
            ORDER BY file_load.seq DESC
            LIMIT 1",
        )
        .bind(i64::from(self.session))
        .fetch_optional(&mut *connection)
        .await?;
        Ok(LastDaemon { lived: Uptime::of(rows.into_iter().map(stretch).collect()), file_text })
    }
}
