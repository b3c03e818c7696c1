//! The loop of a firing: let in what was read, ask what may be asked, look at what is open,
//! until all is settled, patience runs out or the process is told to end.

use std::time::Duration;

use tracing::{info, warn};

use super::admission::Admitted;
use super::look::Sight;
use super::pursuit::{Pursuit, Stage};
use super::{Firing, LeftOpen, Report, Stopper};
use crate::audit::{Asked, AuditError, OpenTarget, Settlement};
use crate::cloud::CloudError;
use crate::instance::InstanceNo;
use crate::outcome::Outcome;
use crate::reading::Survey;

/// The first look after a request; Terraform's provider waits as long.
pub(super) const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// How long a request may be under way, as the client has it: one that a dead process sent may
/// still take effect until then.
const ANSWERED_WITHIN: Duration = Duration::from_secs(30);
/// The longest time between two looks.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// A firing on its way.
#[derive(Debug)]
pub(super) struct Chase<'a> {
    pub(super) stopper: &'a Stopper,
    pub(super) firing: &'a Firing,
    pub(super) survey: Survey,
    pub(super) admitted: Admitted,
    /// What is not settled yet.
    pub(super) pursuits: Vec<Pursuit>,
    /// Why nothing more can be asked or read: the keys were refused.
    pub(super) lost: Option<CloudError>,
    pub(super) report: Report,
}

impl<'a> Chase<'a> {
    /// A firing that has not begun.
    pub(super) fn new(stopper: &'a Stopper, firing: &'a Firing, survey: Survey) -> Self {
        Self {
            stopper,
            firing,
            survey,
            admitted: Admitted::default(),
            pursuits: Vec::new(),
            lost: None,
            report: Report::default(),
        }
    }

    /// A firing that another process began.
    pub(super) fn resumed(
        stopper: &'a Stopper,
        firing: &'a Firing,
        left: LeftOpen<'_>,
        survey: Survey,
    ) -> Self {
        let mut chase = Self::new(stopper, firing, survey);
        let now = stopper.clock.moment();
        let pursuit = |target: &OpenTarget| {
            let stage = match target.asked {
                Asked::No => Stage::Unasked,
                Asked::Accepted => Stage::Asked,
                Asked::Unclear => Stage::Unsure,
            };
            let mut pursuit = Pursuit::new(target.instance.clone(), stage, now);
            pursuit.must_look = true;
            if stage == Stage::Unsure {
                pursuit.doubt(now + ANSWERED_WITHIN);
            }
            pursuit
        };
        let open = left.targets.iter().map(|target| &target.instance.no);
        chase.admitted.targets = left.settled.iter().chain(open).cloned().collect();
        chase.pursuits = left.targets.iter().map(pursuit).collect();
        chase
    }

    /// Chases until nothing is open, as far as patience and the shutdown allow.
    pub(super) async fn run(mut self) -> Result<Report, AuditError> {
        let mut shutdown = self.stopper.shutdown.clone();
        let mut pause = FIRST_PAUSE;
        let mut sight = Sight::Clear;
        loop {
            let ending = shutdown.is_due();
            self.admit_news().await?;
            if !ending && !self.is_out_of_patience() && self.ask().await? {
                pause = FIRST_PAUSE;
            }
            if !ending && self.may_rest(sight) {
                tokio::select! {
                    () = self.stopper.clock.sleep(pause.min(self.left())) => {}
                    () = self.survey.changed() => {}
                    () = shutdown.due() => {}
                }
                pause = (pause * 3 / 2).min(LONGEST_PAUSE);
            }
            sight = self.look().await?;
            self.conclude().await?;
            let awaited = self.awaited();
            if self.lost.is_some() || ending || (self.pursuits.is_empty() && awaited == 0) {
                self.report.open = self.pursuits.len() + awaited;
                if self.report.open == 0 {
                    self.say_the_last_word().await?;
                }
                return Ok(self.report);
            }
        }
    }

    async fn admit_news(&mut self) -> Result<(), AuditError> {
        match self.survey.news() {
            Ok(Some(reading)) => self.admit(&reading).await?,
            Ok(None) => {}
            Err(error) => self.lost = Some(error),
        }
        Ok(())
    }

