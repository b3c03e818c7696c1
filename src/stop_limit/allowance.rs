//! Keeps a rule from stops that would overrun a limit of the stop budget.
//!
//! A stop is assumed to last until the next known start: the end of its window, or the next firing
//! of a rule that starts the instance, even a held one. Without a known start, it is assumed to
//! last a day. Time in an unknown state does not count as stopped here; [`super::forecast`]
//! gives both cases.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::hold::{Hold, RuleInstance, binding};
use crate::model::instance::{Action, Instance, InstanceNo};
use crate::model::platform::Platform;
use crate::model::reason::Reason;
use crate::schedule::budget::spent::Spent;
use crate::schedule::budget::{AtLimit, Budget, Counting, Limit};
use crate::schedule::prices::is_paid_in_full;
use crate::schedule::selector::{Description, Selector};
use crate::schedule::{Rule, Schedules};
use crate::select::by_name::means;
use crate::state_history::{Seen, Watch};
use crate::stop_limit::{PastYear, days};

/// The assumed length of a stop without a known start.
const A_NIGHT: TimeDelta = TimeDelta::days(1);

/// Rounds up to a tenth of a day, so that too much is not shown as just enough.
const ROUNDS_UP: TimeDelta = TimeDelta::milliseconds(8_640_000 - 1);

/// A stopping rule's view of the stop budget.
#[derive(Clone, Debug)]
pub struct Allowance {
    budget: Budget,
    counting: Counting,
    stop: Rule,
    /// The rules that may start the stopped instances.
    starts: Vec<Arc<Rule>>,
    platform: Option<Platform>,
}

impl Allowance {
    /// `None` when the rule may stop whatever it means.
    pub fn of(schedules: &Schedules, rule: &Rule) -> Option<Self> {
        let budget = schedules.budget.clone();
        if rule.action == Action::Start || budget.at_limit == AtLimit::Warn {
            return None;
        }
        let starts_there = |start: &&Arc<Rule>| {
            start.action == Action::Start
                && start.account == rule.account
                && start.enabled
                && !start.dry_run
        };
        let starts = schedules.rules.iter().filter(starts_there).cloned().collect();
        let counting = Counting::new(budget.count, schedules.timezone);
        let platform = schedules.platform(&rule.account);
        Some(Self { budget, counting, stop: rule.clone(), starts, platform })
    }

    /// The instances whose past decides whether they may be stopped.
    pub fn counted(&self, instances: &[&Instance]) -> Vec<InstanceNo> {
        let is_counted = |instance: &&&Instance| {
            !instance.is_at_goal_of(Action::Stop)
                && !is_paid_in_full(&instance.product, self.platform)
        };
        instances.iter().filter(is_counted).map(|instance| instance.no.clone()).collect()
    }

    /// The instances that must not be stopped at `now`, with the reasons. Instances without
    /// observations may be.
    pub fn overruns<H: Borrow<Hold>>(
        &self,
        (seen, watch): (&[Seen], &Watch),
        instances: &[&Instance],
        holds: &[H],
        now: DateTime<Utc>,
    ) -> HashMap<InstanceNo, Reason> {
        let named: HashMap<&InstanceNo, &Instance> =
            instances.iter().map(|instance| (&instance.no, *instance)).collect();
        let overrun = |seen: &Seen| {
            let past = PastYear::of(seen, watch, self.counting, now);
            let next_start = self.next_start(named.get(&seen.no)?, holds, now);
            Some((seen.no.clone(), self.overrun(&past, next_start, now)?))
        };
        seen.iter().filter_map(overrun).collect()
    }

    /// The limit that a stop until then would overrun.
    fn overrun(
        &self,
        past: &PastYear,
        next_start: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Option<Reason> {
        let standing = past.standing();
        let after = past.stopped_until(next_start.unwrap_or(now + A_NIGHT)).standing();
        let is_overrun = |limit: &Limit| after.of(*limit).at_least() > self.budget.allows(*limit);
        let limit = Limit::ALL.into_iter().find(is_overrun)?;
        let (spent, allowed) = (standing.of(limit), self.budget.days(limit));
        let until = match next_start {
            Some(at) => {
                let at = self.stop.timezone.show(at).format("%F %H:%M%:z");
                format!("until its next start {at}")
            }
            None => "a day from now, no start of it being known".to_owned(),
        };
        let (least, unknown) = match spent {
            Spent::Known(_) => ("", ""),
            Spent::Unknown { .. } => ("at least ", "; unknown time is not counted"),
        };
        let story = format!(
            "it was off for {least}{} of {allowed} days {limit} (unconfirmed limit), \
             and would be for {} {until}{unknown}",
            days(spent.at_least()),
            days(after.of(limit).at_least() + ROUNDS_UP),
        );
        Some(Reason::StopBudget { story })
    }

    /// The next start of the instance, as far as the file shows without tags.
    fn next_start<H: Borrow<Hold>>(
        &self,
        instance: &Instance,
        holds: &[H],
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        if let Some(end) = self.stop.undone_after(now) {
            return Some(end);
        }
        let means_it = |start: &&Arc<Rule>| {
            let means_the_same =
                (&start.select, &start.except) == (&self.stop.select, &self.stop.except);
            means_the_same || is_named(start, instance)
        };
        let next = |start: &Arc<Rule>| {
            let at = start.next_after(now)?.at;
            let (rule, account) = (&start.name, &start.account);
            let whom = RuleInstance { rule, account, no: &instance.no, name: &instance.name };
            let hold = binding(holds, whom).map(Borrow::borrow);
            match hold.filter(|hold: &&Hold| at < hold.until) {
                Some(hold) if hold.skip => Some(start.next_after(hold.until)?.at),
                Some(hold) => Some(hold.until),
                None => Some(at),
            }
        };
        self.starts.iter().filter(means_it).filter_map(next).min()
    }
}

/// Whether a rule means an instance, whatever its tags.
fn is_named(rule: &Rule, instance: &Instance) -> bool {
    let it = Description::by_name(&instance.no, &instance.name);
    means(rule, &Selector::default(), &it, || false)
}
