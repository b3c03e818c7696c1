//! Chooses the cause: the one event that explains why the instance ran or was off.
//!
//! 1. The last strong event counts: it turned the instance, or kept a rule from turning it back.
//! 2. Without one, weaker events count: a rule was a dry run, was disabled, or did not match.
//! 3. Without any event, no rule was due, or no rule means the instance.
//!
//! [`super::words`] has the wording.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::cause::Cause;
use super::{Audience, Ending, Event, FiredRule, Silence, What, WhyFacts, words};
use crate::model::instance::Action;
use crate::model::outcome::Arrival;
use crate::state_history::State;

/// An older state is shown with its time.
const LATELY: TimeDelta = TimeDelta::hours(1);
/// A time younger than this counts as the present.
const PRESENT: TimeDelta = TimeDelta::minutes(1);

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    pub state: State,
    pub cause: Cause,
    /// The state and the cause in one sentence.
    pub sentence: String,
}

/// Explains the state at the time that is asked about.
pub fn verdict(facts: &WhyFacts, to: Audience) -> Verdict {
    let state = facts.state();
    let Some(into) = state.led_to_by() else {
        return Verdict { state, cause: Cause::Unknown, sentence: words::nobody_knows(facts, to) };
    };
    let judged = facts.events.iter().filter_map(|event| {
        let (at, cause) = judge(event, into, facts.at)?;
        Some((cause.is_strong(), at, cause, event))
    });
    let decisive = judged.max_by_key(|(is_strong, at, cause, _)| (*is_strong, *at, *cause));
    let (cause, because) = match decisive {
        Some((.., Cause::Unexplained, event)) => {
            (Cause::Unexplained, words::turned_back(event, into, to))
        }
        Some((.., cause, event)) => (cause, words::because(event, to) + &aside(facts, event, to)),
        None => undecided(facts, into, to),
    };
    let edits = match into {
        Action::Start => words::edits(facts, decisive.map(|it| it.1), to),
        Action::Stop => String::new(),
    };
    let later = later(facts, decisive.map(|it| it.3), to);
    let head = head(facts, state, to);
    let sentence = to.either([
        format!("{head} because {because}{edits}{later}."),
        format!("{head} 이유: {because}{edits}{later}."),
    ]);
    Verdict { state, cause, sentence }
}

/// The time at which an event had its effect, and the cause that it would be.
fn judge(event: &Event, into: Action, by: DateTime<Utc>) -> Option<(DateTime<Utc>, Cause)> {
    let cause = match &event.what {
        What::Changed { action, seen_at } if *action == into => {
            return (*seen_at <= by).then_some((*seen_at, Cause::TurnedByOthers));
        }
        What::Fired(fired) if fired.action == into => {
            return leads(fired, event.at, by).filter(|(at, _)| *at <= by);
        }
        What::Fired(fired) => fired.cause(by)?,
        What::Silent { action, why, .. } if *action != into => match why {
            Silence::Skipped(_) => Cause::Calendar,
            Silence::Away => Cause::Missed,
            Silence::Disabled(_) => Cause::Disabled,
        },
        _ => return None,
    };
    (event.at <= by).then_some((event.at, cause))
}

/// The cause, if the firing turned the instance to its present state.
fn leads(
    fired: &FiredRule,
    at: DateTime<Utc>,
    by: DateTime<Utc>,
) -> Option<(DateTime<Utc>, Cause)> {
    let settled_at = fired.settled_at.unwrap_or(at);
    match fired.ending {
        Ending::Came(outcome) if outcome.is_done() => Some((settled_at, Cause::Turned)),
        Ending::Came(outcome) if outcome.arrival() == Arrival::Seen => {
            Some((settled_at.min(by), Cause::AlreadyThere))
        }
        _ => None,
    }
}

