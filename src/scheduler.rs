//! WHEN: turns rules into firings, in order, and knows what fell due unseen.
//!
//! Pure: told the time, never asks it. What is due is decided from a high-water mark, so that a
//! tick that comes late or not at all loses nothing.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::schedule::{Rule, Schedules};

/// How late a firing still counts as on time: what a loaded machine may take to get to it.
const GRACE: TimeDelta = TimeDelta::seconds(10);

/// One due occurrence of a rule.
#[derive(Clone, Debug)]
pub struct Due {
    /// The rule.
    pub rule: Arc<Rule>,
    /// The instant it is for.
    pub scheduled_at: DateTime<Utc>,
    /// What is to become of it.
    pub fate: Fate,
}

/// Whether a due occurrence still runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is on time.
    OnTime,
    /// It was missed, and is within the rule's `late`.
    Late,
    /// It was missed for good.
    Missed,
}

/// The next firing of every rule that is enabled.
#[derive(Debug)]
pub struct Scheduler {
    rules: Vec<Arc<Rule>>,
    next: BinaryHeap<Reverse<(DateTime<Utc>, usize)>>,
    mark: DateTime<Utc>,
}

impl Scheduler {
    /// Starts with everything up to and including `mark` dealt with.
    #[must_use]
    pub fn new(schedules: &Schedules, mark: DateTime<Utc>) -> Self {
        let rules = schedules.rules.iter().filter(|rule| rule.enabled).cloned().map(Arc::new);
        let mut fresh = Self { rules: rules.collect(), next: BinaryHeap::new(), mark };
        fresh.aim(mark);
        fresh
    }

    /// The instant up to which everything that fell due has been handed out.
    #[must_use]
    pub fn mark(&self) -> DateTime<Utc> {
        self.mark
    }

    /// When the next rule falls due.
    #[must_use]
    pub fn next_at(&self) -> Option<DateTime<Utc>> {
        self.next.peek().map(|Reverse((at, _))| *at)
    }

    /// Hands out everything that fell due up to `now`, in order. When the clock was set back,
    /// the mark goes back with it: what comes round again is handed out again, and the claim
    /// decides whether it runs.
    pub fn due(&mut self, now: DateTime<Utc>) -> Vec<Due> {
        if now < self.mark {
            self.aim(now);
        }
        self.mark = now;
        let mut due: Vec<Due> = Vec::new();
        while let Some(&Reverse((scheduled_at, index))) = self.next.peek()
            && scheduled_at <= now
        {
            self.next.pop();
            let rule = &self.rules[index];
            let following = rule.cron.next_after(rule.timezone, scheduled_at);
            if let Some(following) = following {
                self.next.push(Reverse((following.at, index)));
            }
            // Of several that were missed only the newest may still run.
            let is_newest = following.is_none_or(|following| following.at > now);
            let fate = if is_newest { fate(rule.late, now - scheduled_at) } else { Fate::Missed };
            due.push(Due { rule: Arc::clone(rule), scheduled_at, fate });
        }
        due
    }

    fn aim(&mut self, after: DateTime<Utc>) {
        let next = |(index, rule): (usize, &Arc<Rule>)| {
            let next = rule.cron.next_after(rule.timezone, after)?;
            Some(Reverse((next.at, index)))
        };
        self.next = self.rules.iter().enumerate().filter_map(next).collect();
    }
}

fn fate(late: Duration, lateness: TimeDelta) -> Fate {
    let late = TimeDelta::from_std(late).unwrap_or(TimeDelta::MAX);
    match lateness {
        lateness if lateness <= GRACE => Fate::OnTime,
        lateness if lateness <= late => Fate::Late,
        _ => Fate::Missed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const FILE: &str = r#"
        timezone = "Asia/Seoul"
        [accounts.main]
        platform = "vpc"
        [[rules]]
        name = "night"
        action = "stop"
        cron = "0 20 * * *"
        select = { names = ["dev-*"] }
        [[rules]]
        name = "morning"
        action = "start"
        cron = "0 8 * * *"
        select = { names = ["dev-*"] }
    "#;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn scheduler(mark: &str) -> Scheduler {
        let (schedules, _) = Schedules::parse(Path::new("schedules.toml"), FILE).unwrap();
        Scheduler::new(&schedules, at(mark))
    }

    fn told(due: &[Due]) -> Vec<(String, String, Fate)> {
        let told = |due: &Due| (due.rule.name.to_string(), due.scheduled_at.to_rfc3339(), due.fate);
        due.iter().map(told).collect()
    }

    #[test]
    fn a_rule_falls_due_once_at_its_instant() {
        let mut scheduler = scheduler("2026-11-23T10:59:50Z");
        assert_eq!(scheduler.next_at(), Some(at("2026-11-23T11:00:00Z")));
        assert_eq!(told(&scheduler.due(at("2026-11-23T10:59:59.999Z"))), []);
        let night = ("night".to_owned(), "2026-11-23T11:00:00+00:00".to_owned(), Fate::OnTime);
        assert_eq!(told(&scheduler.due(at("2026-11-23T11:00:00Z"))), [night]);
        assert_eq!(told(&scheduler.due(at("2026-11-23T11:00:01Z"))), []);
    }

    #[test]
    fn of_what_was_slept_through_only_the_newest_within_late_still_runs() {
        let mut scheduler = scheduler("2026-11-20T12:00:00Z");
        let due = told(&scheduler.due(at("2026-11-22T11:30:00Z")));
        let fates: Vec<_> =
            due.iter().map(|(rule, at, fate)| (&rule[..], &at[..10], *fate)).collect();
        assert_eq!(
            fates,
            [
                ("morning", "2026-11-20", Fate::Missed),
                ("night", "2026-11-21", Fate::Missed),
                ("morning", "2026-11-21", Fate::Missed),
                ("night", "2026-11-22", Fate::Late),
            ]
        );
    }

    #[test]
    fn a_clock_set_back_hands_the_instant_out_again_and_loses_none() {
        let mut scheduler = scheduler("2026-11-23T10:59:50Z");
        scheduler.due(at("2026-11-23T11:00:05Z"));
        assert_eq!(told(&scheduler.due(at("2026-11-23T10:50:00Z"))), []);
        assert_eq!(told(&scheduler.due(at("2026-11-23T11:00:00Z"))).len(), 1);
    }
}