    /// Whether there is time until the next look. There is none where something could be asked
    /// but for its state being old, unless a look has just failed to show it.
    fn may_rest(&self, sight: Sight) -> bool {
        let waits_for_a_look = |pursuit: &Pursuit| {
            pursuit.is_open() && pursuit.must_look && pursuit.stage == Stage::Unasked
        };
        let is_urgent = sight == Sight::Clear && self.pursuits.iter().any(waits_for_a_look);
        let is_idle = !self.pursuits.iter().any(Pursuit::is_open) && self.awaited() == 0;
        self.lost.is_none() && !is_urgent && !is_idle
    }

    /// Settles what can get no further, and records what is settled.
    async fn conclude(&mut self) -> Result<(), AuditError> {
        let firing = self.firing;
        let is_out_of_patience = self.is_out_of_patience();
        if is_out_of_patience {
            self.leave_what_is_held().await?;
        }
        let open = self.pursuits.iter_mut().filter(|pursuit| pursuit.is_open());
        if let Some(error) = &self.lost {
            warn!(rule = %firing.rule.name, firing = i64::from(firing.id), %error, "keys refused");
            open.for_each(|pursuit| pursuit.lose(error));
            let word = Settlement::of_firing(Outcome::CloudFailed, error.to_string());
            self.say(vec![word]).await?;
        } else if is_out_of_patience {
            open.for_each(|pursuit| pursuit.give_up(firing.rule.action));
        } else if let Some(reason) = &self.admitted.barred {
            open.for_each(|pursuit| pursuit.forbid(reason));
        }
        let settled = self.pursuits.iter().filter_map(|pursuit| pursuit.settled.clone()).collect();
        self.pursuits.retain(Pursuit::is_open);
        self.say(settled).await
    }

    /// Says what the firing comes to as a whole, where that is not said by its instances.
    async fn say_the_last_word(&mut self) -> Result<(), AuditError> {
        if self.lost.is_some() {
            return Ok(());
        }
        let mut words = self.failed_regions();
        if let Some(error) = self.survey.ignorance() {
            words.push(Settlement::of_firing(Outcome::CloudFailed, error.to_string()));
        }
        let nothing_matched = self.admitted.targets.is_empty() && self.admitted.barred.is_none();
        if nothing_matched && words.is_empty() {
            let firing = self.firing;
            let before = if firing.is_makeup() {
                Some("what was to be made up is not there any more".to_owned())
            } else {
                let most = self.stopper.audit.most_matched(&firing.rule.name, firing.id).await?;
                most.map(|most| format!("up to {most} in its last firings"))
            };
            warn!(rule = %firing.rule.name, firing = i64::from(firing.id), before, "rule matched no instance");
            words.push(Settlement::of_firing(Outcome::NothingMatched, before));
        }
        self.say(words).await
    }

    /// Records words.
    pub(super) async fn say(&mut self, words: Vec<Settlement>) -> Result<(), AuditError> {
        let firing = self.firing;
        self.stopper.audit.settle(firing.id, &words).await?;
        for word in &words {
            let instance = word.instance.as_ref().map(tracing::field::display);
            let reason = word.reason.as_deref();
            info!(rule = %firing.rule.name, firing = i64::from(firing.id), instance, reason, "{}", word.outcome);
        }
        self.report.settlements.extend(words);
        Ok(())
    }

    /// How many regions may still bring instances.
    fn awaited(&self) -> usize {
        if self.is_out_of_patience() || self.lost.is_some() || self.admitted.barred.is_some() {
            return 0;
        }
        let unlisted = self.survey.unlisted().into_keys();
        let unjudged = self.admitted.unjudged.keys().cloned();
        let regions = unlisted.chain(unjudged).filter(|region| self.survey.is_trying(region));
        regions.count() + usize::from(self.survey.ignorance().is_some())
    }

    pub(super) fn is_out_of_patience(&self) -> bool {
        self.left().is_zero()
    }

    fn left(&self) -> Duration {
        self.firing.deadline.since(self.stopper.clock.moment())
    }

    /// Does something to the open instances of these numbers.
    pub(super) fn with(&mut self, instances: &[InstanceNo], change: impl FnMut(&mut Pursuit)) {
        let named = |pursuit: &&mut Pursuit| instances.contains(&pursuit.instance.no);
        self.pursuits.iter_mut().filter(named).for_each(change);
    }
}
