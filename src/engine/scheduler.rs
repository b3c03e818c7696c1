//! Turns rules into firings, in order, and knows which fell due unseen.
//!
//! Pure: the caller passes the time. Firings are counted from the last instant that was dealt with.
//! So a late or missing tick loses nothing, and a firing that could not be recorded is handed out
//! again. [`super::dispatch`] claims and runs them.

mod due;
mod scheduled_rule;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use scheduled_rule::{GRACE, LOG_AWAY, Scene, ScheduledRule};

use crate::engine::deferred::AllDeferred;
use crate::schedule::{Rule, Schedules};
use crate::time::uptime::{LONGEST_ABSENCE, Stretch, Uptime};

pub use due::{Due, Fate};

/// Two clocks read together may differ by this much.
const APART: TimeDelta = TimeDelta::seconds(5);
/// A deferred action may be learnt of this late, for instance when its hold is released.
const LEARNT_WITHIN: TimeDelta = TimeDelta::minutes(5);
/// The most missed firings of a rule that are handed out one by one. Of earlier ones, only their
/// existence is recorded.
const MOST_MISSED: usize = 1_000;
/// The same bound for all rules together.
const MOST_MISSED_IN_ALL: usize = 100_000;
/// A longer absence is counted beside the main task.
const A_WHILE: TimeDelta = TimeDelta::minutes(1);

/// The next firing of every enabled rule.
#[derive(Debug)]
pub struct Scheduler {
    entries: Vec<ScheduledRule>,
    lived: Uptime,
    /// This process has completed a tick. A firing from before that is late, even if by little.
    is_awake: bool,
    /// The period up to now in which this process was awake.
    present: Option<Stretch>,
    /// The uptime before this process, kept apart while the clock is not trusted.
    before: Option<Uptime>,
    next: BinaryHeap<Reverse<(DateTime<Utc>, usize)>>,
    /// `next` holds the first firing of every rule after this instant; `None`: it must be rebuilt.
    aimed_after: Option<DateTime<Utc>>,
    owed: AllDeferred,
}

impl Scheduler {
    /// Goes on after earlier daemons: with their uptime, and with the rules of the last one, whose
    /// firings are still due.
    pub fn after(before: Option<&Schedules>, lived: Uptime) -> Self {
        let enabled = before.iter().flat_map(|file| &file.rules).filter(|rule| rule.enabled);
        let entry = |rule: &Arc<Rule>| ScheduledRule { rule: Arc::clone(rule), since: None };
        let entries = enabled.map(entry).collect();
        Self {
            entries,
            lived,
            is_awake: false,
            present: None,
            before: None,
            next: BinaryHeap::new(),
            aimed_after: None,
            owed: AllDeferred::default(),
        }
    }

    /// Replaces the deferred actions.
    pub fn set_deferred(&mut self, owed: AllDeferred) {
        self.owed = owed;
    }

    /// Takes a file into use. A rule with unchanged times keeps its due firings. A new, newly
    /// enabled or changed rule begins now.
    pub fn load(&mut self, schedules: &Schedules, now: DateTime<Utc>) {
        let key = |rule: &Rule| (rule.name.clone(), rule.action);
        let before: HashMap<_, _> =
            self.entries.iter().map(|entry| (key(&entry.rule), entry)).collect();
        let enabled = schedules.rules.iter().filter(|rule| rule.enabled);
        let entry = |rule: &Arc<Rule>| {
            let before = before.get(&key(rule)).filter(|before| before.rule.fires_like(rule));
            let since = before.map_or(Some(now), |before| before.since);
            ScheduledRule { rule: Arc::clone(rule), since }
        };
        self.entries = enabled.map(entry).collect();
        self.aimed_after = None;
    }

    /// Whether a deferred action is due by `now`.
    pub fn owes(&self, now: DateTime<Utc>) -> bool {
        self.owed.is_due(now)
    }

    /// The next due time of a rule or of a deferred action.
    pub fn next_at(&self) -> Option<DateTime<Utc>> {
        let next = self.next.peek().map(|Reverse((at, _))| *at);
        let owed = self.aimed_after.and_then(|after| self.owed.next_after(after));
        next.into_iter().chain(owed).min()
    }

    /// Notes that the process is awake at `now`, and how much time it has lived since the last
    /// call. If the wall clock disagrees, the process was asleep or the clock was set.
    pub fn attend(&mut self, now: DateTime<Utc>, passed: Duration) {
        let passed = TimeDelta::from_std(passed).unwrap_or(TimeDelta::MAX);
        let goes_on = |present: &&mut Stretch| {
            passed <= LOG_AWAY && (now - present.until - passed).abs() <= APART
        };
        match self.present.as_mut().filter(goes_on) {
            Some(present) => present.until = now,
            None => self.present = Some(Stretch { from: now, until: now }),
        }
    }

