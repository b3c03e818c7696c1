//! The kinds of processes that write, and how long each waits for the others.

use std::time::Duration;

/// How long a daemon waits for another process that writes, before it tries again.
const DAEMON_PATIENCE: Duration = Duration::from_secs(10);
/// How long a command waits for that, before it gives up.
const COMMAND_PATIENCE: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// `lightsout run`: at most one at a time on a log.
    Daemon,
    /// `lightsout fire`: any number, beside a daemon or without one.
    Fire,
    /// `lightsout hold` and `release`: any number, too.
    Hold,
    /// `lightsout audit prune`: any number, too.
    Prune,
}

impl Writer {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Daemon => "daemon",
            Self::Fire => "fire",
            Self::Hold => "hold",
            Self::Prune => "prune",
        }
    }

    /// How long it waits for another process that writes.
    pub(crate) fn patience(self) -> Duration {
        if self == Self::Daemon { DAEMON_PATIENCE } else { COMMAND_PATIENCE }
    }
}
