//! Owns the reasons of outcomes, and their meaning.
//!
//! Every question about the meaning of a reason is answered here. No other module compares the
//! beginning of its words. `words` writes the words and reads those of any log. `korean` and
//! `phrases` say them in Korean. `outcome` has the outcomes.

mod korean;
mod phrases;
#[cfg(test)]
mod tests;
mod words;

use chrono::{DateTime, FixedOffset};

use super::ids::FiringId;
use super::instance::{Action, InstanceNo, RuleName};
use super::mark::Mark;
use super::outcome::{Concern, Count, ExitClass, Outcome, ServerCount};

/// The cause of an outcome. Times are in the zone of the rule, to the minute.
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
    /// `select` matched the server once, and does not any more.
    NoLongerSelected,
    /// A tag may hold the server, and could not be read.
    HoldUnread,
    /// A hold is in force.
    Held {
        /// Whether the hold is about the rule.
        with_its_rule: bool,
        /// The end of the hold.
        until: DateTime<FixedOffset>,
        /// The author of the hold, and its purpose.
        by: String,
    },
    /// The firing runs late, and a rule of the opposite action has fallen due since.
    Opposed {
        rule: RuleName,
        action: Action,
        /// The time at which the other rule fell due.
        at: DateTime<FixedOffset>,
    },
    /// The firing runs late, and its window has ended.
    WindowEnded {
        /// The end of the window.
        at: DateTime<FixedOffset>,
    },
    /// The firing runs late, and a later firing wants the opposite.
    LeftTo {
        firing: FiringId,
        /// The action of the other firing.
        action: Action,
    },
    /// Somebody else stopped the server, and the rule starts only servers that lightsout stopped.
    StoppedByOthers {
        /// The period in which the server was not observed.
        between: String,
    },
    /// The log does not say who stopped the server, and the rule starts only servers that lightsout
    /// stopped.
    StopNotRecorded,
    /// A stop would exceed a limit of the server's stop budget.
    StopBudget {
        /// The used part of the budget, before and after the stop.
        story: String,
    },
    /// The server was made so lately that a stop leaves it alone.
    Young {
        /// The end of its grace.
        until: DateTime<FixedOffset>,
    },
    /// The servers of the rule that comes first were not seen running in time.
    After { rule: RuleName, why: String },
    /// The program of `ask` said that the server is in use.
    SaidBusy {
        program: String,
        /// Its words; may be empty.
        why: String,
    },
    /// The program of `ask` gave no answer. Of a skipped server: its rule takes that for a no.
    AskSilent { program: String, why: String },
    /// A guard holds back the whole firing.
    Guarded {
        /// The outcome of the firing.
        by: Outcome,
        why: String,
    },
    /// An operation is under way on the server.
    Busy {
        /// The API's code of the status.
        status: String,
        /// The API's code of the operation; `None` if there is none.
        operation: Option<String>,
    },
    /// Another firing has an open request for the server.
    BusyWith {
        firing: FiringId,
        /// Whether that request is over.
        is_over: bool,
    },
    /// The server is in a failed state.
    FailedState(String),
    /// The server is in a state that lightsout does not know.
    UnknownState(String),
    /// The state could not be read again before the request.
    StateUnread,
    /// At each turn for the request, the state was too old again.
    StateOld,
    /// Its tags were not read in time.
    TagsLate,
    /// The server is no longer in the list of servers.
    Gone,
    /// The rule was removed from the file during the firing.
    RuleGone,
    /// The process died before the request.
    NotAsked {
        /// Whether the rule is gone. If not, patience is over.
        rule_is_gone: bool,
    },
    /// A row of a list could not be read.
    LeftOut(String),
    /// No list has servers that `select` names by number.
    Unmatched {
        /// The most matches in the last firings of the rule, if the rule matches nothing now.
        most: Option<u64>,
        servers: Vec<Unlisted>,
    },
    /// Words without a meaning for programs.
    Other(String),
}

/// Servers that no list has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unlisted {
    pub named: Vec<InstanceNo>,
    /// The number of further servers.
    pub more: usize,
}

impl Reason {
    /// The reasons with fixed words.
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

    /// The code beside the words, for programs; `None` if no program needs it.
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
            Self::Young { .. } => "grace",
            Self::After { .. } => "after",
            Self::SaidBusy { .. } => "ask_busy",
            Self::AskSilent { .. } => "ask_silent",
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
            | Self::Young { .. }
            | Self::LeftOut(_)
            | Self::Unmatched { .. } => true,
            Self::ProtectUnread
            | Self::ExceptUnread
            | Self::SelectUnread
            | Self::HoldUnread
            | Self::After { .. }
            | Self::SaidBusy { .. }
            | Self::AskSilent { .. }
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

    /// Whether tags could not be read, so that nobody knows whether the rule means the server.
    pub fn is_unread(&self) -> bool {
        matches!(
            self,
            Self::ProtectUnread | Self::ExceptUnread | Self::SelectUnread | Self::HoldUnread
        )
    }

    /// Whether it says that no list has a server of this number.
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

    /// The meaning for the exit code of `fire`.
    pub fn exit(self, reason: Option<&Reason>) -> ExitClass {
        if self.is_by_choice(reason) { ExitClass::Fine } else { self.own_exit() }
    }

    /// The event of a notice, if something went wrong.
    pub fn concern(self, reason: Option<&Reason>) -> Option<Concern> {
        self.own_concern().filter(|_| !self.is_by_choice(reason))
    }

    /// The mark of the outcome. Its word says the same.
    pub fn mark(self, reason: Option<&Reason>) -> Mark {
        match self {
            _ if self.concern(reason).is_some() => Mark::Trouble,
            _ if self.is_done() => Mark::Good,
            _ => Mark::Quiet,
        }
    }

    /// The count of the report.
    pub fn count(self, reason: Option<&Reason>) -> Count {
        Count::Server(match reason.filter(|_| self == Self::Skipped) {
            Some(Reason::Held { .. }) => ServerCount::Held,
            Some(reason) if reason.is_by_choice() => ServerCount::LeftAlone,
            Some(reason) if reason.is_unread() => ServerCount::Unknown,
            _ => return self.own_count(),
        })
    }
}
