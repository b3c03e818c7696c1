//! Reads the last observed states of instances.

use serde::Serialize;

use crate::audit::store::error::AuditError;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::row::row;
use crate::model::instance::InstanceNo;

row! {
    /// The last changed state of an instance. Times are RFC 3339, in UTC.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
    pub struct LastState {
        pub account: String,
        pub region: String,
        /// `serverName`.
        pub instance_name: String,
        pub status: String,
        /// The API's code; `NULL` when nothing was in progress.
        pub operation: String,
        /// The last boot, if the list had it.
        pub booted_at: Option<String>,
        /// The first observation of this state.
        pub seen_at: String,
    }
}

row! {
    /// The number of instances last seen in a status.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct StatusCount {
        pub account: String,
        pub status: String,
        pub instances: i64,
    }
}

/// A recursion through the index, from one instance to the next, because each change of an instance
/// has a row. A row without a number ends an account.
macro_rules! every_instance {
    () => {
        "WITH RECURSIVE holder (account) AS (
            SELECT min(account) FROM seen
            UNION ALL
            SELECT (SELECT min(seen.account) FROM seen WHERE seen.account > holder.account)
            FROM holder
            WHERE holder.account IS NOT NULL
        ),
        instance (account, no) AS (
            SELECT
                account,
                (SELECT min(instance_no) FROM seen WHERE seen.account = holder.account)
            FROM holder
            WHERE account IS NOT NULL
            UNION ALL
            SELECT
                instance.account,
                (
                    SELECT min(seen.instance_no)
                    FROM seen
                    WHERE seen.account = instance.account AND seen.instance_no > instance.no
                )
            FROM instance
            WHERE instance.no IS NOT NULL
        )"
    };
}
pub(crate) use every_instance;

impl AuditReader {
    /// The last state of an instance in each account that has its number.
    pub async fn last_states(&self, no: &InstanceNo) -> Result<Vec<LastState>, AuditError> {
        // From one account to the next through the index, not past every row of each.
        let last_states = sqlx::query_as(
            "WITH RECURSIVE holder (account) AS (
                SELECT min(account) FROM seen
                UNION ALL
                SELECT (SELECT min(seen.account) FROM seen WHERE seen.account > holder.account)
                FROM holder
                WHERE holder.account IS NOT NULL
            )
            SELECT
                seen.account,
                seen.region,
                seen.instance_name,
                seen.status,
                seen.operation,
                strftime('%Y-%m-%dT%H:%M:%fZ', seen.booted_at / 1000.0, 'unixepoch') AS booted_at,
                strftime('%Y-%m-%dT%H:%M:%fZ', seen.seen_at / 1000.0, 'unixepoch') AS seen_at
            FROM holder
            JOIN seen ON seen.seq = (
                SELECT max(last.seq)
                FROM seen AS last
                WHERE last.account = holder.account AND last.instance_no = ?1
            )
            ORDER BY seen.account",
        )
        .bind(no.as_str())
        .fetch_all(&mut *self.connection().await)
        .await?;
        Ok(last_states)
    }

    /// The number of instances last seen in each status, including those that are gone by now.
    pub async fn statuses(&self) -> Result<Vec<StatusCount>, AuditError> {
        let counts = sqlx::query_as(concat!(
            every_instance!(),
            "
            SELECT last.account, last.status, count(*) AS instances
            FROM instance
            JOIN seen AS last ON last.seq = (
                SELECT max(seen.seq)
                FROM seen
                WHERE seen.account = instance.account AND seen.instance_no = instance.no
            )
            GROUP BY last.account, last.status
            ORDER BY last.account, last.status"
        ))
        .fetch_all(&mut *self.connection().await)
        .await?;
        Ok(counts)
    }
}
