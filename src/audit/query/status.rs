//! Reads the present: the living daemon, and the progress of a firing.

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::record::outcomes;
use crate::audit::store::row::row;
use crate::audit::store::session::living_daemon;
use crate::model::ids::FiringId;
use crate::model::outcome::{Effort, Outcome};

row! {
    /// The daemon that is alive on the log. Times are in UTC.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
    #[schemars(rename = "daemon")]
    pub struct DaemonLife {
        pub pid: i64,
        pub host: Option<String>,
        pub version: String,
        pub since: String,
        /// Its last heartbeat; null before the first.
        pub last_sign_of_life: Option<String>,
        /// The schedules.toml that it uses; null before it has read one.
        pub file_path: Option<String>,
        /// SHA-256 of that file's text, in hexadecimal.
        pub file_sha256: Option<String>,
    }
}

/// A daemon writes a heartbeat every minute. A daemon that misses one cannot write.
const LONGEST_SILENCE: TimeDelta = TimeDelta::seconds(90);

/// The most servers that are named while a firing waits for them.
const MOST_NAMED: u32 = 3;

impl DaemonLife {
    /// The time since its last heartbeat, when that is too long for a daemon that can write.
    pub fn silence(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        let last = self.last_sign_of_life.as_deref().unwrap_or(&self.since);
        let silence = now - last.parse::<DateTime<Utc>>().ok()?;
        (silence > LONGEST_SILENCE).then_some(silence)
    }
}

row! {
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct FiringProgress {
        /// The instances that it is to stop or start.
        pub chosen: i64,
        /// Those of them that were seen stopped or started.
        pub done: i64,
        /// The names of the first few without an outcome.
        pub waiting: Vec<String> = json,
    }
}

impl AuditReader {
    /// The daemon that is alive on this log.
    pub async fn daemon(&self) -> Result<Option<DaemonLife>, AuditError> {
        let connection = &mut *self.connection().await;
        let Some((session, _)) = living_daemon(connection, &self.path).await? else {
            return Ok(None);
        };
        let life = sqlx::query_as(
            "SELECT
                session.pid,
                session.host,
                session.version,
                strftime('%Y-%m-%dT%H:%M:%fZ', begun.at / 1000.0, 'unixepoch') AS since,
                strftime('%Y-%m-%dT%H:%M:%fZ', life.seen_at / 1000.0, 'unixepoch')
                    AS last_sign_of_life,
                file_load.path AS file_path,
                file_text.sha256 AS file_sha256
            FROM session
            JOIN entry AS begun ON begun.seq = session.seq
            LEFT JOIN life ON life.session = session.seq
            LEFT JOIN file_load ON file_load.seq = (
                SELECT max(loaded.seq)
                FROM file_load
                JOIN entry AS loaded ON loaded.seq = file_load.seq
                WHERE loaded.session = ?1
            )
            LEFT JOIN file_text ON file_text.seq = file_load.file
            WHERE session.seq = ?1",
        )
        .bind(i64::from(session))
        .fetch_optional(connection)
        .await?;
        Ok(life)
    }

    /// The time of the newest entry; `None` when the log has none.
    pub async fn newest_at(&self) -> Result<Option<DateTime<Utc>>, AuditError> {
        let at: Option<Millis> =
            sqlx::query_scalar("SELECT at FROM entry ORDER BY seq DESC LIMIT 1")
                .fetch_optional(&mut *self.connection().await)
                .await?;
        Ok(at.map(Into::into))
    }

    /// Whether a daemon has ever run on this log.
    pub async fn had_daemon(&self) -> Result<bool, AuditError> {
        let had =
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM session WHERE writer = 'daemon')")
                .fetch_one(&mut *self.connection().await)
                .await?;
        Ok(had)
    }

    /// A text of schedules.toml by its SHA-256; `None` when the log does not have it.
    pub async fn text_of(&self, sha256: &str) -> Result<Option<String>, AuditError> {
        let text = sqlx::query_scalar("SELECT text FROM file_text WHERE sha256 = ?1")
            .bind(sha256)
            .fetch_optional(&mut *self.connection().await)
            .await?;
        Ok(text)
    }

    /// The progress of a firing. Nothing is chosen before its account has been read.
    pub async fn progress(&self, firing: FiringId) -> Result<FiringProgress, AuditError> {
        let progress = sqlx::query_as(
            "SELECT
                count(*) AS chosen,
                count(
                    CASE WHEN outcome.outcome IN (SELECT value FROM json_each(?2)) THEN 1 END
                ) AS done,
                (
                    SELECT json_group_array(instance_name)
                    FROM (
                        SELECT open.instance_name
                        FROM target AS open
                        WHERE open.firing = ?1
                            AND NOT EXISTS (
                                SELECT 1
                                FROM outcome AS settled
                                WHERE settled.firing = open.firing
                                    AND settled.instance_no = open.instance_no
                            )
                        ORDER BY open.instance_name
                        LIMIT ?4
                    )
                ) AS waiting
            FROM target
            LEFT JOIN outcome
                ON outcome.firing = target.firing AND outcome.instance_no = target.instance_no
            WHERE target.firing = ?1
                AND (outcome.outcome IS NULL
                    OR outcome.outcome IN (SELECT value FROM json_each(?3)))",
        )
        .bind(firing.0)
        .bind(outcomes(Outcome::is_done))
        .bind(outcomes(|one| one.effort() == Effort::Asked))
        .bind(MOST_NAMED)
        .fetch_one(&mut *self.connection().await)
        .await?;
        Ok(progress)
    }
}
