//! What the audit log says, read beside the program and without its help.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};

use super::row::row;

pub(crate) struct Log(SqliteConnection);

row! {
    /// How far the log has come after a certain entry.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Progress {
        /// Firings of the schedule, missed ones too.
        pub(crate) firings: i64,
        /// Those of them that are still being followed.
        pub(crate) open: i64,
        /// The number of the last entry.
        pub(crate) head: i64,
    }
}

row! {
    /// One firing. Times are milliseconds since 1970.
    #[derive(Clone, Debug)]
    pub(crate) struct FiringRow {
        pub(crate) seq: i64,
        pub(crate) rule: String,
        pub(crate) trigger: String,
        pub(crate) scheduled_at: i64,
        pub(crate) take: i64,
        pub(crate) has_ended: bool,
        /// How many words there are about it and its instances.
        pub(crate) words: i64,
        /// How many instances were selected and never spoken of again.
        pub(crate) forgotten: i64,
        /// What became of it as a whole, where that was said.
        pub(crate) outcome: Option<String>,
        pub(crate) reason: Option<String>,
    }
}

row! {
    /// One request for a change and its answer.
    #[derive(Clone, Debug)]
    pub(crate) struct RequestRow {
        pub(crate) seq: i64,
        pub(crate) firing: i64,
        pub(crate) action: String,
        pub(crate) asked_at: i64,
        /// Their numbers as a JSON array.
        pub(crate) instances: String,
        pub(crate) answered_at: Option<i64>,
        pub(crate) result: Option<String>,
        pub(crate) http_status: Option<i64>,
        pub(crate) request_id: Option<String>,
    }
}

row! {
    /// What became of one instance.
    #[derive(Clone, Debug)]
    pub(crate) struct OutcomeRow {
        pub(crate) firing: i64,
        pub(crate) action: String,
        pub(crate) instance_no: String,
        pub(crate) outcome: String,
        pub(crate) reason: Option<String>,
        pub(crate) status_after: Option<String>,
    }
}

impl Log {
    pub(crate) async fn open(path: &Path) -> sqlx::Result<Self> {
        let options = SqliteConnectOptions::new().filename(path).read_only(true);
        SqliteConnection::connect_with(&options).await.map(Self)
    }

    pub(crate) async fn progress(&mut self, after: i64) -> sqlx::Result<Progress> {
        sqlx::query_as(
            "SELECT
                count(*) AS firings,
                count(CASE WHEN firing.take = 1 AND firing_end.seq IS NULL THEN 1 END) AS open,
                (SELECT max(seq) FROM entry) AS head
            FROM firing
            LEFT JOIN firing_end ON firing_end.firing = firing.seq
            WHERE firing.seq > ?1",
        )
        .bind(after)
        .fetch_one(&mut self.0)
        .await
    }

    pub(crate) async fn firings(&mut self) -> sqlx::Result<Vec<FiringRow>> {
        sqlx::query_as(
            "SELECT
                firing.seq, firing.rule, firing.trigger, firing.scheduled_at, firing.take,
                firing_end.seq IS NOT NULL AS has_ended,
                (SELECT count(*) FROM outcome WHERE outcome.firing = firing.seq) AS words,
                (
                    SELECT count(*)
                    FROM target
                    LEFT JOIN outcome
                        ON outcome.firing = target.firing
                        AND outcome.instance_no = target.instance_no
                    WHERE target.firing = firing.seq AND outcome.seq IS NULL
                ) AS forgotten,
                whole.outcome, whole.reason
            FROM firing
            LEFT JOIN firing_end ON firing_end.firing = firing.seq
            LEFT JOIN outcome AS whole
                ON whole.firing = firing.seq
                AND whole.instance_no IS NULL AND whole.region IS NULL
            ORDER BY firing.seq",
        )
        .fetch_all(&mut self.0)
        .await
    }

    /// Requests after an entry, in order.
    pub(crate) async fn requests(&mut self, after: i64) -> sqlx::Result<Vec<RequestRow>> {
        sqlx::query_as(
            "SELECT
                request.seq, request.firing, request.action, asked.at AS asked_at,
                (
                    SELECT json_group_array(instance_no)
                    FROM request_instance
                    WHERE request_instance.request = request.seq
                ) AS instances,
                replied.at AS answered_at, answer.result, answer.http_status, answer.request_id
            FROM request
            JOIN entry AS asked ON asked.seq = request.seq
            LEFT JOIN answer ON answer.request = request.seq
            LEFT JOIN entry AS replied ON replied.seq = answer.seq
            WHERE request.seq > ?1
            ORDER BY request.seq",
        )
        .bind(after)
        .fetch_all(&mut self.0)
        .await
    }

    /// What became of instances, said after an entry, in order.
    pub(crate) async fn outcomes(&mut self, after: i64) -> sqlx::Result<Vec<OutcomeRow>> {
        sqlx::query_as(
            "SELECT
                outcome.firing, firing.action, outcome.instance_no, outcome.outcome,
                outcome.reason, outcome.status_after
            FROM outcome
            JOIN firing ON firing.seq = outcome.firing
            WHERE outcome.seq > ?1 AND outcome.instance_no IS NOT NULL
            ORDER BY outcome.seq",
        )
        .bind(after)
        .fetch_all(&mut self.0)
        .await
    }

    /// Why nothing is known of how instances ended, and of how many.
    pub(crate) async fn unknown(&mut self) -> sqlx::Result<BTreeMap<String, i64>> {
        let reasons: Vec<(String, i64)> = sqlx::query_as(
            "SELECT coalesce(reason, ''), count(*)
            FROM outcome
            WHERE outcome = 'unknown'
            GROUP BY reason",
        )
        .fetch_all(&mut self.0)
        .await?;
        Ok(reasons.into_iter().collect())
    }

    /// How often each word was said, of instances and of firings as a whole.
    pub(crate) async fn words(&mut self) -> sqlx::Result<BTreeMap<String, i64>> {
        let words: Vec<(String, i64)> = sqlx::query_as(
            "SELECT outcome, count(*)
            FROM outcome
            GROUP BY outcome",
        )
        .fetch_all(&mut self.0)
        .await?;
        Ok(words.into_iter().collect())
    }
}

impl RequestRow {
    /// What it asks of whom: the same for every request that asks for the same.
    pub(crate) fn key(&self) -> anyhow::Result<(String, Vec<String>)> {
        let mut instances: Vec<String> = serde_json::from_str(&self.instances)?;
        instances.sort();
        Ok((self.action.clone(), instances))
    }
}

impl FiringRow {
    /// The rule and the instant.
    pub(crate) fn is_for(&self) -> (String, Option<DateTime<Utc>>) {
        (self.rule.clone(), DateTime::from_timestamp_millis(self.scheduled_at))
    }
}
