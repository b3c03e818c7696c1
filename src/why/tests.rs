//! The order of causes as a table: events, and the cause they lead to.

use chrono::{DateTime, Utc};

use super::{
    Audience, Cause, Ending, Event, FiredRule, Meaning, RuleThen, Silence, Times, What, WhyFacts,
    verdict,
};
use crate::model::instance::Action;
use crate::model::language::Language;
use crate::model::outcome::Outcome;
use crate::model::reason::Reason;
use crate::schedule::Disabled;
use crate::state_history::State;
use crate::time::zone::Zone;

const EN: Audience = Audience { language: Language::English, zone: Zone::UTC, times: Times::Full };

/// A time of that evening; hours above 23 are on the next day.
fn at(hour: i64) -> DateTime<Utc> {
    let evening: DateTime<Utc> = "2026-11-23T00:00:00Z".parse().unwrap();
    evening + chrono::TimeDelta::hours(hour)
}

fn fired(hour: i64, action: Action, ending: Ending, reason: &str) -> Event {
    let reason = Some(reason.to_owned()).filter(|it| !it.is_empty()).map(Reason::from);
    let what = What::Fired(Box::new(FiredRule {
        firing: 7,
        rule: if action == Action::Stop { "night" } else { "morning" }.to_owned(),
        action,
        ending,
        reason,
        settled_at: matches!(ending, Ending::Came(_)).then(|| at(hour)),
        requests: Vec::new(),
        makes_up: false,
    }));
    Event { at: at(hour), what }
}

fn stop(hour: i64, outcome: Outcome) -> Event {
    fired(hour, Action::Stop, Ending::Came(outcome), "")
}

fn skipped(hour: i64, reason: &str) -> Event {
    fired(hour, Action::Stop, Ending::Came(Outcome::Skipped), reason)
}

fn start(hour: i64, outcome: Outcome) -> Event {
    fired(hour, Action::Start, Ending::Came(outcome), "")
}

fn others(action: Action, from: i64, until: i64) -> Event {
    Event { at: at(from), what: What::Changed { action, seen_at: at(until) } }
}

fn silent(hour: i64, why: Silence) -> Event {
    let (rule, action) = ("night".to_owned(), Action::Stop);
    Event { at: at(hour), what: What::Silent { rule, action, why } }
}

fn rule(meaning: Meaning) -> RuleThen {
    RuleThen {
        rule: "night".to_owned(),
        action: Action::Stop,
        times: String::new(),
        meaning,
        kept_by: Vec::new(),
        since: None,
    }
}

/// A question about midnight. The status was the same all along.
fn facts(status: &str, events: Vec<Event>) -> WhyFacts {
    WhyFacts {
        at: at(24),
        now: at(48),
        before: Some((at(1), status.to_owned())),
        same_until: Some(at(30)),
        after: None,
        events,
        rules: Vec::new(),
        gone: Vec::new(),
    }
}

