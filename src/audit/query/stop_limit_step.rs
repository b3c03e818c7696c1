//! Steps towards a limit of the stop budget: records them, and reads them for notices.

use std::collections::HashMap;

use chrono::TimeDelta;

use crate::audit::store::audit_log::AuditLog;
use crate::audit::store::column::column;
use crate::audit::store::error::AuditError;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::record::BudgetRecord;
use crate::audit::store::row::row;
use crate::audit::store::through::Through;
use crate::model::instance::{AccountName, InstanceNo};
use crate::schedule::budget::Limit;
use crate::schedule::budget::spent::Spent;

/// An instance's account and number, and one of the two limits.
pub type Against = (AccountName, InstanceNo, Limit);

/// An instance that has come nearer to a limit, or has left it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub against: Against,
    pub region: String,
    pub name: String,
    /// The reached share before this, in percent: one of those that are told.
    pub reached_before: u32,
    pub reached: u32,
    /// The time that it was stopped.
    pub spent: Spent,
    /// The time that is allowed.
    pub allowed: TimeDelta,
}

row! {
    /// A step nearer to a limit, from the log.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Rise of "budget" as entry {
        pub entry: Through,
        pub account: String,
        pub region: String,
        /// `serverInstanceNo`.
        pub instance_no: String,
        /// `serverName`.
        pub instance_name: String,
        /// The limit: `in_a_row` or `in_12_months`.
        pub against: String,
        /// The reached share in percent: one of those that are told.
        pub reached: u32,
        /// The time that it was stopped, in milliseconds.
        pub spent: i64,
        /// Part of the time is unknown, so `spent` is the least.
        pub is_least: bool,
        /// The time that is allowed, in milliseconds.
        pub allowed: i64,
    }
}

row! {
    struct Share of "budget" {
        account: AccountName,
        instance_no: InstanceNo,
        against: Limit,
        reached: u32,
    }
}

column!(with Limit, word, |stored: String| {
    Limit::ALL.into_iter().find(|limit| word(*limit) == stored).ok_or(stored)
});

impl AuditLog {
    /// Records steps, all in one transaction.
    pub async fn budget(&self, steps: &[Step]) -> Result<(), AuditError> {
        let record = |step: &Step| {
            let (account, no, limit) = &step.against;
            BudgetRecord {
                account: account.to_string(),
                region: step.region.clone(),
                instance_no: no.to_string(),
                instance_name: step.name.clone(),
                against: word(*limit),
                reached_before: step.reached_before,
                reached: step.reached,
                spent: step.spent.at_least().num_milliseconds(),
                is_least: step.spent.known().is_none().into(),
                allowed: step.allowed.num_milliseconds(),
            }
        };
        let records: Vec<BudgetRecord> = steps.iter().map(record).collect();
        if !records.is_empty() {
            self.record(&records).await?;
        }
        Ok(())
    }
}

impl AuditReader {
    /// The share of each limit that each instance had reached in its last step. Missing ones have
    /// reached none.
    pub async fn budget_reached(&self) -> Result<HashMap<Against, u32>, AuditError> {
        let rows: Vec<Share> = sqlx::query_as(
            "SELECT seq, account, instance_no, against, reached
            FROM budget
            WHERE seq IN (SELECT max(seq) FROM budget GROUP BY account, instance_no, against)",
        )
        .fetch_all(&mut *self.connection().await)
        .await?;
        let reached = |it: Share| ((it.account, it.instance_no, it.against), it.reached);
        Ok(rows.into_iter().map(reached).collect())
    }

    /// The steps nearer to a limit that were recorded after one entry and not after another, in
    /// that order.
    pub async fn risen_between(
        &self,
        after: Through,
        through: Through,
    ) -> Result<Vec<Rise>, AuditError> {
        let risen = sqlx::query_as(
            "SELECT
                seq AS entry, account, region, instance_no, instance_name, against, reached,
                spent, is_least, allowed
            FROM budget
            WHERE seq > ?1 AND seq <= ?2 AND reached > reached_before
            ORDER BY seq",
        )
        .bind(after)
        .bind(through)
        .fetch_all(&mut *self.connection().await)
        .await?;
        Ok(risen)
    }
}

fn word(limit: Limit) -> &'static str {
    match limit {
        Limit::InARow => "in_a_row",
        Limit::In12Months => "in_12_months",
    }
}
