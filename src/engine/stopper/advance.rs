//! The loop of a firing: admit, submit, poll, settle, until (1) everything is settled, (2) patience
//! is over, or (3) the process must end.

use std::collections::BTreeSet;
use std::time::Duration;

use tracing::{info, warn};

use super::admitted::Admitted;
use super::approval::Approval;
use super::execution::{Execution, Rights};
use super::questions::Questions;
use super::target::{LONGEST_PAUSE, Stage, Target};
use super::{Firing, Over, Report, Resumable, Stopper};
use crate::audit::{AuditError, OpenTarget, RequestState};
use crate::clock::Moment;
use crate::cloud::CloudError;
use crate::inventory::Inventory;
use crate::model::instance::InstanceNo;
use crate::model::outcome::Outcome;
use crate::model::reason::{Reason, Unlisted};
use crate::model::settlement::Settlement;
use crate::select::unmatched::Matching;

/// The shortest rest between two rounds.
const LEAST_REST: Duration = Duration::from_millis(5);
/// The client's longest wait for an answer. The request of a dead process may take effect until
/// then.
const ANSWERED_WITHIN: Duration = Duration::from_secs(30);

impl<'a> Execution<'a> {
    /// A firing whose reading `began`.
    pub(crate) fn new(
        stopper: &'a Stopper,
        firing: &'a Firing,
        inventory: Inventory,
        began: Moment,
    ) -> Self {
        Self {
            patience: firing.deadline.since(began),
            latest: firing.ends,
            next_request: began,
            questions: Questions::default(),
            stopper,
            firing,
            inventory,
            admitted: Admitted::default(),
            over: None,
            targets: Vec::new(),
            lost: None,
            refused_keys: None,
            rights: Rights::default(),
            limits: stopper.cloud.limits(),
            report: Report::default(),
            matching: [Matching::of_rule(&firing.rule), Matching::of_protection(&firing.protect)],
        }
    }

    /// A firing that another process began.
    pub(crate) fn resumed(
        stopper: &'a Stopper,
        firing: &'a Firing,
        left: Resumable<'_>,
        inventory: Inventory,
    ) -> Self {
        let now = stopper.clock.moment();
        let mut execution = Self::new(stopper, firing, inventory, now);
        let target = |open: &OpenTarget| {
            let stage = match open.asked {
                RequestState::No => Stage::Unasked,
                RequestState::Accepted => Stage::Asked,
                RequestState::Unclear => Stage::Unsure,
            };
            let mut target = Target::new(open.instance.clone(), stage, now);
            target.look_at_once(now);
            target.take_turn(now);
            target.attempts = open.attempts;
            target.failure.clone_from(&open.failure);
            if stage == Stage::Unsure {
                let passed = open.asked_ago.unwrap_or_default();
                let asked_until = now + ANSWERED_WITHIN.saturating_sub(passed);
                target.doubt(asked_until + stopper.cloud.limits().lists_lag);
            }
            target
        };
        execution.over = left.over;
        let unwanted = left.over.filter(|over| *over == Over::Unwanted);
        execution.admitted.barred = unwanted.map(Over::why);
        let open = left.targets.iter().map(|target| &target.instance.no);
        execution.admitted.targets = left.settled.iter().chain(open).cloned().collect();
        execution.targets = left.targets.iter().map(target).collect();
        execution
    }

    /// Goes on until nothing is open, within patience and until shutdown.
    pub(crate) async fn run(mut self) -> Result<Report, AuditError> {
        let mut shutdown = self.stopper.shutdown.clone();
        loop {
            let ending = shutdown.is_due();
            self.admit_news().await?;
            if !ending {
                self.ask_first();
                self.ask().await?;
                // Others get their turn, however much is due.
                let rest = self.rest().max(LEAST_REST);
                let heard = tokio::select! {
                    () = self.stopper.clock.sleep(rest) => None,
                    () = self.inventory.changed() => None,
                    heard = self.questions.next() => Some(heard),
                    () = shutdown.due() => None,
                };
                if let Some(heard) = heard {
                    self.hear(heard);
                }
            }
            self.look(ending).await?;
            self.conclude().await?;
            let awaited = self.awaited();
            if self.lost.is_some() || ending || (self.targets.is_empty() && awaited == 0) {
                self.report.open = self.targets.len() + awaited;
                if self.report.open == 0 {
                    self.say_the_last_word().await?;
                }
                return Ok(self.report);
            }
        }
    }

