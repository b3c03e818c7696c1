//! The loop of a firing: ask what may be asked, look at what is open, until all is settled,
//! patience runs out or the process is told to end.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::task::JoinSet;
use tracing::{info, warn};

use super::pursuit::{Pursuit, Stage};
use super::{Firing, Report, Stopper};
use crate::audit::{AuditError, Settlement};
use crate::clock::Moment;
use crate::cloud::{Accepted, CloudError, MOST_INSTANCES_A_REQUEST, Meaning};
use crate::instance::{Instance, InstanceNo, RegionCode};
use crate::outcome::Outcome;

/// The first look after a request; Terraform's provider waits as long.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// The longest time between two looks.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How long one look may be tried for.
const LOOK_PATIENCE: Duration = Duration::from_secs(10);
/// A state older than this is read again before anything is asked.
const STALE_AFTER: Duration = Duration::from_secs(60);
/// Requests under way at a time, so that a slow answer does not hold the others up.
const REQUESTS_AT_ONCE: usize = 4;

type Sent = (Vec<InstanceNo>, Result<Accepted, CloudError>);

impl Stopper {
    /// Pursues instances until each is settled, as far as patience and the shutdown allow.
    pub(super) async fn chase(
        &self,
        firing: &Firing,
        mut pursuits: Vec<Pursuit>,
        report: &mut Report,
    ) -> Result<(), AuditError> {
        let mut pause = FIRST_PAUSE;
        let mut shutdown = self.shutdown.clone();
        loop {
            let ending = shutdown.is_due();
            let now = self.clock.moment();
            let mut lost = None;
            if !ending && now < firing.deadline {
                let sent = self.ask(firing, &mut pursuits, &mut lost).await?;
                pause = if sent { FIRST_PAUSE } else { pause };
            }
            let look_at_once =
                pursuits.iter().any(|p| p.is_open() && p.must_look && p.stage == Stage::Unasked);
            if lost.is_none() && !look_at_once && pursuits.iter().any(Pursuit::is_open) && !ending {
                let left = firing.deadline.since(self.clock.moment());
                tokio::select! {
                    () = self.clock.sleep(pause.min(left)) => {}
                    () = shutdown.due() => {}
                }
                pause = (pause * 3 / 2).min(LONGEST_PAUSE);
            }
            if lost.is_none() {
                lost = self.look(firing, &mut pursuits).await?;
            }
            if let Some(error) = lost {
                warn!(rule = %firing.rule.name, firing = %firing.id, %error, "keys refused");
                let word = Settlement::of_firing(Outcome::CloudFailed, error.to_string());
                self.audit.settle(firing.id, std::slice::from_ref(&word)).await?;
                report.settlements.push(word);
                open(&mut pursuits).for_each(|pursuit| pursuit.lose(&error));
            } else if self.clock.moment() >= firing.deadline {
                open(&mut pursuits).for_each(|pursuit| pursuit.give_up(firing.rule.action));
            }
            self.settle(firing, &mut pursuits, report).await?;
            if pursuits.is_empty() || ending {
                report.open = pursuits.len();
                return Ok(());
            }
        }
    }

    /// Asks for everything that may be asked for now. `lost` is set when the keys are refused.
    /// Returns whether anything was sent.
    async fn ask(
        &self,
        firing: &Firing,
        pursuits: &mut [Pursuit],
        lost: &mut Option<CloudError>,
    ) -> Result<bool, AuditError> {
        let (action, now) = (firing.rule.action, self.clock.moment());
        for pursuit in &mut *pursuits {
            pursuit.must_look |= now.since(pursuit.looked_at) > STALE_AFTER;
        }
        let mut cohorts: BTreeMap<(RegionCode, u32), Vec<InstanceNo>> = BTreeMap::new();
        for pursuit in pursuits.iter().filter(|pursuit| pursuit.may_be_asked(action, now)) {
            let cohort = (pursuit.instance.region.clone(), pursuit.cohort);
            cohorts.entry(cohort).or_default().push(pursuit.instance.no.clone());
        }
        let mut under_way: JoinSet<Result<Sent, AuditError>> = JoinSet::new();
        let mut sent = false;
        for ((region, _), instances) in &cohorts {
            for batch in instances.chunks(MOST_INSTANCES_A_REQUEST) {
                if under_way.len() >= REQUESTS_AT_ONCE {
                    self.take_answer(&mut under_way, pursuits, lost).await?;
                }
                if lost.is_some() || self.shutdown.is_due() {
                    break;
                }
                let recorded = self
                    .audit
                    .request(firing.id, &firing.rule.account, (action, region), batch)
                    .await?;
                for (no, holder) in recorded.held {
                    with(pursuits, &[no], |pursuit| pursuit.held_by = Some(holder));
                }
                let Some((request, batch)) = recorded.request else { continue };
                sent = true;
                info!(
                    rule = %firing.rule.name, firing = %firing.id, %region,
                    instances = batch.len(), "{action} requested"
                );
                let (stopper, region) = (self.clone(), region.clone());
                under_way.spawn(async move {
                    let answer = stopper.cloud.change(action, &region, &batch).await;
                    stopper.audit.answer(request, &answer).await?;
                    Ok((batch, answer))
                });
            }
        }
        while !under_way.is_empty() {
            self.take_answer(&mut under_way, pursuits, lost).await?;
        }
        Ok(sent)
    }

