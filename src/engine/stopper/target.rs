//! One instance under way in one firing: the facts about it, and the next step.
//!
//! Pure: states come in, the next step comes out. [`super::submit`] sends, [`super::poll`] reads.

use std::time::Duration;

use super::approval::Approval;
use super::times::times;
use crate::clock::Moment;
use crate::cloud::{CloudError, Meaning};
use crate::model::ids::FiringId;
use crate::model::instance::{Action, Instance};
use crate::model::outcome::Outcome;
use crate::model::reason::Reason;
use crate::model::settlement::Settlement;
use crate::select::eligibility::Eligibility;

/// An instance counts as gone when this many readings in a row lack it: a list may lag once.
const LOOKS_UNTIL_GONE: u8 = 2;

/// The first reading after a request; Terraform's provider waits as long.
pub(crate) const FIRST_PAUSE: Duration = Duration::from_secs(2);

/// The longest time between two readings.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// An older state or judgement is renewed before a request.
pub(crate) const STALE_AFTER: Duration = Duration::from_secs(60);

/// The extra patience when another firing has sent the request: the extra time of a takeover, and
/// its wait before a repeat.
const FOR_ANOTHER: Duration = Duration::from_secs(90);

/// The most requests for a single instance that is refused for an unknown reason: VPC publishes no
/// table of its errors, and some pass within seconds.
const ASKED_DESPITE_UNKNOWN: u32 = 4;

/// The stage of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// No request yet, or a request that must be repeated.
    Unasked,
    /// A request was accepted and must be followed.
    Asked,
    /// A request was sent without an answer. The state must be read before anything else.
    Unsure,
}

/// An instance that a firing wants at its goal, until it is settled.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, true or not")]
pub(crate) struct Target {
    pub(crate) instance: Instance,
    pub(crate) stage: Stage,
    /// The moment of the last reading.
    pub(crate) looked_at: Moment,
    /// The last judgement by the rule.
    pub(crate) eligibility: Eligibility,
    /// The moment of the last judgement by its present name and tags; `None`: never.
    judged_at: Option<Moment>,
    /// Its state must be read before the next request.
    pub(crate) must_look: bool,
    /// No request is sent before this.
    pub(crate) not_before: Moment,
    /// No reading is made before this.
    look_after: Moment,
    /// The next pause between readings is longer than this.
    pub(crate) pause: Duration,
    /// The start of its patience: from then on, only its own condition has delayed a request.
    /// `None`: it still waits for its turn.
    waits_since: Option<Moment>,
    /// Instances with the same number may share a request.
    pub(crate) cohort: u32,
    pub(crate) attempts: u32,
    /// The refusals for an unknown reason when it was named alone.
    pub(crate) unknown_refusals: u32,
    /// Its request includes the rest of a batch whose first server was refused for a missing right.
    pub(crate) is_sampled: bool,
    /// It was refused with that rest, and waits until nothing else is left to send.
    pub(crate) is_given_up: bool,
    /// The error of the last request.
    pub(crate) failure: Option<CloudError>,
    /// The error is its own: it was named alone, or the error concerns everybody.
    pub(crate) is_blamed: bool,
    /// The firing with an open request for it.
    pub(crate) held_by: Option<FiringId>,
    /// The last firing that had such a request.
    pub(crate) waited_for: Option<FiringId>,
    pub(crate) settled: Option<Settlement>,
    /// A request that may have changed its state was sent since the last reading.
    pub(crate) is_unseen: bool,
    /// A request for it was accepted, or may have been.
    pub(crate) may_have_worked: bool,
    pub(crate) approval: Approval,
    /// After a lost answer, a reading without any effect is believed only from this moment on.
    believed_from: Moment,
    missing: u8,
}

