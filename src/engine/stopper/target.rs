//! One instance on its way through one firing: what is known of it and what follows from that.
//!
//! Pure: states come in, the next step comes out. Sending and looking is the stopper's.

use std::time::Duration;

use super::times::times;
use crate::clock::Moment;
use crate::cloud::{CloudError, LISTS_LAG, Meaning};
use crate::model::ids::FiringId;
use crate::model::instance::{Action, Instance};
use crate::model::outcome::Outcome;
use crate::model::settlement::Settlement;
use crate::select::eligibility::Eligibility;

/// How often in a row a look-up must leave an instance out before it counts as gone: the list
/// may lag behind once.
const LOOKS_UNTIL_GONE: u8 = 2;

/// The first look after a request; Terraform's provider waits as long.
pub(crate) const FIRST_PAUSE: Duration = Duration::from_secs(2);

/// The longest time between two looks.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// A state or a eligibility older than this is renewed before anything is asked.
pub(crate) const STALE_AFTER: Duration = Duration::from_secs(60);

/// How long is waited beside patience for what another firing has asked: what a takeover has of
/// its own, and what it waits before it asks again.
const FOR_ANOTHER: Duration = Duration::from_secs(90);

/// How often one is asked alone that is refused for a reason nobody knows: VPC publishes no
/// table of its errors, and some of them pass within seconds.
const ASKED_DESPITE_UNKNOWN: u32 = 4;

/// How far the asking has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Not asked, or asked and told to ask again.
    Unasked,
    /// A request was accepted: it only has to be followed.
    Asked,
    /// A request went out and no answer says what became of it: it has to be looked at before
    /// anything else.
    Unsure,
}

