//! Puts what the log and the file say into one order of time.

use chrono::{DateTime, Utc};

use super::rules::{Meaning, RuleInUse};
use super::{Ending, Event, Fired, Silence, What};
use crate::audit::{Around, ChangeLine, FiringAround, KnownInstance};
use crate::hold::{HoldEntry, Whom};
use crate::instance::{Action, RuleName, Status};
use crate::schedule::zone::Zone;
use crate::schedule::{Rule, Schedules};
use crate::states::{Absence, absences};

/// How many of the times are told at which a rule was silent before the time asked about.
const TIMES: usize = 3;
/// How many times of a rule are gone through for them.
const MOST: usize = 10_000;

/// What happened to an instance around a time, in order. `file` is the one in use by then.
#[must_use]
pub fn timeline(
    around: &Around,
    instance: &KnownInstance,
    (file, rules): (Option<&Schedules>, &[RuleInUse]),
    (zone, now): (Zone, DateTime<Utc>),
) -> Vec<Event> {
    let away = absences(&around.lived, now);
    let mut events: Vec<Event> = around.changes.iter().filter_map(changed).collect();
    events.extend(around.owed.iter().filter_map(|owed| {
        let action = Action::from_word(&owed.action)?;
        let what = What::Owed { rule: owed.rule.clone(), action, made_up_by: owed.made_up_by };
        Some(Event { at: owed.due_at(), what })
    }));
    let meant = |rule: &&RuleInUse| rule.meaning != Meaning::Perhaps;
    let names: Vec<&str> = rules.iter().filter(meant).map(|rule| rule.rule.as_str()).collect();
    let held = around.holds.iter().filter(|hold| overlaps(hold, around));
    let held = held.filter(|hold| is_about(hold, instance, &names));
    events.extend(held.map(|hold| Event {
        at: hold.held_at,
        what: What::Held { reason: hold.hold.reason(zone), released: hold.released.clone() },
    }));
    // Behind what is owed or held at the same instant.
    events.extend(around.firings.iter().filter_map(fired));
    for rule in file.into_iter().flat_map(|file| &file.rules) {
        let is_meant = |it: &RuleInUse| it.rule == rule.name.as_str() && it.action == rule.action;
        if rules.iter().filter(meant).any(is_meant) {
            events.extend(silences(rule, around, &away, now));
        }
    }
    let near = away.iter().filter(|it| it.from <= around.until);
    let near = near.filter(|it| it.until.is_none_or(|until| until >= around.from));
    events.extend(near.map(|it| Event { at: it.from, what: What::Away { until: it.until } }));
    events.sort_by_key(|event| event.at);
    events
}

fn fired(firing: &FiringAround) -> Option<Event> {
    let bearing = &firing.bearing;
    let line = firing.line.as_ref();
    let outcome = line.and_then(|line| line.outcome.as_ref()?.parse().ok());
    let ending = match (line, outcome) {
        (_, Some(outcome)) => Ending::Came(outcome),
        (Some(_), None) => Ending::Open,
        (None, None) => Ending::Without,
    };
    let what = What::Fired(Box::new(Fired {
        firing: bearing.firing,
        rule: bearing.rule.clone(),
        action: Action::from_word(&bearing.action)?,
        ending,
        reason: line.and_then(|line| line.reason.clone()),
        settled_at: line.and_then(|line| instant(line.settled_at.as_ref()?)),
        requests: firing.requests.clone(),
        makes_up: firing.makes_up,
    }));
    Some(Event { at: bearing.at(), what })
}

fn changed(change: &ChangeLine) -> Option<Event> {
    let action =
        if change.status_after == Status::Run.code() { Action::Start } else { Action::Stop };
    let what = What::Changed { action, seen_at: instant(&change.seen_at)? };
    Some(Event { at: instant(&change.unseen_since)?, what })
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    Some(DateTime::parse_from_rfc3339(text).ok()?.to_utc())
}

fn overlaps(entry: &HoldEntry, around: &Around) -> bool {
    let released = entry.released.as_ref().map(|(at, _)| *at);
    let end = released.unwrap_or(entry.hold.until).min(entry.hold.until);
    entry.held_at <= around.until && end >= around.from
}

fn is_about(entry: &HoldEntry, instance: &KnownInstance, rules: &[&str]) -> bool {
    // A hold of an instance is about it whatever the rule is called.
    let rules = rules.iter().copied().chain(["any"]);
    rules.filter_map(|name| RuleName::new(name).ok()).any(|rule| {
        let (account, no, name) = (&instance.account, &instance.no, instance.name.as_str());
        entry.hold.is_about(Whom { rule: &rule, account, no, name })
    })
}

/// When a rule that means it did not fire, and why.
fn silences(rule: &Rule, around: &Around, away: &[Absence], now: DateTime<Utc>) -> Vec<Event> {
    let until = around.until.min(now);
    let silent = |at, why| Event {
        at,
        what: What::Silent { rule: rule.name.to_string(), action: rule.action, why },
    };
    let was_told = |at: DateTime<Utc>| {
        around.firings.iter().any(|firing| {
            let bearing = &firing.bearing;
            bearing.at() == at
                && bearing.rule == rule.name.as_str()
                && bearing.action == rule.action.as_str()
        })
    };
    let why = |at: DateTime<Utc>| match () {
        () if !rule.enabled => Some(Silence::Disabled(rule.disabled.to_string())),
        () if away.iter().any(|it| it.covers(at)) => Some(Silence::Away),
        () => None,
    };
    let mut silences = Vec::new();
    // Only where it can have been silent is it followed: it may fire every second.
    let from = match away.iter().find(|it| it.until.is_none_or(|until| until > around.from)) {
        _ if !rule.enabled => Some(around.from),
        absence => absence.map(|it| it.from.max(around.from)),
    };
    if let Some(from) = from {
        let due = rule.occurrences(from).map(|it| it.at).take_while(|at| *at <= until);
        let due = due.take(MOST).filter(|at| !was_told(*at));
        silences.extend(due.filter_map(|at| Some(silent(at, why(at)?))));
    }
    if rule.enabled {
        let skipped = rule.skipped(around.from).take_while(|it| it.occurrence.at <= until);
        silences.extend(
            skipped.map(|it| silent(it.occurrence.at, Silence::Calendar(it.skip.to_string()))),
        );
    }
    silences.sort_by_key(|event| event.at);
    let after = silences.partition_point(|event| event.at <= around.at);
    silences.truncate(after + 1);
    silences.split_off(after.saturating_sub(TIMES))
}
