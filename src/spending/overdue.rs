//! What has been off for so long that it is to be started, so that its days in a row end.
//!
//! Only what lightsout stopped is, or what an enabled rule means to stop: what somebody stopped
//! for good, and no rule knows of, is left alone. So is what is held, until that is over.

use std::cmp::Reverse;
use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::audit::{AuditError, AuditReader};
use crate::budget::{LOOK_BACK, Past};
use crate::dispatch::Dispatch;
use crate::hold::{HoldEntry, Whom, binding};
use crate::instance::{AccountName, Action, InstanceNo};
use crate::schedule::Schedules;
use crate::schedule::budget::{Budget, Counting, Limit};
use crate::states::{By, Seen, Watch};

/// So long before the limit an instance is started; half of a limit that is shorter than two.
const MARGIN: TimeDelta = TimeDelta::days(1);

/// So long after it was tried to start an instance it is tried again: in vain once, and the limit
/// is not passed yet.
const TRIED_AGAIN_AFTER: TimeDelta = TimeDelta::hours(12);

/// By how much more a row of days may be than its hours: its first day and its last.
const LOOSE_ENDS: TimeDelta = TimeDelta::days(2);

/// What is to be started in an account.
#[derive(Debug)]
pub(super) struct Overdue {
    pub(super) account: AccountName,
    /// Never empty, and no more than a firing may be about: those that were off for longest.
    pub(super) instances: Vec<InstanceNo>,
}

/// Finds what is to be started now.
///
/// # Errors
/// When the log cannot be read.
pub(super) async fn find(
    dispatch: &Dispatch,
    schedules: &Schedules,
) -> Result<Vec<Overdue>, AuditError> {
    let now = dispatch.clock.now();
    let holds = dispatch.audit.holds_in_force().await?;
    let reader = AuditReader::open(dispatch.audit.path()).await?;
    let search = Search { reader: &reader, schedules, holds, now };
    let found = search.everywhere().await;
    reader.close().await?;
    found
}

/// How long in a row an instance may be off before it is started.
fn longest_row(budget: &Budget) -> TimeDelta {
    let allowed = budget.allows(Limit::InARow);
    allowed - MARGIN.min(allowed / 2)
}

struct Search<'a> {
    reader: &'a AuditReader,
    schedules: &'a Schedules,
    holds: Vec<HoldEntry>,
    now: DateTime<Utc>,
}

impl Search<'_> {
    async fn everywhere(&self) -> Result<Vec<Overdue>, AuditError> {
        let watch = self.reader.watch(self.now).await?;
        let mut found = Vec::new();
        for account in self.schedules.accounts.keys() {
            let instances = self.in_account(account, &watch).await?;
            if !instances.is_empty() {
                found.push(Overdue { account: account.clone(), instances });
            }
        }
        Ok(found)
    }

    async fn in_account(
        &self,
        account: &AccountName,
        watch: &Watch,
    ) -> Result<Vec<InstanceNo>, AuditError> {
        let longest = longest_row(&self.schedules.budget);
        let off = self.reader.off_since(account, self.now - longest + LOOSE_ENDS).await?;
        if off.is_empty() {
            return Ok(Vec::new());
        }
        let rule = self.schedules.stop_budget(account, Vec::new());
        let tried_since = self.now - TRIED_AGAIN_AFTER;
        let tried = self.reader.fired_about(&rule, (tried_since, self.now)).await?;
        let meant = self.meant(account).await?;
        let numbers: Vec<_> = off.into_iter().map(|no| (account.clone(), no)).collect();
        let seen = self.reader.seen_of(&numbers, self.now - LOOK_BACK).await?;
        let is_free = |seen: &&Seen| {
            let whom = Whom { rule: &rule.name, account, no: &seen.no, name: &seen.name };
            !tried.contains(&seen.no) && binding(&self.holds, whom).is_none()
        };
        let mut overdue: Vec<(TimeDelta, InstanceNo)> = Vec::new();
        for seen in seen.iter().filter(is_free) {
            let counting = Counting::new(self.schedules.budget.count, self.schedules.timezone);
            let past = Past::of(seen, watch, counting, self.now);
            let row = past.standing().in_a_row.at_least();
            let is_ours = matches!(past.by(), Some(By::Us(_))) || meant.contains(&seen.no);
            if is_ours && row >= longest {
                overdue.push((row, seen.no.clone()));
            }
        }
        overdue.sort_by_key(|(row, _)| Reverse(*row));
        let most = usize::try_from(rule.max_instances).unwrap_or(usize::MAX);
        Ok(overdue.into_iter().take(most).map(|(_, no)| no).collect())
    }

    /// Those that enabled rules mean to stop, as far as their last firings say.
    async fn meant(&self, account: &AccountName) -> Result<HashSet<InstanceNo>, AuditError> {
        let had = self.reader.last_had().await?.into_iter();
        let is_in_force = |name: &str| {
            let rule = self.schedules.rule(name, Action::Stop);
            rule.is_some_and(|rule| rule.enabled && !rule.dry_run && rule.account == *account)
        };
        let meant = had.filter(|(rule, action, _)| *action == Action::Stop && is_in_force(rule));
        Ok(meant.map(|(_, _, no)| no).collect())
    }
}
