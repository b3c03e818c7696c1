//! Deferred actions: to be done at the end of a hold, or some time after somebody started a server.
//!
//! [`crate::engine::deferred`] decides when they fall due.

use chrono::{DateTime, Utc};

use crate::audit::store::audit_log::AuditLog;
use crate::audit::store::damaged::{decoded, or_say};
use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;
use crate::audit::store::record::{DeferredRecord, json};
use crate::audit::store::row::row;
use crate::audit::store::write_tx::WriteTx;
use crate::model::ids::{DeferredId, FiringId};
use crate::model::instance::{AccountName, Action, InstanceNo, RuleName};
use crate::model::reason::Reason;
use crate::model::settlement::Settlement;
use crate::schedule::stop_budget::STOP_BUDGET;

row! {
    /// What a rule is still to do to an instance.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Deferred of "owed" as id {
        pub id: DeferredId,
        pub rule: RuleName,
        pub action: Action,
        pub account: AccountName,
        pub instance: InstanceNo,
        /// When the rule wanted it: what a later firing of the opposite action had since is left
        /// to that.
        pub wanted_at: DateTime<Utc> = of_number,
        /// When it is to be made up: for what a hold held back, when that is over.
        pub due_at: DateTime<Utc> = of_number,
        /// Whether a hold or a grace held it back; else somebody started the instance.
        pub was_held: bool,
    }
}

impl AuditLog {
    /// The open deferred actions that fall due after `since`, in that order. When somebody started
    /// an instance several times, only the last start counts.
    pub async fn owed(&self, since: DateTime<Utc>) -> Result<Vec<Deferred>, AuditError> {
        let mut connection = self.connection().await?;
        let rows = sqlx::query(
            "WITH pending AS (
                SELECT
                    seq, rule, action, account, instance_no, wanted_at, due_at,
                    coalesce(owed.wanted_at <= (
                        SELECT firing.scheduled_at FROM firing WHERE firing.seq = owed.firing
                    ), 0) AS was_held
                FROM owed
                WHERE due_at > ?1
                    AND NOT EXISTS (
                        SELECT 1
                        FROM owed AS later
                        WHERE later.due_at > owed.wanted_at
                            AND later.wanted_at > owed.wanted_at
                            AND later.rule = owed.rule
                            AND later.action = owed.action
                            AND later.account = owed.account
                            AND later.instance_no = owed.instance_no
                    )
                UNION ALL
                SELECT
                    owed.seq, owed.rule, owed.action, owed.account, owed.instance_no,
                    owed.wanted_at, min(hold.until, ifnull(released.at, hold.until)) AS due_at,
                    1 AS was_held
                FROM hold
                CROSS JOIN owed ON owed.hold = hold.seq
                LEFT JOIN hold_end ON hold_end.hold = hold.seq
                LEFT JOIN entry AS released ON released.seq = hold_end.seq
                WHERE hold.until > ?1
            )
            SELECT
                seq AS id, rule, action, account, instance_no AS instance, wanted_at, due_at,
                was_held
            FROM pending
            WHERE due_at > ?1
                AND NOT EXISTS (SELECT 1 FROM makeup WHERE makeup.owed = pending.seq)
            ORDER BY due_at, seq",
        )
        .bind(Millis::from(since))
        .fetch_all(&mut *connection)
        .await?;
        Ok(decoded("owed", rows).filter_map(or_say).collect())
    }

    /// Records the deferred actions of instances skipped for a hold or a grace. None comes from a
    /// firing by hand, a dry run, or a hold that drops its firings. A firing that catches up keeps
    /// the original wanted time. A server that was off for too long is found again anyway.
    pub(crate) async fn append_owed(
        &self,
        tx: &mut WriteTx<'_>,
        firing: FiringId,
        settlements: &[Settlement],
    ) -> Result<(), AuditError> {
        let held: Vec<(String, Option<i64>, Option<i64>)> =
            settlements.iter().filter_map(held_back).collect();
        if held.is_empty() {
            return Ok(());
        }
        let owed: Vec<DeferredRecord> = sqlx::query_as(
            "SELECT
                firing.seq AS firing,
                firing.rule,
                firing.action,
                firing.account,
                held.value ->> 0 AS instance_no,
                coalesce(
                    (
                        SELECT max(before.wanted_at)
                        FROM makeup
                        JOIN owed AS before ON before.seq = makeup.owed
                        WHERE makeup.firing = firing.seq
                            AND before.instance_no = held.value ->> 0
                    ),
                    firing.scheduled_at
                ) AS wanted_at,
                hold.seq AS hold,
                held.value ->> 2 AS due_at
            FROM json_each(?2) AS held
            LEFT JOIN hold ON hold.seq = held.value ->> 1
            JOIN firing ON firing.seq = ?1
            WHERE coalesce(hold.skip, 0) = 0
                AND firing.scheduled_at IS NOT NULL
                AND firing.dry_run = 0
                AND firing.rule <> ?3
            ORDER BY held.key",
        )
        .bind(i64::from(firing))
        .bind(json(&held))
        .bind(STOP_BUDGET)
        .fetch_all(&mut **tx)
        .await?;
        tx.append(&owed).await?;
        Ok(())
    }
}

/// The instance of a settlement for a hold or a grace, with the hold or the end of the grace in
/// milliseconds since 1970.
fn held_back(word: &Settlement) -> Option<(String, Option<i64>, Option<i64>)> {
    let instance = word.instance.as_ref()?.to_string();
    let ends_at = match &word.reason {
        Some(Reason::Young { until }) if word.hold.is_none() => Some(until.timestamp_millis()),
        _ => None,
    };
    let hold = word.hold.map(i64::from);
    (hold.is_some() || ends_at.is_some()).then_some((instance, hold, ends_at))
}
