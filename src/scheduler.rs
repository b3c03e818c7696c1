//! WHEN: turns rules into firings, in order, and knows what fell due unseen.
//!
//! Pure: told the time, never asks it. What is due is decided from the last instant that was
//! dealt with, so that a tick that comes late or not at all loses nothing, and what could not be
//! recorded is handed out again.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::lived::{LONGEST_ABSENCE, Lived, Stretch};
use crate::makeup::{Debts, Makeup};
use crate::schedule::{Rule, Schedules};

/// How late a firing still counts as on time: what a loaded machine may take to get to it.
const GRACE: TimeDelta = TimeDelta::seconds(10);
/// How late it may be learnt that something is to be made up: a hold was released meanwhile.
const LEARNT_WITHIN: TimeDelta = TimeDelta::minutes(5);
/// How many firings of a rule are handed out one by one after an absence; of those before them
/// only that there were some is told.
const MOST_MISSED: usize = 1_000;

/// One due occurrence of a rule.
#[derive(Clone, Debug)]
pub struct Due {
    /// The rule.
    pub rule: Arc<Rule>,
    /// The instant it is for.
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
    pub makes_up: Option<Makeup>,
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

/// A rule that is enabled.
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
    lived: Lived,
    /// Whether this process has lived yet: what fell due before it did is late, if only just.
    is_awake: bool,
    next: BinaryHeap<Reverse<(DateTime<Utc>, usize)>>,
    /// The instant after which `next` holds the first firing of every rule; `None` when it has
    /// to be made anew.
    aimed_after: Option<DateTime<Utc>>,
    debts: Debts,
}

impl Scheduler {
    /// Starts where daemons before this one left off: with what they lived through, and with
    /// the rules of the last of them, whose firings are still owed.
    #[must_use]
    pub fn after(before: Option<&Schedules>, lived: Lived) -> Self {
        let enabled = before.iter().flat_map(|file| &file.rules).filter(|rule| rule.enabled);
        let entry = |rule: &Arc<Rule>| Entry { rule: Arc::clone(rule), since: None };
        let entries = enabled.map(entry).collect();
        Self {
            entries,
            lived,
            is_awake: false,
            next: BinaryHeap::new(),
            aimed_after: None,
            debts: Debts::default(),
        }
    }

