//! Reads earlier firings that matter to a new one: the usual number of matches, later opposite
//! firings, and firings under way. [`crate::select`] judges drift.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

use crate::audit::store::audit_log::AuditLog;
use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::record::{json, outcomes};
use crate::model::ids::FiringId;
use crate::model::instance::{AccountName, Action, InstanceNo, RuleName};
use crate::model::outcome::Outcome;

impl AuditLog {
    /// The most instances that the rule matched in one of its last ten firings before `firing`;
    /// `None` when there is none. Not counted: dry runs, firings stopped by a guard, and firings
    /// that caught up.
    pub async fn most_matched(
        &self,
        rule: &RuleName,
        firing: FiringId,
    ) -> Result<Option<u64>, AuditError> {
        most_matched(&mut *self.connection().await?, rule, firing).await
    }

    /// Whether any process follows a firing on the account.
    pub async fn is_firing(&self, account: &AccountName) -> Result<bool, AuditError> {
        let is_firing = sqlx::query_scalar(
            "SELECT EXISTS (
                SELECT 1
                FROM firing
                WHERE account = ?1
                    AND take > 0
                    AND NOT EXISTS (SELECT 1 FROM firing_end WHERE firing_end.firing = firing.seq)
            )",
        )
        .bind(account.as_str())
        .fetch_one(&mut *self.connection().await?)
        .await?;
        Ok(is_firing)
    }
}

impl AuditReader {
    /// The answer of [`AuditLog::most_matched`] for a firing that is still to come.
    pub async fn most_matched(&self, rule: &RuleName) -> Result<Option<u64>, AuditError> {
        most_matched(&mut *self.connection().await, rule, FiringId(i64::MAX)).await
    }
}

async fn most_matched(
    connection: &mut SqliteConnection,
    rule: &RuleName,
    firing: FiringId,
) -> Result<Option<u64>, AuditError> {
    let most: Option<i64> = sqlx::query_scalar(
        "SELECT max(matched)
        FROM (
            SELECT (SELECT count(*) FROM target WHERE target.firing = firing.seq) AS matched
            FROM firing
            WHERE firing.rule = ?1
                AND firing.seq < ?2
                AND firing.take > 0
                AND firing.dry_run = 0
                AND EXISTS (SELECT 1 FROM target WHERE target.firing = firing.seq)
                AND NOT EXISTS (SELECT 1 FROM makeup WHERE makeup.firing = firing.seq)
                AND NOT EXISTS (
                    SELECT 1
                    FROM outcome
                    WHERE outcome.firing = firing.seq
                        AND outcome.instance_no IS NULL
                        AND outcome.outcome IN (SELECT value FROM json_each(?3))
                )
            ORDER BY firing.seq DESC
            LIMIT 10
        )",
    )
    .bind(rule.as_str())
    .bind(firing.0)
    .bind(outcomes(Outcome::is_guard))
    .fetch_one(connection)
    .await?;
    Ok(most.and_then(|most| u64::try_from(most).ok()))
}

/// The `instances` in a later firing of the opposite action, with that firing. Later means due
/// or fired by hand after the instant beside the instance.
pub(crate) async fn turned_since(
    connection: &mut SqliteConnection,
    account: &AccountName,
    action: Action,
    instances: &[(InstanceNo, DateTime<Utc>)],
) -> Result<HashMap<InstanceNo, FiringId>, AuditError> {
    let wanted: Vec<(&InstanceNo, Millis)> =
        instances.iter().map(|(no, since)| (no, Millis::from(*since))).collect();
    let Some(since) = instances.iter().map(|(_, since)| Millis::from(*since)).min() else {
        return Ok(HashMap::new());
    };
    // Firings before the first one after the earliest instant do not count, however many there
    // are. The `+` keeps SQLite from walking up from the oldest firing to find that first one.
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "WITH later (first) AS MATERIALIZED (
            SELECT min(first)
            FROM (
                SELECT min(+seq) AS first FROM firing WHERE scheduled_at > ?4
                UNION ALL
                SELECT min(+seq) FROM entry WHERE kind = 'firing' AND at > ?4
            )
        )
        SELECT wanted.value ->> 0, max(firing.seq)
        FROM jsonb_each(?3) AS wanted
        CROSS JOIN target
            ON target.instance_no = wanted.value ->> 0
            AND target.firing >= (SELECT first FROM later)
        JOIN firing ON firing.seq = target.firing
        JOIN entry AS claimed ON claimed.seq = firing.seq
        LEFT JOIN outcome
            ON outcome.firing = target.firing
            AND outcome.instance_no = target.instance_no
        WHERE firing.account = ?1
            AND firing.action = ?2
            AND firing.dry_run = 0
            AND coalesce(firing.scheduled_at, claimed.at) > wanted.value ->> 1
            AND firing.seq NOT IN (SELECT void_claim.firing FROM void_claim)
            AND (outcome.outcome IS NULL
                OR outcome.outcome IN (SELECT value FROM json_each(?5)))
        GROUP BY 1",
    )
    .bind(account.as_str())
    .bind(action.opposite().as_str())
    .bind(json(&wanted))
    .bind(since)
    .bind(outcomes(Outcome::is_wanted))
    .fetch_all(connection)
    .await?;
    let firings: HashMap<String, i64> = rows.into_iter().collect();
    let turned = instances
        .iter()
        .filter_map(|(no, _)| Some((no.clone(), FiringId(*firings.get(no.as_str())?))));
    Ok(turned.collect())
}
