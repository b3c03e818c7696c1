//! What the last firing of each rule could have asked for.

use std::collections::BTreeSet;

use super::error::AuditError;
use super::reader::AuditReader;
use crate::instance::{Action, InstanceNo};

/// What the last firing of each rule could have asked for: the rule's name and action, and the
/// instance.
pub type LastHad = BTreeSet<(String, Action, InstanceNo)>;

impl AuditReader {
    /// For each rule, and each of the two that a window is, the instances that its last firing
    /// matched and that were neither protected nor excepted; of those firings that matched any.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn last_had(&self) -> Result<LastHad, AuditError> {
        let rows: Vec<(String, String, String)> = sqlx::query_as(
            "SELECT firing.rule, firing.action, target.instance_no
            FROM firing
            JOIN target ON target.firing = firing.seq
            LEFT JOIN outcome
                ON outcome.firing = target.firing AND outcome.instance_no = target.instance_no
            WHERE firing.seq IN (
                SELECT max(last.seq)
                FROM firing AS last
                WHERE EXISTS (SELECT 1 FROM target WHERE target.firing = last.seq)
                GROUP BY last.rule, last.action
            )
            AND (outcome.reason IS NULL
                OR outcome.outcome <> 'skipped'
                OR outcome.reason NOT LIKE 'protected%' AND outcome.reason NOT LIKE 'excepted%')",
        )
        .fetch_all(&mut *self.connection().await)
        .await?;
        let had = rows.into_iter().filter_map(|(rule, action, no)| {
            Some((rule, Action::from_word(&action)?, InstanceNo::new(no).ok()?))
        });
        Ok(had.collect())
    }
}
