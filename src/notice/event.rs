//! Maps an outcome to the event that targets can ask for.
//!
//! The fixed words of both stand in `model::outcome` and `schedule::notify`.

use crate::audit::HistoryLine;
use crate::model::outcome::{Concern, Outcome};
use crate::model::reason::{Reason, Unlisted};
use crate::schedule::notify::Event;

/// The event of an outcome; `None` when nothing went wrong.
pub(super) fn event_of(outcome: Outcome, reason: Option<&Reason>) -> Option<Event> {
    Some(match outcome.concern(reason)? {
        Concern::Failure => Event::Failure,
        Concern::Drift => Event::Drift,
        Concern::Missed => Event::Missed,
    })
}

/// The outcome of an instance or a firing; `None` while it is open.
pub(super) fn outcome(line: &HistoryLine) -> Option<Outcome> {
    line.outcome.as_deref()?.parse().ok()
}

/// The servers that a line says no list has, a word each.
pub(super) fn unmatched(line: &HistoryLine) -> &[Unlisted] {
    match &line.reason {
        Some(Reason::Unmatched { servers, .. }) => servers,
        _ => &[],
    }
}

/// The event of a line; `None` when nothing went wrong.
pub(super) fn event(line: &HistoryLine) -> Option<Event> {
    event_of(outcome(line)?, line.reason.as_ref())
}