    async fn admit_news(&mut self) -> Result<(), AuditError> {
        loop {
            match self.inventory.news() {
                Ok(Some(reading)) => self.admit(&reading).await?,
                Ok(None) => return Ok(()),
                // Earlier requests can be followed without a list.
                Err(error) => {
                    let is_lost = matches!(error, CloudError::Denied { .. });
                    self.lost = (is_lost || self.targets.is_empty()).then_some(error);
                    return Ok(());
                }
            }
        }
    }

    /// The time until the next known work.
    fn rest(&self) -> Duration {
        let (action, now) = (self.firing.rule.action, self.stopper.clock.moment());
        let is_idle = self.targets.is_empty() && self.awaited() == 0;
        let can_ask = !self.must_stop_asking();
        if self.lost.is_some() || is_idle {
            return Duration::ZERO;
        }
        let request = (can_ask && !self.batches().is_empty()).then_some(self.next_request);
        if request.is_some_and(|at| at <= now) {
            return Duration::ZERO;
        }
        let open = || self.targets.iter().filter(|target| target.is_open());
        let asks = open().filter(|it| it.is_in_line(action) && can_ask).map(|it| it.not_before);
        let looks = open().filter(|it| can_ask || !it.is_in_line(action));
        let looks = looks.filter_map(|target| target.look_due(action, now));
        let ends = open().filter_map(|target| self.gives_up_at(target));
        let awaited = (self.awaited() > 0).then_some(self.firing.deadline);
        let awaited = awaited.filter(|deadline| *deadline > now).into_iter().chain(self.latest);
        let asks = asks.filter(|at| *at > now).chain(request);
        let next = asks.chain(looks).chain(ends).chain(awaited).min();
        next.map_or(LONGEST_PAUSE, |next| next.since(now)).min(LONGEST_PAUSE)
    }

    /// Settles the targets that can get no further, and records all settled ones.
    async fn conclude(&mut self) -> Result<(), AuditError> {
        let firing = self.firing;
        let now = self.stopper.clock.moment();
        if self.latest.is_some_and(|latest| latest <= now) && self.admitted.barred.is_none() {
            self.leave_what_was_not_read().await?;
        }
        self.leave_what_is_held().await?;
        self.go_on_or_give_up();
        let (patience, latest) = (self.patience, self.latest);
        let is_out = |target: &Target| {
            let gives_up_at = target.gives_up_at(patience).into_iter().chain(latest).min();
            gives_up_at.is_some_and(|at| at <= now)
        };
        let open = self.targets.iter_mut().filter(|target| target.is_open());
        if let Some(error) = &self.lost {
            warn!(rule = %firing.rule.name, firing = i64::from(firing.id), %error, "keys refused");
            open.for_each(|target| target.lose(error));
            self.settle_all(vec![failed(error)]).await?;
        } else if let Some(reason) = &self.admitted.barred {
            open.for_each(|target| {
                if is_out(target) {
                    target.give_up(firing.rule.action);
                } else {
                    target.forbid(reason);
                }
            });
        } else {
            open.filter(|it| is_out(it)).for_each(|it| it.give_up(firing.rule.action));
        }
        if let Some(error) = &self.refused_keys {
            let unasked = self.targets.iter_mut().filter(|it| it.stage == Stage::Unasked);
            unasked.filter(|it| it.is_open()).for_each(|it| it.lose(error));
        }
        self.admitted.note_ends(&self.targets);
        let settled = self.targets.iter().filter_map(|target| target.settled.clone()).collect();
        self.targets.retain(Target::is_open);
        self.settle_all(settled).await
    }

    /// The moment at which a target is given up; `None` when that is not known yet.
    fn gives_up_at(&self, target: &Target) -> Option<Moment> {
        target.gives_up_at(self.patience).into_iter().chain(self.latest).min()
    }

    /// Whether a target has patience left.
    pub(crate) fn has_patience(&self, target: &Target, now: Moment) -> bool {
        self.gives_up_at(target).is_none_or(|at| now < at)
    }

    /// Whether a request for the target may be sent now.
    pub(crate) fn is_askable(&self, target: &Target, now: Moment) -> bool {
        let is_approved = self.firing.rule.pace.ask.is_none()
            || matches!(target.approval, Approval::Given { until, .. } if now < until);
        is_approved && self.is_ready(target, now)
    }

    /// The same, but for the word of the program of `ask`.
    pub(super) fn is_ready(&self, target: &Target, now: Moment) -> bool {
        target.may_be_asked(self.firing.rule.action, now)
            && !target.is_stale(now)
            && !target.is_given_up
            && self.has_patience(target, now)
    }

