//! What has been off for so long that it is to be started, so that its days in a row end.
//!
//! Only what lightsout stopped is, or what an enabled rule means to stop: what somebody stopped
//! for good, and no rule knows of, is left alone. So is what is held, until that is over.
//!
//! What nobody saw between two looks that found it off is taken to have been off: to start too
//! soon costs some hours, and to start too late may cost the server.

use std::cmp::Reverse;
use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::audit::{AuditError, AuditReader};
use crate::engine::dispatch::Dispatch;
use crate::hold::{HoldEntry, Whom, binding};
use crate::model::instance::{AccountName, Action, InstanceNo};
use crate::schedule::Schedules;
use crate::schedule::budget::{Budget, Counting, LOOK_BACK, Limit};
use crate::schedule::prices::is_paid_in_full;
use crate::state_history::{Seen, State, Watch};
use crate::stop_limit::{FRESH, Past};

/// So long before the limit an instance is started; half of a limit that is shorter than two.
const MARGIN: TimeDelta = TimeDelta::days(1);

/// So long after it was tried to start an instance it is tried again: in vain once, and the limit
/// is not passed yet.
const TRIED_AGAIN_AFTER: TimeDelta = TimeDelta::hours(12);

/// By how much more a row of days may be than its hours: its first day and its last.
const LOOSE_ENDS: TimeDelta = TimeDelta::days(2);

/// What is to be started in an account.
#[derive(Debug)]
pub(crate) struct Overdue {
    pub(crate) account: AccountName,
    /// Never empty, and no more than a firing may be about: those that were off for longest.
    pub(crate) instances: Vec<InstanceNo>,
}

/// Finds what is to be started now.
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
        let sold = self.reader.sold().await?;
        let has_no_limit = |no: &InstanceNo| {
            let product = sold.get(&(account.clone(), no.clone()));
            product.is_some_and(|it| is_paid_in_full(it, self.schedules.platform(account)))
        };
        let is_free = |seen: &&Seen| {
            let whom = Whom { rule: &rule.name, account, no: &seen.no, name: &seen.name };
            !tried.contains(&seen.no)
                && !has_no_limit(&seen.no)
                && binding(&self.holds, whom).is_none()
        };
        let mut overdue: Vec<(TimeDelta, InstanceNo)> = Vec::new();
        for seen in seen.iter().filter(is_free) {
            let Some(row) = self.row(seen) else { continue };
            let counting = self.counting();
            let is_ours = || Past::of(seen, watch, counting, self.now).was_stopped_by_us();
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

    /// For how long an instance has been off by its last look, as far as anybody saw; `None` where
    /// that look found it otherwise, or is so old that it may be gone.
    fn row(&self, seen: &Seen) -> Option<TimeDelta> {
        let every = self.schedules.observe.and_then(|every| TimeDelta::from_std(every).ok());
        let fresh = every.map_or(FRESH, |every| FRESH.max(every * 2));
        let looked_at = seen.sightings.looked_at?;
        let (since, until) = (off_since(seen)?, looked_at.min(self.now));
        let counts = self.now - looked_at <= fresh && since < until;
        counts.then(|| self.counting().length(since, until))
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

/// Since when every look has found an instance off; not before its last boot, be it one that
/// nobody saw. `None` where the last look did not.
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
    use crate::state_history::{Look, Sightings};

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
            let look = |(day, state, boot): &(i64, State, Option<i64>)| Look {
                at: at(*day),
                state: *state,
                booted_at: boot.map(at),
            };
            let looks: Vec<Look> = looks.iter().map(look).collect();
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
