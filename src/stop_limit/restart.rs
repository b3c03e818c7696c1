//! Finds the servers that the daemon starts before their days in a row are over: now, or soon.
//!
//! Included: servers that lightsout stopped, or that an enabled rule means to stop. Left as they
//! are: (1) servers that somebody stopped and no rule means, (2) held servers, until the hold ends.
//!
//! Unknown time between two observations of a server that is off counts as off. An early start
//! costs some hours; a late one may cost the server.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::usage::{FRESH, PastYear};
use crate::audit::BudgetFacts;
use crate::hold::{RuleInstance, binding};
use crate::model::instance::{AccountName, Action, InstanceNo};
use crate::schedule::Schedules;
use crate::schedule::budget::{Budget, Counting, Limit};
use crate::state_history::{Seen, State};

/// A server is started this long before its limit; half-way to a limit under two days.
const MARGIN: TimeDelta = TimeDelta::days(1);

/// A row of days may count this much more than its hours: its first day and its last.
const LOOSE_ENDS: TimeDelta = TimeDelta::days(2);

/// A server that is to be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restart {
    /// The time from which on it is to be started; now, when that has passed.
    pub at: DateTime<Utc>,
    /// The time that it has been off.
    pub row: TimeDelta,
    pub account: AccountName,
    pub no: InstanceNo,
    pub name: String,
}

/// Servers that are off since then or longer may have to be started before `until`.
pub fn off_before(budget: &Budget, until: DateTime<Utc>) -> DateTime<Utc> {
    until - longest_row(budget) + LOOSE_ENDS
}

/// The longest row after which a server is started.
fn longest_row(budget: &Budget) -> TimeDelta {
    let allowed = budget.allows(Limit::InARow);
    allowed - MARGIN.min(allowed / 2)
}

/// The servers of an account to be started up to `until`, the first one first, and of those for now
/// the one that was off the longest. `facts` are those of servers that are off.
pub fn restarts(
    file: &Schedules,
    account: &AccountName,
    facts: &BudgetFacts,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
) -> Vec<Restart> {
    let rule = file.stop_budget(account, Vec::new());
    if !rule.enabled {
        return Vec::new();
    }
    let meant = meant(file, account, facts);
    let counting = Counting::new(file.budget.count, file.timezone);
    let is_ours = |seen: &Seen| PastYear::of(seen, &facts.watch, counting, now).was_stopped_by_us();
    let restart = |seen: &Seen| {
        let (since, looked_at) = still_off(file, seen, now)?;
        let is_over = |at: DateTime<Utc>| counting.length(since, at) >= longest_row(&file.budget);
        let at = if is_over(looked_at) { now } else { first_of((now, until), is_over)? };
        let whom = RuleInstance { rule: &rule.name, account, no: &seen.no, name: &seen.name };
        // A hold that ends at an instant no longer holds then.
        let at = binding(&facts.holds, whom).map_or(at, |entry| at.max(entry.hold.until));
        let counts = at <= until
            && !facts.has_no_limit(file, seen)
            && (meant.contains(&seen.no) || is_ours(seen));
        counts.then(|| Restart {
            at,
            row: counting.length(since, looked_at),
            account: account.clone(),
            no: seen.no.clone(),
            name: seen.name.clone(),
        })
    };
    let of_account = facts.seen.iter().filter(|seen| seen.account == *account);
    let mut restarts: Vec<Restart> = of_account.filter_map(restart).collect();
    restarts.sort_by_key(|it| (it.at, std::cmp::Reverse(it.row)));
    restarts
}

/// The time since which a server is off, and its last observation. `None` when it was not off at its last observation, or when
/// that is so old that the server may be gone.
fn still_off(
    file: &Schedules,
    seen: &Seen,
    now: DateTime<Utc>,
) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let every = file.observe.and_then(|every| TimeDelta::from_std(every).ok());
    let fresh = every.map_or(FRESH, |every| FRESH.max(every * 2));
    let looked_at = seen.sightings.looked_at?;
    let (since, until) = (off_since(seen)?, looked_at.min(now));
    (now - looked_at <= fresh && since < until).then_some((since, until))
}

/// The first minute after `now` and up to `until` in which something is so that stays so.
fn first_of(
    (now, until): (DateTime<Utc>, DateTime<Utc>),
    is_so: impl Fn(DateTime<Utc>) -> bool,
) -> Option<DateTime<Utc>> {
    if until <= now || !is_so(until) {
        return None;
    }
    let (mut before, mut after) = (now, until);
    while after - before > TimeDelta::minutes(1) {
        let middle = before + (after - before) / 2;
        *(if is_so(middle) { &mut after } else { &mut before }) = middle;
    }
    Some(after)
}

/// The servers that enabled rules mean to stop, as far as their last firings show.
fn meant<'f>(
    file: &Schedules,
    account: &AccountName,
    facts: &'f BudgetFacts,
) -> HashSet<&'f InstanceNo> {
    let is_in_force = |name: &str| {
        let rule = file.rule(name, Action::Stop);
        rule.is_some_and(|rule| rule.enabled && !rule.dry_run && rule.account == *account)
    };
    let had = facts.had.iter();
    let meant = had.filter(|(rule, action, _)| *action == Action::Stop && is_in_force(rule));
    meant.map(|(_, _, no)| no).collect()
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
