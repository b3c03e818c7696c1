//! What the program of `ask` has said of a server.

use crate::clock::Moment;
use crate::model::reason::Reason;

/// What the program of `ask` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Approval {
    /// It was not asked yet.
    Open,
    /// It is being asked; with its last refusal.
    Asked(Option<Reason>),
    Given {
        until: Moment,
        /// It gave no answer, which means that it has nothing against it.
        silence: Option<Reason>,
    },
    /// It said no the last time, or nothing.
    Refused(Reason),
}

impl Approval {
    /// Its last word, where that was no.
    pub(crate) fn refusal(&self) -> Option<&Reason> {
        match self {
            Self::Refused(reason) | Self::Asked(Some(reason)) => Some(reason),
            Self::Open | Self::Asked(None) | Self::Given { .. } => None,
        }
    }

    pub(crate) fn is_to_be_asked(&self, now: Moment) -> bool {
        match self {
            Self::Open | Self::Refused(_) => true,
            Self::Asked(_) => false,
            Self::Given { until, .. } => *until <= now,
        }
    }

    /// The reason to say that nobody has answered for what was done.
    pub(crate) fn silence(&self) -> Option<&Reason> {
        match self {
            Self::Given { silence, .. } => silence.as_ref(),
            _ => None,
        }
    }
}
