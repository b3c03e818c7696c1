//! From due to done: claims firings, shares one reading of an account among those of one
//! instant, and hands each to the stopper.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use tokio::task::JoinSet;
use tracing::{error, info, warn};

use crate::audit::{
    AuditError, AuditLog, Claim, FileId, FiringId, OpenFiring, Settlement, Trigger,
};
use crate::clock::Clock;
use crate::cloud::Cloud;
use crate::instance::{AccountName, RuleName};
use crate::outcome::Outcome;
use crate::reading::Reading;
use crate::schedule::{Rule, Schedules};
use crate::scheduler::{Due, Fate};
use crate::shutdown::Shutdown;
use crate::stopper::{Firing, Report, Stopper};

/// One account's cloud for each account of the file.
pub type Clouds = BTreeMap<AccountName, Arc<dyn Cloud>>;

/// A schedules.toml in use: its rules, its file text in the log, and its accounts' clouds.
#[derive(Clone, Debug)]
pub struct InUse {
    /// The rules.
    pub schedules: Arc<Schedules>,
    /// Their text in the log.
    pub file: FileId,
    /// Where they act.
    pub clouds: Arc<Clouds>,
}

/// Carries firings out.
#[derive(Clone, Debug)]
pub struct Dispatch {
    /// Where everything is recorded first.
    pub audit: Arc<AuditLog>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// When to leave what is open to the next start.
    pub shutdown: Shutdown,
    /// The rules that are being followed, and by which firing.
    in_flight: Arc<Mutex<HashMap<RuleName, FiringId>>>,
}

impl Dispatch {
    /// A dispatch with nothing in flight.
    #[must_use]
    pub fn new(audit: Arc<AuditLog>, clock: Arc<dyn Clock>, shutdown: Shutdown) -> Self {
        Self { audit, clock, shutdown, in_flight: Arc::default() }
    }

    /// Claims what fell due at one instant, records what was missed, and returns the firings
    /// that are this process's to run.
    ///
    /// # Errors
    /// When the audit log cannot be written; then nothing is claimed.
    pub async fn claim(&self, due: &[Due], in_use: &InUse) -> Result<Vec<Firing>, AuditError> {
        let (missed, wanted): (Vec<&Due>, Vec<&Due>) =
            due.iter().partition(|due| due.fate == Fate::Missed);
        for due in missed {
            let at = due.rule.timezone.show(due.scheduled_at);
            warn!(rule = %due.rule.name, scheduled_at = %at.to_rfc3339(), "firing missed");
            let reason = "nobody was there to fire it, and it is too late now";
            self.audit.miss(claim_of(due, in_use.file), reason).await?;
        }
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let claims: Vec<Claim<'_>> = wanted.iter().map(|due| claim_of(due, in_use.file)).collect();
        let claimed = self.audit.claim(&claims).await?;
        let mut firings = Vec::new();
        for (due, id) in wanted.into_iter().zip(claimed) {
            let rule = &due.rule;
            let Some(id) = id else {
                info!(rule = %rule.name, "firing was claimed before; left alone");
                continue;
            };
            let at = rule.timezone.show(due.scheduled_at).to_rfc3339();
            info!(rule = %rule.name, firing = %id, scheduled_at = %at, "rule fired");
            let earlier = self.follow(&rule.name, id);
            if let Some(earlier) = earlier {
                warn!(rule = %rule.name, firing = %id, %earlier, "overlapped");
                let reason = format!("firing {earlier} was still being followed");
                let word = Settlement::of_firing(Outcome::Overlapped, reason);
                self.audit.settle(id, &[word]).await?;
                self.audit.end_firing(id).await?;
                continue;
            }
            firings.push(self.firing(id, Arc::clone(rule), rule.dry_run, in_use));
        }
        Ok(firings)
    }

