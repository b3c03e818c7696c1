//! Finds the instances that a person means by a name or a number.

use crate::audit::store::damaged::instances;
use crate::audit::store::error::AuditError;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::record::named;
use crate::model::instance::InstanceNo;
use crate::model::known_instance::KnownInstance;

/// The most firings that are searched for instances under a name.
const LAST: i64 = 10_000;

impl AuditReader {
    /// Every instance ever seen, under its last name. The cost grows with the number of instances,
    /// not with the number of their rows.
    pub async fn instances_by_last_name(&self) -> Result<Vec<KnownInstance>, AuditError> {
        // From each instance to the next one in the index, past all its rows. (SQLite compares
        // pairs by the index only as far as their first half.)
        let rows = sqlx::query_as(
            "WITH RECURSIVE step (seq) AS (
                SELECT (SELECT seq FROM seen ORDER BY account, instance_no, seq LIMIT 1)
                UNION ALL
                SELECT coalesce(
                    (
                        SELECT beyond.seq
                        FROM seen AS beyond
                        WHERE beyond.account = seen.account
                            AND beyond.instance_no > seen.instance_no
                        ORDER BY beyond.instance_no, beyond.seq
                        LIMIT 1
                    ),
                    (
                        SELECT beyond.seq
                        FROM seen AS beyond
                        WHERE beyond.account > seen.account
                        ORDER BY beyond.account, beyond.instance_no, beyond.seq
                        LIMIT 1
                    )
                )
                FROM step
                CROSS JOIN seen ON seen.seq = step.seq
            )
            SELECT
                seen.seq,
                seen.account,
                seen.instance_no AS no,
                (
                    SELECT last.instance_name
                    FROM seen AS last
                    WHERE last.account = seen.account AND last.instance_no = seen.instance_no
                    ORDER BY last.seq DESC
                    LIMIT 1
                ) AS name
            FROM step
            CROSS JOIN seen ON seen.seq = step.seq",
        )
        .fetch_all(&mut *self.connection().await)
        .await?;
        Ok(rows)
    }

    /// The numbers of the instances that had a name in the last firings with that name, even if
    /// they have another name now.
    pub async fn numbers_once_named(&self, name: &str) -> Result<Vec<InstanceNo>, AuditError> {
        let rows = sqlx::query(
            "SELECT min(seq) AS seq, instance_no
            FROM (
                SELECT seq, instance_no
                FROM target
                WHERE instance_name IN (SELECT value FROM json_each(?1))
                ORDER BY firing DESC
                LIMIT ?2
            )
            GROUP BY instance_no",
        )
        .bind(named(Some(name)))
        .bind(LAST)
        .fetch_all(&mut *self.connection().await)
        .await?;
        instances("target", rows).collect()
    }
}
