//! Reads the states of open targets, and judges again those whose request is next.
//!
//! [`super::submit`] sends the requests.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::task::JoinSet;
use tracing::warn;

use super::execution::Execution;
use super::target::{Stage, Target};
use super::{Firing, Stopper};
use crate::audit::AuditError;
use crate::cloud::{CloudError, Unread};
use crate::inventory::{RegionReading, TagReads};
use crate::model::found_tag::FoundTag;
use crate::model::instance::{Instance, InstanceNo, RegionCode};
use crate::select::eligibility::{Eligibility, eligibility};

/// The longest time of one read with its repeats.
const LOOK_PATIENCE: Duration = Duration::from_secs(10);

/// The rounds of requests whose instances are read again at a time before them: as many as take
/// some seconds, since lists show many at once.
const ROUNDS_RENEWED_AT_ONCE: usize = 5;

/// The result of reading one region.
struct Looked {
    targets: Vec<Target>,
    seen: Vec<Instance>,
    /// The hold tags of the judged instances.
    hold_tags: Vec<FoundTag>,
    failure: Option<CloudError>,
}

impl Execution<'_> {
    /// Reads the due states of all regions at once; the last time, the states of all that had a
    /// request. When the keys are refused, notes that and reads no more.
    pub(crate) async fn look(&mut self, is_last: bool) -> Result<(), AuditError> {
        let mut looks = JoinSet::new();
        if self.lost.is_none() {
            for (region, targets) in self.due(is_last) {
                let (stopper, firing) = (self.stopper.clone(), self.firing.clone());
                looks.spawn(async move { stopper.look_at(&firing, region, targets).await });
            }
        }
        while let Some(looked) = looks.join_next().await {
            let looked = looked.expect("a look neither panics nor is aborted");
            self.take_in(looked).await?;
            if self.lost.is_some() {
                break;
            }
        }
        Ok(())
    }

    /// The targets to read now, by region: (1) after a pause, those that had a request or are busy;
    /// (2) those whose request is next and whose state or judgement is too old.
    fn due(&self, is_last: bool) -> BTreeMap<RegionCode, Vec<Target>> {
        let (action, now) = (self.firing.rule.action, self.stopper.clock.moment());
        let mut due: BTreeMap<RegionCode, Vec<Target>> = BTreeMap::new();
        let mut renewed: BTreeMap<&RegionCode, usize> = BTreeMap::new();
        let is_stopped = self.must_stop_asking();
        let is_renewed = |it: &&Target| {
            it.is_in_line(action) && it.look_due(action, now).is_some_and(|at| at <= now)
        };
        // These need one call only, so instances that need a new judgement must not delay them.
        let judged = self.targets.iter().filter(is_renewed).filter(|it| it.is_judged(now));
        let judged: BTreeSet<&RegionCode> = judged.map(|it| &it.instance.region).collect();
        let limits = self.limits;
        let are_read = !limits.lists_show_tags && self.firing.questions().cost_a_call_each();
        // If tags are read one by one, as many are judged as can be read in the time of one answer.
        // With more, the first would be old again when the last is read.
        let most = |region: &RegionCode| {
            let one_by_one = are_read && !judged.contains(region);
            let a_round = limits.requests_at_once * limits.instances_a_request;
            if one_by_one { limits.tags_at_once } else { ROUNDS_RENEWED_AT_ONCE * a_round }
        };
        let looks = self.targets.iter().filter(|target| !target.is_in_line(action));
        let any_is_due = looks.filter_map(|it| it.look_due(action, now)).any(|at| at <= now);
        for target in &self.targets {
            let is_due = match target.look_due(action, now) {
                None => false,
                Some(_) if is_last => target.stage != Stage::Unasked,
                // Without its goal in this reading, the target is given up.
                Some(_) if !self.has_patience(target, now) => true,
                Some(at) if target.is_in_line(action) => {
                    let region = &target.instance.region;
                    let renewed = renewed.entry(region).or_default();
                    let waits = judged.contains(region) && !target.is_judged(now);
                    let is_due = at <= now && !is_stopped && !waits && *renewed < most(region);
                    *renewed += usize::from(is_due);
                    is_due
                }
                // One call includes targets that would soon need a call of their own.
                Some(at) => any_is_due && at <= now + target.pause / 2,
            };
            if is_due {
                due.entry(target.instance.region.clone()).or_default().push(target.clone());
            }
        }
        due
    }

    async fn take_in(&mut self, looked: Looked) -> Result<(), AuditError> {
        let seen: Vec<&Instance> = looked.seen.iter().collect();
        let clock = &self.stopper.clock;
        self.observe(&[(seen, clock.now())], &looked.hold_tags).await?;
        // If states were read, the failure is about tags.
        if let (Some(seen), Some(error)) = (looked.seen.first(), &looked.failure) {
            self.admitted.untagged.insert(seen.region.clone(), error.clone());
        }
        let (action, now) = (self.firing.rule.action, clock.moment());
        let is_chosen = |it: &&Target| it.eligibility == Eligibility::Chosen;
        let chosen = looked.targets.iter().filter(is_chosen).map(|it| it.instance.no.clone());
        self.count_chosen(chosen.collect()).await?;
        for mut seen in looked.targets {
            seen.was_looked_at(action, now);
            let known = self.targets.iter_mut().find(|known| known.instance.no == seen.instance.no);
            if let Some(known) = known {
                *known = seen;
            }
        }
        self.lost = looked.failure.filter(|error| matches!(error, CloudError::Denied { .. }));
        Ok(())
    }
}

