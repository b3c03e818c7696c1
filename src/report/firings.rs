//! Counts firings, and the instances in them, by how they ended.

use super::counts::{Ends, Firings};
use crate::audit::report_facts::{Fired, HowRun, OutcomeGroup};
use crate::model::outcome::{Outcome, TAGS_UNREAD, is_by_choice};

/// The beginning of the reason of a held instance.
const HELD: &str = "held";

impl Fired {
    pub(super) fn count(&self) -> Firings {
        let mut firings = Firings::default();
        if self.ended.iter().any(OutcomeGroup::is_held) {
            firings.held = 1;
        }
        if self.is_makeup {
            firings.made_up = u64::from(self.run != HowRun::Missed);
            return firings;
        }
        *match self.run {
            HowRun::ByHand => &mut firings.by_hand,
            HowRun::OnTime => &mut firings.on_time,
            HowRun::Late => &mut firings.late,
            HowRun::Missed => &mut firings.missed,
        } = 1;
        firings.due = u64::from(self.run != HowRun::ByHand);
        if matches!(self.run, HowRun::OnTime | HowRun::Late) {
            *self.end(&mut firings) = 1;
        }
        firings
    }

    fn end<'f>(&self, firings: &'f mut Firings) -> &'f mut u64 {
        let said = |outcomes: &[Outcome]| self.words.iter().any(|word| outcomes.contains(word));
        if self.is_open {
            &mut firings.open
        } else if said(&[Outcome::Overlapped]) {
            &mut firings.overlapped
        } else if said(&[Outcome::TooMany, Outcome::Drifted]) {
            &mut firings.guarded
        } else if said(&[Outcome::CloudFailed]) && self.ended.is_empty() {
            &mut firings.failed
        } else if self.is_dry_run {
            &mut firings.dry_run
        } else if said(&[Outcome::NothingMatched]) {
            &mut firings.empty
        } else if said(&[Outcome::CloudFailed]) || self.ends().fell_short() > 0 {
            &mut firings.fell_short
        } else {
            &mut firings.came_true
        }
    }

    pub(super) fn ends(&self) -> Ends {
        let mut ends = Ends::default();
        for ended in &self.ended {
            *ended.kind(&mut ends) += u64::try_from(ended.instances.len()).unwrap_or(u64::MAX);
        }
        ends
    }
}

impl Ends {
    /// The instances that are not in their state, or not known to be.
    fn fell_short(&self) -> u64 {
        self.troubles() + self.unsettled
    }
}

impl OutcomeGroup {
    fn is_held(&self) -> bool {
        !self.is_meant() && self.reason.as_deref().is_some_and(|reason| reason.starts_with(HELD))
    }

    /// Whether the firing was meant for these, since nobody chose to leave them as they were.
    pub(super) fn is_meant(&self) -> bool {
        !(self.outcome == Some(Outcome::Skipped) && is_by_choice(self.reason.as_deref()))
    }

    /// Whether nobody knows if the firing was meant for these.
    fn is_unread(&self) -> bool {
        self.reason.as_deref().is_some_and(|reason| TAGS_UNREAD.contains(&reason))
    }

    pub(super) fn kind<'e>(&self, ends: &'e mut Ends) -> &'e mut u64 {
        match self.outcome {
            Some(Outcome::Stopped) => &mut ends.stopped,
            Some(Outcome::Started) => &mut ends.started,
            Some(Outcome::Already) => &mut ends.already,
            Some(Outcome::DryRun) => &mut ends.dry_run,
            Some(Outcome::Refused) => &mut ends.refused,
            Some(Outcome::TimedOut) => &mut ends.timed_out,
            Some(Outcome::Unknown) => &mut ends.unknown,
            Some(Outcome::Skipped) if self.is_held() => &mut ends.held,
            Some(Outcome::Skipped) if !self.is_meant() => &mut ends.left_alone,
            Some(Outcome::Skipped) if self.is_unread() => &mut ends.unknown,
            Some(Outcome::Skipped) => &mut ends.busy,
            _ => &mut ends.unsettled,
        }
    }
}
