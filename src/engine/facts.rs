//! The facts of the log that decide about the instances of a firing.
//!
//! `plan`, `ahead` and the stopper all put their question here, so that neither heeds a fact that the other
//! does not know. The stopper asks more about a late firing. `select` decides by the facts.

use std::borrow::Borrow;
use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::audit::{AuditError, AuditReader, FactsQuery, LogFacts, StoppedBy};
use crate::hold::Hold;
use crate::hold::tag::TagTerms;
use crate::inventory::{Reading, RegionReading};
use crate::model::found_tag::FoundTag;
use crate::model::instance::{Instance, InstanceNo};
use crate::model::reason::Reason;
use crate::schedule::{Rule, Schedules, Start};
use crate::select::decide::Facts;
use crate::select::eligibility::{Eligibility, Match, Selection};
use crate::stop_limit::Allowance;

/// The instances that a rule would act on.
#[derive(Clone, Debug)]
pub struct Concerned<'a> {
    pub rule: &'a Rule,
    pub allowance: Option<&'a Allowance>,
    pub instances: Vec<&'a Instance>,
    pub now: DateTime<Utc>,
}

impl<'a> Concerned<'a> {
    /// The question about the holds, and about the past that the stop budget counts.
    pub fn query(&self) -> FactsQuery<'a> {
        let counted = self.allowance.map(|allowance| allowance.counted(&self.instances));
        FactsQuery {
            counted: counted.unwrap_or_default(),
            ..FactsQuery::of(&self.rule.account, self.rule.action, self.now)
        }
    }

    /// The same question, and who stopped the instances of a reading, if the rule asks.
    pub fn query_in(&self, reading: &Reading) -> FactsQuery<'a> {
        let here = |region: &RegionReading| {
            let here = self.instances.iter().filter(|instance| instance.region == region.region);
            (here.copied().collect(), region.read_at)
        };
        let asks = self.rule.start != Start::All;
        let regions = reading.regions.iter().filter(|_| asks);
        FactsQuery { stopped: regions.map(|region| here(region)).collect(), ..self.query() }
    }

    /// The instances that (1) the rule does not start because lightsout did not stop them, (2) it
    /// does not stop because that would overrun their stop budget, or (3) because they were made
    /// too lately.
    pub fn excluded<H: Borrow<Hold>>(
        &self,
        log: &LogFacts,
        holds: &[H],
    ) -> HashMap<InstanceNo, Reason> {
        let rule = self.rule;
        let others = |instance: &&Instance| {
            let stopped_by = log.stopped_by.get(&instance.no).copied();
            let reason = stopped_by.unwrap_or(StoppedBy::Unknown).reason(rule.timezone)?;
            Some((instance.no.clone(), reason))
        };
        let asked = self.instances.iter().filter(|_| rule.start != Start::All);
        asked.filter_map(others).chain(self.overruns(log, holds)).chain(self.young()).collect()
    }

    /// The instances within `[limits] grace`. One whose `createDate` the cloud does not say is not
    /// among them: it would never be stopped.
    fn young(&self) -> impl Iterator<Item = (InstanceNo, Reason)> {
        let Rule { timezone, pace, .. } = self.rule;
        let asked = self.instances.iter().filter(|_| !pace.grace.is_zero());
        asked.filter_map(|instance| {
            let until =
                instance.created_at?.checked_add_signed(TimeDelta::from_std(pace.grace).ok()?)?;
            let reason = Reason::Young { until: timezone.show(until) };
            (self.now < until).then(|| (instance.no.clone(), reason))
        })
    }

    /// The instances whose stop would overrun their stop budget.
    pub fn overruns<H: Borrow<Hold>>(
        &self,
        log: &LogFacts,
        holds: &[H],
    ) -> HashMap<InstanceNo, Reason> {
        let Some(allowance) = self.allowance else { return HashMap::new() };
        allowance.overruns((&log.seen, &log.watch), &self.instances, holds, self.now)
    }
}

/// The facts that a firing of a rule would heed at a time, as far as they are known before it. Asks
/// the log and writes nothing; without a log, nothing speaks against anything but tags.
pub async fn foreseen(
    (schedules, rule): (&Schedules, &Rule),
    (selection, reading): (&Selection<'_>, &Reading),
    (past, now): (Option<&AuditReader>, DateTime<Utc>),
) -> Result<Facts<Hold>, AuditError> {
    let allowance = Allowance::of(schedules, rule);
    let instances = selection.matches.iter().map(|found| found.instance).collect();
    let concerned = Concerned { rule, allowance: allowance.as_ref(), instances, now };
    let tags = TagTerms::of(&schedules.holds, rule)
        .map(|terms| (terms, hold_tags(&selection.matches, reading)));
    let query = FactsQuery { tags, ..concerned.query_in(reading) };
    let log = match past {
        Some(past) => past.facts_for(&query).await?,
        None => query.without_a_log(),
    };
    let in_force = log.holds.iter().map(|entry| entry.hold.clone());
    let holds: Vec<Hold> = in_force.chain(log.begun.iter().cloned()).collect();
    Ok(Facts { excluded: concerned.excluded(&log, &holds), holds })
}

/// The hold tags of the instances that may be acted on.
pub fn hold_tags<'m>(
    matches: impl IntoIterator<Item = &'m Match<'m>>,
    reading: &Reading,
) -> Vec<FoundTag> {
    let chosen = matches.into_iter().filter(|found| found.eligibility == Eligibility::Chosen);
    let tag = |instance: &Instance| {
        let region = reading.regions.iter().find(|region| region.region == instance.region)?;
        region.hold_tag(instance)
    };
    chosen.filter_map(|found| tag(found.instance)).collect()
}
