//! What others do between firings: how often to look for it, and what a rule makes of it.

use std::fmt;
use std::time::Duration;

use crate::time::duration::written;

/// How often a daemon looks at its accounts where the file does not say.
pub const EVERY: Duration = Duration::from_secs(15 * 60);

/// How often it may look at most, and how soon after a start a rule may stop again.
pub const LEAST: Duration = Duration::from_secs(60);

/// `on_manual_start`: what becomes of an instance that somebody starts after the rule stopped it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnManualStart {
    /// `leave`: it runs until the rule's next firing.
    #[default]
    Leave,
    /// `notify`: the same, and those who asked for it are told.
    Notify,
    /// `stop_after 2h`: the rule stops it again, so long after it was seen running.
    StopAfter(Duration),
}

/// As it is written in schedules.toml.
impl fmt::Display for OnManualStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Leave => f.write_str("leave"),
            Self::Notify => f.write_str("notify"),
            Self::StopAfter(after) => write!(f, "stop_after {}", written(*after)),
        }
    }
}
