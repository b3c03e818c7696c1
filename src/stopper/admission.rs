//! Lets the instances of a reading into a firing: judged, counted, and each once.

use std::collections::{BTreeMap, BTreeSet};

use tracing::warn;

use super::Firing;
use super::chase::Chase;
use super::pursuit::{Pursuit, Stage};
use crate::audit::{AuditError, Settlement};
use crate::cloud::CloudError;
use crate::instance::{Instance, InstanceNo, RegionCode};
use crate::outcome::Outcome;
use crate::reading::Reading;
use crate::selection::{Match, Selection, obstacle};

/// What has been let into a firing.
#[derive(Debug, Default)]
pub(super) struct Admitted {
    /// The instances that are in the log as this firing's.
    pub(super) targets: BTreeSet<InstanceNo>,
    /// Those that may be acted on, whatever their state: what `max_instances` counts.
    chosen: BTreeSet<InstanceNo>,
    /// The regions where the rule could not be judged for some instance, and why.
    pub(super) unjudged: BTreeMap<RegionCode, CloudError>,
    /// Why nothing more is asked: there are too many.
    pub(super) too_many: Option<String>,
}

impl Chase<'_> {
    /// Lets in what a reading shows and the firing does not know yet. Where that takes it over
    /// `max_instances`, nothing is let in and nothing more is asked.
    pub(super) async fn admit(&mut self, reading: &Reading) -> Result<(), AuditError> {
        let firing = self.firing;
        let rule = &firing.rule;
        let selection = Selection::of(rule, &firing.protect, reading);
        self.note_unjudged(reading, &selection);
        let admitted = &mut self.admitted;
        admitted.chosen.extend(selection.chosen().map(|instance| instance.no.clone()));
        let count = admitted.chosen.len();
        if admitted.too_many.is_some() {
            return Ok(());
        }
        if count > usize::try_from(rule.max_instances).unwrap_or(usize::MAX) {
            let reason = format!("{count} instances, max_instances = {}", rule.max_instances);
            warn!(rule = %rule.name, firing = %firing.id, %reason, "too many, nothing sent");
            admitted.too_many = Some(reason.clone());
            return self.say(vec![Settlement::of_firing(Outcome::TooMany, reason)]).await;
        }
        let fresh: Vec<&Match<'_>> = selection
            .matches
            .iter()
            .filter(|found| admitted.targets.insert(found.instance.no.clone()))
            .collect();
        let words: Vec<Settlement> =
            fresh.iter().filter_map(|found| settled_at_once(found, firing)).collect();
        for region in &reading.regions {
            let here = |found: &&&Match<'_>| found.instance.region == region.region;
            let matched: Vec<&Instance> =
                fresh.iter().filter(here).map(|found| found.instance).collect();
            self.stopper.audit.seen(&rule.account, &matched, region.read_at).await?;
            let chased = fresh.iter().filter(here).filter(|found| {
                !words.iter().any(|word| word.instance.as_ref() == Some(&found.instance.no))
            });
            self.pursuits.extend(chased.map(|found| {
                let mut pursuit =
                    Pursuit::new(found.instance.clone(), Stage::Unasked, region.read_moment);
                pursuit.judge(found.judgement, region.read_moment);
                pursuit
            }));
        }
        let matched: Vec<&Instance> = fresh.iter().map(|found| found.instance).collect();
        self.stopper.audit.targets(firing.id, &matched, &words).await?;
        self.report.settlements.extend(words);
        Ok(())
    }

    fn note_unjudged(&mut self, reading: &Reading, selection: &Selection<'_>) {
        for region in &reading.regions {
            let unjudged = selection.unjudged.iter().any(|it| it.region == region.region);
            match &region.untagged {
                Some(error) if unjudged => {
                    self.admitted.unjudged.insert(region.region.clone(), error.clone());
                }
                _ => {
                    self.admitted.unjudged.remove(&region.region);
                }
            }
        }
    }

    /// One word for each region in which the rule could not be judged whole.
    pub(super) fn failed_regions(&self) -> Vec<Settlement> {
        let unlisted = self.survey.unlisted().into_iter();
        let unlisted = unlisted.map(|(region, error)| (region, "could not be listed", error));
        let unjudged = self.admitted.unjudged.clone().into_iter();
        let unjudged =
            unjudged.map(|(region, error)| (region, "its tags could not be read", error));
        unlisted
            .chain(unjudged)
            .map(|(region, what, error)| Settlement {
                region: Some(region),
                ..Settlement::of_firing(Outcome::CloudFailed, format!("{what}: {error}"))
            })
            .collect()
    }
}

/// What can be said of an instance before anything is asked; `None` when it is to be pursued.
fn settled_at_once(found: &Match<'_>, firing: &Firing) -> Option<Settlement> {
    let (instance, action) = (found.instance, firing.rule.action);
    let may_be_judged_yet = found.judgement.is_unread() && !firing.dry_run;
    let (outcome, reason) = match (found.judgement.reason(), obstacle(instance, action)) {
        (Some(reason), _) if !may_be_judged_yet => (Outcome::Skipped, Some(reason.to_owned())),
        _ if instance.is_at_goal_of(action) => (Outcome::Already, None),
        _ if !firing.dry_run => return None,
        (_, None) => (Outcome::DryRun, None),
        (_, obstacle) => (Outcome::Skipped, obstacle),
    };
    Some(Settlement {
        instance: Some(instance.no.clone()),
        region: Some(instance.region.clone()),
        outcome,
        reason,
        status_after: Some(instance.status.code().to_owned()),
    })
}
