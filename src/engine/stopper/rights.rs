//! Draws conclusions from requests that were refused for a missing right.
//!
//! 1. Rights can be given server by server. So one refusal proves nothing about other servers, and
//!    a refused batch is halved until each server has its own answer.
//! 2. Until a request is accepted, untried batches wait for these answers.
//! 3. When a whole batch was refused one by one, the right is probably missing for the whole
//!    account. Halving hundreds of batches would be useless. So each further batch is tried with
//!    one server, and after its refusal with the rest in two halves.
//! 4. Last of all, halves that were refused are halved on, within a number of requests that
//!    suffices for a few whole batches.
//! 5. An acceptance ends the suspicion, also for servers that were refused together.
//!
//! [`super::submit`] sends the requests.

use super::execution::{Cohorts, Execution, Rights};
use super::target::{Stage, Target};
use crate::cloud::CloudError;
use crate::model::instance::InstanceNo;

/// The least number of refusals to accept while the right seems to be missing for all, in batches'
/// worth of servers: enough to try two batches one by one, by halves.
const LEAST_IN_VAIN: usize = 4;

/// The refusals to accept for each batch that was tried with a single server.
const IN_VAIN_A_BATCH: usize = 4;

impl Execution<'_> {
    /// Whether the right seems to be missing for all.
    fn is_wary(&self) -> bool {
        self.rights.alone >= self.limits.instances_a_request
    }

    /// Notes an acceptance: the right is there.
    pub(crate) fn found_right(&mut self) {
        self.rights = Rights { is_found: true, ..Rights::default() };
        for target in &mut self.targets {
            (target.is_sampled, target.is_given_up) = (false, false);
        }
    }

    /// Notes a refusal for a missing right.
    pub(crate) fn missed_right(&mut self, batch: &[InstanceNo]) {
        let was_wary = self.is_wary();
        self.rights.alone += usize::from(batch.len() == 1);
        if !self.is_wary() {
            return;
        }
        if !was_wary {
            return self.pool();
        }
        self.rights.in_vain += 1;
        match batch {
            [no] => self.suspect_mates(no),
            _ => self.with(batch, |target| {
                target.is_given_up = target.is_sampled;
                if !target.is_sampled {
                    // The request was under way when the suspicion arose.
                    target.cohort = 0;
                }
            }),
        }
    }

    /// Joins refused servers to whole batches again, each to be tried with one server.
    fn pool(&mut self) {
        let was_refused = |it: &Target| matches!(it.failure, Some(CloudError::Forbidden { .. }));
        let open = self.targets.iter_mut().filter(|it| it.is_open() && it.stage == Stage::Unasked);
        open.filter(|it| was_refused(it) && !it.is_blamed).for_each(|it| it.cohort = 0);
    }

    /// Splits the rest of a batch in two after the refusal of its first server.
    fn suspect_mates(&mut self, no: &InstanceNo) {
        let asked = self.targets.iter().find(|target| target.instance.no == *no);
        let Some(asked) = asked.filter(|it| !it.is_sampled) else { return };
        let (region, cohort) = (asked.instance.region.clone(), asked.cohort);
        self.rights.sampled += 1;
        let first = self.fresh_cohort();
        let action = self.firing.rule.action;
        let mates: Vec<&mut Target> = self
            .targets
            .iter_mut()
            .filter(|it| it.is_in_line(action) && it.instance.no != *no)
            .filter(|it| it.instance.region == region && it.cohort == cohort && !it.is_sampled)
            .take(self.limits.instances_a_request - 1)
            .collect();
        let half = mates.len().div_ceil(2);
        for (place, mate) in mates.into_iter().enumerate() {
            mate.is_sampled = true;
            mate.cohort = first + u32::from(place >= half);
        }
    }

    /// Reduces each untried batch to its first server. Removes all of them while the halves of a
    /// refused batch will tell more.
    pub(crate) fn sample(&self, mut cohorts: Cohorts) -> Cohorts {
        let action = self.firing.rule.action;
        if !self.rights.is_found {
            let tells = |it: &&Target| {
                let was_refused = matches!(it.failure, Some(CloudError::Forbidden { .. }));
                it.cohort != 0 && was_refused && !it.is_given_up && it.is_in_line(action)
            };
            for told in self.targets.iter().filter(tells) {
                cohorts.remove(&(told.instance.region.clone(), 0));
            }
        }
        if !self.is_wary() {
            return cohorts;
        }
        let is_sampled =
            |no: &InstanceNo| self.targets.iter().any(|it| it.instance.no == *no && it.is_sampled);
        for cohort in cohorts.values_mut() {
            if !cohort.first().is_some_and(is_sampled) {
                cohort.truncate(1);
            }
        }
        cohorts
    }

    /// When nothing else is left to send, goes on with the halves that were refused last. In the
    /// end refuses them all for good.
    pub(crate) fn go_on_or_give_up(&mut self) {
        let action = self.firing.rule.action;
        let in_line = || self.targets.iter().filter(|target| target.is_in_line(action));
        let Some(latest) = in_line().map(|target| target.cohort).max() else { return };
        if !self.is_wary() || in_line().any(|it| !it.is_given_up || it.must_look) {
            return;
        }
        let least = LEAST_IN_VAIN * self.limits.instances_a_request;
        let goes_on = self.rights.in_vain < least.max(IN_VAIN_A_BATCH * self.rights.sampled);
        for target in self.targets.iter_mut().filter(|it| it.is_open() && it.is_given_up) {
            if !goes_on {
                target.refuse();
            } else if target.cohort == latest {
                target.is_given_up = false;
            }
        }
    }
}
