//! Lists the known instances, and those that each rule was last about.
//!
//! [`super::lookup`] finds the instances that a person names.

use std::collections::{BTreeMap, BTreeSet};

use crate::audit::store::audit_log::AuditLog;
use crate::audit::store::damaged::{decoded, instances, or_say};
use crate::audit::store::error::AuditError;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::row::row;
use crate::model::instance::{AccountName, InstanceNo};
use crate::model::known_instance::{Directory, KnownInstance};

impl AuditLog {
    /// The instances of an account that were seen before this session began.
    pub async fn seen_before_us(
        &self,
        account: &AccountName,
    ) -> Result<BTreeSet<InstanceNo>, AuditError> {
        let rows = sqlx::query(
            "SELECT min(seq) AS seq, instance_no
            FROM seen
            WHERE account = ?1 AND seq < ?2
            GROUP BY instance_no",
        )
        .bind(account.as_str())
        .bind(self.session.0)
        .fetch_all(&mut *self.connection().await?)
        .await?;
        Ok(instances("seen", rows).filter_map(or_say).collect())
    }
}

impl AuditReader {
    /// All instances ever seen, and those in the last firing of each rule.
    pub async fn directory(&self) -> Result<Directory, AuditError> {
        let (instances, matched) = (self.known_instances().await?, self.last_matched().await?);
        Ok(Directory { instances, matched })
    }

    /// All instances ever seen.
    pub async fn known_instances(&self) -> Result<Vec<KnownInstance>, AuditError> {
        let rows = sqlx::query_as(
            "SELECT seq, account, instance_no AS no, instance_name AS name
            FROM seen
            WHERE seq IN (SELECT max(seq) FROM seen GROUP BY account, instance_no)
            ORDER BY account, instance_no",
        )
        .fetch_all(&mut *self.connection().await)
        .await?;
        Ok(rows)
    }

    /// The instances that the last firing of each rule matched, by the rule's name. Not counted:
    /// firings without a match, dry runs, and firings that caught up.
    pub async fn last_matched(&self) -> Result<BTreeMap<String, BTreeSet<InstanceNo>>, AuditError> {
        let rows = sqlx::query(
            "SELECT target.seq, firing.rule, target.instance_no
            FROM firing
            JOIN target ON target.firing = firing.seq
            WHERE firing.seq IN (
                SELECT max(last.seq)
                FROM firing AS last
                WHERE EXISTS (SELECT 1 FROM target WHERE target.firing = last.seq)
                    AND last.dry_run = 0
                    AND NOT EXISTS (SELECT 1 FROM makeup WHERE makeup.firing = last.seq)
                GROUP BY last.rule
            )",
        )
        .fetch_all(&mut *self.connection().await)
        .await?;
        let mut matched: BTreeMap<String, BTreeSet<InstanceNo>> = BTreeMap::new();
        for row in decoded::<(i64, String, InstanceNo)>("target", rows) {
            let (_, rule, no) = row?;
            matched.entry(rule).or_default().insert(no);
        }
        Ok(matched)
    }
}

row!(impl KnownInstance of "seen" { account, no, name });
