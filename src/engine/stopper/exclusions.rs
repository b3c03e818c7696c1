//! Excludes instances because of earlier actions. An instance is excluded when:
//!
//! 1. the firing runs late, and a later firing or an opposite rule has wanted otherwise since;
//! 2. the firing catches up, and the window of its action has ended since;
//! 3. the rule starts only servers that lightsout stopped, and the log does not show that;
//! 4. its stop would overrun the stop budget, or come within its grace;
//! 5. the firing waited in vain for the servers of the rule that comes first.
//!
//! [`crate::engine::facts`] finds those of 3 and 4, for `plan` as well. [`super::holding`] records
//! hold tags.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::execution::Execution;
use super::{Late, Turn};
use crate::audit::{AuditError, FactsQuery};
use crate::engine::facts::Concerned;
use crate::hold::HoldEntry;
use crate::inventory::{Reading, RegionReading};
use crate::model::ids::FiringId;
use crate::model::instance::{Instance, InstanceNo, RegionCode};
use crate::model::reason::Reason;
use crate::schedule::Rule;
use crate::select::decide::Facts;
use crate::select::eligibility::{Match, may_act};

impl Execution<'_> {
    /// The facts that speak against requests for these instances.
    pub(crate) async fn facts(
        &self,
        fresh: &[&Match<'_>],
        reading: &Reading,
    ) -> Result<Facts<HoldEntry>, AuditError> {
        let firing = self.firing;
        let concerned = Concerned {
            rule: &firing.rule,
            allowance: firing.allowance.as_deref(),
            instances: fresh.iter().map(|found| found.instance).collect(),
            now: self.stopper.clock.now(),
        };
        let late = firing.late.as_ref();
        let wanted = late.map(|late| late.wanted(fresh.iter().map(|found| &found.instance.no)));
        let query =
            FactsQuery { wanted: wanted.unwrap_or_default(), ..concerned.query_in(reading) };
        let log = self.stopper.audit.facts_for(&query).await?;
        let mut excluded = concerned.excluded(&log, &log.holds);
        if let Some(late) = late {
            excluded.extend(self.overtaken(late, fresh, reading));
            excluded.extend(self.undone(&query.wanted));
            let turned = self.turned(late, fresh, reading, log.turned).into_iter();
            let action = firing.rule.action;
            excluded.extend(turned.map(|(no, later)| (no, late.left_to(later, action))));
        }
        if let Some(over) = self.over {
            for found in fresh {
                let no = found.instance.no.clone();
                excluded.entry(no).or_insert_with(|| over.reason());
            }
        }
        if let Turn::Missed(reason) = &firing.turn {
            for found in fresh {
                excluded.entry(found.instance.no.clone()).or_insert_with(|| reason.clone());
            }
        }
        Ok(Facts { excluded, holds: log.holds })
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
    fn undone(&self, wanted: &[(InstanceNo, DateTime<Utc>)]) -> HashMap<InstanceNo, Reason> {
        let (rule, now) = (&self.firing.rule, self.stopper.clock.now());
        let undone = |(no, wanted_at): &(InstanceNo, DateTime<Utc>)| {
            let undone_at = rule.undone_after(*wanted_at).filter(|at| *at <= now)?;
            Some((no.clone(), Reason::WindowEnded { at: rule.timezone.show(undone_at) }))
        };
        wanted.iter().filter_map(undone).collect()
    }

    /// The instances that a late firing leaves to later firings, with these firings: those `turned`
    /// since by the log, and those that a rival still wants to turn.
    fn turned(
        &self,
        late: &Late,
        fresh: &[&Match<'_>],
        reading: &Reading,
        mut turned: HashMap<InstanceNo, FiringId>,
    ) -> HashMap<InstanceNo, FiringId> {
        for (region, index) in places(fresh, reading) {
            let instance = &region.instances[index];
            let no = &instance.no;
            let later = late.rivals.about(instance).find(|rival| {
                rival.wanted.of(no) > late.wanted.of(no)
                    && may_act(&rival.rule, &self.firing.protect, (region, index))
            });
            turned.extend(later.map(|rival| (no.clone(), rival.firing)));
        }
        turned
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
