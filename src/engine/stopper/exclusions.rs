//! Excludes instances because of earlier actions. An instance is excluded when:
//!
//! 1. the firing runs late, and a later firing or an opposite rule has wanted otherwise since;
//! 2. the firing catches up, and the window of its action has ended since;
//! 3. the rule starts only servers that lightsout stopped, and the log does not show that;
//! 4. its stop would overrun the stop budget.
//!
//! `audit` reads those actions. [`super::holding`] finds the held instances.

use std::collections::{HashMap, HashSet};

use super::execution::Execution;
use super::{Firing, Late, Stopper};
use crate::audit::{AuditError, AuditReader};
use crate::hold::HoldEntry;
use crate::inventory::{Reading, RegionReading};
use crate::model::ids::FiringId;
use crate::model::instance::{Instance, InstanceNo, RegionCode};
use crate::model::reason::Reason;
use crate::schedule::{Rule, Start};
use crate::select::decide::Facts;
use crate::select::eligibility::{Match, may_act};

impl Execution<'_> {
    /// The facts that speak against requests for these instances.
    pub(crate) async fn facts(
        &self,
        fresh: &[&Match<'_>],
        reading: &Reading,
    ) -> Result<Facts<HoldEntry>, AuditError> {
        let mut excluded = self.left_alone(fresh, reading).await?;
        if let Some(over) = self.over {
            for found in fresh {
                let no = found.instance.no.clone();
                excluded.entry(no).or_insert_with(|| over.reason());
            }
        }
        Ok(Facts { excluded, holds: self.holds(fresh, reading).await? })
    }

    /// The excluded instances with the reasons.
    async fn left_alone(
        &self,
        fresh: &[&Match<'_>],
        reading: &Reading,
    ) -> Result<HashMap<InstanceNo, Reason>, AuditError> {
        let mut left = self.not_ours(fresh, reading).await?;
        let instances: Vec<&Instance> = fresh.iter().map(|found| found.instance).collect();
        left.extend(self.stopper.overruns(self.firing, &instances).await?);
        if let Some(late) = &self.firing.late {
            left.extend(self.overtaken(late, fresh, reading));
            left.extend(self.undone(late, fresh));
            let action = self.firing.rule.action;
            let turned = self.turned(late, fresh, reading).await?.into_iter();
            left.extend(turned.map(|(no, later)| (no, late.left_to(later, action))));
        }
        Ok(left)
    }

    /// The instances that lightsout did not stop, for a rule that starts only its own.
    async fn not_ours(
        &self,
        fresh: &[&Match<'_>],
        reading: &Reading,
    ) -> Result<HashMap<InstanceNo, Reason>, AuditError> {
        let rule = &self.firing.rule;
        let mut left = HashMap::new();
        if rule.start == Start::All {
            return Ok(left);
        }
        for region in &reading.regions {
            let here = in_region(fresh, &region.region);
            let audit = &self.stopper.audit;
            let stopped_by = audit.stopped_by(&rule.account, &here, region.read_at).await?;
            left.extend(stopped_by.into_iter().filter_map(|(no, stopped_by)| {
                stopped_by.reason(rule.timezone).map(|reason| (no, reason))
            }));
        }
        Ok(left)
    }

    /// The instances that an opposite rule has wanted since, even if its firing had no effect.
    fn overtaken(
        &self,
        late: &Late,
        fresh: &[&Match<'_>],
        reading: &Reading,
    ) -> HashMap<InstanceNo, Reason> {
        let now = self.stopper.clock.now();
        let mut overtaken = HashMap::new();
        for (region, index) in places(fresh, reading) {
            let instance = &region.instances[index];
            let Some(wanted_at) = late.wanted.of(&instance.no) else { continue };
            let due = |rule: &Rule| {
                let due = rule.next_after(wanted_at).filter(|it| it.at <= now)?;
                let (name, action) = (rule.name.clone(), rule.action);
                Some(Reason::Opposed { rule: name, action, at: rule.timezone.show(due.at) })
            };
            let mut rules = late.opposed_by.about(instance);
            let reason = rules.find_map(|rule| {
                may_act(rule, &self.firing.protect, (region, index)).then(|| due(rule)).flatten()
            });
            overtaken.extend(reason.map(|reason| (instance.no.clone(), reason)));
        }
        overtaken
    }

    /// The instances of a deferred action whose window has ended since.
    fn undone(&self, late: &Late, fresh: &[&Match<'_>]) -> HashMap<InstanceNo, Reason> {
        let (rule, now) = (&self.firing.rule, self.stopper.clock.now());
        let undone = |(no, wanted_at)| {
            let undone_at = rule.undone_after(wanted_at).filter(|at| *at <= now)?;
            Some((no, Reason::WindowEnded { at: rule.timezone.show(undone_at) }))
        };
        let wanted = late.wanted(fresh.iter().map(|found| &found.instance.no));
        wanted.into_iter().filter_map(undone).collect()
    }

    /// The instances that a late firing leaves to later firings, with these firings.
    async fn turned(
        &self,
        late: &Late,
        fresh: &[&Match<'_>],
        reading: &Reading,
    ) -> Result<HashMap<InstanceNo, FiringId>, AuditError> {
        let rule = &self.firing.rule;
        let wanted = late.wanted(fresh.iter().map(|found| &found.instance.no));
        let audit = &self.stopper.audit;
        let mut turned = audit.turned_since(&rule.account, rule.action, &wanted).await?;
        for (region, index) in places(fresh, reading) {
            let instance = &region.instances[index];
            let no = &instance.no;
            let later = late.rivals.about(instance).find(|rival| {
                rival.wanted.of(no) > late.wanted.of(no)
                    && may_act(&rival.rule, &self.firing.protect, (region, index))
            });
            turned.extend(later.map(|rival| (no.clone(), rival.firing)));
        }
        Ok(turned)
    }
}

impl Stopper {
    /// The instances whose stop would overrun the stop budget, with the reasons.
    pub async fn overruns(
        &self,
        firing: &Firing,
        instances: &[&Instance],
    ) -> Result<HashMap<InstanceNo, Reason>, AuditError> {
        let Some(allowance) = &firing.allowance else { return Ok(HashMap::new()) };
        // Reading a year of observations takes long. Other writers do not wait for it.
        let log = AuditReader::open(self.audit.path()).await?;
        let overruns = allowance.overruns(&log, instances, self.clock.now()).await;
        log.close().await?;
        overruns
    }
}

/// The indexes of those instances in a reading.
fn places<'r>(
    found: &[&Match<'_>],
    reading: &'r Reading,
) -> impl Iterator<Item = (&'r RegionReading, usize)> {
    let numbers: HashSet<InstanceNo> = found.iter().map(|it| it.instance.no.clone()).collect();
    reading.regions.iter().flat_map(move |region| {
        let places = 0..region.instances.len();
        let meant: Vec<usize> =
            places.filter(|index| numbers.contains(&region.instances[*index].no)).collect();
        meant.into_iter().map(move |index| (&**region, index))
    })
}

pub(crate) fn in_region<'a>(found: &[&Match<'a>], region: &RegionCode) -> Vec<&'a Instance> {
    let here = found.iter().map(|found| found.instance);
    here.filter(|instance| instance.region == *region).collect()
}
