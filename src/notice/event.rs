//! Maps an outcome to the event that targets can ask for.
//!
//! The fixed words of both stand in `model::outcome` and `schedule::notify`.

use crate::audit::HistoryLine;
use crate::model::outcome::{MATCHES_NOTHING, Outcome, is_by_choice};
use crate::schedule::notify::Event;

/// The event of an outcome; `None` when nothing went wrong.
pub(super) fn event_of(outcome: Outcome, reason: Option<&str>) -> Option<Event> {
    match outcome {
        Outcome::Stopped
        | Outcome::Started
        | Outcome::Already
        | Outcome::DryRun
        | Outcome::NothingMatched => None,
        Outcome::Skipped => (!is_by_choice(reason)).then_some(Event::Failure),
        Outcome::Refused
        | Outcome::TimedOut
        | Outcome::Unknown
        | Outcome::TooMany
        | Outcome::CloudFailed
        | Outcome::Overlapped => Some(Event::Failure),
        Outcome::Drifted => Some(Event::Drift),
        Outcome::Missed => Some(Event::Missed),
    }
}

/// Whether an outcome with its reason needs a person.
pub fn is_trouble(outcome: Outcome, reason: Option<&str>) -> bool {
    event_of(outcome, reason).is_some()
}

/// The outcome of an instance or a firing; `None` while it is open.
pub(super) fn outcome(line: &HistoryLine) -> Option<Outcome> {
    line.outcome.as_deref()?.parse().ok()
}

/// The words of a line about entries that match nothing.
pub(super) fn unmatched(line: &HistoryLine) -> Option<&str> {
    let reason = line.reason.as_deref().filter(|_| line.instance_no.is_none())?;
    reason.split_once(MATCHES_NOTHING).map(|(_, entry)| entry)
}

/// The event of a line; `None` when nothing went wrong.
pub(super) fn event(line: &HistoryLine) -> Option<Event> {
    event_of(outcome(line)?, line.reason.as_deref())
}