#[test]
fn the_last_thing_that_decided_is_the_cause() {
    use Outcome::{
        Already, CloudFailed, Drifted, DryRun, Missed, NothingMatched, Overlapped, Refused,
        Started, Stopped, TimedOut, TooMany, Unknown,
    };
    let held = "held until 2026-11-24 02:00+09:00 by kim@desk";
    let without = |hour| fired(hour, Action::Stop, Ending::Without, "");
    let open = |hour| fired(hour, Action::Stop, Ending::Open, "");
    let holiday = || Silence::Skipped("kr: a day".to_owned());
    let disabled = || Silence::Disabled(Disabled::default());
    for (status, events, expected) in [
        ("NSTOP", vec![stop(20, Stopped)], Cause::Turned),
        ("NSTOP", vec![stop(20, Stopped), stop(22, Already)], Cause::Turned),
        ("NSTOP", vec![stop(20, Already)], Cause::AlreadyThere),
        ("NSTOP", vec![], Cause::Unexplained),
        ("NSTOP", vec![others(Action::Stop, 18, 19), stop(20, Already)], Cause::TurnedByOthers),
        ("NSTOP", vec![stop(6, Stopped), start(8, Refused)], Cause::Refused),
        ("NSTOP", vec![start(8, Refused), stop(20, Stopped)], Cause::Turned),
        ("RUN", vec![skipped(20, held)], Cause::Held),
        ("RUN", vec![skipped(20, "protected")], Cause::Protected),
        ("RUN", vec![skipped(20, "excepted: its tags could not be read")], Cause::Excepted),
        (
            "RUN",
            vec![skipped(20, "not known to be selected: its tags could not be read")],
            Cause::CloudFailed,
        ),
        (
            "RUN",
            vec![skipped(20, "late: its window ended 2026-11-24 08:00+09:00")],
            Cause::LeftAlone,
        ),
        ("RUN", vec![skipped(20, "busy: RUN, operation SETUP")], Cause::Busy),
        ("RUN", vec![stop(20, Refused)], Cause::Refused),
        ("RUN", vec![stop(20, TimedOut)], Cause::TimedOut),
        ("RUN", vec![stop(20, Unknown)], Cause::NoAnswer),
        ("RUN", vec![stop(20, TooMany)], Cause::Guarded),
        ("RUN", vec![stop(20, Drifted)], Cause::Guarded),
        ("RUN", vec![stop(20, CloudFailed)], Cause::CloudFailed),
        ("RUN", vec![stop(20, Overlapped)], Cause::Overlapped),
        ("RUN", vec![stop(20, Missed)], Cause::Missed),
        ("RUN", vec![silent(20, Silence::Away)], Cause::Missed),
        ("RUN", vec![silent(20, holiday())], Cause::Calendar),
        ("RUN", vec![silent(20, disabled())], Cause::Disabled),
        ("RUN", vec![stop(20, DryRun)], Cause::DryRun),
        ("RUN", vec![without(20)], Cause::Unmatched),
        ("RUN", vec![stop(20, NothingMatched)], Cause::Unmatched),
        ("RUN", vec![open(20)], Cause::InFlight),
        ("RUN", vec![stop(20, Stopped)], Cause::Unexplained),
        ("RUN", vec![start(8, Started)], Cause::Turned),
        // The later of two wins; at one instant, the one that came further.
        ("RUN", vec![start(8, Started), skipped(20, held)], Cause::Held),
        ("RUN", vec![skipped(20, held), stop(22, Refused)], Cause::Refused),
        ("RUN", vec![stop(20, Refused), skipped(20, "protected")], Cause::Refused),
        ("RUN", vec![stop(20, Stopped), others(Action::Start, 21, 22)], Cause::TurnedByOthers),
        ("RUN", vec![others(Action::Start, 18, 19), silent(20, holiday())], Cause::Calendar),
        // A weak cause counts only when nothing stronger happened, however late it is.
        ("RUN", vec![skipped(20, held), without(22), stop(23, DryRun)], Cause::Held),
        // A later event is no cause.
        ("RUN", vec![skipped(20, held), stop(26, Stopped)], Cause::Held),
        ("RUN", vec![skipped(20, held), others(Action::Stop, 25, 26)], Cause::Held),
        ("RUN", vec![stop(26, Refused)], Cause::NoRule),
        ("RUN", vec![others(Action::Stop, 23, 25)], Cause::Unknown),
        ("SHTDN", vec![stop(20, Refused)], Cause::Unknown),
    ] {
        let verdict = verdict(&facts(status, events.clone()), EN);
        assert_eq!(verdict.cause, expected, "{status} {events:?}: {}", verdict.sentence);
    }
}

#[test]
fn without_any_event_the_rules_are_the_answer() {
    for (rules, expected, words) in [
        (vec![], Cause::NoRule, "no rule that stops means it"),
        (vec![rule(Meaning::Perhaps)], Cause::NoRule, "not known yet"),
        (vec![rule(Meaning::Named)], Cause::NotDue, "`night` means it"),
        (vec![rule(Meaning::Perhaps), rule(Meaning::Matched)], Cause::NotDue, "`night` means it"),
    ] {
        let verdict = verdict(&WhyFacts { rules, ..facts("RUN", vec![]) }, EN);
        assert_eq!((verdict.state, verdict.cause), (State::Running, expected));
        assert!(verdict.sentence.contains(words), "{}", verdict.sentence);
    }
}

