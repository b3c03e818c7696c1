//! What was off for long, and what firings had to do with it.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::error::AuditError;
use super::millis::Millis;
use super::reader::AuditReader;
use super::record::json;
use super::sighting::every_instance;
use crate::instance::{AccountName, Action, InstanceNo};
use crate::schedule::Rule;

impl AuditReader {
    /// The instances of an account that were last seen stopped, and not otherwise since a time.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn off_since(
        &self,
        account: &AccountName,
        since: DateTime<Utc>,
    ) -> Result<Vec<InstanceNo>, AuditError> {
        let numbers: Vec<String> = sqlx::query_scalar(OFF_SINCE)
            .bind(account.as_str())
            .bind(Millis::from(since))
            .fetch_all(&mut *self.connection().await)
            .await?;
        Ok(numbers.into_iter().filter_map(|no| InstanceNo::new(no).ok()).collect())
    }

    /// Which rules meant these instances of an account, with the last firing in which each of
    /// them did `action` to what it means or found it done: instance by instance, by name.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn last_meant(
        &self,
        account: &AccountName,
        action: Action,
        instances: &[InstanceNo],
    ) -> Result<Vec<(InstanceNo, String)>, AuditError> {
        let rows: Vec<(String, String)> = sqlx::query_as(LAST_MEANT)
            .bind(account.as_str())
            .bind(action.as_str())
            .bind(json(&instances))
            .fetch_all(&mut *self.connection().await)
            .await?;
        let meant = |(no, rule): (String, String)| Some((InstanceNo::new(no).ok()?, rule));
        Ok(rows.into_iter().filter_map(meant).collect())
    }

    /// The instances that firings of a rule were about which began between two times.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn fired_about(
        &self,
        rule: &Rule,
        (from, until): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<HashSet<InstanceNo>, AuditError> {
        let numbers: Vec<String> = sqlx::query_scalar(
            "SELECT DISTINCT target.instance_no
            FROM firing
            JOIN entry ON entry.seq = firing.seq
            JOIN target ON target.firing = firing.seq
            WHERE firing.rule = ?1
                AND firing.account = ?2
                AND entry.at BETWEEN ?3 AND ?4",
        )
        .bind(rule.name.as_str())
        .bind(rule.account.as_str())
        .bind(Millis::from(from))
        .bind(Millis::from(until))
        .fetch_all(&mut *self.connection().await)
        .await?;
        Ok(numbers.into_iter().filter_map(|no| InstanceNo::new(no).ok()).collect())
    }
}

/// Each search begins at an instance's newest row, and ends where it was last on.
const OFF_SINCE: &str = concat!(
    every_instance!(),
    "
    SELECT instance.no
    FROM instance
    WHERE instance.no IS NOT NULL
        AND instance.account = ?1
        AND 'NSTOP' = (
            SELECT seen.status
            FROM seen
            WHERE seen.account = instance.account AND seen.instance_no = instance.no
            ORDER BY seen.seq DESC
            LIMIT 1
        )
        AND coalesce(
            (
                SELECT seen.seen_at
                FROM seen
                WHERE seen.account = instance.account
                    AND seen.instance_no = instance.no
                    AND seen.status <> 'NSTOP'
                ORDER BY seen.seq DESC
                LIMIT 1
            ),
            0
        ) <= ?2
    ORDER BY instance.no"
);

/// What makes up for others is about some of what its rule means only.
const LAST_MEANT: &str = "
WITH last (firing, rule) AS MATERIALIZED (
    SELECT max(firing.seq), firing.rule
    FROM firing
    WHERE firing.account = ?1
        AND firing.action = ?2
        AND firing.dry_run = 0
        AND firing.take = 1
        AND EXISTS (SELECT 1 FROM target WHERE target.firing = firing.seq)
        AND NOT EXISTS (SELECT 1 FROM makeup WHERE makeup.firing = firing.seq)
    GROUP BY firing.rule
)
SELECT outcome.instance_no, last.rule
FROM last
JOIN outcome ON outcome.firing = last.firing
WHERE outcome.instance_no IN (SELECT value FROM json_each(?3))
    AND outcome.outcome <> 'skipped'
ORDER BY 1, 2";
