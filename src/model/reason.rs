//! Why an outcome is what it is: the words that the log keeps, and what they mean.
//!
//! Whoever asks what a reason means asks here, and nobody asks how its words begin. `words` writes
//! them and reads those of any log back. The outcomes that reasons stand beside are in `outcome`.

#[cfg(test)]
mod tests;
mod words;

use chrono::{DateTime, FixedOffset};

use super::ids::FiringId;
use super::instance::{Action, InstanceNo, RuleName};
use super::outcome::{Concern, Count, ExitClass, Outcome, ServerCount};

/// Why an outcome is what it is. Times are of the rule's zone, and told to the minute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// `[protect]` forbids it.
    Protected,
    /// `[protect]` asks about tags that could not be read.
    ProtectUnread,
    /// `except` leaves it out.
    Excepted,
    /// `except` asks about tags that could not be read.
    ExceptUnread,
    /// `select` asks about tags that could not be read.
    SelectUnread,
    /// `select` matched it once, and does not any more.
    NoLongerSelected,
    /// A tag may hold it, and could not be read.
    HoldUnread,
    /// A hold keeps it as it is.
    Held {
        /// Whether the hold is about its rule.
        with_its_rule: bool,
        /// When the hold ends.
        until: DateTime<FixedOffset>,
        /// Who set the hold, and what for.
        by: String,
    },
    /// The firing runs late, and a rule of the opposite action has fallen due since.
    Opposed {
        /// The other rule.
        rule: RuleName,
        /// What it does.
        action: Action,
        /// When it fell due.
        at: DateTime<FixedOffset>,
    },
    /// The firing runs late, and its window has ended.
    WindowEnded {
        /// When.
        at: DateTime<FixedOffset>,
    },
    /// The firing runs late, and another one that was due after it wants the opposite.
    LeftTo {
        /// The other firing.
        firing: FiringId,
        /// What it does.
        action: Action,
    },
    /// Somebody else stopped it, and its rule starts only what lightsout stopped.
    StoppedByOthers {
        /// From when to when nobody saw it.
        between: String,
    },
    /// The log does not say who stopped it, and its rule starts only what lightsout stopped.
    StopNotRecorded,
    /// A stop would overrun a limit of its stop budget.
    StopBudget {
        /// How much of the budget is used, and would be.
        story: String,
    },
    /// A guard holds back the whole firing.
    Guarded {
        /// What the firing came to.
        by: Outcome,
        /// The numbers.
        why: String,
    },
    /// An operation is under way on it.
    Busy {
        /// The API's code of its status.
        status: String,
        /// The API's code of the operation; `None` where there is none.
        operation: Option<String>,
    },
    /// Another firing has an open request for it.
    BusyWith {
        /// The other firing.
        firing: FiringId,
        /// Whether that request is over.
        is_over: bool,
    },
    /// It is in a failed state.
    FailedState(String),
    /// It is in a state that lightsout does not know.
    UnknownState(String),
    /// Its state could not be read again before it was asked.
    StateUnread,
    /// Its state was too old again whenever it was its turn to be asked.
    StateOld,
    /// Its tags were not read in time.
    TagsLate,
    /// It is no longer in the server list.
    Gone,
    /// The rule was taken out of the file while the firing went on.
    RuleGone,
    /// Its process died before it was asked.
    NotAsked {
        /// Whether the rule is gone; else, patience is over.
        rule_is_gone: bool,
    },
    /// A row of a list could not be read.
    LeftOut(String),
    /// No list has servers that `select` names by their numbers.
    Unmatched {
        /// The most that the rule matched in its last firings, where it matches nothing now.
        most: Option<u64>,
        /// Those servers.
        servers: Vec<Unlisted>,
    },
    /// Words that nobody asks about.
    Other(String),
}

/// Servers that no list has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unlisted {
    /// Their numbers.
    pub named: Vec<InstanceNo>,
    /// How many more there are.
    pub more: usize,
}

impl Reason {
    /// Those whose words are always the same.
    const FIXED: [Self; 15] = [
        Self::Protected,
        Self::ProtectUnread,
        Self::Excepted,
        Self::ExceptUnread,
        Self::SelectUnread,
        Self::NoLongerSelected,
        Self::HoldUnread,
        Self::StopNotRecorded,
        Self::StateUnread,
        Self::StateOld,
        Self::TagsLate,
        Self::Gone,
        Self::RuleGone,
        Self::NotAsked { rule_is_gone: true },
        Self::NotAsked { rule_is_gone: false },
    ];

