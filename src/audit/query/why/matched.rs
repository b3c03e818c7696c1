//! Finds the rules that matched an instance around a time, by name or by tag.

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

use crate::audit::store::at::At;
use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;
use crate::audit::store::seq_range;
use crate::model::instance::Action;
use crate::model::known_instance::KnownInstance;

/// The most firings of the instance that are searched, before the time and after it.
const NEAR: i64 = 50;

/// The rules that matched an instance (1) in one of its firings nearest to a time, or (2) in one of
/// the rule's last five by then. The second is needed because a rule of every minute pushes those
/// of a night far away. Dry runs and firings that caught up are not among the five.
pub(crate) async fn matched(
    connection: &mut SqliteConnection,
    instance: &KnownInstance,
    at: DateTime<Utc>,
) -> Result<Vec<(String, Action)>, AuditError> {
    let rows: Vec<(String, String)> = sqlx::query_as(MATCHED)
        .bind(instance.no.as_str())
        .bind(instance.account.as_str())
        .bind(Millis::from(at))
        .bind(seq_range::number_after(connection, at).await?)
        .bind(NEAR)
        .fetch_all(&mut *connection)
        .await?;
    let mut known = Vec::with_capacity(rows.len());
    for (rule, word) in rows {
        let Some(action) = Action::from_word(&word) else {
            let named = "SELECT min(seq) FROM firing WHERE rule = ?1 AND action = ?2";
            let named = sqlx::query_scalar(named).bind(rule).bind(word);
            return Err(At::of("firing", named.fetch_one(connection).await?).into());
        };
        known.push((rule, action));
    }
    Ok(known)
}

// From each rule to the next one in the index, past all its firings.
const MATCHED: &str = "
WITH RECURSIVE named (rule) AS (
    SELECT min(rule) FROM firing
    UNION ALL
    SELECT (SELECT min(firing.rule) FROM firing WHERE firing.rule > named.rule)
    FROM named
    WHERE named.rule IS NOT NULL
),
acts (action) AS (VALUES ('stop'), ('start')),
near (firing) AS (
    SELECT firing FROM (
        SELECT firing
        FROM target
        WHERE instance_no = ?1 AND firing < ?4
        ORDER BY firing DESC
        LIMIT ?5
    )
    UNION ALL
    SELECT firing FROM (
        SELECT firing
        FROM target
        WHERE instance_no = ?1 AND firing >= ?4
        ORDER BY firing
        LIMIT ?5
    )
)
SELECT firing.rule, firing.action
FROM near
CROSS JOIN firing ON firing.seq = near.firing
WHERE firing.account = ?2
UNION
SELECT named.rule, acts.action
FROM named
CROSS JOIN acts
WHERE named.rule IS NOT NULL
    AND EXISTS (
        SELECT 1
        FROM (
            SELECT seq, account
            FROM firing
            WHERE firing.rule = named.rule
                AND firing.action = acts.action
                AND firing.scheduled_at <= ?3
                AND firing.dry_run = 0
                AND NOT EXISTS (SELECT 1 FROM makeup WHERE makeup.firing = firing.seq)
            ORDER BY firing.scheduled_at DESC
            LIMIT 5
        ) AS last
        CROSS JOIN target ON target.firing = last.seq AND target.instance_no = ?1
        WHERE last.account = ?2
    )";
