//! Servers that others started after a rule had stopped them, and the deferred stops that follow.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::audit::store::audit_log::AuditLog;
use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;
use crate::audit::store::record::{DeferredRecord, json, outcomes};
use crate::audit::store::row::row;
use crate::audit::store::through::Through;
use crate::audit::store::write_tx::writing;
use crate::cloud::codes;
use crate::model::ids::FiringId;
use crate::model::instance::{Action, InstanceNo, PowerState};
use crate::model::outcome::{Arrival, Outcome};
use crate::schedule::Rule;

row! {
    /// An instance that somebody else started after a rule had stopped it.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Restart of "change" as change {
        /// The entry that says so.
        pub change: Through,
        /// The firing that had stopped it.
        pub firing: FiringId,
        pub instance_no: String,
        pub instance_name: String,
        pub region: String,
        pub status_before: String,
        pub status_after: String,
        /// When it was last seen stopped.
        pub unseen_since: DateTime<Utc> = of_number,
        /// When it was first seen running.
        pub seen_at: DateTime<Utc> = of_number,
    }
}

impl AuditLog {
    /// The `instances` that somebody else started after the rule's last firing about them had
    /// stopped them, or found them stopped. Left out when a lightsout user has wanted otherwise
    /// since.
    pub async fn restarts(
        &self,
        rule: &Rule,
        instances: &[InstanceNo],
    ) -> Result<Vec<Restart>, AuditError> {
        if instances.is_empty() {
            return Ok(Vec::new());
        }
        // An instance that timed out stopped too, only later, and was started from there.
        let restarts = sqlx::query_as(
            "SELECT
                change.seq AS change, firing.seq AS firing, change.instance_no,
                change.instance_name, change.region, change.status_before, change.status_after,
                change.unseen_since, change.seen_at
            FROM json_each(?3) AS wanted
            JOIN change ON change.seq = (
                SELECT max(found.seq)
                FROM change AS found
                WHERE found.account = ?2 AND found.instance_no = wanted.value
            )
            JOIN firing ON firing.seq = (
                SELECT max(fired.seq)
                FROM target
                JOIN firing AS fired ON fired.seq = target.firing
                WHERE target.instance_no = wanted.value
                    AND fired.rule = ?1
                    AND fired.account = ?2
                    AND fired.action = 'stop'
                    AND fired.dry_run = 0
            )
            JOIN outcome
                ON outcome.firing = firing.seq AND outcome.instance_no = wanted.value
            WHERE change.status_after IN (SELECT value FROM json_each(?4))
                AND change.seq > firing.seq
                AND outcome.outcome IN (SELECT value FROM json_each(?5))
                AND NOT EXISTS (
                    SELECT 1
                    FROM request_instance AS named
                    WHERE named.account = ?2
                        AND named.instance_no = wanted.value
                        AND named.request > change.seq
                )
                AND NOT EXISTS (
                    SELECT 1
                    FROM target
                    JOIN firing AS started ON started.seq = target.firing
                    LEFT JOIN outcome AS said
                        ON said.firing = target.firing AND said.instance_no = target.instance_no
                    WHERE target.instance_no = wanted.value
                        AND started.seq > firing.seq
                        AND started.account = ?2
                        AND started.action = 'start'
                        AND started.dry_run = 0
                        AND (said.outcome IS NULL
                            OR said.outcome IN (SELECT value FROM json_each(?6)))
                )
            ORDER BY change.seq",
        )
        .bind(rule.name.as_str())
        .bind(rule.account.as_str())
        .bind(json(&instances))
        .bind(json(&codes::of(&[PowerState::Running])))
        .bind(outcomes(|one| one.arrival() != Arrival::Not))
        .bind(outcomes(Outcome::is_wanted))
        .fetch_all(&mut *self.connection().await?)
        .await?;
        Ok(restarts)
    }

    /// Records a deferred stop of each, this long after it was seen running. Left out when the stop
    /// is recorded already, or would be later than the rule allows. Returns the new ones.
    ///
    /// # Errors
    /// When the log cannot be written; then nothing is recorded.
    pub async fn owe_stops<'r>(
        &self,
        rule: &Rule,
        restarts: &'r [Restart],
        after: Duration,
    ) -> Result<Vec<&'r Restart>, AuditError> {
        let now = self.clock.now();
        writing!(self, |tx| {
            let mut fresh = Vec::new();
            let may_be_made_up = |restart: &&Restart| restart.seen_at + after + rule.late > now;
            for restart in restarts.iter().filter(may_be_made_up) {
                let is_owed: bool = sqlx::query_scalar(
                    "SELECT EXISTS (
                        SELECT 1
                        FROM owed
                        WHERE rule = ?1
                            AND action = 'stop'
                            AND account = ?2
                            AND instance_no = ?3
                            AND wanted_at = ?4
                            AND due_at IS NOT NULL
                    )",
                )
                .bind(rule.name.as_str())
                .bind(rule.account.as_str())
                .bind(&restart.instance_no)
                .bind(Millis::from(restart.seen_at))
                .fetch_one(&mut **tx)
                .await?;
                if !is_owed {
                    fresh.push(restart);
                }
            }
            let owed = |restart: &&Restart| DeferredRecord {
                firing: restart.firing.0,
                rule: rule.name.to_string(),
                action: Action::Stop.to_string(),
                account: rule.account.to_string(),
                instance_no: restart.instance_no.clone(),
                wanted_at: restart.seen_at.into(),
                hold: None,
                due_at: Some((restart.seen_at + after).into()),
            };
            let records: Vec<_> = fresh.iter().map(owed).collect();
            if !records.is_empty() {
                tx.append(&records).await?;
            }
            Ok(fresh)
        })
    }
}
