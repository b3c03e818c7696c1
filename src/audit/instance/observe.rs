//! Records observed states that changed, changes by others, and hold tags.
//!
//! [`super::attribution`] decides who made a change.

use chrono::{DateTime, Utc};
use tracing::info;

use super::attribution::{self, Attribution};
use super::product;
use crate::audit::store::audit_log::AuditLog;
use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;
use crate::audit::store::record::{ChangeRecord, SeenRecord, json, text};
use crate::audit::store::write_tx::{WriteTx, writing};
use crate::hold::tag::{self, TagTerms};
use crate::model::found_tag::FoundTag;
use crate::model::instance::{AccountName, Instance};

impl AuditLog {
    /// Records one list of states, as [`AuditLog::observe`] does.
    pub async fn seen(
        &self,
        account: &AccountName,
        instances: &[&Instance],
        seen_at: DateTime<Utc>,
    ) -> Result<(), AuditError> {
        self.observe(account, &[(instances.to_vec(), seen_at)], None).await.map(drop)
    }

    /// Records the states of instances that are new or changed, and their products likewise, each
    /// list with the time at which it was read. When an instance was started or stopped without a
    /// request of ours, also records a change by somebody else. Records hold tags, and returns the
    /// holds that they change. All in one transaction.
    ///
    /// An observation that contradicts one of the same time or later is left to the next: lists
    /// lag.
    ///
    /// # Errors
    /// When the log cannot be written; then nothing is recorded.
    pub async fn observe(
        &self,
        account: &AccountName,
        seen: &[(Vec<&Instance>, DateTime<Utc>)],
        tags: Option<(TagTerms<'_>, &[FoundTag])>,
    ) -> Result<tag::Changes, AuditError> {
        let tags = tags.filter(|(_, found)| !found.is_empty());
        if seen.iter().all(|(instances, _)| instances.is_empty()) && tags.is_none() {
            return Ok(tag::Changes::default());
        }
        let (changes, holds) = writing!(self, |tx| {
            let mut changes = Vec::new();
            for (instances, seen_at) in seen {
                if instances.is_empty() {
                    continue;
                }
                changes.extend(self.record_seen(tx, account, instances, *seen_at).await?);
            }
            let holds = match tags {
                Some((terms, found)) => self.take_tags(tx, terms, found).await?,
                None => tag::Changes::default(),
            };
            Ok((changes, holds))
        })?;
        for change in &changes {
            info!(
                account = change.account,
                instance = change.instance_no,
                from = change.status_before,
                to = change.status_after,
                "changed by somebody else"
            );
        }
        Ok(holds)
    }

    /// Records one list of states. Returns the changes by somebody else.
    async fn record_seen(
        &self,
        tx: &mut WriteTx<'_>,
        account: &AccountName,
        instances: &[&Instance],
        seen_at: DateTime<Utc>,
    ) -> Result<Vec<ChangeRecord>, AuditError> {
        let records = records(account, instances, seen_at);
        let judged = attribution::judge(tx, &records).await?;
        let (mut looked, mut fresh, mut changes) = (Vec::new(), Vec::new(), Vec::new());
        for (record, sighting) in records.into_iter().zip(judged) {
            if sighting == Attribution::Doubtful {
                continue;
            }
            looked.push((record.account.clone(), record.instance_no.clone()));
            match sighting {
                Attribution::Known | Attribution::Doubtful => continue,
                Attribution::News => {}
                Attribution::Changed { status_before, unseen_since } => {
                    changes.push(change_of(&record, status_before, unseen_since));
                }
            }
            fresh.push(record);
        }
        tx.append(&fresh).await?;
        tx.append(&changes).await?;
        let products = product::news(tx, account, instances).await?;
        tx.append(&products).await?;
        sqlx::query(
            "INSERT INTO look (account, instance_no, looked_at)
            SELECT value ->> 0, value ->> 1, ?2
            FROM json_each(?1)
            WHERE true
            ON CONFLICT (account, instance_no) DO UPDATE SET looked_at = excluded.looked_at",
        )
        .bind(json(&looked))
        .bind(Millis::from(seen_at))
        .execute(&mut **tx)
        .await?;
        Ok(changes)
    }
}

/// The rows for these observations.
pub(crate) fn records(
    account: &AccountName,
    instances: &[&Instance],
    seen_at: DateTime<Utc>,
) -> Vec<SeenRecord> {
    let record = |instance: &&Instance| SeenRecord {
        account: account.to_string(),
        region: instance.region.to_string(),
        instance_no: instance.no.to_string(),
        instance_name: text(&instance.name),
        status: text(instance.status.code()),
        operation: text(instance.operation.code()),
        booted_at: instance.booted_at.map(Millis::from),
        seen_at: seen_at.into(),
    };
    instances.iter().map(record).collect()
}

fn change_of(seen: &SeenRecord, status_before: String, unseen_since: Millis) -> ChangeRecord {
    ChangeRecord {
        account: seen.account.clone(),
        region: seen.region.clone(),
        instance_no: seen.instance_no.clone(),
        instance_name: seen.instance_name.clone(),
        status_before,
        status_after: seen.status.clone(),
        unseen_since,
        seen_at: seen.seen_at,
    }
}