#[test]
fn the_tense_and_the_doubt_are_those_of_what_was_seen() {
    for (status, now, same_until, expected) in [
        ("RUN", 48, Some(at(30)), "It ran because "),
        ("RUN", 24, Some(at(24)), "It runs because "),
        ("NSTOP", 24, Some(at(24)), "It is off because "),
        ("NSTOP", 48, Some(at(30)), "It was off because "),
        (
            "RUN",
            24,
            Some(at(9)),
            "It ran when it was last seen, at 2026-11-23 09:00:00+00:00, because ",
        ),
    ] {
        let facts = WhyFacts { now: at(now), same_until, ..facts(status, vec![]) };
        let sentence = verdict(&facts, EN).sentence;
        assert!(sentence.starts_with(expected), "{sentence}");
    }
}

#[test]
fn what_came_before_and_after_is_told_in_the_same_sentence() {
    let events =
        vec![stop(20, Outcome::Stopped), others(Action::Start, 21, 22), stop(26, Outcome::Stopped)];
    let expected = "It ran because somebody else started it between 2026-11-23 21:00:00+00:00 and \
        2026-11-23 22:00:00+00:00; before that, `night`, due at 2026-11-23 20:00:00+00:00, stopped \
        it by 2026-11-23 20:00:00+00:00 (firing 7); then `night`, due at 2026-11-24 \
        02:00:00+00:00, stopped it by 2026-11-24 02:00:00+00:00 (firing 7).";
    assert_eq!(verdict(&facts("RUN", events), EN).sentence, expected);
}

#[test]
fn a_firing_that_sent_nothing_is_not_said_to_have_fired_to_stop_it() {
    let without = fired(20, Action::Stop, Ending::Without, "");
    let sent_nothing = vec![
        skipped(20, "excepted"),
        skipped(20, "protected"),
        skipped(20, "held until 2026-11-24 02:00+09:00 by kim@desk"),
        stop(20, Outcome::Already),
        stop(20, Outcome::DryRun),
        stop(20, Outcome::NothingMatched),
        stop(20, Outcome::TooMany),
        stop(20, Outcome::Drifted),
        stop(20, Outcome::CloudFailed),
        without,
    ];
    for event in sent_nothing {
        let line = super::words::told(&event, EN);
        assert!(line.starts_with("`night` (stop) fired (firing 7): "), "{line}");
        let sentence = verdict(&facts("RUN", vec![event]), EN).sentence;
        assert!(!sentence.contains("fired to stop it"), "{sentence}");
    }
    for outcome in [Outcome::Missed, Outcome::Overlapped] {
        let line = super::words::told(&stop(20, outcome), EN);
        assert!(line.starts_with("`night` (stop) did not fire (firing 7): "), "{line}");
        let sentence = verdict(&facts("RUN", vec![stop(20, outcome)]), EN).sentence;
        assert!(!sentence.contains("fired"), "{sentence}");
    }
    for outcome in [Outcome::Stopped, Outcome::Refused, Outcome::TimedOut, Outcome::Unknown] {
        let line = super::words::told(&stop(20, outcome), EN);
        assert!(line.starts_with("`night` fired to stop it (firing 7): "), "{line}");
    }
}

#[test]
fn where_nobody_looked_nobody_knows() {
    let torn = facts("RUN", vec![others(Action::Stop, 23, 25)]);
    let unseen =
        WhyFacts { before: None, after: Some((at(30), "RUN".to_owned())), ..facts("", vec![]) };
    for (facts, expected) in [
        (
            torn,
            "Nobody knows: it was last seen running at 2026-11-23 23:00:00+00:00, found stopped by \
             somebody else at 2026-11-24 01:00:00+00:00, and nobody looked in between.",
        ),
        (unseen, "Nobody knows: the log saw it first at 2026-11-24 06:00:00+00:00, in RUN."),
    ] {
        let verdict = verdict(&facts, EN);
        assert_eq!((verdict.state, verdict.sentence.as_str()), (State::Unknown, expected));
    }
}