    /// The code beside the words, for programs; `None` where nobody asks about them.
    pub fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::Protected => "protected",
            Self::ProtectUnread => "protect_unread",
            Self::Excepted => "excepted",
            Self::ExceptUnread => "except_unread",
            Self::SelectUnread => "select_unread",
            Self::NoLongerSelected => "no_longer_selected",
            Self::HoldUnread => "hold_unread",
            Self::Held { .. } => "held",
            Self::Opposed { .. } | Self::WindowEnded { .. } | Self::LeftTo { .. } => "late",
            Self::StoppedByOthers { .. } => "stopped_by_others",
            Self::StopNotRecorded => "stop_not_recorded",
            Self::StopBudget { .. } => "stop_budget",
            Self::Guarded { .. } => "guarded",
            Self::Busy { .. } | Self::BusyWith { .. } => "busy",
            Self::FailedState(_) => "failed_state",
            Self::UnknownState(_) => "unknown_state",
            Self::StateUnread => "state_unread",
            Self::StateOld => "state_old",
            Self::TagsLate => "tags_late",
            Self::Gone => "gone",
            Self::RuleGone | Self::NotAsked { rule_is_gone: true } => "rule_gone",
            Self::NotAsked { rule_is_gone: false } => "patience_over",
            Self::LeftOut(_) => "left_out",
            Self::Unmatched { .. } => "matches_nothing",
            Self::Other(_) => return None,
        })
    }

    /// Whether the server was left alone by choice: it was not busy, not in a failed state, and
    /// could be judged.
    pub fn is_by_choice(&self) -> bool {
        match self {
            Self::Protected
            | Self::Excepted
            | Self::NoLongerSelected
            | Self::Held { .. }
            | Self::Opposed { .. }
            | Self::WindowEnded { .. }
            | Self::LeftTo { .. }
            | Self::StoppedByOthers { .. }
            | Self::StopNotRecorded
            | Self::StopBudget { .. }
            | Self::LeftOut(_)
            | Self::Unmatched { .. } => true,
            Self::ProtectUnread
            | Self::ExceptUnread
            | Self::SelectUnread
            | Self::HoldUnread
            | Self::Guarded { .. }
            | Self::Busy { .. }
            | Self::BusyWith { .. }
            | Self::FailedState(_)
            | Self::UnknownState(_)
            | Self::StateUnread
            | Self::StateOld
            | Self::TagsLate
            | Self::Gone
            | Self::RuleGone
            | Self::NotAsked { .. }
            | Self::Other(_) => false,
        }
    }

    /// Whether its tags could not be read, so that nobody knows whether the server was meant.
    pub fn is_unread(&self) -> bool {
        matches!(
            self,
            Self::ProtectUnread | Self::ExceptUnread | Self::SelectUnread | Self::HoldUnread
        )
    }

    /// Whether it says that no list has a server of that number.
    pub fn misses(&self, number: &str) -> bool {
        let Self::Unmatched { servers, .. } = self else { return false };
        servers.iter().flat_map(|some| &some.named).any(|no| no.as_str() == number)
    }

    /// Whether `[protect]` or `except` leaves the server out, or may do so.
    pub fn is_left_out_by_file(&self) -> bool {
        matches!(
            self,
            Self::Protected
                | Self::ProtectUnread
                | Self::Excepted
                | Self::ExceptUnread
                | Self::NoLongerSelected
        )
    }
}

impl Outcome {
    /// Whether a server was left alone by choice.
    pub fn is_by_choice(self, reason: Option<&Reason>) -> bool {
        self == Self::Skipped && reason.is_some_and(Reason::is_by_choice)
    }

    /// What it means for the exit code of `fire`.
    pub fn exit(self, reason: Option<&Reason>) -> ExitClass {
        if self.is_by_choice(reason) { ExitClass::Fine } else { self.own_exit() }
    }

    /// The event of a notice that it calls for, where something went wrong.
    pub fn concern(self, reason: Option<&Reason>) -> Option<Concern> {
        self.own_concern().filter(|_| !self.is_by_choice(reason))
    }

    /// The count of the report that it adds to.
    pub fn count(self, reason: Option<&Reason>) -> Count {
        Count::Server(match reason.filter(|_| self == Self::Skipped) {
            Some(Reason::Held { .. }) => ServerCount::Held,
            Some(reason) if reason.is_by_choice() => ServerCount::LeftAlone,
            Some(reason) if reason.is_unread() => ServerCount::Unknown,
            _ => return self.own_count(),
        })
    }
}
