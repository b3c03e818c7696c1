//! From due to done: claims firings, shares one reading of an account among those of one
//! instant, and hands each to the stopper.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};

use chrono::{DateTime, Utc};
use tokio::task::JoinSet;
use tracing::{error, info, warn};

use crate::audit::{
    Asked, AuditError, AuditLog, Claim, FileId, FiringId, OpenFiring, OpenTarget, Settlement,
    Trigger,
};
use crate::clock::Clock;
use crate::cloud::Cloud;
use crate::instance::{AccountName, RuleName};
use crate::outcome::Outcome;
use crate::reading::Survey;
use crate::schedule::{Rule, Schedules};
use crate::scheduler::{Due, Fate};
use crate::shutdown::Shutdown;
use crate::stopper::{Firing, Late, LeftOpen, Report, Stopper};

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

/// The firings that are being followed, and their rules.
type InFlight = Arc<Mutex<BTreeMap<FiringId, RuleName>>>;

/// Carries firings out.
#[derive(Clone, Debug)]
pub struct Dispatch {
    /// Where everything is recorded first.
    pub audit: Arc<AuditLog>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// When to leave what is open to the next start.
    pub shutdown: Shutdown,
    in_flight: InFlight,
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
    pub async fn claim<'d>(
        &self,
        due: &'d [Due],
        in_use: &InUse,
    ) -> Result<Vec<Firing>, AuditError> {
        let (missed, wanted): (Vec<&Due>, Vec<&Due>) =
            due.iter().partition(|due| due.fate == Fate::Missed);
        if !missed.is_empty() {
            let told = missed.iter().map(|due| (claim_of(due, in_use.file), absence(due)));
            let noted = self.audit.miss(&told.collect::<Vec<_>>()).await?;
            if noted > 0 {
                let newest = missed[missed.len() - 1];
                let at = newest.rule.timezone.show(newest.scheduled_at).to_rfc3339();
                let reason = absence(newest);
                warn!(firings = noted, last = %newest.rule.name, %at, %reason, "firings missed");
            }
        }
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let claims: Vec<Claim<'_>> = wanted.iter().map(|due| claim_of(due, in_use.file)).collect();
        let claimed = self.audit.claim(&claims).await?;
        let won = |(due, id): (&'d Due, Option<FiringId>)| {
            if id.is_none() {
                info!(rule = %due.rule.name, "firing was claimed before; left alone");
            }
            Some((due, id?))
        };
        let claimed: Vec<_> = wanted.into_iter().zip(claimed).filter_map(won).collect();
        for (due, id) in &claimed {
            let at = due.rule.timezone.show(due.scheduled_at).to_rfc3339();
            info!(rule = %due.rule.name, firing = %id, scheduled_at = %at, "rule fired");
        }
        let mut firings = Vec::new();
        let mut followed = self.followed();
        for &(due, id) in &claimed {
            let rule = &due.rule;
            if let Some(earlier) = followed.get(&rule.name) {
                self.overlap(id, &rule.name, *earlier).await?;
                continue;
            }
            followed.insert(rule.name.clone(), id);
            let mut firing = self.firing(id, Arc::clone(rule), rule.dry_run, in_use);
            if due.fate == Fate::Late {
                let outdone_by = claimed.iter().filter(|(later, _)| outdoes(later, due));
                let outdone_by = outdone_by.map(|(later, id)| (*id, Arc::clone(&later.rule)));
                let scheduled_at = due.scheduled_at;
                firing.late = Some(Late { scheduled_at, outdone_by: outdone_by.collect() });
            }
            // Already here, so that the next look does not take it for one that was left open.
            self.in_flight().insert(id, rule.name.clone());
            firings.push(firing);
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
        let followed = |(place, firing)| {
            let followed = self.follow(&firing);
            (place, firing, followed)
        };
        let firings: Vec<(usize, Firing, Followed)> = firings.into_iter().map(followed).collect();
        let cloud = Arc::clone(&in_use.clouds[account]);
        let rules = firings.iter().map(|(_, firing, _)| &*firing.rule);
        let questions = in_use.schedules.tag_questions(rules);
        let until = firings.iter().map(|(_, firing, _)| firing.deadline).max();
        let until = until.unwrap_or_else(|| self.clock.moment());
        let clock = Arc::clone(&self.clock);
        let survey = Survey::begin(Arc::clone(&cloud), clock, questions, until);
        let stopper = self.stopper(&cloud);
        let mut running = JoinSet::new();
        for (place, firing, followed) in firings {
            let (stopper, survey) = (stopper.clone(), survey.clone());
            running.spawn(async move {
                let report = stopper.run(&firing, survey).await;
                if let Err(error) = &report {
                    error!(firing = %firing.id, error = chain(error), "firing left open");
                }
                drop(followed);
                (place, report)
            });
        }
        running.join_all().await
    }

    /// Takes up what was left open, by dead processes or by this one when the log could not be
    /// written, and goes on with it: what may have been asked is looked up, never asked again
    /// blindly.
    ///
    /// # Errors
    /// When the audit log cannot be written.
    pub async fn recover(
        &self,
        in_use: &InUse,
        running: &mut JoinSet<()>,
    ) -> Result<(), AuditError> {
        let in_flight = self.in_flight().keys().copied().collect();
        let mut followed = self.followed();
        for open in self.audit.take_over(&in_flight).await? {
            if let Some(firing) = self.resumable(&open, in_use) {
                let rule = &firing.rule.name;
                match followed.get(rule) {
                    Some(earlier) if !open.selected => {
                        self.overlap(open.id, rule, *earlier).await?;
                    }
                    _ => {
                        followed.entry(rule.clone()).or_insert(open.id);
                        let followed = self.follow(&firing);
                        let (dispatch, in_use) = (self.clone(), in_use.clone());
                        running.spawn(async move {
                            if let Err(error) = dispatch.resume(open, firing, &in_use).await {
                                error!(firing = %followed.id, error = chain(&error), "left open");
                            }
                        });
                    }
                }
            } else {
                self.give_up(&open).await?;
            }
        }
        Ok(())
    }

    async fn resume(
        &self,
        mut open: OpenFiring,
        firing: Firing,
        in_use: &InUse,
    ) -> Result<(), AuditError> {
        if !open.selected {
            let account = firing.rule.account.clone();
            self.in_account(&account, vec![(0, firing)], in_use).await;
            return Ok(());
        }
        if !is_wanted(&open, in_use) {
            let unasked = open.targets.extract_if(.., |target| target.asked == Asked::No);
            let reason = "not asked by the time its process died, and its rule is gone";
            let words: Vec<_> =
                unasked.map(|target| word(&target, Outcome::Skipped, reason)).collect();
            self.audit.settle(open.id, &words).await?;
        }
        let cloud = &in_use.clouds[&firing.rule.account];
        let left = LeftOpen { targets: &open.targets, settled: &open.settled };
        self.stopper(cloud).resume(&firing, left).await.map(|_| ())
    }

    /// The firing as it is carried on; `None` where nothing can or may be done any more. It
    /// keeps the rule it began with, but what is protected now is protected.
    fn resumable(&self, open: &OpenFiring, in_use: &InUse) -> Option<Firing> {
        let path = &in_use.schedules.path;
        let (began_under, _) = Schedules::parse(path, &open.file_text).ok()?;
        let rule = Arc::clone(began_under.rule(&open.rule)?);
        in_use.clouds.get(&rule.account)?;
        let now = self.clock.now();
        let since = |at: DateTime<Utc>| (now - at).to_std().unwrap_or_default();
        let may_be_late = open.scheduled_at.is_some_and(|at| since(at) <= rule.late);
        let left = if may_be_late {
            rule.patience
        } else {
            open.patience.saturating_sub(since(open.started_at))
        };
        let is_over = left.is_zero() || !is_wanted(open, in_use);
        if open.dry_run || (!open.selected && is_over) {
            return None;
        }
        Some(Firing {
            id: open.id,
            deadline: self.clock.moment() + left,
            protect: Arc::new(in_use.schedules.protect.clone()),
            dry_run: false,
            late: open
                .scheduled_at
                .filter(|_| may_be_late)
                .map(|scheduled_at| Late { scheduled_at, outdone_by: Vec::new() }),
            rule,
        })
    }

    /// Says of a firing that cannot be carried on what is known of it: nothing.
    async fn give_up(&self, open: &OpenFiring) -> Result<(), AuditError> {
        let reason = "its process died, and it could not be carried on";
        let unknown = |target: &OpenTarget| word(target, Outcome::Unknown, reason);
        let mut words: Vec<Settlement> = open.targets.iter().map(unknown).collect();
        if !open.selected {
            words.push(Settlement::of_firing(Outcome::Missed, reason.to_owned()));
        }
        self.audit.settle(open.id, &words).await?;
        self.audit.end_firing(open.id).await
    }

    fn firing(&self, id: FiringId, rule: Arc<Rule>, dry_run: bool, in_use: &InUse) -> Firing {
        let deadline = self.clock.moment() + rule.patience;
        let protect = Arc::new(in_use.schedules.protect.clone());
        Firing { id, rule, protect, dry_run, deadline, late: None }
    }

    fn stopper(&self, cloud: &Arc<dyn Cloud>) -> Stopper {
        Stopper {
            cloud: Arc::clone(cloud),
            audit: Arc::clone(&self.audit),
            clock: Arc::clone(&self.clock),
            shutdown: self.shutdown.clone(),
        }
    }

    /// Records that a firing came while an earlier one of its rule was being followed.
    async fn overlap(
        &self,
        id: FiringId,
        rule: &RuleName,
        earlier: FiringId,
    ) -> Result<(), AuditError> {
        warn!(%rule, firing = %id, %earlier, "overlapped");
        let reason = format!("firing {earlier} was still being followed");
        self.audit.settle(id, &[Settlement::of_firing(Outcome::Overlapped, reason)]).await?;
        self.audit.end_firing(id).await
    }

    /// The firing by which each rule is being followed, where it is: the earliest.
    fn followed(&self) -> HashMap<RuleName, FiringId> {
        self.in_flight().iter().rev().map(|(id, rule)| (rule.clone(), *id)).collect()
    }

    /// Follows a firing for as long as the result lives, even through a panic.
    fn follow(&self, firing: &Firing) -> Followed {
        self.in_flight().insert(firing.id, firing.rule.name.clone());
        Followed { in_flight: Arc::clone(&self.in_flight), id: firing.id }
    }

    fn in_flight(&self) -> MutexGuard<'_, BTreeMap<FiringId, RuleName>> {
        lock(&self.in_flight)
    }
}

