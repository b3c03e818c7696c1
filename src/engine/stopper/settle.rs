//! Ends a target with its outcome and reason. The row is `audit`'s business.

use super::target::{Stage, Target};
use super::times::times;
use crate::cloud::CloudError;
use crate::hold::HoldEntry;
use crate::model::ids::FiringId;
use crate::model::instance::Action;
use crate::model::outcome::Outcome;
use crate::model::reason::Reason;
use crate::model::settlement::Settlement;
use crate::select::eligibility::{Eligibility, obstacle};
use crate::time::zone::Zone;

impl Target {
    /// A guard stops the firing: no request may be sent any more.
    pub(crate) fn forbid(&mut self, reason: &Reason) {
        if self.stage == Stage::Unasked {
            self.withdraw(reason.clone());
        }
    }

    /// Patience has run out.
    pub(crate) fn give_up(&mut self, action: Action) {
        let status = format!("{}, operation {}", self.instance.status, self.instance.operation);
        match (self.stage, &self.failure, self.held_by) {
            (Stage::Asked, ..) if self.is_unseen => {
                self.tell(Outcome::TimedOut, "accepted, and then its state could not be read");
            }
            (Stage::Asked, failure, _) => {
                // There was no answer, but the instance was seen in progress.
                let how = if failure.is_none() { "accepted" } else { "taken up" };
                self.tell(Outcome::TimedOut, &format!("{how}, and still {status}"));
            }
            (Stage::Unsure, Some(error), _) if error.proves_nothing_was_done() => {
                // Some servers of the request were refused, and nobody knows which.
                let reason = format!("asked {}, with others; {error}", times(self.attempts));
                self.tell(Outcome::Refused, &format!("{reason}; still {status}"));
            }
            (Stage::Unsure, ..) if self.must_look => {
                self.tell(Outcome::Unknown, "no answer, and its state could not be read");
            }
            (Stage::Unsure, ..) => {
                // The reading came too soon after the request to show an effect.
                self.tell(Outcome::Unknown, &format!("no answer, and then still {status}"));
            }
            (_, Some(error), _) if !error.proves_nothing_was_done() => {
                let reason = format!("asked {}; {error}; still {status}", times(self.attempts));
                self.tell(Outcome::Refused, &reason);
            }
            (_, Some(_), _) => self.refuse(),
            (_, None, _) if self.eligibility != Eligibility::Chosen => {
                self.settle(Outcome::Skipped, self.eligibility.reason());
            }
            (_, None, Some(firing)) => {
                self.settle(Outcome::Skipped, Reason::BusyWith { firing, is_over: false });
            }
            (_, None, None) if self.approval.refusal().is_some() => {
                self.settle(Outcome::Skipped, self.approval.refusal().cloned());
            }
            (_, None, None) => {
                let waited_for = || match self.waited_for {
                    Some(firing) => Reason::BusyWith { firing, is_over: true },
                    None if self.must_look => Reason::StateUnread,
                    None => Reason::StateOld,
                };
                let obstacle = obstacle(&self.instance, action);
                self.settle(Outcome::Skipped, obstacle.unwrap_or_else(waited_for));
            }
        }
    }

    /// The keys were refused: nothing more can be sent or read.
    pub(crate) fn lose(&mut self, error: &CloudError) {
        match self.stage {
            Stage::Unasked if self.failure.is_some() => self.refuse(),
            _ => self.tell(Outcome::Unknown, &format!("its state could not be read: {error}")),
        }
    }

    /// The instance is at its goal. `held_by` is the firing that sent the request, if not this one.
    pub(crate) fn arrive(&mut self, action: Action, held_by: Option<FiringId>) {
        let done = match action {
            Action::Stop => Outcome::Stopped,
            Action::Start => Outcome::Started,
        };
        match held_by {
            _ if self.may_have_worked => self.settle(done, self.approval.silence().cloned()),
            Some(firing) => self.tell(Outcome::Already, &format!("asked by firing {firing}")),
            None => self.settle(Outcome::Already, None),
        }
    }

    /// No (further) request will be sent, for a reason of ours.
    pub(crate) fn withdraw(&mut self, reason: Reason) {
        match &self.failure {
            Some(error) => {
                let asked = times(self.attempts);
                let reason = format!("asked {asked}; {error}; not asked again: {reason}");
                self.tell(Outcome::Refused, &reason);
            }
            None => self.settle(Outcome::Skipped, reason),
        }
    }

    /// A hold defers the action, even after a request without effect.
    pub(crate) fn leave_to(&mut self, hold: &HoldEntry, zone: Zone) {
        self.withdraw(hold.hold.reason(zone));
        if let Some(settled) = &mut self.settled {
            settled.hold = Some(hold.id);
        }
    }

    pub(crate) fn refuse(&mut self) {
        let reason = match &self.failure {
            Some(error) if self.is_blamed => format!("asked {}; {error}", times(self.attempts)),
            Some(error) => format!("asked {}, with others; {error}", times(self.attempts)),
            None => "refused".to_owned(),
        };
        self.tell(Outcome::Refused, &reason);
    }

    /// Settles it with words that nobody asks about.
    pub(crate) fn tell(&mut self, outcome: Outcome, words: &str) {
        self.settle(outcome, Reason::Other(words.to_owned()));
    }

    pub(crate) fn settle(&mut self, outcome: Outcome, reason: impl Into<Option<Reason>>) {
        self.settled = Some(Settlement {
            instance: Some(self.instance.no.clone()),
            region: Some(self.instance.region.clone()),
            status_after: (!self.is_unseen).then(|| self.instance.status.code().to_owned()),
            ..Settlement::of_firing(outcome, reason)
        });
    }
}
