//! Finds the servers that must be started now, so that their days in a row end.
//!
//! [`crate::stop_limit`] says which. Those of a failed attempt are tried again after a pause.

use chrono::TimeDelta;

use crate::audit::{AuditError, AuditReader};
use crate::engine::dispatch::Dispatch;
use crate::model::instance::{AccountName, InstanceNo};
use crate::schedule::Schedules;
use crate::stop_limit::{off_before, restarts};

/// The pause after a failed attempt. A second attempt still comes before the limit.
const TRIED_AGAIN_AFTER: TimeDelta = TimeDelta::hours(12);

/// The instances to start in an account.
#[derive(Debug)]
pub(crate) struct Overdue {
    pub(crate) account: AccountName,
    /// Never empty, and no more than a firing may have. Those that were off the longest come first.
    pub(crate) instances: Vec<InstanceNo>,
}

/// Finds the instances to start now.
pub(crate) async fn find(
    dispatch: &Dispatch,
    schedules: &Schedules,
) -> Result<Vec<Overdue>, AuditError> {
    let reader = AuditReader::open(dispatch.audit.path()).await?;
    let found = everywhere(&reader, dispatch, schedules).await;
    reader.close().await?;
    found
}

async fn everywhere(
    reader: &AuditReader,
    dispatch: &Dispatch,
    schedules: &Schedules,
) -> Result<Vec<Overdue>, AuditError> {
    let now = dispatch.clock.now();
    let mut found = Vec::new();
    for account in schedules.accounts.keys() {
        let off = reader.off_since(account, off_before(&schedules.budget, now)).await?;
        if off.is_empty() {
            continue;
        }
        let rule = schedules.stop_budget(account, Vec::new());
        let tried = reader.fired_about(&rule, (now - TRIED_AGAIN_AFTER, now)).await?;
        let off: Vec<_> = off.into_iter().map(|no| (account.clone(), no)).collect();
        let facts = reader.budget_facts_of(&off, now).await?;
        let most = usize::try_from(rule.max_instances).unwrap_or(usize::MAX);
        let due = restarts(schedules, account, &facts, (now, now)).into_iter().map(|it| it.no);
        let instances: Vec<_> = due.filter(|no| !tried.contains(no)).take(most).collect();
        if !instances.is_empty() {
            found.push(Overdue { account: account.clone(), instances });
        }
    }
    Ok(found)
}
