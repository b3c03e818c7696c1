//! What has been let into a firing, and what was left out of it.

use std::collections::{BTreeMap, BTreeSet};

use super::target::Target;
use crate::cloud::CloudError;
use crate::inventory::Reading;
use crate::model::instance::{Instance, InstanceNo, RegionCode};
use crate::model::outcome::{LEFT_OUT, Outcome, is_by_choice};
use crate::model::settlement::Settlement;

/// What has been let into a firing.
#[derive(Debug, Default)]
pub(crate) struct Admitted {
    /// The instances that are in the log as this firing's.
    pub(crate) targets: BTreeSet<InstanceNo>,
    /// Those that the rule selects: what a drift is measured by.
    pub(super) matched: BTreeSet<InstanceNo>,
    /// Those that may be acted on, whatever their state: what `max_instances` counts.
    pub(super) chosen: BTreeSet<InstanceNo>,
    /// Those that are judged once their own tags have been read.
    pub(crate) pending: BTreeMap<InstanceNo, Instance>,
    /// What was read, and is let in once no guard can be against it any more.
    pub(super) parked: Vec<Reading>,
    /// Whether a guard may yet be against it: nothing is asked before that is known.
    pub(crate) is_too_soon: bool,
    /// The instances for which the rule could not be judged: where they are, and why not.
    pub(crate) unjudged: BTreeMap<InstanceNo, (RegionCode, CloudError)>,
    /// What the last attempt at the tags of a region failed with.
    pub(crate) untagged: BTreeMap<RegionCode, CloudError>,
    /// The regions in which an instance was left alone because its tags could not be read.
    pub(super) left_unread: BTreeSet<RegionCode>,
    /// Those in which anything was tried, or would have been.
    pub(super) tried: BTreeSet<RegionCode>,
    /// What lists show too little of, and its number as far as that is known.
    pub(super) odd: BTreeMap<(RegionCode, String), Option<InstanceNo>>,
    /// Why nothing more is asked: there are too many, or far more than there used to be.
    pub(crate) barred: Option<String>,
}

/// How many rows that could not be read have a word each.
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
        match settled.outcome {
            Outcome::Already => {}
            Outcome::Skipped if is_unread => {
                self.left_unread.insert(region.clone());
            }
            Outcome::Skipped if is_by_choice(settled.reason.as_deref()) => {}
            _ => {
                self.tried.insert(region.clone());
            }
        }
    }

    /// A word for each row of lists that could not be read, and may be one that the rule means.
    pub(crate) fn left_out(&self) -> Vec<Settlement> {
        let is_known =
            |no: &Option<InstanceNo>| no.as_ref().is_some_and(|no| self.targets.contains(no));
        let odd: Vec<_> = self.odd.iter().filter(|(_, no)| !is_known(no)).collect();
        let word = |(region, error): &(RegionCode, String)| Settlement {
            region: Some(region.clone()),
            ..Settlement::of_firing(Outcome::Skipped, format!("{LEFT_OUT}{error}"))
        };
        let mut words: Vec<_> = odd.iter().take(MOST_LEFT_OUT).map(|(row, _)| word(row)).collect();
        if odd.len() > MOST_LEFT_OUT {
            let more = format!("{LEFT_OUT}{} more like it", odd.len() - MOST_LEFT_OUT);
            words.push(Settlement::of_firing(Outcome::Skipped, more));
        }
        words
    }
}
