//! Deferred actions as lines for `status` and `holds`.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::row::row;
use crate::model::ids::HoldId;
use crate::model::instance::Action;
use crate::schedule::Rule;

row! {
    /// An action that a rule still has to do to a server. Times are in UTC.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
    #[schemars(rename = "deferred")]
    pub struct DeferredLine {
        /// Its number in the log.
        pub owed: i64,
        /// The firing that deferred it.
        pub firing: i64,
        pub rule: String,
        #[schemars(with = "Action")]
        pub action: String,
        pub account: String,
        pub instance_no: String,
        /// The name when last seen; null when the log has lost it.
        pub instance_name: Option<String>,
        /// The time at which the rule wanted it.
        pub wanted_at: String,
        /// The hold whose end makes it due; null when it has a time of its own.
        pub hold: Option<i64>,
        /// The due time, or the known end of the hold.
        pub due_at: Option<String>,
        /// Whether a hold or a grace held it back; else somebody started the instance.
        #[serde(skip)]
        pub was_held: bool,
    }
}

impl AuditReader {
    /// All open deferred actions that fall due after `since`, the oldest first.
    pub async fn owed(&self, since: DateTime<Utc>) -> Result<Vec<DeferredLine>, AuditError> {
        let owed = sqlx::query_as(
            "WITH pending AS (
                SELECT
                    owed.*,
                    coalesce(owed.due_at, min(hold.until, ifnull(released.at, hold.until)))
                        AS falls_due
                FROM owed
                LEFT JOIN hold ON hold.seq = owed.hold
                LEFT JOIN hold_end ON hold_end.hold = owed.hold
                LEFT JOIN entry AS released ON released.seq = hold_end.seq
                WHERE NOT EXISTS (SELECT 1 FROM makeup WHERE makeup.owed = owed.seq)
            )
            SELECT
                seq AS owed,
                firing,
                rule,
                action,
                account,
                instance_no,
                (
                    SELECT seen.instance_name
                    FROM seen
                    WHERE seen.account = pending.account
                        AND seen.instance_no = pending.instance_no
                    ORDER BY seen.seq DESC
                    LIMIT 1
                ) AS instance_name,
                strftime('%Y-%m-%dT%H:%M:%fZ', wanted_at / 1000.0, 'unixepoch') AS wanted_at,
                hold,
                hold IS NOT NULL OR coalesce(wanted_at <= (
                    SELECT firing.scheduled_at FROM firing WHERE firing.seq = pending.firing
                ), 0) AS was_held,
                strftime('%Y-%m-%dT%H:%M:%fZ', falls_due / 1000.0, 'unixepoch') AS due_at
            FROM pending
            WHERE falls_due > ?1
                AND NOT EXISTS (
                    SELECT 1
                    FROM owed AS later
                    WHERE pending.due_at IS NOT NULL
                        AND later.due_at > pending.wanted_at
                        AND later.wanted_at > pending.wanted_at
                        AND later.rule = pending.rule
                        AND later.action = pending.action
                        AND later.account = pending.account
                        AND later.instance_no = pending.instance_no
                )
            ORDER BY seq",
        )
        .bind(Millis::from(since))
        .fetch_all(&mut *self.connection().await)
        .await?;
        Ok(owed)
    }
}

impl DeferredLine {
    /// Whether a rule in its present form still wants it.
    pub fn is_wanted_by(&self, rule: &Rule) -> bool {
        (&*self.rule, &*self.action, &*self.account)
            == (rule.name.as_str(), rule.action.as_str(), rule.account.as_str())
            && rule.does_deferred(self.was_held)
    }

    pub fn hold(&self) -> Option<HoldId> {
        self.hold.map(HoldId::from)
    }

    /// The due time, as far as it is known.
    pub fn due(&self) -> Option<DateTime<Utc>> {
        let at = DateTime::parse_from_rfc3339(self.due_at.as_deref()?).ok()?;
        Some(at.to_utc())
    }
}
