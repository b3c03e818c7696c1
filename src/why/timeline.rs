//! Merges the facts of the log and of the file into one order of time.
//!
//! [`super::verdict`] draws the conclusion.

use chrono::{DateTime, Utc};

use super::silence::Silent;
use super::then::Then;
use super::{Audience, Ending, Event, FiredRule, What};
use crate::audit::{Around, ChangeLine, FiringAround};
use crate::cloud::codes;
use crate::hold::{HoldEntry, RuleInstance};
use crate::model::instance::{Action, RuleName};
use crate::model::known_instance::KnownInstance;
use crate::state_history::absences;

/// All events around a time. `texts` holds the texts of schedules.toml in the order of their use.
pub fn timeline(
    around: &Around,
    instance: &KnownInstance,
    texts: &[Then],
    (audience, now): (Audience, DateTime<Utc>),
) -> Vec<Event> {
    let Audience { language, zone, .. } = audience;
    let away = absences(&around.lived, now);
    let mut events: Vec<Event> = around.changes.iter().filter_map(changed).collect();
    events.extend(around.owed.iter().filter_map(|owed| {
        let action = Action::from_word(&owed.action)?;
        let what = What::Deferred { rule: owed.rule.clone(), action, made_up_by: owed.made_up_by };
        Some(Event { at: owed.due_at(), what })
    }));
    let rules = texts.iter().flat_map(|then| &then.rules);
    let names: Vec<&str> =
        rules.filter(|rule| rule.is_meant()).map(|rule| rule.rule.as_str()).collect();
    let held = around.holds.iter().filter(|hold| overlaps(hold, around));
    let held = held.filter(|hold| is_about(hold, instance, &names));
    events.extend(held.map(|hold| Event {
        at: hold.held_at,
        what: What::Held { reason: hold.hold.reason(zone), released: hold.released.clone() },
    }));
    // At one instant, firings stand after deferred actions and holds.
    let firings = around.firings.iter().filter(|firing| is_about_it(firing, around, texts));
    events.extend(firings.filter_map(fired));
    for (place, then) in texts.iter().enumerate() {
        let ends = texts.get(place + 1).map_or(around.until, |next| next.since);
        let (from, until) = (then.since.max(around.from), ends.min(around.until).min(now));
        let silence = Silent { around, away: &away, from, until, language };
        let rules = then.schedules.iter().flat_map(|file| &file.rules);
        let meant = rules.filter(|rule| then.means(rule.name.as_str(), rule.action));
        events.extend(meant.flat_map(|rule| silence.of(rule)));
    }
    let near = away.iter().filter(|it| it.from <= around.until);
    let near = near.filter(|it| it.until.is_none_or(|until| until >= around.from));
    events.extend(near.map(|it| Event { at: it.from, what: What::Away { until: it.until } }));
    events.sort_by_key(|event| event.at);
    events
}

/// Whether the outcome of a whole firing concerns the instance. The text of schedules.toml under
/// which the firing ran decides, when it is known.
fn is_about_it(firing: &FiringAround, around: &Around, texts: &[Then]) -> bool {
    let FiringAround { line, bearing, makes_up, .. } = firing;
    let is_own = line.as_ref().is_some_and(|line| line.instance_no.is_some());
    let is_owed = || around.owed.iter().any(|owed| owed.made_up_by == Some(bearing.firing));
    // A firing that caught up for others concerns those alone. A dry run without the instance says
    // nothing about it.
    if !is_own && (*makes_up && !is_owed() || bearing.dry_run && line.is_none()) {
        return false;
    }
    let is_whole = line.is_some() && !is_own;
    let ran_under = texts.iter().find(|then| then.file == bearing.file).filter(|_| is_whole);
    let action = Action::from_word(&bearing.action);
    ran_under.zip(action).is_none_or(|(then, action)| then.may_mean(&bearing.rule, action))
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
    let what = What::Fired(Box::new(FiredRule {
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
    let action = Action::leading_to(codes::power(&change.status_after))?;
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
    // A hold of the instance itself counts under any rule.
    let rules = rules.iter().copied().chain(["any"]);
    rules.filter_map(|name| RuleName::new(name).ok()).any(|rule| {
        let (account, no, name) = (&instance.account, &instance.no, instance.name.as_str());
        entry.hold.is_about(RuleInstance { rule: &rule, account, no, name })
    })
}
