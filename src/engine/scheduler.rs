//! WHEN: turns rules into firings, in order, and knows what fell due unseen.
//!
//! Pure: told the time, never asks it. What is due is decided from the last instant that was
//! dealt with, so that a tick that comes late or not at all loses nothing, and what could not be
//! recorded is handed out again.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::engine::deferred::{AllDeferred, CatchUp};
use crate::schedule::{Rule, Schedules};
use crate::time::uptime::{LONGEST_ABSENCE, Stretch, Uptime};

/// How late a firing still counts as on time: what a loaded machine may take to get to it.
const GRACE: TimeDelta = TimeDelta::seconds(10);
/// How late a firing still counts as on time where the process was there, and only its log could
/// not be written.
const LOG_AWAY: TimeDelta = TimeDelta::minutes(5);
/// How far two clocks may be apart that are read together.
const APART: TimeDelta = TimeDelta::seconds(5);
/// How late it may be learnt that something is to be made up: a hold was released meanwhile.
const LEARNT_WITHIN: TimeDelta = TimeDelta::minutes(5);
/// How many firings of a rule are handed out one by one after an absence; of those before them
/// only that there were some is told.
const MOST_MISSED: usize = 1_000;
/// The same of all rules together.
const MOST_MISSED_IN_ALL: usize = 100_000;
/// What is longer than this is counted beside the main task.
const A_WHILE: TimeDelta = TimeDelta::minutes(1);

/// One due occurrence of a rule.
#[derive(Clone, Debug)]
pub struct Due {
    pub rule: Arc<Rule>,
    pub scheduled_at: DateTime<Utc>,
    /// What is to become of it.
    pub fate: Fate,
    /// The time that went by unseen in which it fell due; its ends are within a tick of each
    /// other where the daemon was there.
    pub unseen: Stretch,
    /// Whether this process lived through that time, asleep or with nothing to write to.
    pub was_alive: bool,
    /// Whether earlier firings of the rule in that time are left out, being too many.
    pub leaves_out: bool,
    /// What it makes up for, if it is no occurrence of the rule's own; then it never is on time.
    pub makes_up: Option<CatchUp>,
}

/// Whether a due occurrence still runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    OnTime,
    /// It was missed, and is within the rule's `late`.
    Late,
    Missed,
}

/// What is known of the time in which rules fell due.
#[derive(Clone, Copy, Debug)]
struct Scene {
    unseen: Stretch,
    was_alive: bool,
    present: Option<Stretch>,
    /// How many firings of a rule are handed out.
    most: usize,
}

#[derive(Debug)]
struct Entry {
    rule: Arc<Rule>,
    /// Since when it is as it is: it never acts for the time before. `None`: for as long as
    /// anything is known.
    since: Option<DateTime<Utc>>,
}

/// The next firing of every rule that is enabled.
#[derive(Debug)]
pub struct Scheduler {
    entries: Vec<Entry>,
    lived: Uptime,
    /// Whether this process has lived yet: what fell due before it did is late, if only just.
    is_awake: bool,
    /// The time up to now in which this process was awake.
    present: Option<Stretch>,
    /// What was lived through before this process, as long as the clock is not to be relied on.
    before: Option<Uptime>,
    next: BinaryHeap<Reverse<(DateTime<Utc>, usize)>>,
    /// The instant after which `next` holds the first firing of every rule; `None` when it has
    /// to be made anew.
    aimed_after: Option<DateTime<Utc>>,
    owed: AllDeferred,
}