impl Target {
    pub(crate) fn new(instance: Instance, stage: Stage, looked_at: Moment) -> Self {
        Self {
            instance,
            stage,
            looked_at,
            eligibility: Eligibility::Chosen,
            judged_at: None,
            must_look: stage == Stage::Unsure,
            not_before: looked_at,
            look_after: looked_at + FIRST_PAUSE,
            pause: FIRST_PAUSE,
            waits_since: None,
            cohort: 0,
            attempts: 0,
            unknown_refusals: 0,
            is_sampled: false,
            is_given_up: false,
            failure: None,
            is_blamed: false,
            held_by: None,
            waited_for: None,
            settled: None,
            is_unseen: matches!(stage, Stage::Asked | Stage::Unsure),
            may_have_worked: false,
            approval: Approval::Open,
            believed_from: looked_at,
            missing: 0,
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.settled.is_none()
    }

    /// Whether a request for it may be sent now.
    pub(crate) fn may_be_asked(&self, action: Action, now: Moment) -> bool {
        self.is_open()
            && self.stage == Stage::Unasked
            && self.eligibility == Eligibility::Chosen
            && !self.must_look
            && self.held_by.is_none()
            && now >= self.not_before
            && self.instance.is_ready_for(action)
    }

    /// Whether its state or its judgement is too old for a request.
    pub(crate) fn is_stale(&self, now: Moment) -> bool {
        now.since(self.looked_at) > STALE_AFTER || !self.is_judged(now)
    }

    /// Whether its judgement is young enough for a request.
    pub(crate) fn is_judged(&self, now: Moment) -> bool {
        self.judged_at.is_some_and(|at| now.since(at) <= STALE_AFTER)
    }

    /// Whether it needs only a new judgement before a request.
    pub(crate) fn must_be_judged(&self, action: Action, now: Moment) -> bool {
        self.is_open()
            && self.stage == Stage::Unasked
            && self.is_stale(now)
            && self.instance.is_ready_for(action)
    }

    /// Whether it can be requested when its turn comes, perhaps after a reading.
    pub(crate) fn is_in_line(&self, action: Action) -> bool {
        self.is_open()
            && self.stage == Stage::Unasked
            && self.eligibility == Eligibility::Chosen
            && self.held_by.is_none()
            && self.instance.is_ready_for(action)
    }

    /// The next moment at which a reading is useful; `None` while it waits for its turn.
    pub(crate) fn look_due(&self, action: Action, now: Moment) -> Option<Moment> {
        match () {
            () if !self.is_open() => None,
            () if !self.is_in_line(action) => Some(self.look_after),
            () if self.must_look || self.is_stale(now) => {
                Some(self.look_after.max(self.not_before))
            }
            () => None,
        }
    }

    /// Its turn has come.
    pub(crate) fn take_turn(&mut self, now: Moment) {
        self.waits_since.get_or_insert(now);
    }

    /// It was read, with any result: the next reading comes later.
    pub(crate) fn was_looked_at(&mut self, action: Action, now: Moment) {
        self.pause = (self.pause * 3 / 2).min(LONGEST_PAUSE);
        self.look_after = now + self.pause;
        // If it is still not ready for a request, it no longer waits for its turn.
        if !self.is_in_line(action) || self.must_look || self.is_stale(now) {
            self.waits_since.get_or_insert(now);
        }
    }

    /// Its state must be read before anything else.
    pub(crate) fn look_at_once(&mut self, now: Moment) {
        self.must_look = true;
        self.look_after = now;
    }

    /// A request was sent, and its effect is read soon.
    pub(crate) fn was_asked(&mut self, now: Moment) {
        self.pause = FIRST_PAUSE;
        self.look_after = now + FIRST_PAUSE;
    }

    /// The end of its patience; `None` when that has not begun.
    pub(crate) fn gives_up_at(&self, patience: Duration) -> Option<Moment> {
        let more = if self.waited_for.is_some() { FOR_ANOTHER } else { Duration::ZERO };
        self.waits_since.map(|since| since + patience + more)
    }

    /// Another firing has an open request for it.
    pub(crate) fn wait_for(&mut self, holder: FiringId, now: Moment) {
        self.held_by = Some(holder);
        self.waited_for = Some(holder);
        self.was_asked(now);
    }

    /// Takes in a judgement.
    pub(crate) fn judge(&mut self, eligibility: Eligibility, now: Moment) {
        self.eligibility = eligibility;
        self.judged_at = (!eligibility.is_unread()).then_some(now);
        match eligibility.reason() {
            Some(_) if eligibility.is_unread() => {}
            Some(reason) => self.withdraw(reason),
            None => {}
        }
    }

    /// Its request was accepted.
    pub(crate) fn accept(&mut self) {
        self.stage = Stage::Asked;
        self.is_unseen = true;
        self.failure = None;
    }

    /// Its request was sent, and the result is unknown.
    pub(crate) fn doubt(&mut self, believed_from: Moment) {
        self.stage = Stage::Unsure;
        self.is_unseen = true;
        self.believed_from = believed_from;
    }

    /// Takes in a reading.
    pub(crate) fn saw(&mut self, instance: Instance, action: Action, now: Moment) {
        if (&instance.name, &instance.tags) != (&self.instance.name, &self.instance.tags) {
            self.judged_at = None;
        }
        self.may_have_worked |= self.stage != Stage::Unasked;
        self.missing = 0;
        self.looked_at = now;
        self.must_look = false;
        self.is_unseen = false;
        let held_by = self.held_by.take();
        self.instance = instance;
        if self.instance.is_at_goal_of(action) {
            return self.arrive(action, held_by);
        }
        if self.stage == Stage::Unsure {
            // Any progress since the request counts as its effect.
            self.stage = match self.instance.is_ready_for(action) {
                true if now < self.believed_from => Stage::Unsure,
                true => Stage::Unasked,
                false => Stage::Asked,
            };
        }
        if self.stage == Stage::Unasked && self.is_blamed && self.is_refused_for_good() {
            self.refuse();
        }
    }

    /// Whether the last error will stay the same during this firing.
    pub(crate) fn is_refused_for_good(&self) -> bool {
        match &self.failure {
            Some(CloudError::Forbidden { .. }) => true,
            Some(CloudError::Refused { meaning, .. }) => match meaning {
                Meaning::NoSuchInstance => true,
                Meaning::Unknown => self.unknown_refusals >= ASKED_DESPITE_UNKNOWN,
                Meaning::InTheWay | Meaning::Partly | Meaning::AlreadyThere => false,
            },
            _ => false,
        }
    }

    /// A reading did not show it.
    pub(crate) fn missed(&mut self, now: Moment) {
        self.missing += 1;
        self.looked_at = now;
        self.must_look = true;
        if self.is_blamed
            && let Some(CloudError::Refused { meaning: Meaning::NoSuchInstance, .. }) = self.failure
        {
            return self.refuse();
        }
        if self.missing < LOOKS_UNTIL_GONE {
            return;
        }
        match self.stage {
            Stage::Unasked if self.attempts > 0 => {
                let reason =
                    format!("asked {}; no longer in the server list", times(self.attempts));
                self.tell(Outcome::Refused, &reason);
            }
            Stage::Unasked => self.settle(Outcome::Skipped, Reason::Gone),
            Stage::Asked | Stage::Unsure => {
                self.tell(Outcome::Unknown, "asked, and no longer in the server list");
            }
        }
    }
}
