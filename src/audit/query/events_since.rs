//! Reads news for notices: ended and missed firings, and the loads of schedules.toml.
//!
//! `notice` decides who is told.

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

use crate::audit::store::audit_log::AuditLog;
use crate::audit::store::damaged::decoded;
use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::row::row;
use crate::audit::store::session::living_daemon;
use crate::audit::store::through::Through;
use crate::model::ids::{FileId, FiringId};
use crate::model::outcome::Outcome;
use crate::model::reason::Reason;

/// The firings due, or begun by hand, from `?1` to before `?2`.
macro_rules! due_or_begun_between {
    () => {
        "firing.seq IN (
            SELECT seq
            FROM firing
            WHERE scheduled_at >= ?1 AND scheduled_at < ?2
            UNION ALL
            SELECT seq
            FROM entry
            WHERE kind = 'firing' AND at >= ?1 AND at < ?2
        )
        AND (firing.scheduled_at IS NULL
            OR firing.scheduled_at >= ?1 AND firing.scheduled_at < ?2)"
    };
}

/// A firing that has ended and must be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    pub entry: Through,
    pub firing: FiringId,
    pub account: String,
}

row! {
    /// A firing that fell due while no daemon was there.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Missed of "outcome" as entry {
        /// The entry that says so.
        pub entry: Through,
        pub firing: FiringId,
        pub rule: String,
        /// `stop` or `start`.
        pub action: String,
        pub scheduled_at: DateTime<Utc> = of_number,
        pub reason: Option<String>,
    }
}

/// A daemon took a text of schedules.toml into use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileLoad {
    pub entry: Through,
    pub at: DateTime<Utc>,
    pub file: FileId,
}

impl AuditLog {
    /// A text of schedules.toml.
    ///
    /// # Errors
    /// When the log cannot be read, or does not have it.
    pub async fn file_text(&self, file: FileId) -> Result<String, AuditError> {
        file_text(&mut *self.connection().await?, file).await
    }
}

async fn file_text(connection: &mut SqliteConnection, file: FileId) -> Result<String, AuditError> {
    let text = sqlx::query_scalar("SELECT text FROM file_text WHERE seq = ?1")
        .bind(file.0)
        .fetch_one(connection)
        .await?;
    Ok(text)
}

impl AuditReader {
    /// The last entry.
    pub async fn newest(&self) -> Result<Through, AuditError> {
        let newest = sqlx::query_scalar("SELECT coalesce(max(seq), 0) FROM entry")
            .fetch_one(&mut *self.connection().await)
            .await?;
        Ok(newest)
    }

    /// The firings that ended after one entry and not after another, in that order. Left out:
    /// firings by hand that their own process followed to the end, because its user saw the
    /// outcome.
    pub async fn ended_between(
        &self,
        after: Through,
        through: Through,
    ) -> Result<Vec<Ended>, AuditError> {
        let rows: Vec<(Through, FiringId, String)> = sqlx::query_as(
            "SELECT firing_end.seq, firing_end.firing, firing.account
            FROM firing_end
            JOIN firing ON firing.seq = firing_end.firing
            JOIN entry AS ended ON ended.seq = firing_end.seq
            JOIN entry AS begun ON begun.seq = firing.seq
            WHERE firing_end.seq > ?1
                AND firing_end.seq <= ?2
                AND (firing.trigger <> 'manual' OR ended.session <> begun.session)
            ORDER BY firing_end.seq",
        )
        .bind(after)
        .bind(through)
        .fetch_all(&mut *self.connection().await)
        .await?;
        let ended = |(entry, firing, account)| Ended { entry, firing, account };
        Ok(rows.into_iter().map(ended).collect())
    }

    /// The firings recorded as missed after one entry and not after another, in that order.
    pub async fn missed_between(
        &self,
        after: Through,
        through: Through,
    ) -> Result<Vec<Missed>, AuditError> {
        // The `+` makes SQLite begin at the entry, and not with every missed firing.
        let missed = sqlx::query_as(
            "SELECT
                outcome.seq AS entry, firing.seq AS firing, firing.rule, firing.action,
                firing.scheduled_at, outcome.reason
            FROM outcome
            JOIN firing ON firing.seq = outcome.firing
            WHERE outcome.seq > ?1
                AND outcome.seq <= ?2
                AND +outcome.outcome = ?3
                AND firing.take = 0
            ORDER BY outcome.seq",
        )
        .bind(after)
        .bind(through)
        .bind(Outcome::Missed)
        .fetch_all(&mut *self.connection().await)
        .await?;
        Ok(missed)
    }

