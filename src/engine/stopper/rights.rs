//! What refusals for want of a right say of what was not asked yet.
//!
//! Rights can be given server by server, so that one refusal says nothing of the others, and a
//! batch is halved until each of it has its own answer. Where a whole batch was refused one by
//! one, all of the account probably is, and hundreds of batches are not halved for that: of each
//! further one a single server is asked first, and after its refusal the rest in two halves.
//! Whatever is accepted ends that suspicion, also for what had been refused together.

use std::collections::BTreeMap;

use super::execution::Chase;
use super::target::Pursuit;
use crate::cloud::{CloudError, MOST_INSTANCES_A_REQUEST};
use crate::model::instance::{InstanceNo, RegionCode};

/// What may share requests.
type Cohorts = BTreeMap<(RegionCode, u32), Vec<InstanceNo>>;

impl Chase<'_> {
    /// Takes in that a request was accepted: the right is there.
    pub(crate) fn found_right(&mut self) {
        self.forbidden_in_a_row = 0;
        self.pursuits.iter_mut().for_each(|pursuit| pursuit.is_sampled = false);
    }

    /// Takes in that an instance was refused for want of a right when it was asked alone.
    pub(crate) fn missed_right(&mut self, no: &InstanceNo) {
        self.forbidden_in_a_row += 1;
        let asked = self.pursuits.iter().find(|pursuit| pursuit.instance.no == *no);
        let Some(asked) = asked.filter(|_| self.is_wary()) else { return };
        let (region, cohort) = (asked.instance.region.clone(), asked.cohort);
        let first = self.fresh_cohort();
        let action = self.firing.rule.action;
        let mates: Vec<&mut Pursuit> = self
            .pursuits
            .iter_mut()
            .filter(|it| it.is_in_line(action) && it.instance.no != *no)
            .filter(|it| it.instance.region == region && it.cohort == cohort && !it.is_sampled)
            .take(MOST_INSTANCES_A_REQUEST - 1)
            .collect();
        let half = mates.len().div_ceil(2);
        for (place, mate) in mates.into_iter().enumerate() {
            mate.is_sampled = true;
            mate.cohort = first + u32::from(place >= half);
        }
    }

    /// Whether the right seems to be missing for all.
    pub(crate) fn is_wary(&self) -> bool {
        self.forbidden_in_a_row >= MOST_INSTANCES_A_REQUEST
    }

    /// Of each batch that was not tried yet leaves in the one that is asked first.
    pub(crate) fn sample(&self, mut cohorts: Cohorts) -> Cohorts {
        if !self.is_wary() {
            return cohorts;
        }
        let is_sampled =
            |no: &InstanceNo| self.pursuits.iter().any(|it| it.instance.no == *no && it.is_sampled);
        for cohort in cohorts.values_mut() {
            if !cohort.first().is_some_and(is_sampled) {
                cohort.truncate(1);
            }
        }
        cohorts
    }

    /// Where nothing else is left to be asked, what was refused together is refused for good.
    pub(crate) fn give_up_what_is_forbidden(&mut self) {
        let action = self.firing.rule.action;
        let waits = |it: &&Pursuit| it.is_in_line(action);
        let is_settled = |it: &Pursuit| is_given_up(it) && !it.must_look;
        if self.is_wary() && self.pursuits.iter().filter(waits).all(is_settled) {
            let given_up = self.pursuits.iter_mut().filter(|it| it.is_open() && is_given_up(it));
            given_up.for_each(Pursuit::refuse);
        }
    }
}

/// Whether it was refused together with the rest of a batch of which one had been refused alone.
pub(crate) fn is_given_up(pursuit: &Pursuit) -> bool {
    pursuit.is_sampled && matches!(pursuit.failure, Some(CloudError::Forbidden { .. }))
}
