//! Counts firings, and the instances in them, by how they ended.

use super::counts::{Ends, Firings};
use crate::audit::report_facts::{Fired, HowRun, OutcomeGroup};
use crate::model::outcome::{Count, FiringCount, ServerCount};

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
        let said = |count| self.words.iter().any(|word| word.count(None) == Count::Firing(count));
        if self.is_open {
            &mut firings.open
        } else if said(FiringCount::Overlapped) {
            &mut firings.overlapped
        } else if said(FiringCount::Guarded) {
            &mut firings.guarded
        } else if said(FiringCount::Failed) && self.ended.is_empty() {
            &mut firings.failed
        } else if self.is_dry_run {
            &mut firings.dry_run
        } else if said(FiringCount::Empty) {
            &mut firings.empty
        } else if said(FiringCount::Failed) || self.ends().fell_short() > 0 {
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
    fn count(&self) -> Option<Count> {
        Some(self.outcome?.count(self.reason.as_ref()))
    }

    fn is_held(&self) -> bool {
        self.count() == Some(Count::Server(ServerCount::Held))
    }

    /// Whether the firing was meant for these, since nobody chose to leave them as they were.
    pub(crate) fn is_meant(&self) -> bool {
        !self.outcome.is_some_and(|outcome| outcome.is_by_choice(self.reason.as_ref()))
    }

    pub(super) fn kind<'e>(&self, ends: &'e mut Ends) -> &'e mut u64 {
        let Some(Count::Server(count)) = self.count() else { return &mut ends.unsettled };
        match count {
            ServerCount::Stopped => &mut ends.stopped,
            ServerCount::Started => &mut ends.started,
            ServerCount::Already => &mut ends.already,
            ServerCount::DryRun => &mut ends.dry_run,
            ServerCount::Refused => &mut ends.refused,
            ServerCount::TimedOut => &mut ends.timed_out,
            ServerCount::Unknown => &mut ends.unknown,
            ServerCount::Held => &mut ends.held,
            ServerCount::LeftAlone => &mut ends.left_alone,
            ServerCount::Busy => &mut ends.busy,
        }
    }
}