    /// Claims a firing by hand.
    ///
    /// # Errors
    /// When the audit log cannot be written.
    pub async fn claim_by_hand(
        &self,
        rule: &Arc<Rule>,
        dry_run: bool,
        in_use: &InUse,
    ) -> Result<Firing, AuditError> {
        let claim = Claim { rule, trigger: Trigger::Manual, file: in_use.file, dry_run };
        let claimed = self.audit.claim(&[claim]).await?;
        let id = claimed[0].expect("a firing by hand is never claimed before");
        Ok(self.firing(id, Arc::clone(rule), dry_run, in_use))
    }

    /// Carries firings of one instant out: one reading an account, then all at the same time.
    /// Returns each firing's report in the order given; `Err` where the log failed it.
    pub async fn carry_out(
        &self,
        firings: Vec<Firing>,
        in_use: &InUse,
    ) -> Vec<Result<Report, AuditError>> {
        let mut accounts: BTreeMap<AccountName, Vec<(usize, Firing)>> = BTreeMap::new();
        for (place, firing) in firings.into_iter().enumerate() {
            accounts.entry(firing.rule.account.clone()).or_default().push((place, firing));
        }
        let mut running = JoinSet::new();
        for (account, firings) in accounts {
            let (dispatch, in_use) = (self.clone(), in_use.clone());
            running.spawn(async move { dispatch.in_account(&account, firings, &in_use).await });
        }
        let mut reports: Vec<_> = running.join_all().await.into_iter().flatten().collect();
        reports.sort_by_key(|(place, _)| *place);
        reports.into_iter().map(|(_, report)| report).collect()
    }

    async fn in_account(
        &self,
        account: &AccountName,
        firings: Vec<(usize, Firing)>,
        in_use: &InUse,
    ) -> Vec<(usize, Result<Report, AuditError>)> {
        let cloud = Arc::clone(&in_use.clouds[account]);
        let rules = firings.iter().map(|(_, firing)| &*firing.rule);
        let questions = in_use.schedules.tag_questions(rules);
        let until = firings.iter().map(|(_, firing)| firing.deadline).max();
        let until = until.unwrap_or_else(|| self.clock.moment());
        let mut shutdown = self.shutdown.clone();
        let reading = tokio::select! {
            reading = Reading::take(&cloud, &*self.clock, &questions, until) => reading,
            () = shutdown.due() => return self.leave_open(&firings),
        };
        let reading = reading.map(Arc::new);
        let stopper = Stopper {
            cloud,
            audit: Arc::clone(&self.audit),
            clock: Arc::clone(&self.clock),
            shutdown: self.shutdown.clone(),
        };
        let mut running = JoinSet::new();
        for (place, firing) in firings {
            let (dispatch, stopper, reading) = (self.clone(), stopper.clone(), reading.clone());
            running.spawn(async move {
                let report = stopper.run(&firing, reading).await;
                if let Err(error) = &report {
                    error!(firing = %firing.id, error = chain(error), "firing left open");
                }
                dispatch.unfollow(&firing);
                (place, report)
            });
        }
        running.join_all().await
    }

    /// Takes over what dead processes left open, and goes on with it: what may have been asked
    /// is looked up, never asked again blindly.
    ///
    /// # Errors
    /// When the audit log cannot be written.
    pub async fn recover(&self, in_use: &InUse) -> Result<JoinSet<()>, AuditError> {
        let mut running = JoinSet::new();
        for open in self.audit.take_over().await? {
            let (dispatch, in_use) = (self.clone(), in_use.clone());
            if let Some((firing, stopper)) = dispatch.resumable(&open, &in_use) {
                running.spawn(async move {
                    let resumed = if open.selected {
                        stopper.resume(&firing, &open.targets).await
                    } else {
                        let questions = in_use.schedules.tag_questions([&*firing.rule]);
                        let clock = &*dispatch.clock;
                        let mut shutdown = dispatch.shutdown.clone();
                        let reading = tokio::select! {
                            reading = Reading::take(
                                &stopper.cloud, clock, &questions, firing.deadline,
                            ) => reading,
                            () = shutdown.due() => return,
                        };
                        stopper.run(&firing, reading.map(Arc::new)).await
                    };
                    if let Err(error) = resumed {
                        error!(firing = %firing.id, error = chain(&error), "firing left open");
                    }
                    dispatch.unfollow(&firing);
                });
            } else {
                self.give_up(&open).await?;
            }
        }
        Ok(running)
    }