    /// The texts of schedules.toml that daemons took into use, newest first. Of several machines
    /// that share the log, those that this machine's daemon took from the same place: another's file
    /// says nothing about whom this one is to tell.
    pub async fn daemon_loads(&self) -> Result<Vec<FileLoad>, AuditError> {
        let connection = &mut *self.connection().await;
        let is_shared: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM shared)")
            .fetch_one(&mut *connection)
            .await?;
        let living = if is_shared { living_daemon(connection, &self.path).await? } else { None };
        let rows: Vec<(Through, Millis, FileId)> = sqlx::query_as(
            "SELECT file_load.seq, entry.at, file_load.file
            FROM file_load
            JOIN entry ON entry.seq = file_load.seq
            JOIN session ON session.seq = entry.session
            WHERE session.writer = 'daemon'
                AND (
                    ?1 IS NULL
                    OR (session.host, file_load.path) IN (
                        SELECT own.host, loaded.path
                        FROM session AS own
                        JOIN entry AS said ON said.session = own.seq AND said.kind = 'file_load'
                        JOIN file_load AS loaded ON loaded.seq = said.seq
                        WHERE own.seq = ?1
                    )
                )
            ORDER BY file_load.seq DESC",
        )
        .bind(living.map(|(session, _)| i64::from(session)))
        .fetch_all(connection)
        .await?;
        let load = |(entry, at, file): (_, Millis, _)| FileLoad { entry, at: at.into(), file };
        Ok(rows.into_iter().map(load).collect())
    }

    /// A text of schedules.toml.
    ///
    /// # Errors
    /// When the log cannot be read, or does not have it.
    pub async fn file_text(&self, file: FileId) -> Result<String, AuditError> {
        file_text(&mut *self.connection().await, file).await
    }

    /// The outcomes, with their reasons, of the firings due from one instant to before another;
    /// each pair once. `None` until all of them have been dealt with and have ended. A firing by
    /// hand belongs to the time of its beginning.
    pub async fn outcomes_between(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Option<Vec<(Outcome, Option<Reason>)>>, AuditError> {
        let (from, to) = (Millis::from(from), Millis::from(to));
        let connection = &mut *self.connection().await;
        // Time that any daemon has lived through is dealt with.
        let is_over: bool = sqlx::query_scalar(concat!(
            "SELECT EXISTS (SELECT 1 FROM lived WHERE lived_until >= ?2)
                AND NOT EXISTS (
                    SELECT 1
                    FROM firing
                    WHERE ",
            due_or_begun_between!(),
            "
                        AND firing.take > 0
                        AND NOT EXISTS (
                            SELECT 1 FROM firing_end WHERE firing_end.firing = firing.seq
                        )
                )"
        ))
        .bind(from)
        .bind(to)
        .fetch_one(&mut *connection)
        .await?;
        if !is_over {
            return Ok(None);
        }
        let rows = sqlx::query(concat!(
            "SELECT min(outcome.seq) AS seq, outcome.outcome, outcome.reason
            FROM firing
            JOIN entry AS begun ON begun.seq = firing.seq
            JOIN outcome ON outcome.firing = firing.seq
            LEFT JOIN firing_end ON firing_end.firing = firing.seq
            LEFT JOIN entry AS ended ON ended.seq = firing_end.seq
            WHERE ",
            due_or_begun_between!(),
            "
                AND (firing.trigger <> 'manual' OR ended.session <> begun.session)
            GROUP BY outcome.outcome, outcome.reason"
        ))
        .bind(from)
        .bind(to)
        .fetch_all(connection)
        .await?;
        let outcomes = decoded::<(i64, Outcome, Option<Reason>)>("outcome", rows)
            .map(|row| row.map(|(_, outcome, reason)| (outcome, reason)));
        outcomes.collect::<Result<_, _>>().map(Some)
    }
}
