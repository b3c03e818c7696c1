//! Notices: what is still to be told, what somebody is to be told, and what became of that.

use std::path::Path;

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::error::AuditError;
use super::firing::FiringId;
use super::log::{AuditLog, FileId};
use super::millis::Millis;
use super::reader::AuditReader;
use super::record::{NoticeEndRecord, NoticeRecord, text};
use crate::outcome::Outcome;

/// A notice: the number of its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NoticeId(i64);

impl From<NoticeId> for i64 {
    fn from(notice: NoticeId) -> Self {
        notice.0
    }
}

/// An entry of the log: how far a target has been told what happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, sqlx::Type)]
#[sqlx(transparent)]
pub struct Through(i64);

/// Something that a target is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNotice {
    /// The target's name.
    pub target: String,
    /// What it is about.
    pub event: &'static str,
    /// The firing it is about, where it is about one.
    pub firing: Option<FiringId>,
    /// The last entry it speaks of.
    pub through: Through,
    /// What is told, as JSON.
    pub body: String,
}

/// A notice that has been neither delivered nor given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenNotice {
    /// Its number.
    pub id: NoticeId,
    /// The target's name.
    pub target: String,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// What is told, as JSON.
    pub body: String,
}

/// How a notice ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeResult {
    /// The other side confirmed it.
    Delivered,
    /// It was tried for as long as it is worth it.
    GivenUp,
}

/// A firing that has ended, and has to be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The entry that ended it.
    pub entry: Through,
    /// The firing.
    pub firing: FiringId,
}

/// A firing that nobody was there for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missed {
    /// The entry that says so.
    pub entry: Through,
    /// The firing.
    pub firing: FiringId,
    /// Its rule.
    pub rule: String,
    /// `stop` or `start`.
    pub action: String,
    /// When it fell due.
    pub scheduled_at: DateTime<Utc>,
    /// Why it was missed.
    pub reason: Option<String>,
}

/// A daemon took a text of schedules.toml into use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileLoad {
    /// The entry that says so.
    pub entry: Through,
    /// When.
    pub at: DateTime<Utc>,
    /// The text.
    pub file: FileId,
}

#[derive(FromRow)]
struct OpenRow {
    seq: i64,
    target: String,
    at: Millis,
    body: String,
}

#[derive(FromRow)]
struct MissedRow {
    entry: Through,
    firing: i64,
    rule: String,
    action: String,
    scheduled_at: Millis,
    reason: Option<String>,
}

impl AuditLog {
    /// Where the log is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Records what is to be told, all in one transaction.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub async fn notices(&self, notices: Vec<NewNotice>) -> Result<(), AuditError> {
        let record = |notice: NewNotice| NoticeRecord {
            target: notice.target,
            event: notice.event,
            firing: notice.firing.map(|firing| firing.0),
            through: notice.through.0,
            body: text(&notice.body),
        };
        let records: Vec<_> = notices.into_iter().map(record).collect();
        if !records.is_empty() {
            self.record(&records).await?;
        }
        Ok(())
    }

    /// Records how a notice ended, and what the other side said to it.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub async fn end_notice(
        &self,
        notice: NoticeId,
        result: NoticeResult,
        detail: &str,
    ) -> Result<(), AuditError> {
        let result = match result {
            NoticeResult::Delivered => "delivered",
            NoticeResult::GivenUp => "given_up",
        };
        let record = NoticeEndRecord { notice: notice.0, result, detail: text(detail) };
        self.record(&[record]).await?;
        Ok(())
    }
}

