//! What refusals for want of a right say of what was not asked yet.
//!
//! Rights can be given server by server, so that one refusal says nothing of the others, and a
//! batch is halved until each of it has its own answer. Until anything was accepted, batches that
//! were not tried wait for that. Where a whole batch was refused one by one, all of the account
//! probably is, and hundreds of batches are not halved for that: of each further one a single
//! server is asked first, and after its refusal the rest in two halves. What is refused then is
//! halved on last, with so many requests that a few batches are taken apart whole. Whatever is
//! accepted ends that suspicion, also for what had been refused together.

use super::execution::{Cohorts, Execution, Rights};
use super::target::{Stage, Target};
use crate::cloud::{CloudError, MOST_INSTANCES_A_REQUEST};
use crate::model::instance::InstanceNo;

/// How many requests may be refused while the right seems to be missing for all, at least: what
/// it takes to ask two batches one by one, by halves.
const LEAST_IN_VAIN: usize = 4 * MOST_INSTANCES_A_REQUEST;

/// How many may be for each batch of which a single server was asked first.
const IN_VAIN_A_BATCH: usize = 4;

impl Rights {
    /// Whether the right seems to be missing for all.
    fn is_wary(&self) -> bool {
        self.alone >= MOST_INSTANCES_A_REQUEST
    }

    /// Whether what was refused together is worth another request.
    fn may_go_on(&self) -> bool {
        self.in_vain < LEAST_IN_VAIN.max(IN_VAIN_A_BATCH * self.sampled)
    }
}

impl Execution<'_> {
    /// Takes in that a request was accepted: the right is there.
    pub(crate) fn found_right(&mut self) {
        self.rights = Rights { is_found: true, ..Rights::default() };
        for target in &mut self.targets {
            (target.is_sampled, target.is_given_up) = (false, false);
        }
    }

    /// Takes in that a request was refused for want of a right.
    pub(crate) fn missed_right(&mut self, batch: &[InstanceNo]) {
        let was_wary = self.rights.is_wary();
        self.rights.alone += usize::from(batch.len() == 1);
        if !self.rights.is_wary() {
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
                    // It was under way when others gave rise to the suspicion.
                    target.cohort = 0;
                }
            }),
        }
    }

    /// Makes whole batches again of what was refused with others: each is tried with one server.
    fn pool(&mut self) {
        let was_refused = |it: &Target| matches!(it.failure, Some(CloudError::Forbidden { .. }));
        let open = self.targets.iter_mut().filter(|it| it.is_open() && it.stage == Stage::Unasked);
        open.filter(|it| was_refused(it) && !it.is_blamed).for_each(|it| it.cohort = 0);
    }

    /// Makes two halves of the batch of an instance that was asked first.
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
            .take(MOST_INSTANCES_A_REQUEST - 1)
            .collect();
        let half = mates.len().div_ceil(2);
        for (place, mate) in mates.into_iter().enumerate() {
            mate.is_sampled = true;
            mate.cohort = first + u32::from(place >= half);
        }
    }

    /// Of each batch that was not tried yet leaves in the one that is asked first, or none of
    /// them where the halves of another one will tell.
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
        if !self.rights.is_wary() {
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

    /// Where nothing else is left to be asked, goes on with the halves of what was refused
    /// together last; at some time all of that is refused for good.
    pub(crate) fn go_on_or_give_up(&mut self) {
        let action = self.firing.rule.action;
        let in_line = || self.targets.iter().filter(|target| target.is_in_line(action));
        let Some(latest) = in_line().map(|target| target.cohort).max() else { return };
        if !self.rights.is_wary() || in_line().any(|it| !it.is_given_up || it.must_look) {
            return;
        }
        let goes_on = self.rights.may_go_on();
        for target in self.targets.iter_mut().filter(|it| it.is_open() && it.is_given_up) {
            if !goes_on {
                target.refuse();
            } else if target.cohort == latest {
                target.is_given_up = false;
            }
        }
    }
}
