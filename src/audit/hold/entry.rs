//! Writes, releases and reads holds. `hold` decides which of several counts.

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

use super::hold_rows::{between, by_tag, every, in_force, record_of};
use crate::audit::store::audit_log::AuditLog;
use crate::audit::store::error::AuditError;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::record::{HoldEndRecord, HoldRecord, json, text};
use crate::audit::store::row::row;
use crate::audit::store::write_tx::{WriteTx, writing};
use crate::hold::tag::{Changes, TagTerms};
use crate::hold::{Hold, HoldEntry, RuleInstance, binding};
use crate::model::found_tag::FoundTag;
use crate::model::ids::{FiringId, HoldId};
use crate::model::instance::{AccountName, InstanceNo, RuleName};

impl AuditLog {
    /// Records a hold, which is in force from now on.
    pub async fn hold(&self, hold: &Hold) -> Result<HoldId, AuditError> {
        Ok(HoldId::from(self.record(&[record_of(hold)]).await?))
    }

    /// Records a hold from the page, which is in force from now on.
    pub async fn hold_by_page(&self, hold: &Hold) -> Result<HoldId, AuditError> {
        let record = HoldRecord { via: "page", ..record_of(hold) };
        Ok(HoldId::from(self.record(&[record]).await?))
    }

    /// Releases holds in somebody's name. Returns those that were still in force.
    ///
    /// # Errors
    /// When the log cannot be written; then none is released.
    pub async fn release(&self, holds: &[HoldId], who: &str) -> Result<Vec<HoldId>, AuditError> {
        let now = self.clock.now();
        writing!(self, |tx| {
            let mut released = in_force(tx, now).await?;
            released.retain(|entry| holds.contains(&entry.id));
            let released: Vec<HoldId> = released.into_iter().map(|entry| entry.id).collect();
            tx.append(&ends(&released, who)).await?;
            Ok(released)
        })
    }

    pub async fn holds_in_force(&self) -> Result<Vec<HoldEntry>, AuditError> {
        in_force(&mut *self.connection().await?, self.clock.now()).await
    }

    /// A firing's instances that are held now, each with the hold that counts.
    pub async fn held(
        &self,
        firing: FiringId,
        instances: &[InstanceNo],
    ) -> Result<Vec<(InstanceNo, HoldEntry)>, AuditError> {
        held(&mut *self.connection().await?, firing.0, instances, self.clock.now()).await
    }

    /// Records hold tags: new values become holds, and holds without their tag end. Returns the new
    /// records.
    pub(crate) async fn take_tags(
        &self,
        tx: &mut WriteTx<'_>,
        terms: TagTerms<'_>,
        found: &[FoundTag],
    ) -> Result<Changes, AuditError> {
        let known = by_tag(tx, terms.account, found).await?;
        let changes = terms.changes(&known, found, self.clock.now());
        tx.append(&ends(&changes.ended, &terms.who())).await?;
        let begun: Vec<HoldRecord> = changes.begun.iter().map(record_of).collect();
        tx.append(&begun).await?;
        Ok(changes)
    }
}

impl AuditReader {
    /// All holds, or those that have not ended at a time; the oldest first.
    pub async fn holds(&self, now: Option<DateTime<Utc>>) -> Result<Vec<HoldEntry>, AuditError> {
        let connection = &mut *self.connection().await;
        match now {
            Some(now) => in_force(connection, now).await,
            None => every(connection).await,
        }
    }

    /// The hold with a number, ended or not.
    pub async fn hold(&self, id: HoldId) -> Result<Option<HoldEntry>, AuditError> {
        let number = i64::from(id);
        let numbers = (number, number.saturating_add(1));
        Ok(between(&mut *self.connection().await, numbers).await?.pop())
    }
}

/// The instances of a firing that are held at `now`, each with the hold that counts. Their names
/// are those when last seen.
pub(crate) async fn held(
    connection: &mut SqliteConnection,
    firing: i64,
    instances: &[InstanceNo],
    now: DateTime<Utc>,
) -> Result<Vec<(InstanceNo, HoldEntry)>, AuditError> {
    let holds = in_force(connection, now).await?;
    if holds.is_empty() {
        return Ok(Vec::new());
    }
    let Ran { rule, account } =
        sqlx::query_as("SELECT seq, rule, account FROM firing WHERE seq = ?1")
            .bind(firing)
            .fetch_one(&mut *connection)
            .await?;
    let names: Vec<Option<String>> = sqlx::query_scalar(
        "SELECT (
            SELECT seen.instance_name
            FROM seen
            WHERE seen.account = ?1 AND seen.instance_no = wanted.value
            ORDER BY seen.seq DESC
            LIMIT 1
        )
        FROM json_each(?2) AS wanted
        ORDER BY wanted.key",
    )
    .bind(account.as_str())
    .bind(json(&instances))
    .fetch_all(connection)
    .await?;
    let held = instances.iter().zip(&names).filter_map(|(no, name)| {
        let name = name.as_deref().unwrap_or_default();
        let whom = RuleInstance { rule: &rule, account: &account, no, name };
        Some((no.clone(), binding(&holds, whom)?.clone()))
    });
    Ok(held.collect())
}

row! {
    /// Whose firing it was.
    struct Ran of "firing" {
        rule: RuleName,
        account: AccountName,
    }
}

fn ends(holds: &[HoldId], who: &str) -> Vec<HoldEndRecord> {
    let end = |&hold: &HoldId| HoldEndRecord { hold: hold.into(), who: text(who) };
    holds.iter().map(end).collect()
}
