//! The instances that a firing has admitted, and those that it left out. [`super::admission`]
//! decides.

use std::collections::{BTreeMap, BTreeSet};

use super::target::Target;
use crate::cloud::CloudError;
use crate::inventory::Reading;
use crate::model::instance::{Instance, InstanceNo, RegionCode};
use crate::model::outcome::{Effort, Outcome};
use crate::model::reason::Reason;
use crate::model::settlement::Settlement;

#[derive(Debug, Default)]
pub(crate) struct Admitted {
    /// The instances that the log has under this firing.
    pub(crate) targets: BTreeSet<InstanceNo>,
    /// The instances that the rule selects, by which drift is measured.
    pub(super) matched: BTreeSet<InstanceNo>,
    /// The instances that may be acted on, in any state: `max_instances` counts them.
    pub(super) chosen: BTreeSet<InstanceNo>,
    /// The instances to be judged as soon as their own tags are read.
    pub(crate) pending: BTreeMap<InstanceNo, Instance>,
    /// Readings that wait until no guard can stop the firing any more.
    pub(super) parked: Vec<Reading>,
    /// A guard may still stop the firing, so nothing is sent.
    pub(crate) is_too_soon: bool,
    /// The instances that could not be judged, with their region and the reason.
    pub(crate) unjudged: BTreeMap<InstanceNo, (RegionCode, CloudError)>,
    /// The last error for the tags of each region.
    pub(crate) untagged: BTreeMap<RegionCode, CloudError>,
    /// The regions in which unreadable tags left an instance as it was.
    pub(super) left_unread: BTreeSet<RegionCode>,
    /// The regions in which anything was tried, or would have been.
    pub(super) tried: BTreeSet<RegionCode>,
    /// List entries that could not be parsed, with their number if known.
    pub(super) odd: BTreeMap<(RegionCode, String), Option<InstanceNo>>,
    /// The guard's reason why nothing more is sent.
    pub(crate) barred: Option<Reason>,
}

/// The most unparsable entries with a settlement each.
pub(super) const MOST_LEFT_OUT: usize = 10;

impl Admitted {
    pub(crate) fn note_ends(&mut self, targets: &[Target]) {
        for target in targets {
            let Some(settled) = &target.settled else { continue };
            let is_unread = target.eligibility.is_unread() && self.barred.is_none();
            self.note_end(settled, is_unread, &target.instance.region);
        }
    }

    pub(super) fn note_end(&mut self, settled: &Settlement, is_unread: bool, region: &RegionCode) {
        let Settlement { outcome, reason, .. } = settled;
        if *outcome == Outcome::Skipped && is_unread {
            self.left_unread.insert(region.clone());
        } else if outcome.effort() != Effort::Needless && !outcome.is_by_choice(reason.as_ref()) {
            self.tried.insert(region.clone());
        }
    }

    /// A settlement for each unparsable entry that the rule may mean.
    pub(crate) fn left_out(&self) -> Vec<Settlement> {
        let is_known =
            |no: &Option<InstanceNo>| no.as_ref().is_some_and(|no| self.targets.contains(no));
        let odd: Vec<_> = self.odd.iter().filter(|(_, no)| !is_known(no)).collect();
        let word = |(region, error): &(RegionCode, String)| Settlement {
            region: Some(region.clone()),
            ..Settlement::of_firing(Outcome::Skipped, Reason::LeftOut(error.clone()))
        };
        let mut words: Vec<_> = odd.iter().take(MOST_LEFT_OUT).map(|(row, _)| word(row)).collect();
        if odd.len() > MOST_LEFT_OUT {
            let more = format!("{} more like it", odd.len() - MOST_LEFT_OUT);
            words.push(Settlement::of_firing(Outcome::Skipped, Reason::LeftOut(more)));
        }
        words
    }
}