/// A firing that is being followed.
#[derive(Debug)]
struct Followed {
    in_flight: InFlight,
    id: FiringId,
}

impl Drop for Followed {
    fn drop(&mut self) {
        lock(&self.in_flight).remove(&self.id);
    }
}

fn lock(in_flight: &InFlight) -> MutexGuard<'_, BTreeMap<FiringId, RuleName>> {
    in_flight.lock().expect("nobody panics while holding it")
}

/// Whether the rule of a firing that was left open is still in force.
fn is_wanted(open: &OpenFiring, in_use: &InUse) -> bool {
    in_use.schedules.rule(&open.rule).is_some_and(|rule| rule.enabled)
}

fn word(target: &OpenTarget, outcome: Outcome, reason: &str) -> Settlement {
    Settlement {
        instance: Some(target.instance.no.clone()),
        region: Some(target.instance.region.clone()),
        ..Settlement::of_firing(outcome, reason.to_owned())
    }
}

/// An error and its causes on one line.
#[must_use]
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// Whether `later` is to turn instances the other way after `due` would have.
fn outdoes(later: &Due, due: &Due) -> bool {
    later.rule.action == due.rule.action.opposite()
        && later.rule.account == due.rule.account
        && later.scheduled_at > due.scheduled_at
        && !later.rule.dry_run
}

/// Why a firing was missed: from when to when nobody was there, in the rule's zone.
fn absence(due: &Due) -> String {
    let zone = due.rule.timezone;
    let (from, until) = (zone.show(due.unseen.from), zone.show(due.unseen.until));
    let until_format = if from.date_naive() == until.date_naive() { "%H:%M" } else { "%F %H:%M" };
    let left_out = if due.leaves_out { "; earlier firings are not listed" } else { "" };
    format!(
        "daemon away {}–{}{}{left_out}",
        from.format("%F %H:%M"),
        until.format(until_format),
        until.format("%:z"),
    )
}

fn claim_of(due: &Due, file: FileId) -> Claim<'_> {
    let trigger = match due.fate {
        Fate::OnTime | Fate::Missed => Trigger::Schedule(due.scheduled_at),
        Fate::Late => Trigger::Late(due.scheduled_at),
    };
    Claim { rule: &due.rule, trigger, file, dry_run: due.rule.dry_run }
}
