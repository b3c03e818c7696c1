//! Looks at what is open, and judges anew what is about to be asked.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::task::JoinSet;
use tracing::warn;

use super::chase::Chase;
use super::pursuit::Pursuit;
use super::{Firing, Stopper};
use crate::audit::AuditError;
use crate::cloud::CloudError;
use crate::hold::tag::FoundTag;
use crate::instance::{Instance, InstanceNo, RegionCode};
use crate::reading::RegionReading;
use crate::schedule::selector::TagQuestion;
use crate::selection::Judgement;

/// How long one look may be tried for.
const LOOK_PATIENCE: Duration = Duration::from_secs(10);

/// What a look at everything that is open was like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// Everything was shown.
    Clear,
    /// Some of it was not.
    Dim,
}

/// What a look at one region came to.
struct Looked {
    /// As they are now known.
    pursuits: Vec<Pursuit>,
    seen: Vec<Instance>,
    /// What the tag that holds says of those that were judged.
    hold_tags: Vec<FoundTag>,
    failure: Option<CloudError>,
}

impl Chase<'_> {
    /// Reads the state of everything that is open, all regions at once. Where the keys are
    /// refused, that is kept and nothing more is read.
    pub(super) async fn look(&mut self) -> Result<Sight, AuditError> {
        let mut regions: BTreeMap<RegionCode, Vec<Pursuit>> = BTreeMap::new();
        for pursuit in self.pursuits.iter().filter(|pursuit| pursuit.is_open()) {
            regions.entry(pursuit.instance.region.clone()).or_default().push(pursuit.clone());
        }
        let mut looks = JoinSet::new();
        if self.lost.is_none() {
            for (region, pursuits) in regions {
                let (stopper, firing) = (self.stopper.clone(), self.firing.clone());
                looks.spawn(async move { stopper.look_at(&firing, region, pursuits).await });
            }
        }
        let mut sight = Sight::Clear;
        while let Some(looked) = looks.join_next().await {
            let looked = looked.expect("a look neither panics nor is aborted");
            self.take_in(looked, &mut sight).await?;
            if self.lost.is_some() {
                break;
            }
        }
        Ok(sight)
    }

    async fn take_in(&mut self, looked: Looked, sight: &mut Sight) -> Result<(), AuditError> {
        let seen: Vec<&Instance> = looked.seen.iter().collect();
        let clock = &self.stopper.clock;
        self.stopper.audit.seen(&self.firing.rule.account, &seen, clock.now()).await?;
        self.take_tags(&looked.hold_tags).await?;
        if looked.failure.is_some() || seen.len() < looked.pursuits.len() {
            *sight = Sight::Dim;
        }
        for seen in looked.pursuits {
            let known =
                self.pursuits.iter_mut().find(|known| known.instance.no == seen.instance.no);
            if let Some(known) = known {
                *known = seen;
            }
        }
        self.lost = looked.failure.filter(|error| matches!(error, CloudError::Denied { .. }));
        Ok(())
    }
}

impl Stopper {
    /// Looks at instances of one region.
    async fn look_at(
        &self,
        firing: &Firing,
        region: RegionCode,
        mut pursuits: Vec<Pursuit>,
    ) -> Looked {
        let numbers: Vec<InstanceNo> =
            pursuits.iter().map(|pursuit| pursuit.instance.no.clone()).collect();
        // What is shown is as old as the question, however long the answer takes.
        let now = self.clock.moment();
        let mut seen = match self.cloud.look_up(&region, &numbers, now + LOOK_PATIENCE).await {
            Ok(seen) => seen,
            Err(error) => {
                warn!(%region, %error, "states could not be read");
                let (seen, hold_tags) = (Vec::new(), Vec::new());
                return Looked { pursuits, seen, hold_tags, failure: Some(error) };
            }
        };
        seen.retain(|instance| numbers.contains(&instance.no));
        for pursuit in &mut pursuits {
            match seen.iter().find(|instance| instance.no == pursuit.instance.no) {
                Some(found) => pursuit.saw(found.clone(), firing.rule.action, now),
                None => pursuit.missed(now),
            }
        }
        let (hold_tags, failure) = match self.judge(firing, region, &mut pursuits).await {
            Ok((hold_tags, untagged)) => (hold_tags, untagged),
            Err(error) => (Vec::new(), Some(error)),
        };
        Looked { pursuits, seen, hold_tags, failure }
    }

    /// Judges anew what could be asked next and was judged too long ago, or was not the same
    /// then: by its name and number, and by its tags where the rule asks about them. Returns what
    /// the tag that holds says of those, and why other tags could not be read.
    async fn judge(
        &self,
        firing: &Firing,
        region: RegionCode,
        pursuits: &mut [Pursuit],
    ) -> Result<(Vec<FoundTag>, Option<CloudError>), CloudError> {
        let mut reading = RegionReading::begin(region, &*self.clock);
        let now = reading.read_moment;
        let mut judged: Vec<&mut Pursuit> = pursuits
            .iter_mut()
            .filter(|pursuit| pursuit.must_be_judged(firing.rule.action, now))
            .collect();
        if judged.is_empty() {
            return Ok((Vec::new(), None));
        }
        reading.instances = judged.iter().map(|pursuit| pursuit.instance.clone()).collect();
        let reading = reading.ask(&*self.cloud, &firing.questions(), now + LOOK_PATIENCE).await?;
        for (index, pursuit) in judged.iter_mut().enumerate() {
            let tags = |question: &TagQuestion| reading.verdict(question, index);
            let instance = &pursuit.instance;
            let judgement = Judgement::of(&firing.rule, &firing.protect, instance, tags);
            pursuit.judge(judgement.unless_hold_unread(reading.is_hold_unread()), now);
        }
        let hold_tags = reading.instances.iter().filter_map(|it| reading.hold_tag(it)).collect();
        Ok((hold_tags, reading.untagged))
    }
}
