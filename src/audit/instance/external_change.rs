//! Starts and stops by others, for `lightsout history --changes`: the changes, the targets that
//! were told, and the last observation of each account.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::record::named;
use crate::audit::store::row::row;
use crate::audit::store::through::Through;

/// A filter of changes; all that is set must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeFilter {
    /// The number or the name of an instance.
    pub instance: Option<String>,
    /// Changes found at this instant or later.
    pub since: Option<DateTime<Utc>>,
    /// Changes found at this instant or earlier.
    pub until: Option<DateTime<Utc>>,
    /// The most lines.
    pub limit: u32,
}

row! {
    /// A start or stop by somebody else. Times are in UTC.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
    pub struct ChangeLine {
        /// Its number in the log.
        pub change: i64,
        /// The last observation of the earlier state.
        pub unseen_since: String,
        /// The first observation of the new state.
        pub seen_at: String,
        pub account: String,
        pub region: String,
        pub instance_no: String,
        pub instance_name: String,
        /// The API's code for the status before.
        pub status_before: String,
        /// The API's code for the status after: the other one.
        pub status_after: String,
    }
}

row! {
    /// The last observation of an account, or of a part of it.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
    #[schemars(rename = "look")]
    pub struct LastLook {
        pub account: String,
        /// In UTC.
        pub at: String,
    }
}

impl AuditReader {
    /// The changes that pass a filter, newest first.
    pub async fn changes(&self, filter: &ChangeFilter) -> Result<Vec<ChangeLine>, AuditError> {
        let lines = sqlx::query_as(
            "SELECT
                seq AS change,
                strftime('%Y-%m-%dT%H:%M:%fZ', unseen_since / 1000.0, 'unixepoch')
                    AS unseen_since,
                strftime('%Y-%m-%dT%H:%M:%fZ', seen_at / 1000.0, 'unixepoch') AS seen_at,
                account, region, instance_no, instance_name, status_before, status_after
            FROM change
            WHERE (?1 IS NULL OR instance_no = ?1
                    OR instance_name IN (SELECT value FROM json_each(?5)))
                AND (?2 IS NULL OR change.seen_at >= ?2)
                AND (?3 IS NULL OR change.seen_at <= ?3)
            ORDER BY seq DESC
            LIMIT ?4",
        )
        .bind(filter.instance.as_deref())
        .bind(filter.since.map(Millis::from))
        .bind(filter.until.map(Millis::from))
        .bind(filter.limit)
        .bind(named(filter.instance.as_deref()))
        .fetch_all(&mut *self.connection().await)
        .await?;
        Ok(lines)
    }

    /// The changes by others that a target was told of, from `first` on.
    pub async fn changes_told(
        &self,
        target: &str,
        first: Through,
    ) -> Result<BTreeSet<Through>, AuditError> {
        let told: Vec<Through> = sqlx::query_scalar(
            "SELECT told.value ->> '$.change'
            FROM notice
            JOIN json_each(notice.body, '$.changes') AS told
            WHERE notice.target = ?1 AND notice.event = 'changed' AND notice.seq > ?2",
        )
        .bind(target)
        .bind(first)
        .fetch_all(&mut *self.connection().await)
        .await?;
        Ok(told.into_iter().collect())
    }

    /// The last observation of each account.
    pub async fn last_looks(&self) -> Result<Vec<LastLook>, AuditError> {
        let looks = sqlx::query_as(
            "SELECT
                account,
                strftime('%Y-%m-%dT%H:%M:%fZ', max(looked_at) / 1000.0, 'unixepoch') AS at
            FROM look
            GROUP BY account
            ORDER BY account",
        )
        .fetch_all(&mut *self.connection().await)
        .await?;
        Ok(looks)
    }
}