impl Scheduler {
    /// Starts where daemons before this one left off: with what they lived through, and with
    /// the rules of the last of them, whose firings are still owed.
    pub fn after(before: Option<&Schedules>, lived: Uptime) -> Self {
        let enabled = before.iter().flat_map(|file| &file.rules).filter(|rule| rule.enabled);
        let entry = |rule: &Arc<Rule>| Entry { rule: Arc::clone(rule), since: None };
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

    /// Takes in what is owed, instead of what was owed so far.
    pub fn set_deferred(&mut self, owed: AllDeferred) {
        self.owed = owed;
    }

    /// Takes a file into use. A rule that fires as it did before still owes what fell due; one
    /// that is new, enabled again or fires at other times begins now.
    pub fn load(&mut self, schedules: &Schedules, now: DateTime<Utc>) {
        let key = |rule: &Rule| (rule.name.clone(), rule.action);
        let before: HashMap<_, _> =
            self.entries.iter().map(|entry| (key(&entry.rule), entry)).collect();
        let enabled = schedules.rules.iter().filter(|rule| rule.enabled);
        let entry = |rule: &Arc<Rule>| {
            let before = before.get(&key(rule)).filter(|before| before.rule.fires_like(rule));
            let since = before.map_or(Some(now), |before| before.since);
            Entry { rule: Arc::clone(rule), since }
        };
        self.entries = enabled.map(entry).collect();
        self.aimed_after = None;
    }

    /// Whether anything that is owed has fallen due up to and including `now`.
    pub fn owes(&self, now: DateTime<Utc>) -> bool {
        self.owed.is_due(now)
    }

    /// When the next rule falls due, or the next of what is owed.
    pub fn next_at(&self) -> Option<DateTime<Utc>> {
        let next = self.next.peek().map(|Reverse((at, _))| *at);
        let owed = self.aimed_after.and_then(|after| self.owed.next_after(after));
        next.into_iter().chain(owed).min()
    }

    /// Takes in that the process is awake at `now`, and that so much time has passed for it since
    /// this was last said: where the wall clock says otherwise, it was asleep or the clock leapt.
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

    /// Puts off what fell due before `now`, since the clock may be wrong; what falls due from now
    /// on is handed out as ever.
    pub fn distrust(&mut self, now: DateTime<Utc>) {
        let lives = Uptime::of(vec![Stretch { from: now, until: now }]);
        self.before = Some(std::mem::replace(&mut self.lived, lives));
        self.aimed_after = None;
    }

    /// Hands out what was put off with what falls due next: the clock is to be relied on.
    pub fn trust(&mut self) {
        if let Some(before) = self.before.take() {
            self.lived = before;
            self.is_awake = false;
            self.aimed_after = None;
        }
    }

    /// Whether so much time went by unseen that it takes long to say what fell due in it.
    pub fn is_far_behind(&self, now: DateTime<Utc>) -> bool {
        now - self.lived.unseen_after(now) > A_WHILE
    }

    /// Hands out everything that fell due up to and including `now`, in order. It is handed out
    /// again until [`Scheduler::dealt_with`] says otherwise. When the clock was set back, what
    /// comes round again is handed out again, and the claim decides whether it runs.
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

    /// Everything that was due up to and including `now` is on record.
    pub fn dealt_with(&mut self, now: DateTime<Utc>) {
        self.lived.reach(now);
        self.is_awake = true;
        self.owed.dealt_with(now);
    }

    /// The stretch of time that is being lived through; `None` before the first one, and while
    /// anything is put off.
    pub fn lived(&self) -> Option<Stretch> {
        // What was put off is still to be dealt with.
        self.lived.current().filter(|_| self.before.is_none())
    }

    /// What has fallen due of what is owed.
    fn made_up(&self, unseen: Stretch) -> Vec<Due> {
        if !self.owed.is_due(unseen.until) {
            return Vec::new();
        }
        let of_rule = |entry: &Entry| {
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

    /// Whether what fell due at `due_at` is still made up: it may be as late as its rule, and a
    /// little later where the daemon was there and only had to learn of it.
    fn fate_of_makeup(&self, entry: &Entry, due_at: DateTime<Utc>, now: DateTime<Utc>) -> Fate {
        let late = TimeDelta::from_std(entry.rule.late).unwrap_or(TimeDelta::MAX);
        let late = if self.lived.was_lived(due_at) { late.max(LEARNT_WITHIN) } else { late };
        let late = if self.is_awake { late.max(GRACE) } else { late };
        let was_in_force = entry.since.is_none_or(|since| since <= due_at + LEARNT_WITHIN);
        if was_in_force && now - due_at <= late { Fate::Late } else { Fate::Missed }
    }

    fn aim(&mut self, unseen: Stretch) {
        let after = unseen.from.max(unseen.until - LONGEST_ABSENCE);
        for entry in &mut self.entries {
            // What was loaded while the clock was ahead is not young any more.
            let is_ahead = entry.since.is_some_and(|since| since > unseen.until);
            entry.since = if is_ahead { Some(unseen.from) } else { entry.since };
        }
        let next = |(index, entry): (usize, &Entry)| {
            let after = entry.since.map_or(after, |since| since.max(after));
            let next = entry.rule.next_after(after)?;
            Some(Reverse((next.at, index)))
        };
        self.next = self.entries.iter().enumerate().filter_map(next).collect();
    }
}

impl Entry {
    /// What fell due of this rule, from `first` on, and when it falls due next.
    fn due(&self, first: DateTime<Utc>, scene: Scene) -> (Vec<Due>, Option<DateTime<Utc>>) {
        let (rule, Scene { unseen, was_alive, .. }) = (&self.rule, scene);
        let too_long = unseen.until - unseen.from > LONGEST_ABSENCE;
        let most = if too_long { 1 } else { scene.most };
        let (fell_due, has_more) = newest(rule, first, unseen.until, most);
        let leaves_out =
            has_more || (too_long && self.since.is_none_or(|since| since < unseen.from));
        let newest = fell_due.back().copied();
        let grace = |at: DateTime<Utc>| match scene.present {
            Some(present) if present.from <= at => LOG_AWAY,
            _ if was_alive => GRACE,
            _ => TimeDelta::zero(),
        };
        let late = TimeDelta::from_std(rule.late).unwrap_or(TimeDelta::MAX);
        // What was to be off until this morning is not stopped this afternoon.
        let is_undone =
            |at| rule.undone_after(at).is_some_and(|undone_at| undone_at <= unseen.until);
        let due = |scheduled_at| {
            // Of several that were missed only the newest may still run.
            let is_newest = Some(scheduled_at) == newest;
            let lateness = unseen.until - scheduled_at;
            let fate = match lateness {
                _ if !is_newest => Fate::Missed,
                lateness if lateness <= grace(scheduled_at) => Fate::OnTime,
                lateness if lateness <= late && !is_undone(scheduled_at) => Fate::Late,
                _ => Fate::Missed,
            };
            Due {
                rule: Arc::clone(rule),
                scheduled_at,
                fate,
                unseen,
                was_alive,
                leaves_out,
                makes_up: None,
            }
        };
        let following = rule.next_after(unseen.until);
        (fell_due.into_iter().map(due).collect(), following.map(|next| next.at))
    }
}

/// The newest times at which a rule fell due from `first` up to `until`, at most so many, and
/// whether it did before them. It looks back as far as it must: a rule of every second is not
/// followed through years.
fn newest(
    rule: &Rule,
    first: DateTime<Utc>,
    until: DateTime<Utc>,
    most: usize,
) -> (VecDeque<DateTime<Utc>>, bool) {
    // No rule falls due more often than once a second.
    let mut back = TimeDelta::seconds(i64::try_from(most).unwrap_or(i64::MAX));
    loop {
        let from = until - back;
        let begins = if from <= first { Some(first) } else { next_after(rule, from) };
        let times = std::iter::successors(begins, |at| next_after(rule, *at));
        let mut found = VecDeque::new();
        let mut has_more = from > first;
        for at in times.take_while(|at| *at <= until) {
            found.push_back(at);
            if found.len() > most {
                found.pop_front();
                has_more = true;
            }
        }
        if found.len() == most || from <= first {
            return (found, has_more);
        }
        back = back * 4;
    }
}

fn next_after(rule: &Rule, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    rule.next_after(at).map(|next| next.at)
}

#[cfg(test)]
mod tests;
