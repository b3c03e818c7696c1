//! The causes for which an instance runs or is off. `verdict` chooses among them.

use schemars::JsonSchema;
use serde::Serialize;

/// The causes, in rising order. Of two at one instant, the later one in this list counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "cause", extend("x-open" = true))]
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
    /// The rule was disabled.
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
    /// A guard sent nothing.
    Guarded,
    /// The instance was busy or in a failed state.
    Busy,
    /// A rule left the instance as it was, by its own terms.
    LeftAlone,
    /// `except` leaves the instance out.
    Excepted,
    /// `[protect]` keeps the instance.
    Protected,
    /// The instance or the rule was held.
    Held,
    /// The result of a request is unknown.
    NoAnswer,
    /// The instance did not reach the state in time.
    TimedOut,
    /// The cloud refused the request.
    Refused,
    /// A firing is still at work on it.
    InFlight,
    /// Somebody else turned the instance.
    TurnedByOthers,
    /// A rule turned the instance.
    Turned,
}

impl Cause {
    /// A strong cause hides all weaker ones.
    pub(super) fn is_strong(self) -> bool {
        self >= Self::Calendar || self == Self::Unexplained
    }
}
