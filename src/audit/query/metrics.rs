//! Counts for monitoring: everything that was added to the log after one entry.

use chrono::{DateTime, Utc};
use sqlx::{Connection, SqliteConnection};

use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::record::{json, outcomes};
use crate::audit::store::row::row;
use crate::audit::store::through::Through;
use crate::model::instance::{Action, RuleName};
use crate::model::outcome::Outcome;

/// The counts between two entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The last entry that was counted.
    pub through: Through,
    /// The outcomes of ended or missed firings, each outcome once a firing.
    pub ended: Vec<EndedOutcome>,
    pub settled: Vec<SettledCount>,
    pub answered: Vec<AnswerCount>,
    /// The lateness of scheduled firings, in milliseconds.
    pub lateness_ms: Vec<i64>,
}

row! {
    /// An outcome of a firing; `None` when it ended without any.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct EndedOutcome {
        pub firing: i64,
        /// `stop` or `start`.
        pub action: String,
        pub outcome: Option<String>,
    }
}

row! {
    /// The number of instances with an outcome.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct SettledCount {
        /// `stop` or `start`.
        pub action: String,
        pub outcome: String,
        pub instances: i64,
    }
}

row! {
    /// The number of requests with an answer.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct AnswerCount {
        /// `stop` or `start`.
        pub action: String,
        pub result: String,
        /// The HTTP status, if any.
        pub http_status: Option<i64>,
        /// `returnCode`, if any.
        pub return_code: Option<String>,
        pub requests: i64,
    }
}

impl AuditReader {
    /// Counts the entries after one entry.
    pub async fn tally(&self, after: Through) -> Result<Tally, AuditError> {
        // One transaction, so that nothing is counted twice or left out.
        let mut guard = self.connection().await;
        let connection = &mut *guard.begin().await?;
        let through = sqlx::query_scalar("SELECT coalesce(max(seq), 0) FROM entry")
            .fetch_one(&mut *connection)
            .await?;
        Ok(Tally {
            through,
            ended: ended(connection, after).await?,
            settled: settled(connection, after).await?,
            answered: answered(connection, after).await?,
            lateness_ms: lateness(connection, after).await?,
        })
    }

    /// The last good scheduled firing of each rule with its action: ended, no dry run, and without
    /// any outcome that needs a person.
    pub async fn last_successes(
        &self,
        rules: &[(&RuleName, Action)],
    ) -> Result<Vec<(String, String, DateTime<Utc>)>, AuditError> {
        let wanted: Vec<(&RuleName, &str)> =
            rules.iter().map(|(name, action)| (*name, action.as_str())).collect();
        let rows: Vec<(String, String, Option<Millis>)> = sqlx::query_as(
            "SELECT
                wanted.value ->> 0,
                wanted.value ->> 1,
                (
                    SELECT ended.at
                    FROM firing
                    JOIN firing_end ON firing_end.firing = firing.seq
                    JOIN entry AS ended ON ended.seq = firing_end.seq
                    WHERE firing.rule = wanted.value ->> 0
                        AND firing.action = wanted.value ->> 1
                        AND firing.scheduled_at IS NOT NULL
                        AND firing.take > 0
                        AND firing.dry_run = 0
                        AND NOT EXISTS (
                            SELECT 1
                            FROM outcome
                            WHERE outcome.firing = firing.seq
                                AND outcome.outcome IN (SELECT value FROM json_each(?2))
                        )
                    ORDER BY firing.scheduled_at DESC
                    LIMIT 1
                )
            FROM json_each(?1) AS wanted",
        )
        .bind(json(&wanted))
        .bind(outcomes(needs_somebody))
        .fetch_all(&mut *self.connection().await)
        .await?;
        let found = |(rule, action, at): (_, _, Option<Millis>)| Some((rule, action, at?.into()));
        Ok(rows.into_iter().filter_map(found).collect())
    }
}

/// Whether an outcome needs a person. A server that was skipped waits for the next firing.
fn needs_somebody(outcome: Outcome) -> bool {
    outcome != Outcome::Skipped && outcome.concern(None).is_some()
}

async fn ended(
    connection: &mut SqliteConnection,
    after: Through,
) -> Result<Vec<EndedOutcome>, sqlx::Error> {
    sqlx::query_as(
        "WITH done (firing) AS (
            SELECT firing FROM firing_end WHERE seq > ?1
            UNION ALL
            SELECT seq FROM firing WHERE seq > ?1 AND take = 0
        )
        SELECT firing.seq AS firing, firing.action, outcome.outcome
        FROM done
        JOIN firing ON firing.seq = done.firing
        LEFT JOIN outcome ON outcome.firing = firing.seq
        GROUP BY firing.seq, outcome.outcome
        ORDER BY firing.seq",
    )
    .bind(after)
    .fetch_all(connection)
    .await
}

async fn settled(
    connection: &mut SqliteConnection,
    after: Through,
) -> Result<Vec<SettledCount>, sqlx::Error> {
    // The `+` makes SQLite begin at the entry, and not walk all outcomes.
    sqlx::query_as(
        "SELECT firing.action, outcome.outcome, count(*) AS instances
        FROM outcome
        JOIN firing ON firing.seq = outcome.firing
        WHERE outcome.seq > ?1 AND outcome.instance_no IS NOT NULL
        GROUP BY firing.action, +outcome.outcome",
    )
    .bind(after)
    .fetch_all(connection)
    .await
}

async fn answered(
    connection: &mut SqliteConnection,
    after: Through,
) -> Result<Vec<AnswerCount>, sqlx::Error> {
    sqlx::query_as(
        "SELECT
            request.action, answer.result, answer.http_status, answer.return_code,
            count(*) AS requests
        FROM answer
        JOIN request ON request.seq = answer.request
        WHERE answer.seq > ?1
        GROUP BY request.action, answer.result, answer.http_status, answer.return_code",
    )
    .bind(after)
    .fetch_all(connection)
    .await
}

async fn lateness(
    connection: &mut SqliteConnection,
    after: Through,
) -> Result<Vec<i64>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT begun.at - firing.scheduled_at
        FROM firing
        JOIN entry AS begun ON begun.seq = firing.seq
        WHERE firing.seq > ?1 AND firing.take > 0 AND firing.scheduled_at IS NOT NULL
        ORDER BY firing.seq",
    )
    .bind(after)
    .fetch_all(connection)
    .await
}
