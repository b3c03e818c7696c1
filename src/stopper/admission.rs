//! Lets the instances of a reading into a firing: judged, counted, and each once.

use std::collections::{BTreeMap, BTreeSet};

use tracing::warn;

use super::Firing;
use super::chase::Chase;
use super::left_alone::in_region;
use super::pursuit::{Pursuit, Stage};
use crate::audit::{AuditError, Settlement};
use crate::cloud::CloudError;
use crate::hold::{HoldEntry, binding};
use crate::instance::{Instance, InstanceNo, RegionCode};
use crate::outcome::Outcome;
use crate::reading::Reading;
use crate::selection::{Match, Selection, can_drift, drifted, obstacle, too_many};

/// What has been let into a firing.
#[derive(Debug, Default)]
pub(super) struct Admitted {
    /// The instances that are in the log as this firing's.
    pub(super) targets: BTreeSet<InstanceNo>,
    /// Those that may be acted on, whatever their state: what `max_instances` counts.
    chosen: BTreeSet<InstanceNo>,
    /// The regions where the rule could not be judged for some instance, and why.
    pub(super) unjudged: BTreeMap<RegionCode, CloudError>,
    /// Why nothing more is asked: there are too many, or far more than there used to be.
    pub(super) barred: Option<String>,
}

impl Chase<'_> {
    /// Lets in what a reading shows and the firing does not know yet. Where a guard is against
    /// it, nothing is let in and nothing more is asked.
    pub(super) async fn admit(&mut self, reading: &Reading) -> Result<(), AuditError> {
        let firing = self.firing;
        let rule = &firing.rule;
        let mut selection = Selection::of(rule, &firing.protect, reading);
        selection.narrow(|instance| firing.is_about(instance));
        self.note_unjudged(reading, &selection);
        if self.admitted.barred.is_some() {
            return Ok(());
        }
        let admitted = &mut self.admitted;
        admitted.chosen.extend(selection.chosen().map(|instance| instance.no.clone()));
        let fresh: Vec<&Match<'_>> = selection
            .matches
            .iter()
            .filter(|found| admitted.targets.insert(found.instance.no.clone()))
            .collect();
        if let Some((outcome, reason)) = self.guard().await? {
            warn!(rule = %rule.name, firing = i64::from(firing.id), %reason, "{outcome}, nothing sent");
            self.admitted.barred = Some(format!("{outcome}: {reason}"));
            return self.say(vec![Settlement::of_firing(outcome, reason)]).await;
        }
        for region in &reading.regions {
            let here = in_region(&fresh, &region.region);
            self.stopper.audit.seen(&rule.account, &here, region.read_at).await?;
        }
        let left = self.left_alone(&fresh, reading).await?;
        let holds = self.holds(&fresh, reading).await?;
        let settled = |found: &&Match<'_>| {
            let left = left.get(&found.instance.no).map(String::as_str);
            settled_at_once(found, firing, left, binding(&holds, firing.whom(found.instance)))
        };
        let words: Vec<Settlement> = fresh.iter().filter_map(settled).collect();
        let is_settled = |found: &&&Match<'_>| {
            words.iter().any(|word| word.instance.as_ref() == Some(&found.instance.no))
        };
        for region in &reading.regions {
            let here = |found: &&&Match<'_>| found.instance.region == region.region;
            let chased = fresh.iter().filter(here).filter(|found| !is_settled(found));
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

    /// What holds the whole firing back, and with which numbers.
    async fn guard(&self) -> Result<Option<(Outcome, String)>, AuditError> {
        let rule = &self.firing.rule;
        let count = |set: &BTreeSet<_>| u64::try_from(set.len()).unwrap_or(u64::MAX);
        let (chosen, matched) = (count(&self.admitted.chosen), count(&self.admitted.targets));
        if let Some(reason) = too_many(rule, chosen) {
            return Ok(Some((Outcome::TooMany, reason)));
        }
        if !can_drift(rule, matched) {
            return Ok(None);
        }
        let most = self.stopper.audit.most_matched(&rule.name, self.firing.id).await?;
        let reason = most.and_then(|most| drifted(rule, matched, most));
        Ok(reason.map(|reason| (Outcome::Drifted, reason)))
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
/// `later` is the firing that it is left to, `hold` what holds it.
fn settled_at_once(
    found: &Match<'_>,
    firing: &Firing,
    left_alone: Option<&str>,
    hold: Option<&HoldEntry>,
) -> Option<Settlement> {
    let (instance, action) = (found.instance, firing.rule.action);
    let said = |outcome, reason| Settlement {
        instance: Some(instance.no.clone()),
        region: Some(instance.region.clone()),
        status_after: Some(instance.status.code().to_owned()),
        ..Settlement::of_firing(outcome, reason)
    };
    let is_unread = found.judgement.is_unread();
    if let Some(reason) = found.judgement.reason()
        && (!is_unread || firing.dry_run)
    {
        return Some(said(Outcome::Skipped, Some(reason.to_owned())));
    }
    if instance.is_at_goal_of(action) {
        return Some(said(Outcome::Already, None));
    }
    if let Some(reason) = left_alone {
        return Some(said(Outcome::Skipped, Some(reason.to_owned())));
    }
    if let Some(entry) = hold
        && !is_unread
    {
        let reason = entry.hold.reason(firing.rule.timezone);
        let word = said(Outcome::Skipped, Some(reason));
        return Some(Settlement { hold: Some(entry.id), ..word });
    }
    if !firing.dry_run {
        return None;
    }
    Some(match obstacle(instance, action) {
        None => said(Outcome::DryRun, None),
        obstacle => said(Outcome::Skipped, obstacle),
    })
}
