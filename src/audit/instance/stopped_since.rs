//! Finds instances that have been off for long, and the firings about them.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::last_state::every_instance;
use crate::audit::store::damaged::instances;
use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::record::json;
use crate::cloud::codes;
use crate::model::instance::{AccountName, InstanceNo, PowerState};
use crate::schedule::Rule;

impl AuditReader {
    /// The instances of an account that were last seen stopped, and not otherwise since a time.
    pub async fn off_since(
        &self,
        account: &AccountName,
        since: DateTime<Utc>,
    ) -> Result<Vec<InstanceNo>, AuditError> {
        let rows = sqlx::query(OFF_SINCE)
            .bind(account.as_str())
            .bind(Millis::from(since))
            .bind(json(&codes::of(&[PowerState::Stopped])))
            .fetch_all(&mut *self.connection().await)
            .await?;
        instances("seen", rows).collect()
    }

    /// The instances in the firings of a rule that began between two times.
    pub async fn fired_about(
        &self,
        rule: &Rule,
        (from, until): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<HashSet<InstanceNo>, AuditError> {
        let rows = sqlx::query(
            "SELECT min(target.seq) AS seq, target.instance_no
            FROM firing
            JOIN entry ON entry.seq = firing.seq
            JOIN target ON target.firing = firing.seq
            WHERE firing.rule = ?1
                AND firing.account = ?2
                AND entry.at BETWEEN ?3 AND ?4
            GROUP BY target.instance_no",
        )
        .bind(rule.name.as_str())
        .bind(rule.account.as_str())
        .bind(Millis::from(from))
        .bind(Millis::from(until))
        .fetch_all(&mut *self.connection().await)
        .await?;
        instances("target", rows).collect()
    }
}

/// Each search begins at an instance's newest row, and ends at its last running state.
const OFF_SINCE: &str = concat!(
    every_instance!(),
    "
    SELECT
        (
            SELECT max(seen.seq)
            FROM seen
            WHERE seen.account = instance.account AND seen.instance_no = instance.no
        ) AS seq,
        instance.no
    FROM instance
    WHERE instance.no IS NOT NULL
        AND instance.account = ?1
        AND (
            SELECT seen.status
            FROM seen
            WHERE seen.account = instance.account AND seen.instance_no = instance.no
            ORDER BY seen.seq DESC
            LIMIT 1
        ) IN (SELECT value FROM json_each(?3))
        AND coalesce(
            (
                SELECT seen.seen_at
                FROM seen
                WHERE seen.account = instance.account
                    AND seen.instance_no = instance.no
                    AND seen.status NOT IN (SELECT value FROM json_each(?3))
                ORDER BY seen.seq DESC
                LIMIT 1
            ),
            0
        ) <= ?2
    ORDER BY instance.no"
);