    /// Puts off firings from before `now`, since the clock may be wrong. Later ones are not
    /// affected.
    pub fn distrust(&mut self, now: DateTime<Utc>) {
        let lives = Uptime::of(vec![Stretch { from: now, until: now }]);
        self.before = Some(std::mem::replace(&mut self.lived, lives));
        self.aimed_after = None;
    }

    /// Trusts the clock again, and hands out the firings that were put off.
    pub fn trust(&mut self) {
        if let Some(before) = self.before.take() {
            self.lived = before;
            self.is_awake = false;
            self.aimed_after = None;
        }
    }

    /// Whether the unseen period is so long that [`Self::due`] takes time.
    pub fn is_far_behind(&self, now: DateTime<Utc>) -> bool {
        now - self.lived.unseen_after(now) > A_WHILE
    }

    /// Hands out all firings that fell due by `now`, in order, and again on each call until
    /// [`Scheduler::dealt_with`]. When the clock was set back, firings are handed out again, and
    /// the claim decides which of them run.
    pub fn due(&mut self, now: DateTime<Utc>) -> Vec<Due> {
        let unseen = Stretch { from: self.lived.unseen_after(now), until: now };
        if self.aimed_after != Some(unseen.from) {
            self.aim(unseen);
        }
        let most = (MOST_MISSED_IN_ALL / self.entries.len().max(1)).clamp(1, MOST_MISSED);
        let scene = Scene { unseen, was_alive: self.is_awake, present: self.present, most };
        let mut due = Vec::new();
        while let Some(&Reverse((first, index))) = self.next.peek()
            && first <= now
        {
            self.next.pop();
            let (of_rule, following) = self.entries[index].due(first, scene);
            due.extend(of_rule);
            self.next.extend(following.map(|following| Reverse((following, index))));
        }
        let made_up = self.made_up(unseen);
        due.extend(made_up);
        due.sort_by_key(|due| due.scheduled_at);
        self.aimed_after = Some(now);
        due
    }

    /// Notes that every firing due by `now` is recorded.
    pub fn dealt_with(&mut self, now: DateTime<Utc>) {
        self.lived.reach(now);
        self.is_awake = true;
        self.owed.dealt_with(now);
    }

    /// The present period of uptime; `None` before the first tick, and while firings are put off.
    pub fn lived(&self) -> Option<Stretch> {
        // The firings that were put off are still to be dealt with.
        self.lived.current().filter(|_| self.before.is_none())
    }

    /// The deferred actions that are due.
    fn made_up(&self, unseen: Stretch) -> Vec<Due> {
        if !self.owed.is_due(unseen.until) {
            return Vec::new();
        }
        let of_rule = |entry: &ScheduledRule| {
            let owed = self.owed.due(&entry.rule, unseen.until);
            let made_up = owed.into_iter().map(|(due_at, catch_up)| Due {
                rule: Arc::clone(&entry.rule),
                scheduled_at: due_at,
                fate: self.fate_of_makeup(entry, due_at, unseen.until),
                unseen,
                was_alive: self.is_awake,
                leaves_out: false,
                makes_up: Some(catch_up),
            });
            made_up.collect::<Vec<_>>()
        };
        self.entries.iter().flat_map(of_rule).collect()
    }

    /// Whether a deferred action due at `due_at` is still done. The rule's `late` bounds its
    /// lateness, with some more time when a living daemon had to learn of it first.
    fn fate_of_makeup(
        &self,
        entry: &ScheduledRule,
        due_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Fate {
        let late = TimeDelta::from_std(entry.rule.late).unwrap_or(TimeDelta::MAX);
        let late = if self.lived.was_lived(due_at) { late.max(LEARNT_WITHIN) } else { late };
        let late = if self.is_awake { late.max(GRACE) } else { late };
        let was_in_force = entry.since.is_none_or(|since| since <= due_at + LEARNT_WITHIN);
        if was_in_force && now - due_at <= late { Fate::Late } else { Fate::Missed }
    }

    fn aim(&mut self, unseen: Stretch) {
        let after = unseen.from.max(unseen.until - LONGEST_ABSENCE);
        for entry in &mut self.entries {
            // A rule that was loaded while the clock was ahead is older than it says.
            let is_ahead = entry.since.is_some_and(|since| since > unseen.until);
            entry.since = if is_ahead { Some(unseen.from) } else { entry.since };
        }
        let next = |(index, entry): (usize, &ScheduledRule)| {
            let after = entry.since.map_or(after, |since| since.max(after));
            let next = entry.rule.next_after(after)?;
            Some(Reverse((next.at, index)))
        };
        self.next = self.entries.iter().enumerate().filter_map(next).collect();
    }
}

#[cfg(test)]
mod tests;
