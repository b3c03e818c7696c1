//! Answers `lightsout show`: one firing in full.

use schemars::JsonSchema;
use serde::Serialize;
use sqlx::{Connection, SqliteConnection};

use super::history::HistoryLine;
use super::overridden::overrides_of;
use crate::audit::store::error::AuditError;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::row::row;
use crate::audit::store::wrong_clock::{self, OnceMore};
use crate::model::ids::FiringId;
use crate::model::instance::Action;
use crate::model::outcome::Outcome;

/// One firing with its requests, servers and outcomes. Times are in UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FiringStory {
    /// Its lines of the history, in the order of writing; never empty.
    pub lines: Vec<HistoryLine>,
    /// Its requests, in the order of recording.
    pub requests: Vec<RequestLine>,
    /// Nothing was to be sent.
    pub dry_run: bool,
    /// SHA-256 of its schedules.toml, in hexadecimal.
    pub file_sha256: String,
    /// Why it took place a second time; mostly null.
    pub once_more: Option<OnceMore>,
    /// The firings whose deferred actions it caught up on, by number; mostly none.
    pub makes_up_for: Vec<i64>,
    /// The firings that caught up on actions that it deferred, by number; mostly none.
    pub made_up_by: Vec<i64>,
    /// Its time to wait, retry and follow, in milliseconds.
    pub patience_ms: i64,
    /// When nothing was left to do or to follow; null before that.
    pub ended_at: Option<String>,
    /// The process that claimed it.
    pub session: SessionLine,
    /// The processes that went on with it after the first had died.
    pub taken_over_by: Vec<SessionLine>,
}

impl FiringStory {
    /// Whether it never began: nobody was there at its time.
    pub fn is_missed(&self) -> bool {
        let missed = Some(Outcome::Missed.as_str());
        self.ended_at.is_none() && self.lines.iter().any(|line| line.outcome.as_deref() == missed)
    }
}

row! {
    /// A request for a change, with its answer.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
    #[schemars(rename = "request")]
    pub struct RequestLine {
        /// Its number in the log.
        pub request: i64,
        /// When it was recorded, just before it was sent.
        pub requested_at: String,
        pub region: String,
        #[schemars(with = "Action")]
        pub action: String,
        /// The numbers of its servers.
        pub instances: Vec<String> = json,
        /// Null when no answer was recorded.
        #[schemars(extend("x-words" = [
            "accepted", "refused", "denied", "throttled", "not_sent", "unanswered", "unreadable",
        ]))]
        pub result: Option<String>,
        /// When the answer was recorded.
        pub answered_at: Option<String>,
        /// The HTTP status of the answer.
        pub http_status: Option<i64>,
        /// `requestId` of the answer.
        pub request_id: Option<String>,
        /// `returnCode` of the answer.
        pub return_code: Option<String>,
        /// `returnMessage` of the answer.
        pub return_message: Option<String>,
        /// The fault of the answer, in words.
        pub detail: Option<String>,
    }
}

row! {
    /// A process that wrote to the log.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
    #[schemars(rename = "session")]
    pub struct SessionLine {
        /// Its number in the log.
        pub session: i64,
        /// The kind of process.
        #[schemars(extend("x-words" = ["daemon", "fire"]))]
        pub writer: String,
        pub version: String,
        pub pid: i64,
        pub host: Option<String>,
    }
}

row! {
    struct FiringRow {
        dry_run: bool,
        file_sha256: String,
        patience: i64,
        ended_at: Option<String>,
    }
}

impl AuditReader {
    /// A firing; `None` when no firing has that number.
    pub async fn show(&self, firing: FiringId) -> Result<Option<FiringStory>, AuditError> {
        // One transaction, so that all of it is of one moment.
        let mut guard = self.connection().await;
        let connection = &mut *guard.begin().await?;
        let Some(row) = firing_row(connection, firing).await? else { return Ok(None) };
        let mut lines = lines(connection, firing).await?;
        let changed = overrides_of(connection, &[firing.0]).await?.remove(&firing.0);
        for line in &mut lines {
            line.changed.clone_from(&changed);
        }
        let requests = requests(connection, firing).await?;
        let once_more = wrong_clock::once_more(connection, firing).await?;
        let (makes_up_for, made_up_by) = makeups(connection, firing).await?;
        let mut sessions = sessions(connection, firing).await?.into_iter();
        let Some(session) = sessions.next() else { return Ok(None) };
        Ok(Some(FiringStory {
            lines,
            requests,
            dry_run: row.dry_run,
            file_sha256: row.file_sha256,
            once_more,
            makes_up_for,
            made_up_by,
            patience_ms: row.patience,
            ended_at: row.ended_at,
            session,
            taken_over_by: sessions.collect(),
        }))
    }
}