    async fn take_answer(
        &self,
        under_way: &mut JoinSet<Result<Sent, AuditError>>,
        pursuits: &mut [Pursuit],
        lost: &mut Option<CloudError>,
    ) -> Result<(), AuditError> {
        let Some(joined) = under_way.join_next().await else { return Ok(()) };
        let (batch, answer) = joined.expect("a request neither panics nor is aborted")?;
        if let Err(error) = &answer {
            warn!(%error, instances = batch.len(), "request failed");
        }
        answered(pursuits, &batch, answer, self.clock.moment(), lost);
        Ok(())
    }

    /// Reads the state of everything that is open. Returns the error when the keys are refused.
    async fn look(
        &self,
        firing: &Firing,
        pursuits: &mut [Pursuit],
    ) -> Result<Option<CloudError>, AuditError> {
        let mut regions: BTreeMap<RegionCode, Vec<InstanceNo>> = BTreeMap::new();
        for pursuit in pursuits.iter().filter(|pursuit| pursuit.is_open()) {
            let region = regions.entry(pursuit.instance.region.clone()).or_default();
            region.push(pursuit.instance.no.clone());
        }
        for (region, instances) in regions {
            let until = self.clock.moment() + LOOK_PATIENCE;
            let seen = match self.cloud.look_up(&region, &instances, until).await {
                Ok(seen) => seen,
                Err(error @ CloudError::Denied { .. }) => return Ok(Some(error)),
                Err(error) => {
                    warn!(%region, %error, "states could not be read");
                    continue;
                }
            };
            let seen_by_us: Vec<&Instance> =
                seen.iter().filter(|instance| instances.contains(&instance.no)).collect();
            self.audit.seen(&firing.rule.account, &seen_by_us, self.clock.now()).await?;
            let now = self.clock.moment();
            for no in &instances {
                let found = seen.iter().find(|instance| instance.no == *no);
                with(pursuits, std::slice::from_ref(no), |pursuit| match found {
                    Some(found) => pursuit.saw(found.clone(), firing.rule.action, now),
                    None => pursuit.missed(now),
                });
            }
        }
        Ok(None)
    }

    /// Records what has been settled and takes it off the list.
    async fn settle(
        &self,
        firing: &Firing,
        pursuits: &mut Vec<Pursuit>,
        report: &mut Report,
    ) -> Result<(), AuditError> {
        let settled: Vec<Settlement> =
            pursuits.iter().filter_map(|pursuit| pursuit.settled.clone()).collect();
        self.audit.settle(firing.id, &settled).await?;
        for word in &settled {
            let instance = word.instance.as_ref().map(tracing::field::display);
            let reason = word.reason.as_deref();
            info!(rule = %firing.rule.name, firing = %firing.id, instance, reason, "{}", word.outcome);
        }
        pursuits.retain(Pursuit::is_open);
        report.settlements.extend(settled);
        Ok(())
    }
}

/// What an answer means for the instances of its request.
fn answered(
    pursuits: &mut [Pursuit],
    batch: &[InstanceNo],
    answer: Result<Accepted, CloudError>,
    now: Moment,
    lost: &mut Option<CloudError>,
) {
    with(pursuits, batch, |pursuit| pursuit.attempts += 1);
    let Err(error) = answer else {
        return with(pursuits, batch, |pursuit| {
            pursuit.stage = Stage::Asked;
            pursuit.failure = None;
        });
    };
    if matches!(error, CloudError::Denied { .. }) {
        *lost = Some(error.clone());
    }
    let alone = batch.len() == 1;
    // Refused in part is accepted in part: only a look tells for whom.
    let partly = matches!(&error, CloudError::Refused { meaning: Meaning::Partly, .. });
    let first = fresh_cohort(pursuits);
    let cohort_of = |place: usize| match &error {
        // The cloud says that some of them are on their way: the rest goes one by one.
        _ if partly => Some(place),
        // One of them spoils the rest: halves find it with the fewest requests.
        CloudError::Refused { .. } => Some(place * 2 / batch.len()),
        _ => None,
    };
    for (place, no) in batch.iter().enumerate() {
        with(pursuits, std::slice::from_ref(no), |pursuit| {
            pursuit.must_look = true;
            if partly || !error.proves_nothing_was_done() {
                pursuit.stage = Stage::Unsure;
            }
            if let (false, Some(cohort)) = (alone, cohort_of(place)) {
                pursuit.cohort = first + u32::try_from(cohort).unwrap_or(u32::MAX);
                // Not yet this instance's own refusal: that comes when it is asked for alone.
                return;
            }
            pursuit.failure = Some(error.clone());
            pursuit.not_before = now + wait(&error, pursuit.attempts);
        });
    }
}

/// How long not to ask again.
fn wait(error: &CloudError, attempts: u32) -> Duration {
    let grown = FIRST_PAUSE.saturating_mul(1 << attempts.min(4)) / 2;
    match error {
        CloudError::Throttled { retry_after: Some(told), .. } => *told.max(&FIRST_PAUSE),
        _ => grown.min(LONGEST_PAUSE),
    }
}

fn fresh_cohort(pursuits: &[Pursuit]) -> u32 {
    pursuits.iter().map(|pursuit| pursuit.cohort).max().map_or(1, |last| last + 1)
}

fn with(pursuits: &mut [Pursuit], instances: &[InstanceNo], change: impl FnMut(&mut Pursuit)) {
    let named = |pursuit: &&mut Pursuit| instances.contains(&pursuit.instance.no);
    pursuits.iter_mut().filter(named).for_each(change);
}

fn open(pursuits: &mut [Pursuit]) -> impl Iterator<Item = &mut Pursuit> {
    pursuits.iter_mut().filter(|pursuit| pursuit.is_open())
}