/// The cause when no event explains the state.
fn undecided(facts: &WhyFacts, into: Action, to: Audience) -> (Cause, String) {
    if into == Action::Stop {
        return (Cause::Unexplained, words::always_so(facts, to));
    }
    match words::nobody_meant_it(facts, to) {
        Some(words) => (Cause::NoRule, words),
        None => (Cause::NotDue, words::not_due(facts, to)),
    }
}

fn head(facts: &WhyFacts, state: State, to: Audience) -> String {
    let last = facts.same_until.filter(|at| facts.at - *at > LATELY);
    let is_present = facts.now - facts.at <= PRESENT;
    let last = last.map(|last| to.shown(last));
    match (state, last) {
        (State::Off, Some(last)) => to.either([
            format!("It was off when it was last seen, at {last},"),
            format!("{last}에 마지막으로 확인했을 때 꺼져 있었습니다."),
        ]),
        (_, Some(last)) => to.either([
            format!("It ran when it was last seen, at {last},"),
            format!("{last}에 마지막으로 확인했을 때 켜져 있었습니다."),
        ]),
        (State::Off, None) if is_present => said(to, ["It is off", "꺼져 있습니다."]),
        (State::Off, None) => said(to, ["It was off", "꺼져 있었습니다."]),
        (_, None) if is_present => said(to, ["It runs", "켜져 있습니다."]),
        (_, None) => said(to, ["It ran", "켜져 있었습니다."]),
    }
}

fn said(to: Audience, words: [&str; 2]) -> String {
    to.language.either(words).to_owned()
}

/// A second fact beside the cause: others had turned the instance before a rule failed to turn it
/// back, or a rule had turned it before others turned it back.
fn aside(facts: &WhyFacts, decisive: &Event, to: Audience) -> String {
    let before = |event: &&Event| event.at <= decisive.at && !std::ptr::eq(*event, decisive);
    let mut earlier = facts.events.iter().rev().filter(before);
    let found = match &decisive.what {
        What::Changed { action, .. } => earlier.find(|event| turns(event, action.opposite())),
        What::Fired(fired) if fired.is_done() => None,
        What::Fired(fired) => others_did(earlier, fired.action.opposite()),
        What::Silent { action, .. } => others_did(earlier, action.opposite()),
        _ => None,
    };
    let said = found.map(|event| {
        let because = words::because(event, to);
        to.either([format!("; before that, {because}"), format!("; 그 전에 {because}")])
    });
    said.unwrap_or_default()
}

/// The last change by others, if nothing reversed it since.
fn others_did<'e>(mut earlier: impl Iterator<Item = &'e Event>, into: Action) -> Option<&'e Event> {
    let last = earlier.find(|event| turns(event, Action::Stop) || turns(event, Action::Start))?;
    (turns(last, into) && matches!(last.what, What::Changed { .. })).then_some(last)
}

fn turns(event: &Event, into: Action) -> bool {
    match &event.what {
        What::Fired(fired) => fired.action == into && fired.is_done(),
        What::Changed { action, .. } => *action == into,
        _ => false,
    }
}

/// The next event that turned the instance, or will turn it.
fn later(facts: &WhyFacts, decisive: Option<&Event>, to: Audience) -> String {
    let comes_after = |event: &&Event| match &event.what {
        What::Fired(fired) => fired.is_done() && fired.settled_at.is_some_and(|at| at > facts.at),
        What::Changed { seen_at, .. } => *seen_at > facts.at,
        _ => false,
    };
    let is_said = |event: &Event| decisive.is_some_and(|decisive| std::ptr::eq(decisive, event));
    if let Some(event) = facts.events.iter().find(comes_after) {
        let because = words::because(event, to);
        let said = to.either([format!("; then {because}"), format!("; 그 뒤에 {because}")]);
        return if is_said(event) { String::new() } else { said };
    }
    let is_owed = |event: &&Event| {
        matches!(event.what, What::Deferred { made_up_by: None, .. }) && event.at > facts.at
    };
    let owed = facts.events.iter().find(is_owed);
    owed.map(|event| format!("; {}", words::because(event, to))).unwrap_or_default()
}
