//! Finds instances that have been off for so long that they must be started, so that their days in
//! a row end.
//!
//! Included: instances that lightsout stopped, or that an enabled rule means to stop. Left as they
//! are: (1) instances that somebody stopped and no rule means, (2) held instances, until the hold
//! ends.
//!
//! Unknown time between two observations of an instance that is off counts as off. An early start
//! costs some hours; a late one may cost the server.

use std::cmp::Reverse;
use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::audit::{AuditError, AuditReader};
use crate::engine::dispatch::Dispatch;
use crate::hold::{HoldEntry, RuleInstance, binding};
use crate::model::instance::{AccountName, Action, InstanceNo};
use crate::schedule::Schedules;
use crate::schedule::budget::{Budget, Counting, LOOK_BACK, Limit};
use crate::schedule::prices::is_paid_in_full;
use crate::state_history::{Seen, State, Watch};
use crate::stop_limit::{FRESH, PastYear};

/// An instance is started this long before its limit; half-way to a limit under two days.
const MARGIN: TimeDelta = TimeDelta::days(1);

/// The pause after a failed attempt. A second attempt still comes before the limit.
const TRIED_AGAIN_AFTER: TimeDelta = TimeDelta::hours(12);

/// A row of days may count this much more than its hours: its first day and its last.
const LOOSE_ENDS: TimeDelta = TimeDelta::days(2);

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
    let now = dispatch.clock.now();
    let holds = dispatch.audit.holds_in_force().await?;
    let reader = AuditReader::open(dispatch.audit.path()).await?;
    let search = Search { reader: &reader, schedules, holds, now };
    let found = search.everywhere().await;
    reader.close().await?;
    found
}

/// The longest row after which an instance is started.
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
        let sold = self.reader.sold().await?;
        let has_no_limit = |no: &InstanceNo| {
            let product = sold.get(&(account.clone(), no.clone()));
            product.is_some_and(|it| is_paid_in_full(it, self.schedules.platform(account)))
        };
        let is_free = |seen: &&Seen| {
            let whom = RuleInstance { rule: &rule.name, account, no: &seen.no, name: &seen.name };
            !tried.contains(&seen.no)
                && !has_no_limit(&seen.no)
                && binding(&self.holds, whom).is_none()
        };
        let mut overdue: Vec<(TimeDelta, InstanceNo)> = Vec::new();
        for seen in seen.iter().filter(is_free) {
            let Some(row) = self.row(seen) else { continue };
            let counting = self.counting();
            let is_ours = || PastYear::of(seen, watch, counting, self.now).was_stopped_by_us();
            if row >= longest && (meant.contains(&seen.no) || is_ours()) {
                overdue.push((row, seen.no.clone()));
            }
        }
        overdue.sort_by_key(|(row, _)| Reverse(*row));
        let most = usize::try_from(rule.max_instances).unwrap_or(usize::MAX);
        Ok(overdue.into_iter().take(most).map(|(_, no)| no).collect())
    }

    fn counting(&self) -> Counting {
        Counting::new(self.schedules.budget.count, self.schedules.timezone)
    }

    /// The observed time that an instance has been off, up to its last observation. `None` when it
    /// was not off then, or the observation is so old that it may be gone.
    fn row(&self, seen: &Seen) -> Option<TimeDelta> {
        let every = self.schedules.observe.and_then(|every| TimeDelta::from_std(every).ok());
        let fresh = every.map_or(FRESH, |every| FRESH.max(every * 2));
        let looked_at = seen.sightings.looked_at?;
        let (since, until) = (off_since(seen)?, looked_at.min(self.now));
        let counts = self.now - looked_at <= fresh && since < until;
        counts.then(|| self.counting().length(since, until))
    }

    /// The instances that enabled rules mean to stop, as far as their last firings show.
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

/// The time since which every observation found an instance off, but not before its last boot, even
/// an unobserved one. `None` when the last observation did not find it off.
fn off_since(seen: &Seen) -> Option<DateTime<Utc>> {
    let looks = &seen.sightings.looks;
    let last = looks.last().filter(|look| look.state == State::Off)?;
    let ran = looks.iter().rposition(|look| look.state == State::Running);
    let since = &looks[ran.map_or(0, |ran| ran + 1)..];
    let first = since.iter().find(|look| look.state == State::Off)?;
    Some(last.booted_at.map_or(first.at, |booted_at| booted_at.max(first.at)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state_history::{Observation, Sightings};

    #[test]
    fn it_is_off_since_the_first_look_after_it_ran_and_since_its_last_boot() {
        use State::{Off, Running, Unknown};
        let at = |day: i64| DateTime::from_timestamp(86_400 * day, 0).unwrap();
        for (looks, expected) in [
            (&[][..], None),
            (&[(1, Off, None), (2, Running, None)], None),
            (&[(1, Off, None)], Some(1)),
            (&[(1, Running, None), (2, Off, None), (50, Off, Some(0))], Some(2)),
            (&[(1, Running, None), (2, Off, Some(0)), (50, Off, Some(20))], Some(20)),
            (&[(1, Off, None), (2, Running, None), (3, Off, None)], Some(3)),
            (&[(1, Running, None), (2, Unknown, None), (3, Off, None)], Some(3)),
            (&[(1, Off, None), (2, Unknown, None), (3, Off, None)], Some(1)),
            (&[(1, Off, None), (2, Unknown, None)], None),
        ] {
            let look = |(day, state, boot): &(i64, State, Option<i64>)| Observation {
                at: at(*day),
                state: *state,
                booted_at: boot.map(at),
            };
            let looks: Vec<Observation> = looks.iter().map(look).collect();
            let seen = Seen {
                account: AccountName::new("main").unwrap(),
                no: InstanceNo::new("1").unwrap(),
                name: "dev-a".to_owned(),
                region: "KR".to_owned(),
                sightings: Sightings { looks, ..Sightings::default() },
            };
            assert_eq!(off_since(&seen), expected.map(at), "{:?}", seen.sightings.looks);
        }
    }
}
