//! What is owed: what a rule wanted of an instance that was held, to be made up afterwards.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, SqliteTransaction};

use super::error::AuditError;
use super::firing::FiringId;
use super::log::AuditLog;
use super::outcome::Settlement;
use super::reader::AuditReader;
use super::record::{OwedRecord, json};
use crate::hold::HoldId;
use crate::outcome::Outcome;

/// What a rule is still to do to an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, FromRow)]
pub struct Owed {
    /// The number of its entry.
    pub owed: i64,
    /// The firing that left it.
    pub firing: i64,
    /// The rule.
    pub rule: String,
    /// What it is to do: `stop` or `start`.
    pub action: String,
    /// The account.
    pub account: String,
    /// The instance's number.
    pub instance_no: String,
    /// Its name as it was last seen; `None` where the log does not know it any more.
    pub instance_name: Option<String>,
    /// When the rule wanted it; RFC 3339, in UTC with milliseconds.
    pub wanted_at: String,
    /// The hold at whose end it falls due; `None` where it falls due at an instant.
    pub hold: Option<i64>,
    /// That instant, or the end of the hold as it is known; RFC 3339, in UTC with milliseconds.
    pub due_at: Option<String>,
}

impl AuditLog {
    /// Appends what instances that were skipped for a hold are owed. Nothing is owed by a firing
    /// by hand or a dry run, nor for a hold whose firings are not made up.
    pub(super) async fn append_owed(
        &self,
        tx: &mut SqliteTransaction<'_>,
        firing: FiringId,
        settlements: &[Settlement],
    ) -> Result<(), AuditError> {
        let held: Vec<(String, i64)> = settlements
            .iter()
            .filter(|word| word.outcome == Outcome::Skipped)
            .filter_map(|word| Some((word.instance.as_ref()?.to_string(), word.hold?.into())))
            .collect();
        if held.is_empty() {
            return Ok(());
        }
        let owed: Vec<OwedRecord> = sqlx::query_as(
            "SELECT
                firing.seq AS firing,
                firing.rule,
                firing.action,
                firing.account,
                held.value ->> 0 AS instance_no,
                firing.scheduled_at AS wanted_at,
                hold.seq AS hold,
                NULL AS due_at
            FROM json_each(?2) AS held
            JOIN hold ON hold.seq = held.value ->> 1
            JOIN firing ON firing.seq = ?1
            WHERE hold.skip = 0 AND firing.scheduled_at IS NOT NULL AND firing.dry_run = 0
            ORDER BY held.key",
        )
        .bind(i64::from(firing))
        .bind(json(&held))
        .fetch_all(&mut **tx)
        .await?;
        self.append(tx, &owed).await?;
        Ok(())
    }
}

impl AuditReader {
    /// Everything that is owed and not made up yet, the oldest first.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn owed(&self) -> Result<Vec<Owed>, AuditError> {
        let owed = sqlx::query_as(
            "SELECT
                owed.seq AS owed,
                owed.firing,
                owed.rule,
                owed.action,
                owed.account,
                owed.instance_no,
                (
                    SELECT seen.instance_name
                    FROM seen
                    WHERE seen.account = owed.account AND seen.instance_no = owed.instance_no
                    ORDER BY seen.seq DESC
                    LIMIT 1
                ) AS instance_name,
                strftime('%Y-%m-%dT%H:%M:%fZ', owed.wanted_at / 1000.0, 'unixepoch') AS wanted_at,
                owed.hold,
                strftime(
                    '%Y-%m-%dT%H:%M:%fZ',
                    coalesce(owed.due_at, min(hold.until, coalesce(ended.at, hold.until)))
                        / 1000.0,
                    'unixepoch'
                ) AS due_at
            FROM owed
            LEFT JOIN hold ON hold.seq = owed.hold
            LEFT JOIN hold_end ON hold_end.hold = owed.hold
            LEFT JOIN entry AS ended ON ended.seq = hold_end.seq
            WHERE NOT EXISTS (SELECT 1 FROM makeup WHERE makeup.owed = owed.seq)
            ORDER BY owed.seq",
        )
        .fetch_all(&mut *self.connection().await)
        .await?;
        Ok(owed)
    }
}

impl Owed {
    /// The hold it waits for.
    #[must_use]
    pub fn hold(&self) -> Option<HoldId> {
        self.hold.map(HoldId::from)
    }

    /// When it falls due, as far as that is known.
    #[must_use]
    pub fn due(&self) -> Option<DateTime<Utc>> {
        let at = DateTime::parse_from_rfc3339(self.due_at.as_deref()?).ok()?;
        Some(at.to_utc())
    }
}
