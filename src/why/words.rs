//! Puts events into words. Times carry their offset. The choice of the cause is `verdict`'s
//! business.

use chrono::{DateTime, Utc};

use super::{Event, FiredRule, Meaning, Silence, What, WhyFacts};
use crate::model::instance::Action;
use crate::time::zone::Zone;

pub(super) fn shown(at: DateTime<Utc>, zone: Zone) -> String {
    zone.show(at).format("%F %H:%M:%S%:z").to_string()
}

/// An event as a line of a timeline, which shows the time itself.
pub fn told(event: &Event, zone: Zone) -> String {
    match &event.what {
        What::Fired(fired) => {
            let FiredRule { firing, rule, action, .. } = &**fired;
            let became = fired.became();
            if !fired.was_asked() {
                return format!("`{rule}` ({action}) fired (firing {firing}): {became}");
            }
            let made_up = if fired.makes_up { ", to make up for it" } else { "" };
            let settled = fired.settled_at.map(|at| format!(", at {}", shown(at, zone)));
            let settled = settled.filter(|_| fired.is_done()).unwrap_or_default();
            format!("`{rule}` fired to {action} it{made_up} (firing {firing}): {became}{settled}")
        }
        What::Silent { rule, action, why } => {
            let verb = if *why == Silence::Away { "was due" } else { "did not fire" };
            format!("`{rule}` {verb} to {action} it: {}", silence(why))
        }
        What::Changed { action, seen_at } => {
            format!("somebody else {} it, by {}", action.done(), shown(*seen_at, zone))
        }
        What::Held { reason, released } => match released {
            Some((at, who)) => format!("{reason}; released at {} by {who}", shown(*at, zone)),
            None => reason.clone(),
        },
        What::Deferred { rule, action, made_up_by } => match made_up_by {
            Some(firing) => {
                format!("the deferred {action} of `{rule}` fell due (firing {firing})")
            }
            None => {
                format!("the deferred {action} of `{rule}` falls due, and is not caught up on")
            }
        },
        What::Away { until } => match until {
            Some(until) => format!("no daemon was there until {}", shown(*until, zone)),
            None => "no daemon has been there since".to_owned(),
        },
    }
}

/// An event as the reason in a sentence.
pub(super) fn because(event: &Event, zone: Zone) -> String {
    let at = shown(event.at, zone);
    match &event.what {
        What::Fired(fired) => {
            let settled = fired.settled_at.map_or_else(|| at.clone(), |at| shown(at, zone));
            fired.because(&at, &settled)
        }
        What::Silent { rule, why: Silence::Away, .. } => {
            format!("`{rule}` was due at {at} and no daemon was there")
        }
        What::Silent { rule, why, .. } => {
            format!("`{rule}` did not fire at {at}: {}", silence(why))
        }
        What::Changed { action, seen_at } => {
            format!("somebody else {} it between {at} and {}", action.done(), shown(*seen_at, zone))
        }
        What::Deferred { rule, action, .. } => {
            format!("the deferred {action} of `{rule}` falls due at {at}")
        }
        What::Held { .. } | What::Away { .. } => format!("{}, since {at}", told(event, zone)),
    }
}

fn silence(why: &Silence) -> String {
    match why {
        Silence::Calendar(day) => day.clone(),
        Silence::Disabled(words) => words.clone(),
        Silence::Away => "no daemon was there".to_owned(),
    }
}

/// A rule turned the instance, and an unknown person turned it back.
pub(super) fn turned_back(event: &Event, into: Action, zone: Zone) -> String {
    let how = because(event, zone);
    format!("somebody {} it again: {how}, and the log does not say who", into.done())
}

/// The instance was off, since an unknown time.
pub(super) fn always_so(facts: &WhyFacts, zone: Zone) -> String {
    let first = facts.before.as_ref().map(|(at, _)| shown(*at, zone)).unwrap_or_default();
    format!("it was off when it was seen at {first}, and the log does not say who stopped it")
}

/// No rule is known to mean the instance; `None` when a rule that stops certainly does.
pub(super) fn nobody_meant_it(facts: &WhyFacts) -> Option<String> {
    let stops = facts.rules.iter().filter(|rule| rule.action == Action::Stop);
    let (perhaps, meant): (Vec<_>, Vec<_>) =
        stops.partition(|rule| rule.meaning == Meaning::Perhaps);
    if !meant.is_empty() {
        return None;
    }
    let names: Vec<String> = perhaps.iter().map(|rule| format!("`{}`", rule.rule)).collect();
    Some(match names.len() {
        0 => "no rule that stops means it".to_owned(),
        1 => format!(
            "no firing that stops ever matched it; whether {} means it depends on tags, which \
             the log does not keep",
            names[0]
        ),
        _ => format!(
            "no firing that stops ever matched it; whether {} mean it depends on tags, which \
             the log does not keep",
            names.join(", ")
        ),
    })
}

/// A rule means the instance and was not due.
pub(super) fn not_due(facts: &WhyFacts, zone: Zone) -> String {
    let is_meant = |meaning| meaning != Meaning::Perhaps;
    let stops = facts.rules.iter().filter(|rule| rule.action == Action::Stop);
    let names: Vec<String> = stops
        .filter(|rule| is_meant(rule.meaning))
        .map(|rule| format!("`{}`", rule.rule))
        .collect();
    let verb = if names.len() == 1 { "means it and has" } else { "mean it and have" };
    let at = shown(facts.at, zone);
    format!("{} {verb} no firing in the log by {at} that bears on it", names.join(" and "))
}

/// The effect of an edit of schedules.toml: rules that mean the instance only since then, and rules
/// that no longer do. Only edits after `told`, the time of the decisive event, count.
pub(super) fn edits(facts: &WhyFacts, told: Option<DateTime<Utc>>, zone: Zone) -> String {
    let is_news = |at: DateTime<Utc>| told.is_none_or(|told| told < at);
    let mut edits = Vec::new();
    for rule in facts.rules.iter().filter(|rule| rule.action == Action::Stop) {
        if let Some(since) = rule.since.filter(|since| is_news(*since)) {
            let since = shown(since, zone);
            edits.push(format!("; `{}` means it only since {since}", rule.rule));
        }
    }
    for gone in facts.gone.iter().filter(|gone| gone.action == Action::Stop && is_news(gone.at)) {
        edits.push(format!("; `{}` meant it until {}", gone.rule, shown(gone.at, zone)));
    }
    let why = if edits.is_empty() { "" } else { ", when schedules.toml was edited" };
    format!("{}{why}", edits.concat())
}

/// The state itself is unknown.
pub(super) fn nobody_knows(facts: &WhyFacts, zone: Zone) -> String {
    let torn = facts.events.iter().find_map(|event| match &event.what {
        What::Changed { action, seen_at } if event.at < facts.at && facts.at < *seen_at => {
            Some((event.at, *action, *seen_at))
        }
        _ => None,
    });
    if let Some((from, action, until)) = torn {
        let state = if action == Action::Start { "off" } else { "running" };
        return format!(
            "Nobody knows: it was last seen {state} at {}, found {} by somebody else at {}, and \
             nobody looked in between.",
            shown(from, zone),
            action.done(),
            shown(until, zone)
        );
    }
    match (&facts.before, &facts.after) {
        (Some((at, status)), _) => format!(
            "Nobody knows: it was last seen in {status}, at {}, neither running nor off.",
            shown(*at, zone)
        ),
        (None, Some((at, status))) => {
            format!("Nobody knows: the log saw it first at {}, in {status}.", shown(*at, zone))
        }
        (None, None) => "Nobody knows: the log never saw it.".to_owned(),
    }
}