    /// The firing and who carries it on; `None` where nothing can or may be done any more.
    fn resumable(&self, open: &OpenFiring, in_use: &InUse) -> Option<(Firing, Stopper)> {
        let path = &in_use.schedules.path;
        let (began_under, _) = Schedules::parse(path, &open.file_text).ok()?;
        let rule = Arc::new(began_under.rule(&open.rule)?.clone());
        let cloud = Arc::clone(in_use.clouds.get(&rule.account)?);
        let passed = (self.clock.now() - open.started_at).to_std().unwrap_or_default();
        let left = open.patience.saturating_sub(passed);
        if open.dry_run || (!open.selected && left.is_zero()) {
            return None;
        }
        let firing = Firing {
            id: open.id,
            deadline: self.clock.moment() + left,
            protect: Arc::new(began_under.protect),
            dry_run: false,
            rule,
        };
        self.follow(&firing.rule.name, firing.id);
        let stopper = Stopper {
            cloud,
            audit: Arc::clone(&self.audit),
            clock: Arc::clone(&self.clock),
            shutdown: self.shutdown.clone(),
        };
        Some((firing, stopper))
    }

    /// Says of a firing that cannot be carried on what is known of it: nothing.
    async fn give_up(&self, open: &OpenFiring) -> Result<(), AuditError> {
        let reason = "its process died, and it could not be carried on";
        let mut words: Vec<Settlement> = open
            .targets
            .iter()
            .map(|target| Settlement {
                instance: Some(target.instance.no.clone()),
                region: Some(target.instance.region.clone()),
                ..Settlement::of_firing(Outcome::Unknown, reason.to_owned())
            })
            .collect();
        if !open.selected {
            words.push(Settlement::of_firing(Outcome::Missed, reason.to_owned()));
        }
        self.audit.settle(open.id, &words).await?;
        self.audit.end_firing(open.id).await
    }

    /// Leaves firings to the next start, whose accounts could not be read in time.
    fn leave_open(&self, firings: &[(usize, Firing)]) -> Vec<(usize, Result<Report, AuditError>)> {
        let left = |(place, firing): &(usize, Firing)| {
            info!(rule = %firing.rule.name, firing = %firing.id, "firing left open");
            self.unfollow(firing);
            (*place, Ok(Report { open: 1, ..Report::default() }))
        };
        firings.iter().map(left).collect()
    }

    fn firing(&self, id: FiringId, rule: Arc<Rule>, dry_run: bool, in_use: &InUse) -> Firing {
        let deadline = self.clock.moment() + rule.patience;
        let protect = Arc::new(in_use.schedules.protect.clone());
        Firing { id, rule, protect, dry_run, deadline }
    }

    /// Notes that a rule is being followed, or says which firing it is followed by already.
    fn follow(&self, rule: &RuleName, id: FiringId) -> Option<FiringId> {
        let mut in_flight = self.in_flight.lock().expect("nobody panics while holding it");
        if let Some(earlier) = in_flight.get(rule) {
            return Some(*earlier);
        }
        in_flight.insert(rule.clone(), id);
        None
    }

    fn unfollow(&self, firing: &Firing) {
        let mut in_flight = self.in_flight.lock().expect("nobody panics while holding it");
        if in_flight.get(&firing.rule.name) == Some(&firing.id) {
            in_flight.remove(&firing.rule.name);
        }
    }
}

/// An error and its causes on one line.
#[must_use]
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

fn claim_of(due: &Due, file: FileId) -> Claim<'_> {
    let trigger = match due.fate {
        Fate::OnTime | Fate::Missed => Trigger::Schedule(due.scheduled_at),
        Fate::Late => Trigger::Late(due.scheduled_at),
    };
    Claim { rule: &due.rule, trigger, file, dry_run: due.rule.dry_run }
}