#[test]
fn what_the_stop_budget_did_is_said_in_whole_sentences() {
    let spent = "stop budget: it was off for 179.8 of 180 days in 12 months";
    let left_alone = "It ran because `night` left it alone at 2026-11-23 20:00:00+00:00: stop \
        budget: it was off for 179.8 of 180 days in 12 months (firing 7).";
    let mut start = start(20, Outcome::Started);
    if let What::Fired(fired) = &mut start.what {
        "stop-budget".clone_into(&mut fired.rule);
    }
    let started = "It ran because `stop-budget`, due at 2026-11-23 20:00:00+00:00, started it by \
        2026-11-23 20:00:00+00:00, so that its days off in a row end (firing 7).";
    for (event, expected) in [(skipped(20, spent), left_alone), (start, started)] {
        assert_eq!(verdict(&facts("RUN", vec![event]), EN).sentence, expected);
    }
}

/// Every outcome, and every other kind of event.
fn all_kinds() -> Vec<Event> {
    let reasons = [
        "protected",
        "held until 2026-11-24 02:00+09:00 by kim@desk",
        "late: its window ended 2026-11-24 08:00+09:00",
        "busy: RUN, operation SETUP",
        "stop budget: it was off for 179.8 of 180 days in 12 months",
    ];
    let held = |released| What::Held { reason: Reason::from(reasons[1].to_owned()), released };
    let deferred = |made_up_by| {
        let (rule, action) = ("night".to_owned(), Action::Stop);
        What::Deferred { rule, action, made_up_by }
    };
    let disabled = Disabled { since: "2026-11-01".parse().ok(), because: None };
    let besides = [
        held(None),
        held(Some((at(21), "kim@desk".to_owned()))),
        deferred(None),
        deferred(Some(8)),
        What::Away { until: None },
        What::Away { until: Some(at(22)) },
    ];
    let mut events: Vec<Event> = Outcome::ALL.into_iter().map(|it| stop(20, it)).collect();
    events.extend(Outcome::ALL.into_iter().map(|it| start(20, it)));
    events.extend(reasons.map(|reason| skipped(20, reason)));
    events.extend([Ending::Open, Ending::Without].map(|it| fired(20, Action::Stop, it, "")));
    events.extend([Silence::Away, Silence::Disabled(disabled)].map(|why| silent(20, why)));
    events.extend([Action::Stop, Action::Start].map(|action| others(action, 19, 20)));
    events.extend(besides.map(|what| Event { at: at(20), what }));
    events
}

#[test]
fn korean_has_no_english_word_whatever_happened() {
    let ko = Audience { language: Language::Korean, ..EN };
    let is_english = |text: &str| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "`@-_.".contains(c);
        let mut words = text.split(|c: char| !is_part(c));
        words.any(|word| word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase()))
    };
    let mut said = Vec::new();
    for event in all_kinds() {
        said.push(super::words::told(&event, ko));
        for status in ["RUN", "NSTOP", "SHTDN"] {
            for meaning in [Meaning::Named, Meaning::Perhaps] {
                let (rules, events) = (vec![rule(meaning)], vec![event.clone()]);
                said.push(verdict(&WhyFacts { rules, ..facts(status, events) }, ko).sentence);
            }
        }
        let two = vec![others(Action::Start, 18, 19), event, stop(26, Outcome::Stopped)];
        said.push(verdict(&facts("RUN", two), ko).sentence);
    }
    for facts in [
        WhyFacts { before: None, ..facts("", vec![]) },
        WhyFacts { before: None, after: Some((at(30), "RUN".to_owned())), ..facts("", vec![]) },
        facts("RUN", vec![others(Action::Stop, 23, 25)]),
        facts("RUN", vec![]),
        facts("NSTOP", vec![]),
        WhyFacts { same_until: Some(at(9)), ..facts("RUN", vec![]) },
    ] {
        said.push(verdict(&facts, ko).sentence);
    }
    for text in said {
        assert!(!is_english(&text), "{text}");
    }
}
