//! The seven days of a rule: which hours are off, what fires, and what is different on a day.

use std::borrow::Borrow;
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc};

use crate::hold::{Hold, HoldEntry, RuleInstance, binding};
use crate::model::instance::{AccountName, Action, InstanceNo};
use crate::model::language::Language;
use crate::model::subject::Subject;
use crate::schedule::calendar::{Skip, builtin};
use crate::schedule::{Rule, RuleEntry, Schedules};
use crate::time::zone::Zone;

const DAYS: u64 = 7;
const MINUTES_OF_DAY: u16 = 24 * 60;

/// The time of a week, and the language of its words.
pub type AsOf = (DateTime<Utc>, Language);

/// The rows of a week, and its local days.
#[derive(Clone, Debug)]
pub struct Week {
    pub days: Vec<NaiveDate>,
    pub now: DateTime<Utc>,
    pub rows: Vec<WeekRow>,
}

/// A rule, or one server of a rule, through the week.
#[derive(Clone, Debug)]
pub struct WeekRow {
    pub rule: String,
    pub about: Option<Arc<str>>,
    /// The number and the name of the server; `None` for the rule itself.
    pub server: Option<(InstanceNo, String)>,
    pub zone: Zone,
    pub enabled: bool,
    pub dry_run: bool,
    /// How its firings go about their work.
    pub order: Vec<String>,
    /// Its hours off are known. Of a cron rule, only the firings are.
    pub is_window: bool,
    pub days: Vec<DayPlan>,
}

/// One local day of a row. Times are minutes of the day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayPlan {
    pub day: NaiveDate,
    /// The times off of a window: from each first minute to before each second.
    pub off: Vec<(u16, u16)>,
    /// The times at which it stops; of one that fires often, the first of each hour.
    pub stops: Vec<u16>,
    pub starts: Vec<u16>,
    /// The part of the day in which a hold keeps it from acting.
    pub held: Option<(u16, u16)>,
    /// The calendar and the name of the holiday.
    pub holiday: Option<String>,
    /// The override of the day, in words.
    pub changed: Option<String>,
    /// Why nothing fires that would otherwise.
    pub skipped: Option<String>,
    /// The minute of the present time, today.
    pub now: Option<u16>,
}

/// How much of an hour is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HourOff {
    No,
    Part,
    Whole,
}

impl Week {
    /// The week of every rule, from today on.
    pub fn of_rules(file: &Schedules, holds: &[HoldEntry], as_of: AsOf) -> Self {
        let rows = file.entries().map(|entry| row(entry, None, holds, as_of));
        Self { days: days(file.timezone, as_of.0), now: as_of.0, rows: rows.collect() }
    }

    /// The week of each of these servers under one rule; that of the rule where there is none.
    pub fn of_servers(
        (file, entry): (&Schedules, &RuleEntry),
        servers: &[(AccountName, InstanceNo, String)],
        holds: &[HoldEntry],
        as_of: AsOf,
    ) -> Self {
        let mut rows: Vec<WeekRow> =
            servers.iter().map(|server| row(entry, Some(server), holds, as_of)).collect();
        if rows.is_empty() {
            rows.push(row(entry, None, holds, as_of));
        }
        Self { days: days(file.timezone, as_of.0), now: as_of.0, rows }
    }
}

fn days(zone: Zone, now: DateTime<Utc>) -> Vec<NaiveDate> {
    let today = zone.local(now).date();
    (0..DAYS).filter_map(|later| today.checked_add_days(Days::new(later))).collect()
}

fn row(
    entry: &RuleEntry,
    server: Option<&(AccountName, InstanceNo, String)>,
    holds: &[HoldEntry],
    (now, language): AsOf,
) -> WeekRow {
    let rule = &entry[0];
    let in_force: Vec<&Hold> =
        holds.iter().filter(|entry| entry.is_in_force(now)).map(|entry| &entry.hold).collect();
    let held_until = held_until(rule, server, &in_force);
    let mut days: Vec<DayPlan> = days(rule.timezone, now)
        .into_iter()
        .map(|day| DayPlan {
            day,
            holiday: holiday(rule, day, language),
            changed: rule.times.overrides.on(day).map(|it| it.in_language(language)),
            held: held_until.and_then(|until| part_of((now, until), day, rule.timezone)),
            ..DayPlan::default()
        })
        .collect();
    if let Some(today) = days.first_mut() {
        today.now = Some(minute(rule.timezone.local(now).time()));
    }
    if rule.enabled {
        for rule in entry {
            add_firings(&mut days, rule, language);
        }
        if rule.times.window().is_some() {
            for day in &mut days {
                day.off = off(rule, day);
            }
        }
    }
    let mut order = Vec::new();
    for words in entry.iter().flat_map(|rule| rule.pace.in_language(language)) {
        if !order.contains(&words) {
            order.push(words);
        }
    }
    WeekRow {
        rule: rule.name.to_string(),
        about: rule.about.clone(),
        server: server.map(|(_, no, name)| (no.clone(), name.clone())),
        zone: rule.timezone,
        enabled: rule.enabled,
        dry_run: rule.dry_run,
        order,
        is_window: rule.times.window().is_some(),
        days,
    }
}