    /// Takes in what is owed, instead of what was owed so far.
    pub fn owe(&mut self, debts: Debts) {
        self.debts = debts;
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

    /// When the next rule falls due, or the next of what is owed.
    #[must_use]
    pub fn next_at(&self) -> Option<DateTime<Utc>> {
        let next = self.next.peek().map(|Reverse((at, _))| *at);
        let owed = self.aimed_after.and_then(|after| self.debts.next_after(after));
        next.into_iter().chain(owed).min()
    }

    /// Hands out everything that fell due up to and including `now`, in order. It is handed out
    /// again until [`Scheduler::dealt_with`] says otherwise. When the clock was set back, what
    /// comes round again is handed out again, and the claim decides whether it runs.
    pub fn due(&mut self, now: DateTime<Utc>) -> Vec<Due> {
        let unseen = Stretch { from: self.lived.unseen_after(now), until: now };
        if self.aimed_after != Some(unseen.from) {
            self.aim(unseen);
        }
        let mut due = Vec::new();
        while let Some(&Reverse((first, index))) = self.next.peek()
            && first <= now
        {
            self.next.pop();
            let (of_rule, following) = self.entries[index].due(first, unseen, self.is_awake);
            due.extend(of_rule);
            self.next.extend(following.map(|following| Reverse((following, index))));
        }
        let made_up = self.made_up(unseen, &due);
        due.extend(made_up);
        due.sort_by_key(|due| due.scheduled_at);
        self.aimed_after = Some(now);
        due
    }

    /// Everything that was due up to and including `now` is on record.
    pub fn dealt_with(&mut self, now: DateTime<Utc>) {
        self.lived.reach(now);
        self.is_awake = true;
        self.debts.dealt_with(now);
    }

    /// The stretch of time that is being lived through; `None` before the first one.
    #[must_use]
    pub fn lived(&self) -> Option<Stretch> {
        self.lived.current()
    }

    /// What has fallen due of what is owed. A firing of the same rule at the same instant takes
    /// its place.
    fn made_up(&self, unseen: Stretch, due: &[Due]) -> Vec<Due> {
        if !self.debts.is_due(unseen.until) {
            return Vec::new();
        }
        let of_rule = |entry: &Entry| {
            let owed = self.debts.due(&entry.rule, unseen.until);
            let made_up = owed.into_iter().map(|(due_at, makeup)| Due {
                rule: Arc::clone(&entry.rule),
                scheduled_at: due_at,
                fate: self.fate_of_makeup(entry, due_at, unseen.until),
                unseen,
                was_alive: self.is_awake,
                leaves_out: false,
                makes_up: Some(makeup),
            });
            made_up.collect::<Vec<_>>()
        };
        let is_own = |made_up: &Due| {
            due.iter().any(|due| {
                let what = |due: &Due| (due.scheduled_at, due.rule.action);
                what(due) == what(made_up) && due.rule.name == made_up.rule.name
            })
        };
        self.entries.iter().flat_map(of_rule).filter(|made_up| !is_own(made_up)).collect()
    }

    /// Whether what fell due at `due_at` is still made up: it may be as late as its rule, and a
    /// little later where the daemon was there and only had to learn of it.
    fn fate_of_makeup(&self, entry: &Entry, due_at: DateTime<Utc>, now: DateTime<Utc>) -> Fate {
        let late = TimeDelta::from_std(entry.rule.late).unwrap_or(TimeDelta::MAX);
        let late = if self.lived.was_lived(due_at) { late.max(LEARNT_WITHIN) } else { late };
        let late = if self.is_awake { late.max(GRACE) } else { late };
        let was_in_force = entry.since.is_none_or(|since| since <= due_at);
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
    fn due(
        &self,
        first: DateTime<Utc>,
        unseen: Stretch,
        was_alive: bool,
    ) -> (Vec<Due>, Option<DateTime<Utc>>) {
        let rule = &self.rule;
        let too_long = unseen.until - unseen.from > LONGEST_ABSENCE;
        let most = if too_long { 1 } else { MOST_MISSED };
        let mut leaves_out = too_long && self.since.is_none_or(|since| since < unseen.from);
        let mut fell_due = VecDeque::from([first]);
        let mut following = rule.next_after(first);
        while let Some(at) = following.map(|next| next.at).filter(|at| *at <= unseen.until) {
            fell_due.push_back(at);
            if fell_due.len() > most {
                fell_due.pop_front();
                leaves_out = true;
            }
            following = rule.next_after(at);
        }
        let newest = fell_due.back().copied();
        let grace = if was_alive { GRACE } else { TimeDelta::zero() };
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
                lateness if lateness <= grace => Fate::OnTime,
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
        (fell_due.into_iter().map(due).collect(), following.map(|next| next.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Debt;
    use crate::instance::{AccountName, Action, InstanceNo, RuleName};
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

    fn file(text: &str) -> Schedules {
        Schedules::parse(Path::new("schedules.toml"), text).unwrap().0
    }

    /// Up to `until` a daemon was there with the rules of `FILE`.
    fn scheduler(until: &str) -> Scheduler {
        let stretch = Stretch { from: at("2026-11-01T00:00:00Z"), until: at(until) };
        Scheduler::after(Some(&file(FILE)), Lived::of(vec![stretch]))
    }

    /// What is handed out, and then dealt with.
    fn take(scheduler: &mut Scheduler, now: &str) -> Vec<(String, String, Fate)> {
        let due = told(&scheduler.due(at(now)));
        scheduler.dealt_with(at(now));
        due
    }

    fn told(due: &[Due]) -> Vec<(String, String, Fate)> {
        let told = |due: &Due| (due.rule.name.to_string(), due.scheduled_at.to_rfc3339(), due.fate);
        due.iter().map(told).collect()
    }

    fn night(day: &str, fate: Fate) -> (String, String, Fate) {
        ("night".to_owned(), format!("2026-11-{day}T11:00:00+00:00"), fate)
    }

    fn morning(day: &str, fate: Fate) -> (String, String, Fate) {
        ("morning".to_owned(), format!("2026-11-{day}T23:00:00+00:00"), fate)
    }

    #[test]
    fn a_rule_falls_due_once_at_its_instant() {
        let mut scheduler = scheduler("2026-11-23T10:59:50Z");
        assert_eq!(take(&mut scheduler, "2026-11-23T10:59:59.999Z"), []);
        assert_eq!(scheduler.next_at(), Some(at("2026-11-23T11:00:00Z")));
        assert_eq!(take(&mut scheduler, "2026-11-23T11:00:00Z"), [night("23", Fate::OnTime)]);
        assert_eq!(take(&mut scheduler, "2026-11-23T11:00:01Z"), []);
    }

    #[test]
    fn what_fell_due_just_before_a_start_is_late_and_not_on_time() {
        let mut woken = scheduler("2026-11-23T10:59:00Z");
        assert_eq!(told(&woken.due(at("2026-11-23T11:00:01Z"))), [night("23", Fate::Late)]);
        let mut alive = scheduler("2026-11-23T10:59:00Z");
        take(&mut alive, "2026-11-23T10:59:58Z");
        assert_eq!(told(&alive.due(at("2026-11-23T11:00:01Z"))), [night("23", Fate::OnTime)]);
    }

    #[test]
    fn what_could_not_be_recorded_is_handed_out_again_and_grows_late() {
        let mut scheduler = scheduler("2026-11-23T10:59:59Z");
        assert_eq!(told(&scheduler.due(at("2026-11-23T11:00:00Z"))), [night("23", Fate::OnTime)]);
        assert_eq!(told(&scheduler.due(at("2026-11-23T11:30:00Z"))), [night("23", Fate::Late)]);
        assert_eq!(told(&scheduler.due(at("2026-11-23T13:00:00Z"))), [night("23", Fate::Missed)]);
    }

    #[test]
    fn of_what_was_slept_through_only_the_newest_within_late_still_runs() {
        let mut scheduler = scheduler("2026-11-20T12:00:00Z");
        assert_eq!(
            take(&mut scheduler, "2026-11-22T11:30:00Z"),
            [
                morning("20", Fate::Missed),
                night("21", Fate::Missed),
                morning("21", Fate::Missed),
                night("22", Fate::Late),
            ]
        );
    }

    #[test]
    fn a_clock_set_back_hands_the_instant_out_again_and_loses_none() {
        let mut scheduler = scheduler("2026-11-23T10:59:50Z");
        take(&mut scheduler, "2026-11-23T11:00:05Z");
        assert_eq!(take(&mut scheduler, "2026-11-23T10:50:00Z"), []);
        assert_eq!(take(&mut scheduler, "2026-11-23T11:00:00Z"), [night("23", Fate::OnTime)]);
    }

    #[test]
    fn a_clock_that_jumps_back_a_day_runs_nothing_of_yesterday_at_once() {
        let mut scheduler = scheduler("2026-11-23T12:00:00Z");
        assert_eq!(take(&mut scheduler, "2026-11-22T12:00:00Z"), []);
        assert_eq!(scheduler.next_at(), Some(at("2026-11-22T23:00:00Z")));
    }

    #[test]
    fn a_clock_that_was_years_behind_owes_what_fell_due_since_life_was_real() {
        let mut scheduler = scheduler("2026-11-21T12:00:00Z");
        assert_eq!(take(&mut scheduler, "1970-01-01T00:00:10Z"), []);
        let owed = take(&mut scheduler, "2026-11-22T11:30:00Z");
        assert_eq!(owed, [morning("21", Fate::Missed), night("22", Fate::Late)]);
    }

    #[test]
    fn a_clock_that_was_years_ahead_tells_one_firing_a_rule_and_then_what_was_owed() {
        let mut scheduler = scheduler("2026-11-21T12:00:00Z");
        let ahead = scheduler.due(at("2035-01-01T00:00:00Z"));
        scheduler.dealt_with(at("2035-01-01T00:00:00Z"));
        let told_of: Vec<_> = ahead.iter().map(|due| (due.fate, due.leaves_out)).collect();
        assert_eq!(told_of, [(Fate::Missed, true), (Fate::Missed, true)]);
        let owed = take(&mut scheduler, "2026-11-22T11:30:00Z");
        assert_eq!(owed, [morning("21", Fate::Missed), night("22", Fate::Late)]);
    }

    #[test]
    fn a_firing_that_a_holiday_prevents_is_neither_due_nor_missed() {
        let rules = FILE.replacen("[[rules]]", "[[rules]]\nskip_on = [\"off\"]", 1);
        let skipping = file(&format!("{rules}\n[calendars.off]\ndates = [\"2026-11-22\"]\n"));
        let stretch =
            Stretch { from: at("2026-11-01T00:00:00Z"), until: at("2026-11-21T12:00:00Z") };
        let mut scheduler = Scheduler::after(Some(&skipping), Lived::of(vec![stretch]));
        let owed = take(&mut scheduler, "2026-11-22T11:30:00Z");
        assert_eq!(owed, [morning("21", Fate::Missed)]);
        let due = take(&mut scheduler, "2026-11-23T11:00:00Z");
        assert_eq!(due, [morning("22", Fate::Missed), night("23", Fate::OnTime)]);
    }

    #[test]
    fn a_rule_that_is_new_or_fires_at_other_times_never_acts_for_the_past() {
        let changes = [
            FILE.replace("0 20 * * *", "15 20 * * *"),
            FILE.replace("\"night\"", "\"evening\""),
            FILE.replace("action = \"stop\"", "action = \"start\""),
            FILE.replace("timezone = \"Asia/Seoul\"", "timezone = \"Asia/Taipei\""),
        ];
        for text in changes {
            let mut scheduler = scheduler("2026-11-23T10:00:00Z");
            scheduler.load(&file(&text), at("2026-11-23T13:00:00Z"));
            assert_eq!(take(&mut scheduler, "2026-11-23T13:00:00Z"), [], "{text}");
        }
    }

    #[test]
    fn a_rule_that_only_selects_differently_still_owes_what_fell_due() {
        let mut scheduler = scheduler("2026-11-23T10:00:00Z");
        let wider = FILE.replace("dev-*", "test-*");
        scheduler.load(&file(&wider), at("2026-11-23T11:30:00Z"));
        assert_eq!(take(&mut scheduler, "2026-11-23T11:30:00Z"), [night("23", Fate::Late)]);
    }

    #[test]
    fn what_the_window_has_undone_since_does_not_run_late() {
        let head = &FILE[..FILE.find("[[rules]]").unwrap()];
        let window = file(&format!(
            "{head}[[rules]]\nname = \"noon\"\noff = \"12:00-12:30\"\nlate = \"24h\"\n\
             select.names = [\"dev-*\"]"
        ));
        for (now, stop, start) in [
            ("2026-11-23T03:29:59Z", Some(Fate::Late), None),
            ("2026-11-23T03:30:01Z", Some(Fate::Missed), Some(Fate::Late)),
            ("2026-11-23T10:00:00Z", Some(Fate::Missed), Some(Fate::Late)),
        ] {
            let (from, until) = (at("2026-11-01T00:00:00Z"), at("2026-11-23T00:00:00Z"));
            let lived = Lived::of(vec![Stretch { from, until }]);
            let due = Scheduler::after(Some(&window), lived).due(at(now));
            let fate =
                |action| due.iter().find(|due| due.rule.action == action).map(|due| due.fate);
            assert_eq!((fate(Action::Stop), fate(Action::Start)), (stop, start), "{now}");
        }
    }

    #[test]
    fn of_a_window_that_is_loaded_again_both_rules_still_owe_what_fell_due() {
        let head = &FILE[..FILE.find("[[rules]]").unwrap()];
        let window = |off: &str, select: &str| {
            file(&format!(
                "{head}[[rules]]\nname = \"hours\"\noff = \"{off}\"\n\
                 select.names = [\"{select}\"]"
            ))
        };
        let before = window("20:00-08:00", "dev-*");
        let told = |after: &Schedules| {
            let (from, until) = (at("2026-11-01T00:00:00Z"), at("2026-11-22T22:00:00Z"));
            let lived = Lived::of(vec![Stretch { from, until }]);
            let mut scheduler = Scheduler::after(Some(&before), lived);
            scheduler.load(after, at("2026-11-23T11:00:05Z"));
            let due = scheduler.due(at("2026-11-23T11:00:05Z"));
            due.iter().map(|due| (due.rule.action, due.fate)).collect::<Vec<_>>()
        };
        let owed = [(Action::Start, Fate::Missed), (Action::Stop, Fate::Late)];
        assert_eq!(told(&window("20:00-08:00", "qa-*")), owed);
        assert_eq!(told(&window("20:00-08:30", "dev-*")), []);
    }

    #[test]
    fn a_rule_that_is_enabled_again_begins_anew() {
        let mut scheduler = scheduler("2026-11-23T10:00:00Z");
        let disabled = FILE.replacen("[[rules]]", "[[rules]]\nenabled = false", 1);
        scheduler.load(&file(&disabled), at("2026-11-23T10:00:00Z"));
        assert_eq!(take(&mut scheduler, "2026-11-23T10:00:01Z"), []);
        scheduler.load(&file(FILE), at("2026-11-23T11:30:00Z"));
        assert_eq!(take(&mut scheduler, "2026-11-23T11:30:00Z"), []);
    }

    #[test]
    fn a_rule_loaded_while_the_clock_was_ahead_fires_when_it_is_set_right() {
        let mut scheduler = scheduler("2026-11-23T10:00:00Z");
        take(&mut scheduler, "2026-11-24T10:00:00Z");
        let moved = FILE.replace("0 20 * * *", "15 20 * * *");
        scheduler.load(&file(&moved), at("2026-11-24T10:00:00Z"));
        take(&mut scheduler, "2026-11-23T11:14:00Z");
        let due = take(&mut scheduler, "2026-11-23T11:15:00Z");
        assert_eq!(due.len(), 1, "{due:?}");
    }

    #[test]
    fn of_very_many_missed_firings_the_newest_are_told() {
        let often = FILE.replace("0 20 * * *", "* * * * *");
        let stretch =
            Stretch { from: at("2026-11-01T00:00:00Z"), until: at("2026-11-20T00:00:00Z") };
        let mut scheduler = Scheduler::after(Some(&file(&often)), Lived::of(vec![stretch]));
        let due = scheduler.due(at("2026-11-23T00:00:30Z"));
        let often: Vec<&Due> = due.iter().filter(|due| due.rule.name.as_str() == "night").collect();
        assert_eq!((often.len(), often[0].leaves_out), (MOST_MISSED, true));
        assert_eq!(often[MOST_MISSED - 1].fate, Fate::Late);
    }

    /// Something that the night before left undone.
    fn debt(due_at: &str) -> Debts {
        Debts::new(vec![Debt {
            id: 1.into(),
            rule: RuleName::new("night").unwrap(),
            action: Action::Stop,
            account: AccountName::new("main").unwrap(),
            instance: InstanceNo::new("7").unwrap(),
            wanted_at: at("2026-11-22T11:00:00Z"),
            due_at: at(due_at),
        }])
    }

    #[test]
    fn what_is_owed_falls_due_once_at_its_instant() {
        let mut scheduler = scheduler("2026-11-23T01:59:50Z");
        take(&mut scheduler, "2026-11-23T01:59:58Z");
        scheduler.owe(debt("2026-11-23T02:00:00Z"));
        assert_eq!(scheduler.next_at(), Some(at("2026-11-23T02:00:00Z")));
        let due = scheduler.due(at("2026-11-23T02:00:00Z"));
        let made_up: Vec<_> = due.iter().map(|due| due.makes_up.is_some()).collect();
        let late = ("night".to_owned(), "2026-11-23T02:00:00+00:00".to_owned(), Fate::Late);
        assert_eq!((told(&due), made_up), (vec![late], vec![true]));
        scheduler.dealt_with(at("2026-11-23T02:00:00Z"));
        assert_eq!(take(&mut scheduler, "2026-11-23T02:00:01Z"), []);
    }

    #[test]
    fn the_rules_own_firing_takes_the_place_of_what_is_owed_at_that_instant() {
        let mut scheduler = scheduler("2026-11-23T10:59:50Z");
        scheduler.owe(debt("2026-11-23T11:00:00Z"));
        assert_eq!(take(&mut scheduler, "2026-11-23T11:00:00Z"), [night("23", Fate::OnTime)]);
    }

    #[test]
    fn what_is_owed_is_as_late_as_its_rule_may_be() {
        for (back_at, fate) in
            [("2026-11-23T02:59:00Z", Fate::Late), ("2026-11-23T03:01:00Z", Fate::Missed)]
        {
            let mut scheduler = scheduler("2026-11-23T01:00:00Z");
            scheduler.load(&file(FILE), at(back_at));
            scheduler.owe(debt("2026-11-23T02:00:00Z"));
            let fates: Vec<_> = scheduler.due(at(back_at)).iter().map(|due| due.fate).collect();
            assert_eq!(fates, [fate], "{back_at}");
        }
    }
}
