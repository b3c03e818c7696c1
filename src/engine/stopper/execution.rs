//! The loop of a firing: let in what was read, ask what may be asked, look at what is open,
//! until all is settled, patience runs out or the process is told to end.

use std::collections::BTreeSet;
use std::time::Duration;

use tracing::{info, warn};

use super::admitted::Admitted;
use super::chase::{Chase, Rights};
use super::target::{LONGEST_PAUSE, Pursuit, Stage};
use super::{Firing, LeftOpen, Over, Report, Stopper};
use crate::audit::{Asked, AuditError, OpenTarget};
use crate::clock::Moment;
use crate::cloud::CloudError;
use crate::inventory::Survey;
use crate::model::instance::InstanceNo;
use crate::model::outcome::{MATCHES_NOTHING, Outcome};
use crate::model::settlement::Settlement;
use crate::select::unmatched::Matching;

/// How long a firing rests at least between two rounds.
const LEAST_REST: Duration = Duration::from_millis(5);
/// How long a request may be under way, as the client has it: one that a dead process sent may
/// still take effect until then.
const ANSWERED_WITHIN: Duration = Duration::from_secs(30);

impl<'a> Chase<'a> {
    /// A firing that has `began` to read its account.
    pub(crate) fn new(
        stopper: &'a Stopper,
        firing: &'a Firing,
        survey: Survey,
        began: Moment,
    ) -> Self {
        Self {
            patience: firing.deadline.since(began),
            latest: firing.ends,
            stopper,
            firing,
            survey,
            admitted: Admitted::default(),
            over: None,
            pursuits: Vec::new(),
            lost: None,
            refused_keys: None,
            rights: Rights::default(),
            report: Report::default(),
            matching: [Matching::of_rule(&firing.rule), Matching::of_protection(&firing.protect)],
        }
    }

    /// A firing that another process began.
    pub(crate) fn resumed(
        stopper: &'a Stopper,
        firing: &'a Firing,
        left: LeftOpen<'_>,
        survey: Survey,
    ) -> Self {
        let now = stopper.clock.moment();
        let mut chase = Self::new(stopper, firing, survey, now);
        let pursuit = |target: &OpenTarget| {
            let stage = match target.asked {
                Asked::No => Stage::Unasked,
                Asked::Accepted => Stage::Asked,
                Asked::Unclear => Stage::Unsure,
            };
            let mut pursuit = Pursuit::new(target.instance.clone(), stage, now);
            pursuit.look_at_once(now);
            pursuit.take_turn(now);
            pursuit.attempts = target.attempts;
            pursuit.failure.clone_from(&target.failure);
            if stage == Stage::Unsure {
                let passed = target.asked_ago.unwrap_or_default();
                pursuit.doubt(now + ANSWERED_WITHIN.saturating_sub(passed));
            }
            pursuit
        };
        chase.over = left.over;
        let unwanted = left.over.filter(|over| *over == Over::Unwanted);
        chase.admitted.barred = unwanted.map(|over| over.why().to_owned());
        let open = left.targets.iter().map(|target| &target.instance.no);
        chase.admitted.targets = left.settled.iter().chain(open).cloned().collect();
        chase.pursuits = left.targets.iter().map(pursuit).collect();
        chase
    }

