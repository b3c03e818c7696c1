//! What was seen of instances, kept where it changes.

use chrono::{DateTime, Utc};
use sqlx::Connection;

use super::error::AuditError;
use super::log::AuditLog;
use super::millis::Millis;
use super::record::{SeenRecord, json, text};
use crate::instance::{AccountName, Instance};

impl AuditLog {
    /// Records the state of instances where it is new, or not what was last recorded.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub async fn seen(
        &self,
        account: &AccountName,
        instances: &[&Instance],
        seen_at: DateTime<Utc>,
    ) -> Result<(), AuditError> {
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
        let records: Vec<_> = instances.iter().map(record).collect();
        let mut connection = self.connection().await?;
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        let changed: Vec<i64> = sqlx::query_scalar(
            "SELECT now.key
            FROM json_each(?1) AS now
            LEFT JOIN seen ON seen.seq = (
                SELECT max(last.seq)
                FROM seen AS last
                WHERE last.account = now.value ->> '$.account'
                    AND last.instance_no = now.value ->> '$.instance_no'
            )
            WHERE seen.seq IS NULL
                OR seen.region <> now.value ->> '$.region'
                OR seen.instance_name <> now.value ->> '$.instance_name'
                OR seen.status <> now.value ->> '$.status'
                OR seen.operation <> now.value ->> '$.operation'
                OR seen.booted_at IS NOT now.value ->> '$.booted_at'
            ORDER BY now.key",
        )
        .bind(json(&records))
        .fetch_all(&mut *tx)
        .await?;
        let is_changed = |at: usize| changed.iter().any(|&key| usize::try_from(key) == Ok(at));
        let changed: Vec<_> = records
            .into_iter()
            .enumerate()
            .filter_map(|(at, record)| is_changed(at).then_some(record))
            .collect();
        if !changed.is_empty() {
            self.append(&mut tx, &changed).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
