//! Sends the requests: records each before it leaves, and gives each answer to its instances.
//!
//! [`super::poll`] reads the effects.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::task::JoinSet;
use tracing::{info, warn};

use super::execution::Execution;
use super::target::{FIRST_PAUSE, LONGEST_PAUSE};
use crate::audit::{Ask, AuditError, Through};
use crate::cloud::{Accepted, CloudError, Meaning};
use crate::model::instance::{InstanceNo, RegionCode};

/// The most servers that an event names.
const MOST_NAMED: usize = 5;

type Sent = (Vec<InstanceNo>, Result<Accepted, CloudError>);
type UnderWay = JoinSet<Sent>;

impl Execution<'_> {
    /// Sends every request that may be sent now, until the keys are refused. After a batch that was
    /// refused or not answered, states are read before the next batch: no document says whether
    /// such a batch has an effect on some of its servers.
    pub(crate) async fn ask(&mut self) -> Result<(), AuditError> {
        if self.must_stop_asking() {
            return Ok(());
        }
        let mut under_way = UnderWay::new();
        let asked = self.ask_batches(&mut under_way).await;
        // Runs even after the log has failed: an answer is never lost.
        while !under_way.is_empty() {
            self.take_answer(&mut under_way).await;
        }
        asked
    }

    async fn ask_batches(&mut self, under_way: &mut UnderWay) -> Result<(), AuditError> {
        let mut is_clear = true;
        for (region, batch) in self.batches() {
            if under_way.len() >= self.limits.requests_at_once {
                is_clear &= self.take_answer(under_way).await;
            }
            let is_due = self.stopper.clock.moment() >= self.next_request;
            if !is_clear || !is_due || self.must_stop_asking() {
                break;
            }
            // A wait between the record and the request would be too long for others.
            if self.stopper.audit.is_shared() {
                self.stopper.cloud.turn().await;
            }
            // The requests before this one may have taken long.
            let batch: Vec<InstanceNo> = batch.into_iter().filter(|no| self.is_fresh(no)).collect();
            if !batch.is_empty() {
                self.send(&region, &batch, under_way).await?;
            }
        }
        Ok(())
    }

    /// The batches of the next requests. Instances without a request come first. The rest of a
    /// refused batch goes one request at a time.
    pub(crate) fn batches(&self) -> Vec<(RegionCode, Vec<InstanceNo>)> {
        let now = self.stopper.clock.moment();
        let mut cohorts: BTreeMap<(RegionCode, u32), Vec<InstanceNo>> = BTreeMap::new();
        let askable = self.targets.iter().filter(|target| self.is_askable(target, now));
        let (first, again): (Vec<_>, Vec<_>) = askable.partition(|target| target.attempts == 0);
        for target in first.into_iter().chain(again) {
            let cohort = (target.instance.region.clone(), target.cohort);
            cohorts.entry(cohort).or_default().push(target.instance.no.clone());
        }
        // The halves of one batch come before those of the next.
        let mut latest: BTreeMap<RegionCode, u32> = BTreeMap::new();
        for (region, cohort) in cohorts.keys() {
            latest.insert(region.clone(), *cohort);
        }
        cohorts.retain(|(region, cohort), _| *cohort == 0 || latest[region] == *cohort);
        let size = self.limits.instances_a_request;
        let split = |((region, _), cohort): ((RegionCode, u32), Vec<InstanceNo>)| {
            let batches = cohort.chunks(size).map(<[_]>::to_vec);
            batches.map(|batch| (region.clone(), batch)).collect::<Vec<_>>()
        };
        self.sample(cohorts).into_iter().flat_map(split).collect()
    }

    /// Whether no request at all may be sent now.
    pub(crate) fn must_stop_asking(&self) -> bool {
        self.lost.is_some()
            || self.refused_keys.is_some()
            || self.admitted.barred.is_some()
            || self.admitted.is_too_soon
            || self.stopper.shutdown.is_due()
    }

    /// Whether state and judgement of an instance are young enough for a request; otherwise marks
    /// it for a reading.
    fn is_fresh(&mut self, no: &InstanceNo) -> bool {
        let now = self.stopper.clock.moment();
        let Some(target) = self.targets.iter_mut().find(|target| target.instance.no == *no) else {
            return false;
        };
        target.must_look |= target.is_stale(now);
        !target.must_look
    }

    /// Records a request and sends it.
    async fn send(
        &mut self,
        region: &RegionCode,
        batch: &[InstanceNo],
        under_way: &mut UnderWay,
    ) -> Result<(), AuditError> {
        let (stopper, firing) = (self.stopper, self.firing);
        let now = stopper.clock.moment();
        self.with(batch, |target| target.take_turn(now));
        let (action, account) = (firing.rule.action, &firing.rule.account);
        let ask = Ask { action, region, seen: self.seen(batch) };
        let recorded = stopper.audit.request(firing.id, account, ask, batch).await?;
        self.next_request = stopper.clock.moment() + firing.rule.pace.stagger;
        for (no, holder) in recorded.held {
            self.with(&[no], |target| target.wait_for(holder, now));
        }
        for (no, hold) in recorded.on_hold {
            self.with(&[no], |target| target.leave_to(&hold, firing.rule.timezone));
        }
        let recording = recorded.recording;
        let Some((request, batch)) = recorded.request else { return Ok(()) };
        info!(
            rule = %firing.rule.name, firing = i64::from(firing.id), %region,
            instances = batch.len(), "{action} requested"
        );
        let (stopper, region) = (stopper.clone(), region.clone());
        under_way.spawn(async move {
            let answer = match &recording {
                None => stopper.cloud.change(action, &region, &batch).await,
                Some(recording) => {
                    let unless = || stopper.audit.too_late_to_send(recording);
                    stopper.cloud.change_in_turn(action, &region, &batch, &unless).await
                }
            };
            // An answer that the log cannot take yet waits in memory.
            stopper.audit.answer(request, &answer).await.ok();
            (batch, answer)
        });
        Ok(())
    }

    /// An entry from before the oldest of these states was read, less the lag of lists: later
    /// requests of other firings may not show in these states.
    fn seen(&self, batch: &[InstanceNo]) -> Through {
        let named = self.targets.iter().filter(|it| batch.contains(&it.instance.no));
        let oldest = named.map(|target| target.looked_at).min();
        let moment = oldest.map(|looked_at| looked_at.before(self.limits.lists_lag));
        moment.map(|moment| self.stopper.audit.written_before(moment)).unwrap_or_default()
    }

    /// Takes in the next answer. Returns whether it shows what the request did.
    async fn take_answer(&mut self, under_way: &mut UnderWay) -> bool {
        let Some(joined) = under_way.join_next().await else { return true };
        let (batch, answer) = joined.expect("a request neither panics nor is aborted");
        let Err(error) = answer else {
            let now = self.stopper.clock.moment();
            self.with(&batch, |target| {
                target.attempts += 1;
                target.accept();
                target.was_asked(now);
            });
            self.found_right();
            return true;
        };
        let (firing, servers) = (self.firing, self.named(&batch));
        warn!(
            rule = %firing.rule.name, firing = i64::from(firing.id), servers,
            instances = batch.len(), %error, "request failed"
        );
        self.failed(&batch, &error);
        error.proves_nothing_was_done() && !error.is_about_its_request()
    }

    /// The servers of a request, for people: the first few by name.
    fn named(&self, batch: &[InstanceNo]) -> String {
        let of_batch = self.targets.iter().filter(|it| batch.contains(&it.instance.no));
        let names = of_batch.map(|it| format!("{} ({})", it.instance.name, it.instance.no));
        let mut names: Vec<String> = names.take(MOST_NAMED).collect();
        if let left @ 1.. = batch.len().saturating_sub(names.len()) {
            names.push(format!("and {left} more"));
        }
        names.join(", ")
    }

    /// Applies a failure to the instances of its request.
    fn failed(&mut self, batch: &[InstanceNo], error: &CloudError) {
        if matches!(error, CloudError::Denied { .. }) {
            self.refused_keys = Some(error.clone());
        }
        let now = self.stopper.clock.moment();
        let alone = batch.len() == 1;
        // A partial refusal is a partial acceptance; only a reading shows for which servers.
        let partly = matches!(error, CloudError::Refused { meaning: Meaning::Partly, .. });
        let partly = partly && !alone;
        let first = self.fresh_cohort();
        let believed_from = now + self.limits.lists_lag;
        let cohort_of = |place: usize| match error {
            // The cloud says that some are in progress, so the rest goes one by one.
            _ if partly => Some(place),
            // One server spoils the rest; halving finds it with the fewest requests.
            _ if error.is_about_its_request() => Some(place * 2 / batch.len()),
            _ => None,
        };
        let is_unknown = matches!(error, CloudError::Refused { meaning: Meaning::Unknown, .. });
        for (place, no) in batch.iter().enumerate() {
            self.with(std::slice::from_ref(no), |target| {
                target.attempts += 1;
                target.look_at_once(now);
                if partly || !error.proves_nothing_was_done() {
                    target.doubt(believed_from);
                    target.was_asked(now);
                }
                target.failure = Some(error.clone());
                target.unknown_refusals += u32::from(alone && is_unknown);
                let cohort = cohort_of(place).filter(|_| !alone);
                // A refusal counts as the instance's own when it was named alone.
                target.is_blamed = cohort.is_none();
                match cohort {
                    Some(cohort) => {
                        target.cohort = first + u32::try_from(cohort).unwrap_or(u32::MAX);
                    }
                    // It is read once more, and then settled.
                    None if target.is_refused_for_good() => {}
                    None if is_unknown => {
                        target.not_before = now + wait(error, target.unknown_refusals);
                    }
                    None => target.not_before = now + wait(error, target.attempts),
                }
            });
        }
        if matches!(error, CloudError::Forbidden { .. }) {
            self.missed_right(batch);
        }
    }

    pub(crate) fn fresh_cohort(&self) -> u32 {
        self.targets.iter().map(|target| target.cohort).max().map_or(1, |last| last + 1)
    }
}

/// The pause before the next request.
fn wait(error: &CloudError, attempts: u32) -> Duration {
    let grown = FIRST_PAUSE.saturating_mul(1 << attempts.min(4)) / 2;
    match error {
        CloudError::Throttled { retry_after: Some(told), .. } => *told.max(&FIRST_PAUSE),
        _ => grown.min(LONGEST_PAUSE),
    }
}