    /// Chases until nothing is open, as far as patience and the shutdown allow.
    pub(crate) async fn run(mut self) -> Result<Report, AuditError> {
        let mut shutdown = self.stopper.shutdown.clone();
        loop {
            let ending = shutdown.is_due();
            self.admit_news().await?;
            if !ending {
                self.ask().await?;
            }
            if !ending {
                // However much is due, others have their turn as well.
                let rest = self.rest().max(LEAST_REST);
                tokio::select! {
                    () = self.stopper.clock.sleep(rest) => {}
                    () = self.survey.changed() => {}
                    () = shutdown.due() => {}
                }
            }
            self.look(ending).await?;
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
        loop {
            match self.survey.news() {
                Ok(Some(reading)) => self.admit(&reading).await?,
                Ok(None) => return Ok(()),
                // What was asked before can be followed without a list.
                Err(error) => {
                    let is_lost = matches!(error, CloudError::Denied { .. });
                    self.lost = (is_lost || self.pursuits.is_empty()).then_some(error);
                    return Ok(());
                }
            }
        }
    }

    /// How long there is nothing to do, as far as is known now.
    fn rest(&self) -> Duration {
        let (action, now) = (self.firing.rule.action, self.stopper.clock.moment());
        let is_idle = self.pursuits.is_empty() && self.awaited() == 0;
        let can_ask = !self.must_stop_asking();
        if self.lost.is_some() || is_idle {
            return Duration::ZERO;
        }
        if can_ask && !self.batches().is_empty() {
            return Duration::ZERO;
        }
        let open = || self.pursuits.iter().filter(|pursuit| pursuit.is_open());
        let asks = open().filter(|it| it.is_in_line(action) && can_ask).map(|it| it.not_before);
        let looks = open().filter(|it| can_ask || !it.is_in_line(action));
        let looks = looks.filter_map(|pursuit| pursuit.look_due(action, now));
        let ends = open().filter_map(|pursuit| self.gives_up_at(pursuit));
        let awaited = (self.awaited() > 0).then_some(self.firing.deadline);
        let awaited = awaited.filter(|deadline| *deadline > now).into_iter().chain(self.latest);
        let next = asks.filter(|at| *at > now).chain(looks).chain(ends).chain(awaited).min();
        next.map_or(LONGEST_PAUSE, |next| next.since(now)).min(LONGEST_PAUSE)
    }

    /// Settles what can get no further, and records what is settled.
    async fn conclude(&mut self) -> Result<(), AuditError> {
        let firing = self.firing;
        let now = self.stopper.clock.moment();
        if self.latest.is_some_and(|latest| latest <= now) && self.admitted.barred.is_none() {
            self.leave_what_was_not_read().await?;
        }
        self.leave_what_is_held().await?;
        self.go_on_or_give_up();
        let (patience, latest) = (self.patience, self.latest);
        let is_out = |pursuit: &Pursuit| {
            let gives_up_at = pursuit.gives_up_at(patience).into_iter().chain(latest).min();
            gives_up_at.is_some_and(|at| at <= now)
        };
        let open = self.pursuits.iter_mut().filter(|pursuit| pursuit.is_open());
        if let Some(error) = &self.lost {
            warn!(rule = %firing.rule.name, firing = i64::from(firing.id), %error, "keys refused");
            open.for_each(|pursuit| pursuit.lose(error));
            let word = Settlement::of_firing(Outcome::CloudFailed, error.to_string());
            self.say(vec![word]).await?;
        } else if let Some(reason) = &self.admitted.barred {
            open.for_each(|pursuit| {
                if is_out(pursuit) {
                    pursuit.give_up(firing.rule.action);
                } else {
                    pursuit.forbid(reason);
                }
            });
        } else {
            open.filter(|it| is_out(it)).for_each(|it| it.give_up(firing.rule.action));
        }
        if let Some(error) = &self.refused_keys {
            let unasked = self.pursuits.iter_mut().filter(|it| it.stage == Stage::Unasked);
            unasked.filter(|it| it.is_open()).for_each(|it| it.lose(error));
        }
        self.admitted.note_ends(&self.pursuits);
        let settled = self.pursuits.iter().filter_map(|pursuit| pursuit.settled.clone()).collect();
        self.pursuits.retain(Pursuit::is_open);
        self.say(settled).await
    }

    /// When a pursuit is given up; `None` where that is not known yet.
    fn gives_up_at(&self, pursuit: &Pursuit) -> Option<Moment> {
        pursuit.gives_up_at(self.patience).into_iter().chain(self.latest).min()
    }

    /// Whether there is patience left for a pursuit.
    pub(crate) fn has_patience(&self, pursuit: &Pursuit, now: Moment) -> bool {
        self.gives_up_at(pursuit).is_none_or(|at| now < at)
    }

    /// Whether a request for it may leave now.
    pub(crate) fn is_askable(&self, pursuit: &Pursuit, now: Moment) -> bool {
        pursuit.may_be_asked(self.firing.rule.action, now)
            && !pursuit.is_stale(now)
            && !pursuit.is_given_up
            && self.has_patience(pursuit, now)
    }

    /// Says what the firing comes to as a whole, where that is not said by its instances.
    async fn say_the_last_word(&mut self) -> Result<(), AuditError> {
        if self.lost.is_some() {
            return Ok(());
        }
        if let Some(error) = &self.refused_keys {
            let firing = self.firing;
            warn!(rule = %firing.rule.name, firing = i64::from(firing.id), %error, "keys refused");
            let word = Settlement::of_firing(Outcome::CloudFailed, error.to_string());
            return self.say(vec![word]).await;
        }
        let mut words = self.failed_regions();
        if let Some(error) = self.survey.ignorance() {
            words.push(Settlement::of_firing(Outcome::CloudFailed, error.to_string()));
        }
        let missing = self.unmatched();
        let nothing_matched = self.admitted.targets.is_empty() && self.admitted.barred.is_none();
        if nothing_matched && words.is_empty() {
            let firing = self.firing;
            let before = if firing.is_makeup() {
                Some("the servers of the deferred action are not there any more".to_owned())
            } else {
                let most = self.stopper.audit.most_matched(&firing.rule.name, firing.id).await?;
                let most = most.map(|most| format!("up to {most} in its last firings"));
                let said: Vec<String> = most.into_iter().chain(missing).collect();
                (!said.is_empty()).then(|| said.join("; "))
            };
            warn!(rule = %firing.rule.name, firing = i64::from(firing.id), before, "rule matched no server");
            words.push(Settlement::of_firing(Outcome::NothingMatched, before));
        } else {
            let word = |reason| Settlement::of_firing(Outcome::Skipped, reason);
            words.extend(missing.into_iter().map(word));
        }
        words.extend(self.admitted.left_out());
        self.say(words).await
    }

    /// Says what the selectors match nothing with, where the whole account could be read. Returns
    /// what of that belongs into the log.
    fn unmatched(&mut self) -> Vec<String> {
        let firing = self.firing;
        let is_whole = self.survey.unlisted().is_empty() && self.survey.ignorance().is_none();
        let telling = firing.telling.as_ref().filter(|_| is_whole && !firing.is_makeup());
        let Some(telling) = telling else { return Vec::new() };
        let news = telling.news((firing.id, &firing.rule), &self.matching);
        for entry in news.servers.iter().chain(&news.others) {
            warn!(rule = %firing.rule.name, firing = i64::from(firing.id), entry, "matches nothing");
        }
        self.report.unmatched = news.others;
        news.servers.into_iter().map(|entry| format!("{MATCHES_NOTHING}{entry}")).collect()
    }

    /// Records words.
    pub(crate) async fn say(&mut self, words: Vec<Settlement>) -> Result<(), AuditError> {
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

    /// How much may still bring instances: regions, and instances whose tags are being read.
    fn awaited(&self) -> usize {
        let now = self.stopper.clock.moment();
        let is_over = self.latest.is_some_and(|latest| latest <= now);
        let is_barred = self.admitted.barred.is_some() && self.over.is_none();
        if is_over || self.lost.is_some() || self.refused_keys.is_some() || is_barred {
            return 0;
        }
        let being_read = self.admitted.pending.values();
        let being_read = being_read.filter(|it| self.survey.is_trying(&it.region)).count();
        if self.firing.deadline <= now {
            return being_read;
        }
        let unlisted = self.survey.unlisted().into_keys();
        let unjudged = self.admitted.unjudged.values().map(|(region, _)| region.clone());
        let regions: BTreeSet<_> =
            unlisted.chain(unjudged).filter(|region| self.survey.is_trying(region)).collect();
        let is_ignorant = self.survey.ignorance().is_some_and(|error| error.may_pass());
        being_read + regions.len() + usize::from(is_ignorant)
    }

    /// Does something to the open instances of these numbers.
    pub(crate) fn with(&mut self, instances: &[InstanceNo], change: impl FnMut(&mut Pursuit)) {
        let named = |pursuit: &&mut Pursuit| instances.contains(&pursuit.instance.no);
        self.pursuits.iter_mut().filter(named).for_each(change);
    }
}
