//! The kinds of writing processes, and how long each waits for the others.

use std::time::Duration;

/// A daemon waits this long for another writer before it tries again.
const DAEMON_PATIENCE: Duration = Duration::from_secs(10);
/// A command waits this long for another writer before it gives up.
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
    /// `lightsout audit share` and `unshare`, which begin no session.
    Share,
}

impl Writer {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Daemon => "daemon",
            Self::Fire => "fire",
            Self::Hold => "hold",
            Self::Prune => "prune",
            Self::Share => "share",
        }
    }

    pub(crate) fn patience(self) -> Duration {
        if self == Self::Daemon { DAEMON_PATIENCE } else { COMMAND_PATIENCE }
    }
}
