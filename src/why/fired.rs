//! What a firing comes to for one server, by its outcome: which cause it is, and how it is told.
//!
//! Which of several causes counts is the business of `verdict`.

use chrono::{DateTime, Utc};

use super::cause::Cause;
use super::{Ending, FiredRule};
use crate::model::outcome::{Effort, Outcome};
use crate::model::reason::Reason;
use crate::schedule::stop_budget::STOP_BUDGET;

impl FiredRule {
    /// Whether it turned the server.
    pub(super) fn is_done(&self) -> bool {
        matches!(self.ending, Ending::Came(outcome) if outcome.is_done())
    }

    /// Whether it asked for anything to be done to the server, or still may.
    pub(super) fn was_asked(&self) -> bool {
        match self.ending {
            Ending::Open => true,
            Ending::Without => false,
            Ending::Came(outcome) => outcome.effort() == Effort::Asked,
        }
    }

    /// Why it did not turn the server from where it was; `None` where the server was not there.
    pub(super) fn cause(&self, by: DateTime<Utc>) -> Option<Cause> {
        let outcome = match self.ending {
            Ending::Open => return Some(Cause::InFlight),
            Ending::Without => return Some(Cause::Unmatched),
            Ending::Came(outcome) => outcome,
        };
        Some(match outcome {
            Outcome::NothingMatched => Cause::Unmatched,
            Outcome::Stopped | Outcome::Started => {
                if self.settled_at.is_some_and(|at| at <= by) {
                    Cause::Unexplained
                } else {
                    Cause::InFlight
                }
            }
            Outcome::Already => return None,
            Outcome::DryRun => Cause::DryRun,
            Outcome::Skipped => match &self.reason {
                Some(Reason::Held { .. } | Reason::HoldUnread) => Cause::Held,
                Some(Reason::Protected | Reason::ProtectUnread) => Cause::Protected,
                Some(Reason::Excepted | Reason::ExceptUnread | Reason::NoLongerSelected) => {
                    Cause::Excepted
                }
                Some(Reason::SelectUnread) => Cause::CloudFailed,
                Some(reason) if reason.is_by_choice() => Cause::LeftAlone,
                _ => Cause::Busy,
            },
            Outcome::Refused => Cause::Refused,
            Outcome::TimedOut => Cause::TimedOut,
            Outcome::Unknown => Cause::NoAnswer,
            Outcome::TooMany | Outcome::Drifted => Cause::Guarded,
            Outcome::CloudFailed => Cause::CloudFailed,
            Outcome::Overlapped => Cause::Overlapped,
            Outcome::Missed => Cause::Missed,
        })
    }

    /// What happened, as the reason in a sentence: when it fell due, and when that was recorded.
    pub(super) fn because(&self, at: &str, settled: &str) -> String {
        let Self { firing, rule, action, .. } = self;
        let why = self.reason.as_ref().map(ToString::to_string);
        let why = why.as_deref().unwrap_or("no reason was recorded");
        let outcome = match self.ending {
            Ending::Without => {
                return format!("`{rule}` fired at {at} and did not match it (firing {firing})");
            }
            Ending::Open => {
                return format!(
                    "the {action} by `{rule}`, due at {at}, was still on its way (firing {firing})"
                );
            }
            Ending::Came(outcome) => outcome,
        };
        let said = match outcome {
            Outcome::Stopped | Outcome::Started if self.makes_up => {
                let done = action.done();
                format!("the deferred {action} was caught up on: `{rule}` {done} it by {settled}")
            }
            Outcome::Stopped | Outcome::Started => {
                let done = action.done();
                let is_budget = rule == STOP_BUDGET;
                let so = if is_budget { ", so that its days off in a row end" } else { "" };
                format!("`{rule}`, due at {at}, {done} it by {settled}{so}")
            }
            Outcome::Already => format!("it was so already when `{rule}` fired at {at}"),
            Outcome::DryRun => format!("`{rule}` sent nothing at {at}: a dry run"),
            Outcome::Skipped => match &self.reason {
                Some(Reason::StopNotRecorded | Reason::StopBudget { .. }) => {
                    format!("`{rule}` left it alone at {at}: {why}")
                }
                Some(
                    Reason::Opposed { .. } | Reason::WindowEnded { .. } | Reason::LeftTo { .. },
                ) => {
                    format!("`{rule}` skipped it at {at}: {why}")
                }
                Some(reason) if reason.is_by_choice() => {
                    format!("it was {why} when `{rule}` fired at {at}")
                }
                _ => format!("`{rule}` skipped it at {at}: {why}"),
            },
            Outcome::Refused => {
                format!("the cloud refused the {action} of `{rule}` at {at}: {why}")
            }
            Outcome::TimedOut => format!(
                "the {action} that `{rule}` asked for at {at} had not come about when its \
                 patience ended"
            ),
            Outcome::Unknown => format!(
                "nobody knows what became of the {action} that `{rule}` asked for at {at}: {why}"
            ),
            Outcome::NothingMatched => format!("`{rule}` fired at {at} and matched no server"),
            Outcome::TooMany | Outcome::Drifted => {
                format!("`{rule}` sent nothing at {at}: {outcome}, {why}")
            }
            Outcome::CloudFailed => format!("`{rule}` could not read the cloud at {at}: {why}"),
            Outcome::Overlapped => {
                format!("`{rule}` was still following its last firing at {at}: {why}")
            }
            Outcome::Missed => format!("`{rule}` missed its firing at {at}: {why}"),
        };
        format!("{said} (firing {firing})")
    }

    /// What became of the server, with the reason.
    pub(super) fn became(&self) -> String {
        match (self.ending, &self.reason) {
            (Ending::Came(outcome), Some(reason)) => format!("{outcome}: {reason}"),
            (Ending::Came(outcome), None) => outcome.to_string(),
            (Ending::Open, _) => "in flight".to_owned(),
            (Ending::Without, _) => "it did not match".to_owned(),
        }
    }
}