    /// Settles the firing as a whole, when its instances do not say it all.
    async fn say_the_last_word(&mut self) -> Result<(), AuditError> {
        if self.lost.is_some() {
            return Ok(());
        }
        if let Some(error) = &self.refused_keys {
            let firing = self.firing;
            warn!(rule = %firing.rule.name, firing = i64::from(firing.id), %error, "keys refused");
            return self.settle_all(vec![failed(error)]).await;
        }
        let mut words = self.failed_regions();
        if let Some(error) = self.inventory.ignorance() {
            words.push(failed(&error));
        }
        let missing = self.unmatched();
        let nothing_matched = self.admitted.targets.is_empty() && self.admitted.barred.is_none();
        if nothing_matched && words.is_empty() {
            let firing = self.firing;
            let before = if firing.is_makeup() {
                let gone = "the servers of the deferred action are not there any more";
                Some(Reason::Other(gone.to_owned()))
            } else {
                let most = self.stopper.audit.most_matched(&firing.rule.name, firing.id).await?;
                let is_known = most.is_some() || !missing.is_empty();
                is_known.then_some(Reason::Unmatched { most, servers: missing })
            };
            let said = before.as_ref().map(tracing::field::display);
            warn!(rule = %firing.rule.name, firing = i64::from(firing.id), before = said, "rule matched no server");
            words.push(Settlement::of_firing(Outcome::NothingMatched, before));
        } else {
            let unmatched = |some| Reason::Unmatched { most: None, servers: vec![some] };
            let word = |some| Settlement::of_firing(Outcome::Skipped, unmatched(some));
            words.extend(missing.into_iter().map(word));
        }
        words.extend(self.admitted.left_out());
        self.settle_all(words).await
    }

    /// Reports unmatched selector entries when the whole account was read. Returns those that
    /// belong into the log.
    fn unmatched(&mut self) -> Vec<Unlisted> {
        let firing = self.firing;
        let is_whole = self.inventory.unlisted().is_empty() && self.inventory.ignorance().is_none();
        let telling = firing.telling.as_ref().filter(|_| is_whole && !firing.is_makeup());
        let Some(telling) = telling else { return Vec::new() };
        let news = telling.news((firing.id, &firing.rule), &self.matching);
        let servers = news.servers.iter().map(ToString::to_string);
        for entry in servers.chain(news.others.iter().cloned()) {
            warn!(rule = %firing.rule.name, firing = i64::from(firing.id), entry, "matches nothing");
        }
        self.report.unmatched = news.others;
        news.servers
    }

    pub(crate) async fn settle_all(&mut self, words: Vec<Settlement>) -> Result<(), AuditError> {
        let firing = self.firing;
        self.stopper.audit.settle(firing.id, &words).await?;
        for word in &words {
            let instance = word.instance.as_ref().map(tracing::field::display);
            let reason = word.reason.as_ref().map(tracing::field::display);
            let (rule, number) = (&firing.rule.name, i64::from(firing.id));
            if word.outcome.concern(word.reason.as_ref()).is_some() {
                warn!(%rule, firing = number, instance, reason, "{}", word.outcome);
            } else {
                info!(%rule, firing = number, instance, reason, "{}", word.outcome);
            }
        }
        self.report.settlements.extend(words);
        Ok(())
    }

    /// The regions and pending instances that may still bring targets.
    fn awaited(&self) -> usize {
        let now = self.stopper.clock.moment();
        let is_over = self.latest.is_some_and(|latest| latest <= now);
        let is_barred = self.admitted.barred.is_some() && self.over.is_none();
        if is_over || self.lost.is_some() || self.refused_keys.is_some() || is_barred {
            return 0;
        }
        let being_read = self.admitted.pending.values();
        let being_read = being_read.filter(|it| self.inventory.is_trying(&it.region)).count();
        if self.firing.deadline <= now {
            return being_read;
        }
        let unlisted = self.inventory.unlisted().into_keys();
        let unjudged = self.admitted.unjudged.values().map(|(region, _)| region.clone());
        let regions: BTreeSet<_> =
            unlisted.chain(unjudged).filter(|region| self.inventory.is_trying(region)).collect();
        let is_ignorant = self.inventory.ignorance().is_some_and(|error| error.may_pass());
        being_read + regions.len() + usize::from(is_ignorant)
    }

    /// Changes the open targets with these numbers.
    pub(crate) fn with(&mut self, instances: &[InstanceNo], change: impl FnMut(&mut Target)) {
        let named = |target: &&mut Target| instances.contains(&target.instance.no);
        self.targets.iter_mut().filter(named).for_each(change);
    }
}

/// That the account cannot be read, or that its keys were refused.
fn failed(error: &CloudError) -> Settlement {
    Settlement::of_firing(Outcome::CloudFailed, Reason::Other(error.to_string()))
}