impl Stopper {
    /// Reads instances of one region.
    async fn look_at(
        &self,
        firing: &Firing,
        region: RegionCode,
        mut targets: Vec<Target>,
    ) -> Looked {
        let numbers: Vec<InstanceNo> =
            targets.iter().map(|target| target.instance.no.clone()).collect();
        // A state is as old as the question, however long the answer takes.
        let now = self.clock.moment();
        let looked_up = self.cloud.look_up(&region, &numbers, now + LOOK_PATIENCE).await;
        let (mut seen, unread) = match looked_up {
            Ok(listed) => (listed.instances, listed.unread),
            Err(error) => {
                warn!(rule = %firing.rule.name, firing = i64::from(firing.id), %region, %error, "states could not be read");
                let unasked = targets.iter_mut().filter(|it| it.stage == Stage::Unasked);
                unasked.for_each(|target| target.must_look = true);
                let (seen, hold_tags) = (Vec::new(), Vec::new());
                return Looked { targets, seen, hold_tags, failure: Some(error) };
            }
        };
        seen.retain(|instance| numbers.contains(&instance.no));
        for Unread { error, .. } in &unread {
            warn!(rule = %firing.rule.name, firing = i64::from(firing.id), %region, %error, "state could not be read");
        }
        let is_unread =
            |no: &InstanceNo| unread.iter().any(|unread| unread.no.as_ref() == Some(no));
        for target in &mut targets {
            match seen.iter().find(|instance| instance.no == target.instance.no) {
                Some(found) => target.saw(found.clone(), firing.rule.action, now),
                None if is_unread(&target.instance.no) => {}
                None => target.missed(now),
            }
        }
        let (hold_tags, failure) = match self.judge(firing, region, &mut targets).await {
            Ok((hold_tags, untagged)) => (hold_tags, untagged),
            Err(error) => (Vec::new(), Some(error)),
        };
        Looked { targets, seen, hold_tags, failure }
    }

    /// Judges the next instances again, when their judgement is old or their name or tags changed.
    /// Uses the tags only if the rule asks about them. Returns their hold tags, and why other tags
    /// could not be read.
    async fn judge(
        &self,
        firing: &Firing,
        region: RegionCode,
        targets: &mut [Target],
    ) -> Result<(Vec<FoundTag>, Option<CloudError>), CloudError> {
        let mut reading = RegionReading::begin(region, &*self.clock);
        let now = reading.read_moment;
        let mut judged: Vec<&mut Target> = targets
            .iter_mut()
            .filter(|target| target.must_be_judged(firing.rule.action, now))
            .collect();
        if judged.is_empty() {
            return Ok((Vec::new(), None));
        }
        reading.instances = judged.iter().map(|target| target.instance.clone()).collect();
        let (cloud, questions) = (&self.cloud, firing.questions());
        let reading = reading.ask(&**cloud, &questions, now + LOOK_PATIENCE).await?;
        let reads = TagReads::default();
        let reading = reading.complete(cloud, &*self.clock, &questions, &reads).await?;
        for (index, target) in judged.iter_mut().enumerate() {
            let eligibility = eligibility(&firing.rule, &firing.protect, (&reading, index));
            target.judge(eligibility, reading.tags_moment_of(&target.instance.no));
        }
        let hold_tags = reading.instances.iter().filter_map(|it| reading.hold_tag(it)).collect();
        Ok((hold_tags, reading.untagged))
    }
}
