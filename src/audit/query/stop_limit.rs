//! What the stop budget of instances stands on.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use crate::audit::store::damaged::At;
use crate::audit::store::error::AuditError;
use crate::audit::store::reader::AuditReader;
use crate::hold::HoldEntry;
use crate::model::instance::{AccountName, Action, InstanceNo, Product};
use crate::schedule::Schedules;
use crate::schedule::budget::LOOK_BACK;
use crate::schedule::prices::is_paid_in_full;
use crate::state_history::{Seen, Watch};

/// What the last firing of each rule could have asked for: the rule's name and action, and the
/// instance.
pub type LastHad = BTreeSet<(String, Action, InstanceNo)>;

impl AuditReader {
    /// What the budget of every instance stands on.
    pub async fn budget_facts(&self, now: DateTime<Utc>) -> Result<Facts, AuditError> {
        Ok(Facts {
            seen: self.seen_since(now - LOOK_BACK).await?,
            watch: self.watch(now).await?,
            had: self.last_had().await?,
            holds: self.holds(Some(now)).await?,
            sold: self.sold().await?,
        })
    }

    /// The same of these instances alone.
    pub async fn budget_facts_of(
        &self,
        instances: &[(AccountName, InstanceNo)],
        now: DateTime<Utc>,
    ) -> Result<Facts, AuditError> {
        Ok(Facts {
            seen: self.seen_of(instances, now - LOOK_BACK).await?,
            watch: self.watch(now).await?,
            had: self.last_had().await?,
            holds: self.holds(Some(now)).await?,
            sold: self.sold().await?,
        })
    }

    /// For each rule, and each of the two that a window is, the instances that its last firing
    /// matched and that were neither protected nor excepted; of those firings that matched any.
    /// Dry runs, and those that made up for others, are no measure.
    pub async fn last_had(&self) -> Result<LastHad, AuditError> {
        let rows: Vec<(String, i64, String, i64, String)> = sqlx::query_as(
            "SELECT firing.rule, firing.seq, firing.action, target.seq, target.instance_no
            FROM firing
            JOIN target ON target.firing = firing.seq
            LEFT JOIN outcome
                ON outcome.firing = target.firing AND outcome.instance_no = target.instance_no
            WHERE firing.seq IN (
                SELECT max(last.seq)
                FROM firing AS last
                WHERE EXISTS (SELECT 1 FROM target WHERE target.firing = last.seq)
                    AND last.dry_run = 0
                    AND NOT EXISTS (SELECT 1 FROM makeup WHERE makeup.firing = last.seq)
                GROUP BY last.rule, last.action
            )
            AND (outcome.reason IS NULL
                OR outcome.outcome <> 'skipped'
                OR outcome.reason NOT LIKE 'protected%' AND outcome.reason NOT LIKE 'excepted%')",
        )
        .fetch_all(&mut *self.connection().await)
        .await?;
        let had = rows.into_iter().map(|(rule, firing, action, target, no)| {
            let action = At::of("firing", firing).word(Action::from_word(&action))?;
            Ok((rule, action, At::of("target", target).read(InstanceNo::new(no))?))
        });
        had.collect()
    }
}

/// What the log knows that budgets stand on.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// What was seen of instances since [`LOOK_BACK`] before.
    pub seen: Vec<Seen>,
    /// When somebody was there to see.
    pub watch: Watch,
    /// What the last firing of each rule could have asked for.
    pub had: LastHad,
    pub holds: Vec<HoldEntry>,
    /// As what each instance is sold, where the lists say so.
    pub sold: HashMap<(AccountName, InstanceNo), Product>,
}

impl Facts {
    /// Whether an instance has no limit: it is paid in full while it is stopped.
    pub fn has_no_limit(&self, file: &Schedules, seen: &Seen) -> bool {
        let product = self.sold.get(&(seen.account.clone(), seen.no.clone()));
        product.is_some_and(|product| is_paid_in_full(product, file.platform(&seen.account)))
    }
}