/// The end of the hold on a rule, or on its server.
fn held_until(
    rule: &Rule,
    server: Option<&(AccountName, InstanceNo, String)>,
    holds: &[&Hold],
) -> Option<DateTime<Utc>> {
    if let Some((account, no, name)) = server {
        let whom = RuleInstance { rule: &rule.name, account, no, name };
        return binding(holds, whom).map(|hold| {
            let hold: &Hold = hold.borrow();
            hold.until
        });
    }
    let of_rule =
        |hold: &&&Hold| matches!(&hold.subject, Subject::Rule(name) if name == rule.name.as_str());
    holds.iter().filter(of_rule).map(|hold| hold.until).max()
}

/// The holiday that a calendar of the rule has on a day.
fn holiday(rule: &Rule, day: NaiveDate, language: Language) -> Option<String> {
    rule.times.calendars().find_map(|calendar| {
        let name = calendar.holidays.get(&day)?;
        let called = name.as_deref().map(|it| builtin::holiday_in_language(it, language));
        let called = called.map(|name| format!(" ({name})"));
        Some(format!("{}{}", calendar.name, called.unwrap_or_default()))
    })
}

/// The minutes of a day that lie between two instants.
fn part_of(
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    day: NaiveDate,
    zone: Zone,
) -> Option<(u16, u16)> {
    let (from, until) = (zone.local(from), zone.local(until));
    if until.date() < day || from.date() > day {
        return None;
    }
    let begin = if from.date() < day { 0 } else { minute(from.time()) };
    let end = if until.date() > day { MINUTES_OF_DAY } else { minute(until.time()) };
    (begin < end).then_some((begin, end))
}

/// Adds what a rule does on each day, and the reasons for which it does nothing.
fn add_firings(days: &mut [DayPlan], rule: &Rule, language: Language) {
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return };
    let (zone, first, last) = (rule.timezone, first.day, last.day);
    let just_before = zone.instant(first.and_time(NaiveTime::MIN)) - TimeDelta::milliseconds(1);
    let place = |day: NaiveDate| usize::try_from((day - first).num_days()).ok();
    for skipped in rule.skipped(just_before) {
        let day = skipped.occurrence.day(zone);
        let Some(plan) = place(day).filter(|_| day <= last).and_then(|place| days.get_mut(place))
        else {
            break;
        };
        if !matches!(skipped.skip, Skip::Override(_)) {
            plan.skipped = Some(skipped.skip.in_language(language));
        }
    }
    let mut after = just_before;
    while let Some(next) = rule.next_after(after) {
        let local = zone.local(next.at);
        let Some(plan) = place(local.date()).and_then(|place| days.get_mut(place)) else { break };
        let times = match rule.action {
            Action::Stop => &mut plan.stops,
            Action::Start => &mut plan.starts,
        };
        times.push(minute(local.time()));
        after = match rule.times.window() {
            Some(_) => next.at,
            // A rule may fire every second.
            None => end_of_hour(next.at, zone),
        };
    }
}

/// The last instant of the local hour of `at`.
fn end_of_hour(at: DateTime<Utc>, zone: Zone) -> DateTime<Utc> {
    let local = zone.local(at);
    let (minutes, seconds) = (i64::from(local.minute()), i64::from(local.second()));
    at + TimeDelta::hours(1)
        - TimeDelta::seconds(minutes * 60 + seconds)
        - TimeDelta::milliseconds(1)
}

/// The times off of a window on a day.
fn off(rule: &Rule, plan: &DayPlan) -> Vec<(u16, u16)> {
    let Some(window) = rule.times.window() else { return Vec::new() };
    let is_off = window.is_off(&rule.times.overrides, plan.day.and_time(NaiveTime::MIN));
    let mut begin = is_off.then_some(0);
    let turns =
        plan.stops.iter().map(|at| (*at, true)).chain(plan.starts.iter().map(|at| (*at, false)));
    let mut turns: Vec<(u16, bool)> = turns.collect();
    turns.sort_unstable();
    let mut off = Vec::new();
    for (at, stops) in turns {
        match (begin, stops) {
            (None, true) => begin = Some(at),
            (Some(from), false) => {
                off.extend((from < at).then_some((from, at)));
                begin = None;
            }
            _ => {}
        }
    }
    off.extend(begin.map(|from| (from, MINUTES_OF_DAY)));
    off
}

fn minute(time: NaiveTime) -> u16 {
    u16::try_from(time.num_seconds_from_midnight() / 60).unwrap_or(u16::MAX)
}

impl DayPlan {
    pub fn hour_off(&self, hour: u16) -> HourOff {
        let (begin, end) = (hour * 60, (hour + 1) * 60);
        let minutes: u16 = self
            .off
            .iter()
            .map(|(from, until)| end.min(*until).saturating_sub(begin.max(*from)))
            .sum();
        match minutes {
            0 => HourOff::No,
            60 => HourOff::Whole,
            _ => HourOff::Part,
        }
    }

    /// Whether a hold covers part of an hour.
    pub fn is_held(&self, hour: u16) -> bool {
        self.held.is_some_and(|(from, until)| from < (hour + 1) * 60 && until > hour * 60)
    }

    pub fn stops_in(&self, hour: u16) -> bool {
        self.stops.iter().any(|at| at / 60 == hour)
    }

    pub fn starts_in(&self, hour: u16) -> bool {
        self.starts.iter().any(|at| at / 60 == hour)
    }
}

/// `20:05`, from a minute of the day.
pub fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

#[cfg(test)]
mod tests;
