//! `lightsout history`: what was done, newest first.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, SqliteConnection};

use super::error::AuditError;
use super::millis::Millis;
use super::reader::AuditReader;
use crate::outcome::Outcome;

/// Which lines of the history are wanted; all that is given must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryFilter {
    /// The name of a rule.
    pub rule: Option<String>,
    /// The number or the name of an instance.
    pub instance: Option<String>,
    /// What became of it.
    pub outcome: Option<Outcome>,
    /// Firings that began at this instant or later.
    pub since: Option<DateTime<Utc>>,
    /// Firings that began at this instant or earlier.
    pub until: Option<DateTime<Utc>>,
    /// Only what comes after this line, which is older or further down in the same firing.
    pub after: Option<HistoryPlace>,
    /// How many lines at most.
    pub limit: u32,
}

/// Where a line stands in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryPlace {
    /// The number of the firing.
    pub firing: i64,
    /// What orders the lines of a firing.
    pub line: i64,
}

impl Default for HistoryFilter {
    fn default() -> Self {
        Self {
            rule: None,
            instance: None,
            outcome: None,
            since: None,
            until: None,
            after: None,
            limit: 50,
        }
    }
}

/// One instance in one firing, or a word about a firing as a whole. Times are RFC 3339, in UTC
/// with milliseconds; the request is the last one that named the instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, FromRow)]
pub struct HistoryLine {
    /// The number of the firing.
    pub firing: i64,
    /// The rule that fired.
    pub rule: String,
    /// `stop` or `start`.
    pub action: String,
    /// `schedule`, `late` or `manual`.
    pub trigger: String,
    /// When it fell due; firings by hand never do.
    pub scheduled_at: Option<String>,
    /// When it began.
    pub started_at: String,
    /// On whose instances.
    pub account: String,
    /// Where the instance lies, or what region the line is about.
    pub region: Option<String>,
    /// `serverInstanceNo`.
    pub instance_no: Option<String>,
    /// `serverName`, as it was then.
    pub instance_name: Option<String>,
    /// When the request was recorded, just before it was sent.
    pub requested_at: Option<String>,
    /// `requestId` of the answer.
    pub request_id: Option<String>,
    /// The HTTP status of the answer.
    pub http_status: Option<i64>,
    /// `returnCode` of the answer.
    pub return_code: Option<String>,
    /// `returnMessage` of the answer.
    pub return_message: Option<String>,
    /// The API's code for the status it was found in.
    pub status_before: Option<String>,
    /// The API's code for the status it was last seen in.
    pub status_after: Option<String>,
    /// What became of it; `None` as long as that is open.
    pub outcome: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// When that was recorded.
    pub settled_at: Option<String>,
    /// What orders the lines of a firing.
    #[serde(skip)]
    pub line: i64,
}

impl HistoryLine {
    /// Where the line stands in the history.
    #[must_use]
    pub fn place(&self) -> HistoryPlace {
        HistoryPlace { firing: self.firing, line: self.line }
    }
}

impl AuditReader {
    /// The lines that pass a filter: the newest firing first, the instances of a firing in the
    /// order they were found in.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn history(&self, filter: &HistoryFilter) -> Result<Vec<HistoryLine>, AuditError> {
        let connection = &mut *self.connection().await;
        let Some((first, last)) = firings_between(connection, filter).await? else {
            return Ok(Vec::new());
        };
        let last = filter.after.map_or(last, |after| last.min(after.firing));
        // What is asked of instances and outcomes is first asked of whole firings, through
        // indexes, so that the lines of the others need not be put together.
        let lines = sqlx::query_as(
            "SELECT *
            FROM history
            WHERE (?1 IS NULL OR rule = ?1)
                AND (?2 IS NULL OR ?2 IN (instance_no, instance_name))
                AND (?2 IS NULL OR firing IN (
                    SELECT firing
                    FROM target
                    WHERE instance_no = ?2
                    UNION ALL
                    SELECT firing
                    FROM target
                    WHERE instance_name = ?2
                ))
                AND (?3 IS NULL OR outcome = ?3)
                AND (?3 IS NULL OR EXISTS (
                    SELECT 1
                    FROM outcome AS settled
                    WHERE settled.outcome = ?3 AND settled.firing = history.firing
                ))
                AND (?4 IS NULL OR (SELECT at FROM entry WHERE seq = history.firing) >= ?4)
                AND (?5 IS NULL OR (SELECT at FROM entry WHERE seq = history.firing) <= ?5)
                AND firing BETWEEN ?7 AND ?8
                AND (?9 IS NULL OR firing <> ?9 OR line > ?10)
            ORDER BY firing DESC, line
            LIMIT ?6",
        )
        .bind(filter.rule.as_deref())
        .bind(filter.instance.as_deref())
        .bind(filter.outcome.map(Outcome::as_str))
        .bind(filter.since.map(Millis::from))
        .bind(filter.until.map(Millis::from))
        .bind(filter.limit)
        .bind(first)
        .bind(last)
        .bind(filter.after.map(|after| after.firing))
        .bind(filter.after.map(|after| after.line))
        .fetch_all(connection)
        .await?;
        Ok(lines)
    }

    /// The lines that are still open, of firings in which something is left to do or to follow.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn in_flight(&self) -> Result<Vec<HistoryLine>, AuditError> {
        let lines = sqlx::query_as(
            "SELECT *
            FROM history
            WHERE outcome IS NULL
                AND NOT EXISTS (SELECT 1 FROM firing_end WHERE firing_end.firing = history.firing)
            ORDER BY firing DESC, line",
        )
        .fetch_all(&mut *self.connection().await)
        .await?;
        Ok(lines)
    }
}

/// The first and the last firing that began in the time asked for, so that the others need not
/// be walked through; `None` where there are none. The clock may have been stepped: between the
/// two there can be firings of another time.
async fn firings_between(
    connection: &mut SqliteConnection,
    filter: &HistoryFilter,
) -> Result<Option<(i64, i64)>, AuditError> {
    if filter.since.is_none() && filter.until.is_none() {
        return Ok(Some((0, i64::MAX)));
    }
    let (first, last): (Option<i64>, Option<i64>) = sqlx::query_as(
        "SELECT min(seq), max(seq)
        FROM entry
        WHERE kind = 'firing'
            AND at >= coalesce(?1, 0)
            AND at <= coalesce(?2, 9223372036854775807)",
    )
    .bind(filter.since.map(Millis::from))
    .bind(filter.until.map(Millis::from))
    .fetch_one(connection)
    .await?;
    Ok(first.zip(last))
}
