//! One firing, from what its rule means to what became of each instance.
//!
//! The action is a parameter: a start is a stop in the mirror. Knows a [`Cloud`], a [`Clock`]
//! and the audit log. Records before it sends, looks before it asks again, and calls what it
//! does not know unknown.

mod chase;
mod pursuit;

use std::sync::Arc;

use tracing::{info, warn};

use crate::audit::{Asked, AuditError, AuditLog, FiringId, OpenTarget, Settlement};
use crate::clock::{Clock, Moment};
use crate::cloud::{Cloud, CloudError};
use crate::instance::Instance;
use crate::outcome::Outcome;
use crate::reading::Reading;
use crate::schedule::Rule;
use crate::schedule::selector::Selector;
use crate::selection::{Judgement, Selection, obstacle};
use crate::shutdown::Shutdown;
use pursuit::{Pursuit, Stage};

/// What firings are carried out with.
#[derive(Clone, Debug)]
pub struct Stopper {
    /// The account's cloud.
    pub cloud: Arc<dyn Cloud>,
    /// Where everything is recorded first.
    pub audit: Arc<AuditLog>,
    /// What patience is measured with.
    pub clock: Arc<dyn Clock>,
    /// When to leave what is open to the next start.
    pub shutdown: Shutdown,
}

/// A claimed firing, and the rule it fires under.
#[derive(Clone, Debug)]
pub struct Firing {
    /// Its number in the log.
    pub id: FiringId,
    /// The rule as it was when it fired.
    pub rule: Arc<Rule>,
    /// `[protect]` as it was then.
    pub protect: Arc<Selector>,
    /// Whether nothing is sent.
    pub dry_run: bool,
    /// When patience runs out.
    pub deadline: Moment,
}

/// What became of a firing.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Every word that was recorded about it.
    pub settlements: Vec<Settlement>,
    /// Instances that are still open: the process was told to end first. 1 for the firing itself,
    /// where its account had not been read by then.
    pub open: usize,
}

impl Stopper {
    /// Carries a firing out in a reading of its account.
    ///
    /// # Errors
    /// When the audit log cannot be written. What was asked by then stays open in the log.
    pub async fn run(
        &self,
        firing: &Firing,
        reading: Result<Arc<Reading>, CloudError>,
    ) -> Result<Report, AuditError> {
        let reading = match reading {
            Ok(reading) => reading,
            Err(error) => {
                warn!(rule = %firing.rule.name, firing = %firing.id, %error, "cloud failed");
                let failed = Settlement::of_firing(Outcome::CloudFailed, error.to_string());
                return self.finish(firing, vec![failed]).await;
            }
        };
        let rule = &firing.rule;
        let selection = Selection::of(rule, &firing.protect, &reading);
        let mut words = failed_regions(&reading, &selection);
        let chosen = selection.chosen().count();
        if selection.matches.is_empty() && words.is_empty() {
            warn!(rule = %rule.name, firing = %firing.id, "rule matched no instance");
            words.push(Settlement::of_firing(Outcome::NothingMatched, None));
            return self.finish(firing, words).await;
        }
        if chosen > usize::try_from(rule.max_instances).unwrap_or(usize::MAX) {
            let reason = format!("{chosen} instances, max_instances = {}", rule.max_instances);
            warn!(rule = %rule.name, firing = %firing.id, %reason, "too many, nothing sent");
            words.push(Settlement::of_firing(Outcome::TooMany, reason));
            return self.finish(firing, words).await;
        }
        let matched: Vec<&Instance> = selection.matches.iter().map(|m| m.instance).collect();
        let mut pursuits = Vec::new();
        for found in &selection.matches {
            match verdict(found.instance, found.judgement, firing) {
                Some((outcome, reason)) => {
                    words.push(settled(found.instance, outcome, reason));
                }
                None => pursuits.push(Pursuit::new(
                    found.instance.clone(),
                    Stage::Unasked,
                    reading.read_moment,
                )),
            }
        }
        self.audit.targets(firing.id, &matched, &words).await?;
        self.audit.seen(&rule.account, &matched, reading.read_at).await?;
        self.pursue(firing, pursuits, words).await
    }

    /// Goes on with a firing that another process began: nothing is selected anew, and every
    /// state is read before anything is asked.
    ///
    /// # Errors
    /// When the audit log cannot be written.
    pub async fn resume(
        &self,
        firing: &Firing,
        targets: &[OpenTarget],
    ) -> Result<Report, AuditError> {
        let now = self.clock.moment();
        let pursuit = |target: &OpenTarget| {
            let stage = match target.asked {
                Asked::No => Stage::Unasked,
                Asked::Accepted => Stage::Asked,
                Asked::Unclear => Stage::Unsure,
            };
            let mut pursuit = Pursuit::new(target.instance.clone(), stage, now);
            pursuit.must_look = true;
            pursuit
        };
        self.pursue(firing, targets.iter().map(pursuit).collect(), Vec::new()).await
    }

    /// Pursues what is open and ends the firing, if nothing is left.
    async fn pursue(
        &self,
        firing: &Firing,
        pursuits: Vec<Pursuit>,
        settlements: Vec<Settlement>,
    ) -> Result<Report, AuditError> {
        let mut report = Report { settlements, open: 0 };
        self.chase(firing, pursuits, &mut report).await?;
        if report.open == 0 {
            self.audit.end_firing(firing.id).await?;
            info!(rule = %firing.rule.name, firing = %firing.id, "firing ended");
        }
        Ok(report)
    }

    /// Settles a firing in which nothing (more) is sent.
    ///
    /// # Errors
    /// When the audit log cannot be written.
    pub async fn finish(
        &self,
        firing: &Firing,
        settlements: Vec<Settlement>,
    ) -> Result<Report, AuditError> {
        self.audit.settle(firing.id, &settlements).await?;
        self.audit.end_firing(firing.id).await?;
        Ok(Report { settlements, open: 0 })
    }
}

/// What can be said of an instance before anything is asked; `None` when it is to be pursued.
fn verdict(
    instance: &Instance,
    judgement: Judgement,
    firing: &Firing,
) -> Option<(Outcome, Option<String>)> {
    if let Some(reason) = judgement.reason() {
        return Some((Outcome::Skipped, Some(reason.to_owned())));
    }
    let action = firing.rule.action;
    if instance.is_at_goal_of(action) {
        return Some((Outcome::Already, None));
    }
    if !firing.dry_run {
        return None;
    }
    Some(match obstacle(instance, action) {
        None => (Outcome::DryRun, None),
        reason => (Outcome::Skipped, reason),
    })
}

fn settled(instance: &Instance, outcome: Outcome, reason: Option<String>) -> Settlement {
    Settlement {
        instance: Some(instance.no.clone()),
        region: Some(instance.region.clone()),
        outcome,
        reason,
        status_after: Some(instance.status.code().to_owned()),
    }
}

/// One word for each region in which the rule could not be judged whole.
fn failed_regions(reading: &Reading, selection: &Selection<'_>) -> Vec<Settlement> {
    let unlisted = reading
        .unlisted
        .iter()
        .map(|(region, error)| (region, format!("could not be listed: {error}")));
    let unjudged = |region| selection.unjudged.iter().any(|instance| instance.region == region);
    let untagged = reading
        .untagged
        .iter()
        .filter(|(region, _)| unjudged((*region).clone()))
        .map(|(region, error)| (region, format!("its tags could not be read: {error}")));
    unlisted
        .chain(untagged)
        .map(|(region, reason)| Settlement {
            region: Some(region.clone()),
            ..Settlement::of_firing(Outcome::CloudFailed, reason)
        })
        .collect()
}
