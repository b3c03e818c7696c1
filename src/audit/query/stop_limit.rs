//! Reads the facts for the stop budget. [`crate::stop_limit`] counts.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use crate::audit::store::at::At;
use crate::audit::store::error::AuditError;
use crate::audit::store::reader::AuditReader;
use crate::hold::HoldEntry;
use crate::model::instance::{AccountName, Action, InstanceNo, Product};
use crate::model::outcome::Outcome;
use crate::model::reason::Reason;
use crate::schedule::Schedules;
use crate::schedule::budget::LOOK_BACK;
use crate::schedule::prices::is_paid_in_full;
use crate::state_history::{Seen, Watch};

/// The instances that the last firing of each rule could have named: the rule's name and action,
/// and the instance.
pub type LastHad = BTreeSet<(String, Action, InstanceNo)>;

/// The rules with a firing that has read the tags of the servers: the rule's name and action.
pub type Tried = BTreeSet<(String, Action)>;

impl AuditReader {
    /// The facts about every instance.
    pub async fn budget_facts(&self, now: DateTime<Utc>) -> Result<BudgetFacts, AuditError> {
        Ok(BudgetFacts {
            seen: self.seen_since(now - LOOK_BACK).await?,
            watch: self.watch(now).await?,
            had: self.last_had().await?,
            tried: self.tried().await?,
            holds: self.holds(Some(now)).await?,
            sold: self.sold().await?,
        })
    }

    /// The facts about these instances.
    pub async fn budget_facts_of(
        &self,
        instances: &[(AccountName, InstanceNo)],
        now: DateTime<Utc>,
    ) -> Result<BudgetFacts, AuditError> {
        self.facts_since(instances, (now - LOOK_BACK, now)).await
    }

    /// The facts about these instances, with their observations since a time.
    pub async fn facts_since(
        &self,
        instances: &[(AccountName, InstanceNo)],
        (since, now): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<BudgetFacts, AuditError> {
        Ok(BudgetFacts {
            seen: self.seen_of(instances, since).await?,
            watch: self.watch(now).await?,
            had: self.last_had().await?,
            tried: self.tried().await?,
            holds: self.holds(Some(now)).await?,
            sold: self.sold().await?,
        })
    }

    /// The instances that each rule's last firing matched and that were neither protected nor
    /// excepted. The two rules of a window count apart. Not counted: firings without a match, dry
    /// runs, and firings that caught up.
    pub async fn last_had(&self) -> Result<LastHad, AuditError> {
        let rows: Vec<(String, i64, String, i64, String, Option<Reason>)> = sqlx::query_as(
            "SELECT
                firing.rule, firing.seq, firing.action, target.seq, target.instance_no,
                CASE WHEN outcome.outcome = ?1 THEN outcome.reason END
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
            )",
        )
        .bind(Outcome::Skipped)
        .fetch_all(&mut *self.connection().await)
        .await?;
        let could =
            |reason: &Option<Reason>| !reason.as_ref().is_some_and(Reason::is_left_out_by_file);
        let had = rows.into_iter().filter(|row| could(&row.5));
        let had = had.map(|(rule, firing, action, target, no, _)| {
            let action = Action::from_word(&action).ok_or(At::of("firing", firing))?;
            Ok((rule, action, At::of("target", target).read(InstanceNo::new(no))?))
        });
        had.collect()
    }

    /// The rules that have found servers, or have found that they match none. The two rules of a
    /// window count apart. Not counted: dry runs, and firings that caught up.
    pub async fn tried(&self) -> Result<Tried, AuditError> {
        let rows: Vec<(String, i64, String)> = sqlx::query_as(
            "SELECT firing.rule, max(firing.seq), firing.action
            FROM firing
            WHERE firing.dry_run = 0
                AND NOT EXISTS (SELECT 1 FROM makeup WHERE makeup.firing = firing.seq)
                AND (
                    EXISTS (SELECT 1 FROM target WHERE target.firing = firing.seq)
                    OR EXISTS (
                        SELECT 1
                        FROM outcome
                        WHERE outcome.firing = firing.seq
                            AND outcome.instance_no IS NULL
                            AND outcome.outcome = ?1
                    )
                )
            GROUP BY firing.rule, firing.action",
        )
        .bind(Outcome::NothingMatched)
        .fetch_all(&mut *self.connection().await)
        .await?;
        let tried = rows.into_iter().map(|(rule, firing, action)| {
            Ok((rule, Action::from_word(&action).ok_or(At::of("firing", firing))?))
        });
        tried.collect()
    }
}

/// The log's facts for the stop budget.
#[derive(Clone, Debug, Default)]
pub struct BudgetFacts {
    /// The observations since [`LOOK_BACK`] before, or since a later time.
    pub seen: Vec<Seen>,
    /// The times with a daemon.
    pub watch: Watch,
    /// The instances that the last firing of each rule could have named.
    pub had: LastHad,
    pub tried: Tried,
    pub holds: Vec<HoldEntry>,
    /// The product of each instance, if a list had it.
    pub sold: HashMap<(AccountName, InstanceNo), Product>,
}

impl BudgetFacts {
    /// Whether an instance has no limit, because it is paid in full while stopped.
    pub fn has_no_limit(&self, file: &Schedules, seen: &Seen) -> bool {
        let product = self.sold.get(&(seen.account.clone(), seen.no.clone()));
        product.is_some_and(|product| is_paid_in_full(product, file.platform(&seen.account)))
    }
}
