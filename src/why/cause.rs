//! The causes for which an instance runs or is off. `verdict` chooses among them.

use serde::Serialize;

/// The causes, in rising order. Of two at one instant, the later one in this list counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The log does not show the state.
    Unknown,
    /// The state is as first seen, or an unknown person changed it.
    Unexplained,
    /// No rule is known to mean the instance.
    NoRule,
    /// A rule means the instance and was not due.
    NotDue,
    /// A rule found the instance in the wanted state.
    AlreadyThere,
    /// A rule that matches the instance at other times fired without it.
    Unmatched,
    Disabled,
    /// A rule was a dry run.
    DryRun,
    /// A calendar kept a rule from firing.
    Calendar,
    /// A firing was missed, or no daemon was there for it.
    Missed,
    /// The rule's last firing was still under way.
    Overlapped,
    /// The cloud could not be read.
    CloudFailed,
    Guarded,
    /// The instance was busy or in a failed state.
    Busy,
    /// A rule left the instance as it was, by its own terms.
    LeftAlone,
    /// `except` leaves the instance out.
    Excepted,
    Protected,
    /// The instance or the rule was held.
    Held,
    /// The result of a request is unknown.
    NoAnswer,
    /// The instance did not reach the state in time.
    TimedOut,
    Refused,
    InFlight,
    TurnedByOthers,
    Turned,
}

impl Cause {
    /// A strong cause hides all weaker ones.
    pub(super) fn is_strong(self) -> bool {
        self >= Self::Calendar || self == Self::Unexplained
    }
}