impl AuditReader {
    /// The notices that have neither been delivered nor given up, oldest first.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn open_notices(&self) -> Result<Vec<OpenNotice>, AuditError> {
        let rows: Vec<OpenRow> = sqlx::query_as(
            "SELECT notice.seq, notice.target, entry.at, notice.body
            FROM notice
            JOIN entry ON entry.seq = notice.seq
            WHERE NOT EXISTS (SELECT 1 FROM notice_end WHERE notice_end.notice = notice.seq)
            ORDER BY notice.seq",
        )
        .fetch_all(&mut *self.connection().await)
        .await?;
        let open = |OpenRow { seq, target, at, body }| OpenNotice {
            id: NoticeId(seq),
            target,
            at: at.into(),
            body,
        };
        Ok(rows.into_iter().map(open).collect())
    }

    /// The last entry that a target has been told of. What was pruned counts as told, also where
    /// a part of it was kept.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn told_through(&self, target: &str) -> Result<Through, AuditError> {
        let through = sqlx::query_scalar(
            "SELECT max(
                (SELECT coalesce(max(through), 0) FROM notice WHERE target = ?1),
                (SELECT coalesce(max(below), 0) FROM prune))",
        )
        .bind(target)
        .fetch_one(&mut *self.connection().await)
        .await?;
        Ok(through)
    }

    /// The newest notice of a target: what it is told, as JSON.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn last_notice(&self, target: &str) -> Result<Option<String>, AuditError> {
        let body = sqlx::query_scalar(
            "SELECT body
            FROM notice
            WHERE target = ?1
            ORDER BY seq DESC
            LIMIT 1",
        )
        .bind(target)
        .fetch_optional(&mut *self.connection().await)
        .await?;
        Ok(body)
    }

    /// The firings that ended after an entry, in that order. Those by hand that were followed to
    /// the end by the process that began them are left out: its person saw what became of them.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn ended_after(&self, entry: Through) -> Result<Vec<Ended>, AuditError> {
        let rows: Vec<(Through, i64)> = sqlx::query_as(
            "SELECT firing_end.seq, firing_end.firing
            FROM firing_end
            JOIN firing ON firing.seq = firing_end.firing
            JOIN entry AS ended ON ended.seq = firing_end.seq
            JOIN entry AS begun ON begun.seq = firing.seq
            WHERE firing_end.seq > ?1
                AND (firing.trigger <> 'manual' OR ended.session <> begun.session)
            ORDER BY firing_end.seq",
        )
        .bind(entry)
        .fetch_all(&mut *self.connection().await)
        .await?;
        let ended = |(entry, firing)| Ended { entry, firing: FiringId(firing) };
        Ok(rows.into_iter().map(ended).collect())
    }

    /// The firings that were noted as missed after an entry, in that order.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn missed_after(&self, entry: Through) -> Result<Vec<Missed>, AuditError> {
        let rows: Vec<MissedRow> = sqlx::query_as(
            "SELECT
                outcome.seq AS entry, firing.seq AS firing, firing.rule, firing.action,
                firing.scheduled_at, outcome.reason
            FROM outcome
            JOIN firing ON firing.seq = outcome.firing
            WHERE outcome.seq > ?1 AND outcome.outcome = 'missed' AND firing.take = 0
            ORDER BY outcome.seq",
        )
        .bind(entry)
        .fetch_all(&mut *self.connection().await)
        .await?;
        let missed = |row: MissedRow| Missed {
            entry: row.entry,
            firing: FiringId(row.firing),
            rule: row.rule,
            action: row.action,
            scheduled_at: row.scheduled_at.into(),
            reason: row.reason,
        };
        Ok(rows.into_iter().map(missed).collect())
    }

    /// The texts of schedules.toml that daemons took into use, newest first.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn daemon_loads(&self) -> Result<Vec<FileLoad>, AuditError> {
        let rows: Vec<(Through, Millis, i64)> = sqlx::query_as(
            "SELECT file_load.seq, entry.at, file_load.file
            FROM file_load
            JOIN entry ON entry.seq = file_load.seq
            JOIN session ON session.seq = entry.session
            WHERE session.writer = 'daemon'
            ORDER BY file_load.seq DESC",
        )
        .fetch_all(&mut *self.connection().await)
        .await?;
        let load = |(entry, at, file): (Through, Millis, i64)| FileLoad {
            entry,
            at: at.into(),
            file: FileId(file),
        };
        Ok(rows.into_iter().map(load).collect())
    }

    /// A text of schedules.toml.
    ///
    /// # Errors
    /// When the log cannot be read, or does not have it.
    pub async fn file_text(&self, file: FileId) -> Result<String, AuditError> {
        let text = sqlx::query_scalar("SELECT text FROM file_text WHERE seq = ?1")
            .bind(file.0)
            .fetch_one(&mut *self.connection().await)
            .await?;
        Ok(text)
    }

    /// The outcomes, with the reasons given for them, of the firings that fell due from one
    /// instant up to before another: each pair once. `None` as long as not all of them have been
    /// dealt with and have ended. Firings by hand belong to when they were begun.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn outcomes_between(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Option<Vec<(Outcome, Option<String>)>>, AuditError> {
        let (from, to) = (Millis::from(from), Millis::from(to));
        let connection = &mut *self.connection().await;
        // A mark says that all before it has been dealt with, in whichever life it was set.
        let is_over: bool = sqlx::query_scalar(
            "SELECT coalesce((SELECT max(mark) FROM life), 0) >= ?2
                AND NOT EXISTS (
                    SELECT 1
                    FROM firing
                    JOIN entry ON entry.seq = firing.seq
                    WHERE coalesce(firing.scheduled_at, entry.at) >= ?1
                        AND coalesce(firing.scheduled_at, entry.at) < ?2
                        AND firing.take = 1
                        AND NOT EXISTS (
                            SELECT 1 FROM firing_end WHERE firing_end.firing = firing.seq
                        )
                )",
        )
        .bind(from)
        .bind(to)
        .fetch_one(&mut *connection)
        .await?;
        if !is_over {
            return Ok(None);
        }
        let rows: Vec<(String, Option<String>)> = sqlx::query_as(
            "SELECT DISTINCT outcome.outcome, outcome.reason
            FROM firing
            JOIN entry AS begun ON begun.seq = firing.seq
            JOIN outcome ON outcome.firing = firing.seq
            LEFT JOIN firing_end ON firing_end.firing = firing.seq
            LEFT JOIN entry AS ended ON ended.seq = firing_end.seq
            WHERE coalesce(firing.scheduled_at, begun.at) >= ?1
                AND coalesce(firing.scheduled_at, begun.at) < ?2
                AND (firing.trigger <> 'manual' OR ended.session <> begun.session)",
        )
        .bind(from)
        .bind(to)
        .fetch_all(connection)
        .await?;
        let known = |(word, reason): (String, Option<String>)| Some((word.parse().ok()?, reason));
        Ok(Some(rows.into_iter().filter_map(known).collect()))
    }
}