/// An instance that a firing wants at its goal, until it is settled.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, true or not")]
pub(crate) struct Target {
    pub(crate) instance: Instance,
    pub(crate) stage: Stage,
    /// When its state was last read.
    pub(crate) looked_at: Moment,
    /// Whether the rule still means it.
    pub(crate) eligibility: Eligibility,
    /// When it was judged by a name and tags that are still its own; `None`: never.
    judged_at: Option<Moment>,
    /// Its state has to be read before it is asked (again).
    pub(crate) must_look: bool,
    /// It is not asked again before this.
    pub(crate) not_before: Moment,
    /// It is not looked at again before this.
    look_after: Moment,
    /// The pause before the next look but one is longer than this.
    pub(crate) pause: Duration,
    /// From when on its patience counts: since then it could be asked, but for what is the
    /// matter with it. `None`: it only waits for its turn.
    waits_since: Option<Moment>,
    /// Which instances it may share a request with: those of the same number.
    pub(crate) cohort: u32,
    pub(crate) attempts: u32,
    /// How often it was refused for a reason nobody knows, when it was asked alone.
    pub(crate) unknown_refusals: u32,
    /// It is asked with the rest of a batch of which one was refused for want of a right.
    pub(crate) is_sampled: bool,
    /// It was refused with them, and is not asked again until there is nothing else to ask.
    pub(crate) is_given_up: bool,
    /// What the last request came to, where that was not acceptance.
    pub(crate) failure: Option<CloudError>,
    /// Whether that failure is its own: it was asked for alone, or the failure spares nobody.
    pub(crate) is_blamed: bool,
    /// The firing that has an open request for it.
    pub(crate) held_by: Option<FiringId>,
    /// The one that had the last such request.
    pub(crate) waited_for: Option<FiringId>,
    pub(crate) settled: Option<Settlement>,
    /// It was asked since its state was last read, and that may have changed it.
    pub(crate) is_unseen: bool,
    /// A request for it was accepted, or may have been.
    pub(crate) may_have_worked: bool,
    /// From when on a look is believed that shows nothing happening after a lost answer.
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
            believed_from: looked_at,
            missing: 0,
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.settled.is_none()
    }

    /// Whether a request for it may leave now.
    pub(crate) fn may_be_asked(&self, action: Action, now: Moment) -> bool {
        self.is_open()
            && self.stage == Stage::Unasked
            && self.eligibility == Eligibility::Chosen
            && !self.must_look
            && self.held_by.is_none()
            && now >= self.not_before
            && self.instance.is_ready_for(action)
    }

    /// Whether it was seen or judged too long ago to be asked.
    pub(crate) fn is_stale(&self, now: Moment) -> bool {
        now.since(self.looked_at) > STALE_AFTER || !self.is_judged(now)
    }

    /// Whether it was judged not too long ago to be asked.
    pub(crate) fn is_judged(&self, now: Moment) -> bool {
        self.judged_at.is_some_and(|at| now.since(at) <= STALE_AFTER)
    }

    /// Whether only a new eligibility is missing until it can be asked.
    pub(crate) fn must_be_judged(&self, action: Action, now: Moment) -> bool {
        self.is_open()
            && self.stage == Stage::Unasked
            && self.is_stale(now)
            && self.instance.is_ready_for(action)
    }

    /// Whether it can be asked as soon as its turn comes, be it after a look.
    pub(crate) fn is_in_line(&self, action: Action) -> bool {
        self.is_open()
            && self.stage == Stage::Unasked
            && self.eligibility == Eligibility::Chosen
            && self.held_by.is_none()
            && self.instance.is_ready_for(action)
    }

    /// From when on another look may be of use; `None` while it only waits for its turn.
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

    /// Takes in that it is its turn to be asked.
    pub(crate) fn take_turn(&mut self, now: Moment) {
        self.waits_since.get_or_insert(now);
    }

    /// Takes in that it was looked at, whatever came of that: the next look comes later.
    pub(crate) fn was_looked_at(&mut self, action: Action, now: Moment) {
        self.pause = (self.pause * 3 / 2).min(LONGEST_PAUSE);
        self.look_after = now + self.pause;
        // Where the look did not make it ready to be asked, it is not its turn that it waits for.
        if !self.is_in_line(action) || self.must_look || self.is_stale(now) {
            self.waits_since.get_or_insert(now);
        }
    }

    /// It has to be looked at before anything else.
    pub(crate) fn look_at_once(&mut self, now: Moment) {
        self.must_look = true;
        self.look_after = now;
    }

    /// Takes in that it was asked: what comes of that is looked at soon.
    pub(crate) fn was_asked(&mut self, now: Moment) {
        self.pause = FIRST_PAUSE;
        self.look_after = now + FIRST_PAUSE;
    }

    /// When its patience runs out; `None` where that does not count yet.
    pub(crate) fn gives_up_at(&self, patience: Duration) -> Option<Moment> {
        let more = if self.waited_for.is_some() { FOR_ANOTHER } else { Duration::ZERO };
        self.waits_since.map(|since| since + patience + more)
    }

    /// Takes in that another firing has an open request for it.
    pub(crate) fn wait_for(&mut self, holder: FiringId, now: Moment) {
        self.held_by = Some(holder);
        self.waited_for = Some(holder);
        self.was_asked(now);
    }

    /// Takes in whether the rule means it.
    pub(crate) fn judge(&mut self, eligibility: Eligibility, now: Moment) {
        self.eligibility = eligibility;
        self.judged_at = (!eligibility.is_unread()).then_some(now);
        match eligibility.reason() {
            Some(_) if eligibility.is_unread() => {}
            Some(reason) => self.withdraw(reason),
            None => {}
        }
    }

    /// Takes in that a request was accepted.
    pub(crate) fn accept(&mut self) {
        self.stage = Stage::Asked;
        self.is_unseen = true;
        self.failure = None;
    }

    /// Takes in that a request went out and nobody knows what became of it.
    pub(crate) fn doubt(&mut self, now: Moment) {
        self.stage = Stage::Unsure;
        self.is_unseen = true;
        self.believed_from = now + LISTS_LAG;
    }

    /// Takes in what a look showed.
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
            // Whatever is in progress on it since the request is taken for the request's work.
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

    /// Whether what the cloud said to it will not change within this firing.
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

    /// Takes in that a look did not show it.
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
                self.settle(Outcome::Refused, &reason);
            }
            Stage::Unasked => self.settle(Outcome::Skipped, "no longer in the server list"),
            Stage::Asked | Stage::Unsure => {
                self.settle(Outcome::Unknown, "asked, and no longer in the server list");
            }
        }
    }
}
