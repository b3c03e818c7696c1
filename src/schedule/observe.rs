//! Owns the terms of observations: their interval, and a rule's reaction to a start by others.

use std::fmt;
use std::time::Duration;

use crate::time::duration::written;

/// The default interval of a daemon's observations.
pub const EVERY: Duration = Duration::from_secs(15 * 60);

/// The shortest interval of observations, and the shortest time from a start to the stop by a rule.
pub const LEAST: Duration = Duration::from_secs(60);

/// `on_manual_start`: the reaction of a rule to a start, by somebody else, of an instance that the
/// rule stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnManualStart {
    /// `leave`: the instance runs until the rule's next firing.
    #[default]
    Leave,
    /// `notify`: the same, with a notice to the targets that asked for it.
    Notify,
    /// `stop_after 2h`: the rule stops the instance again, so long after it was seen running.
    StopAfter(Duration),
}

/// The form of schedules.toml.
impl fmt::Display for OnManualStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Leave => f.write_str("leave"),
            Self::Notify => f.write_str("notify"),
            Self::StopAfter(after) => write!(f, "stop_after {}", written(*after)),
        }
    }
}