async fn firing_row(
    connection: &mut SqliteConnection,
    firing: FiringId,
) -> Result<Option<FiringRow>, sqlx::Error> {
    sqlx::query_as(
        "SELECT
            firing.dry_run,
            file_text.sha256 AS file_sha256,
            firing.patience,
            strftime('%Y-%m-%dT%H:%M:%fZ', ended.at / 1000.0, 'unixepoch') AS ended_at
        FROM firing
        JOIN file_text ON file_text.seq = firing.file
        LEFT JOIN firing_end ON firing_end.firing = firing.seq
        LEFT JOIN entry AS ended ON ended.seq = firing_end.seq
        WHERE firing.seq = ?1",
    )
    .bind(firing.0)
    .fetch_optional(connection)
    .await
}

async fn lines(
    connection: &mut SqliteConnection,
    firing: FiringId,
) -> Result<Vec<HistoryLine>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM history WHERE firing = ?1 ORDER BY line")
        .bind(firing.0)
        .fetch_all(connection)
        .await
}

/// Its requests, in the order of recording.
pub(crate) async fn requests(
    connection: &mut SqliteConnection,
    firing: FiringId,
) -> Result<Vec<RequestLine>, AuditError> {
    let lines = sqlx::query_as(
        "SELECT
            request.seq AS request,
            strftime('%Y-%m-%dT%H:%M:%fZ', asked.at / 1000.0, 'unixepoch') AS requested_at,
            request.region,
            request.action,
            answer.result,
            strftime('%Y-%m-%dT%H:%M:%fZ', answered.at / 1000.0, 'unixepoch') AS answered_at,
            answer.http_status,
            answer.request_id,
            answer.return_code,
            answer.return_message,
            answer.detail,
            (
                SELECT json_group_array(instance_no)
                FROM (
                    SELECT instance_no
                    FROM request_instance
                    WHERE request_instance.request = request.seq
                    ORDER BY length(instance_no), instance_no
                )
            ) AS instances
        FROM request
        JOIN entry AS asked ON asked.seq = request.seq
        LEFT JOIN answer ON answer.request = request.seq
        LEFT JOIN entry AS answered ON answered.seq = answer.seq
        WHERE request.firing = ?1
        ORDER BY request.seq",
    )
    .bind(firing.0)
    .fetch_all(connection)
    .await?;
    Ok(lines)
}

/// The firings that it caught up on, and those that caught up on it.
pub(crate) async fn makeups(
    connection: &mut SqliteConnection,
    firing: FiringId,
) -> Result<(Vec<i64>, Vec<i64>), sqlx::Error> {
    let made_up_for = sqlx::query_scalar(
        "SELECT DISTINCT owed.firing
        FROM makeup
        JOIN owed ON owed.seq = makeup.owed
        WHERE makeup.firing = ?1
        ORDER BY 1",
    )
    .bind(firing.0)
    .fetch_all(&mut *connection)
    .await?;
    let made_up_by = sqlx::query_scalar(
        "SELECT DISTINCT makeup.firing
        FROM owed
        JOIN makeup ON makeup.owed = owed.seq
        WHERE owed.firing = ?1
        ORDER BY 1",
    )
    .bind(firing.0)
    .fetch_all(connection)
    .await?;
    Ok((made_up_for, made_up_by))
}

/// The session that claimed the firing, then those that took it over.
async fn sessions(
    connection: &mut SqliteConnection,
    firing: FiringId,
) -> Result<Vec<SessionLine>, sqlx::Error> {
    sqlx::query_as(
        "SELECT
            session.seq AS session, session.writer, session.version, session.pid, session.host
        FROM entry
        JOIN session ON session.seq = entry.session
        WHERE entry.seq = ?1 OR entry.seq IN (SELECT seq FROM takeover WHERE firing = ?1)
        ORDER BY entry.seq",
    )
    .bind(firing.0)
    .fetch_all(connection)
    .await
}
