//! Takes up firings that were left open, and says what can be said of those that cannot be.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::task::JoinSet;
use tracing::error;

use super::{Dispatch, InUse, Terms, in_flight};
use crate::audit::{Asked, AuditError, OpenFiring, OpenTarget};
use crate::cloud::Cloud;
use crate::engine::stopper::{Firing, Late, LeftOpen, Over, Wanted, times};
use crate::model::ids::FileId;
use crate::model::instance::{AccountName, Instance};
use crate::model::outcome::Outcome;
use crate::model::settlement::Settlement;
use crate::schedule::stop_budget::STOP_BUDGET;
use crate::schedule::{Rule, Schedules};
use crate::text::error_chain::chain;

/// How long a firing that is taken over has of its own, beside what is left of its patience: what
/// a dead process may have asked is waited for, and asked again.
const TO_TAKE_OVER: Duration = Duration::from_secs(60);

/// The files that open firings began under, each read once.
type Recalled = HashMap<FileId, Option<Arc<Schedules>>>;

impl Dispatch {
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
        let in_flight = self.in_flight.ids();
        let mut followed = self.in_flight.rules();
        let (mut recalled, terms) = (Recalled::new(), Terms::of(in_use, &self.told));
        let (mut unselected, mut overlapped) = (Vec::new(), Vec::new());
        for open in self.audit.take_over(&in_flight).await? {
            self.recall(&open, in_use, &mut recalled).await?;
            let began_under = recalled[&open.file].as_deref();
            let resumable = began_under.and_then(|it| self.resumable(&open, it, in_use, &terms));
            let Some(firing) = resumable else {
                self.give_up(&open).await?;
                continue;
            };
            if !firing.is_makeup() {
                let key = in_flight::key(&firing.rule);
                match followed.get(&key) {
                    Some(earlier) if !open.selected => {
                        overlapped.push((open.id, *earlier));
                        continue;
                    }
                    _ => followed.entry(key).or_insert(open.id),
                };
            }
            self.in_flight.note(&firing);
            if open.selected {
                let (dispatch, in_use) = (self.clone(), in_use.clone());
                running.spawn(async move { dispatch.go_on(open, firing, &in_use).await });
            } else {
                unselected.push(firing);
            }
        }
        self.audit.overlapped(&overlapped).await?;
        if !unselected.is_empty() {
            let (dispatch, in_use) = (self.clone(), in_use.clone());
            running.spawn(async move {
                dispatch.work_off(unselected, &in_use, |_, _| {}).await;
            });
        }
        Ok(())
    }

    /// Reads the file that a firing began under, where that is not known yet.
    async fn recall(
        &self,
        open: &OpenFiring,
        in_use: &InUse,
        recalled: &mut Recalled,
    ) -> Result<(), AuditError> {
        if let Entry::Vacant(unread) = recalled.entry(open.file) {
            let text = self.audit.file_text(open.file).await?;
            let began_under = Schedules::recall(&in_use.schedules.path, &text).ok();
            unread.insert(began_under.map(|(schedules, _)| Arc::new(schedules)));
        }
        Ok(())
    }

    /// Goes on with what had been selected, when there is a place to work in.
    async fn go_on(&self, open: OpenFiring, firing: Firing, in_use: &InUse) {
        let followed = self.in_flight.follow(&firing);
        let mut shutdown = self.shutdown.clone();
        let place = tokio::select! {
            place = Arc::clone(&self.places).acquire_owned() => place,
            () = shutdown.due() => return,
        };
        if let Err(error) = Box::pin(self.resume(open, firing, in_use)).await {
            self.audit.heed(&error);
            error!(firing = i64::from(followed.id()), error = chain(&error), "left open");
        }
        drop((place, followed));
    }

    async fn resume(
        &self,
        mut open: OpenFiring,
        mut firing: Firing,
        in_use: &InUse,
    ) -> Result<(), AuditError> {
        let rule = Arc::clone(&firing.rule);
        let is_wanted = is_wanted(&open, in_use);
        let over = match () {
            () if !is_wanted => Some(Over::Unwanted),
            () if firing.patience.is_zero() => Some(Over::Late),
            () => None,
        };
        if let Some(over) = over {
            let is_left = |target: &mut OpenTarget| {
                target.asked == Asked::No && (target.attempts == 0 || over == Over::Unwanted)
            };
            let unasked: Vec<OpenTarget> = open.targets.extract_if(.., is_left).collect();
            let reason = |target: &OpenTarget| match target.failure {
                Some(_) => over.why(),
                None => over.reason(),
            };
            let words: Vec<_> = unasked.iter().map(|it| leave(it, reason(it))).collect();
            self.audit.settle(open.id, &words).await?;
        }
        let is_undone = undone_at(&open, &rule).is_some_and(|at| at <= self.clock.now());
        if !is_undone {
            firing.patience += TO_TAKE_OVER;
        }
        self.begin(&mut firing, in_use);
        if let Some(late) = &firing.late {
            self.leave_to_later(&mut open, &firing.rule, late).await?;
        }
        let cloud = &in_use.clouds[&firing.rule.account];
        self.leave_what_overruns(&mut open, &firing, cloud).await?;
        let (targets, settled) = (&open.targets[..], &open.settled[..]);
        let left = LeftOpen { targets, settled, over };
        self.stopper(cloud).resume(&firing, left).await.map(|_| ())
    }

    /// Settles what was not asked yet and a later firing has turned the other way since.
    async fn leave_to_later(
        &self,
        open: &mut OpenFiring,
        rule: &Rule,
        late: &Late,
    ) -> Result<(), AuditError> {
        let unasked = |target: &OpenTarget| target.asked == Asked::No;
        let numbers = open.targets.iter().filter(|target| unasked(target));
        let wanted = late.wanted(numbers.map(|target| &target.instance.no));
        let turned = self.audit.turned_since(&rule.account, rule.action, &wanted).await?;
        let left = open
            .targets
            .extract_if(.., |target| unasked(target) && turned.contains_key(&target.instance.no));
        let words: Vec<_> = left
            .map(|target| {
                let reason = late.left_to(turned[&target.instance.no], rule.action);
                leave(&target, &reason)
            })
            .collect();
        self.audit.settle(open.id, &words).await
    }

    /// Settles what was not asked yet and has used up its stop budget.
    async fn leave_what_overruns(
        &self,
        open: &mut OpenFiring,
        firing: &Firing,
        cloud: &Arc<dyn Cloud>,
    ) -> Result<(), AuditError> {
        let unasked = open.targets.iter().filter(|target| target.asked == Asked::No);
        let unasked: Vec<&Instance> = unasked.map(|target| &target.instance).collect();
        let overruns = self.stopper(cloud).overruns(firing, &unasked).await?;
        let left = open.targets.extract_if(.., |target| {
            target.asked == Asked::No && overruns.contains_key(&target.instance.no)
        });
        let words: Vec<_> =
            left.map(|target| leave(&target, &overruns[&target.instance.no])).collect();
        self.audit.settle(open.id, &words).await
    }

    /// The firing as it is carried on; `None` where nothing can or may be done any more. It
    /// keeps the rule it began with, but what is protected now is protected. Its patience is what
    /// is left of it.
    fn resumable(
        &self,
        open: &OpenFiring,
        began_under: &Schedules,
        in_use: &InUse,
        terms: &Terms,
    ) -> Option<Firing> {
        let rule = rule_of(open, began_under)?;
        in_use.clouds.get(&rule.account)?;
        let now = self.clock.now();
        let since = |at: DateTime<Utc>| (now - at).to_std().unwrap_or_default();
        let may_be_late = open.scheduled_at.is_some_and(|at| since(at) <= rule.late);
        let left = if undone_at(open, &rule).is_some_and(|undone_at| undone_at <= now) {
            Duration::ZERO
        } else if may_be_late {
            rule.patience
        } else {
            open.patience.saturating_sub(since(open.started_at))
        };
        let wanted = match open.scheduled_at {
            Some(_) if !open.makes_up.is_empty() => Some(Wanted::For(open.makes_up.clone())),
            at => at.filter(|_| may_be_late).map(Wanted::At),
        };
        let is_over = left.is_zero() || !is_wanted(open, in_use);
        if open.dry_run || (!open.selected && is_over) {
            return None;
        }
        let late = wanted.map(|wanted| Late {
            opposed_by: self.opposed_by(&rule, &wanted, in_use),
            wanted,
            rivals: Arc::default(),
        });
        Some(Firing {
            patience: left,
            ends: undone_at(open, &rule).map(|at| self.moment_of(at)),
            late,
            telling: None,
            ..self.firing(open.id, &rule, false, terms)
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
}

/// When the window of a firing that was left open has undone it.
fn undone_at(open: &OpenFiring, rule: &Rule) -> Option<DateTime<Utc>> {
    rule.undone_after(open.scheduled_at.unwrap_or(open.started_at))
}

/// What is said of an instance that is not asked (again): that it was left alone, unless it was
/// asked before.
fn leave(target: &OpenTarget, reason: &str) -> Settlement {
    match &target.failure {
        Some(error) => {
            let asked = times(target.attempts);
            let reason = format!("asked {asked}; {error}; not asked again: {reason}");
            word(target, Outcome::Refused, &reason)
        }
        None => word(target, Outcome::Skipped, reason),
    }
}

/// Whether the rule of a firing that was left open is still in force.
fn is_wanted(open: &OpenFiring, in_use: &InUse) -> bool {
    rule_of(open, &in_use.schedules).is_some_and(|rule| rule.enabled)
}

/// The rule of a firing that was left open, as a file has it, or would have it.
fn rule_of(open: &OpenFiring, schedules: &Schedules) -> Option<Arc<Rule>> {
    if open.rule != STOP_BUDGET {
        return schedules.rule(&open.rule, open.action).cloned();
    }
    let targets = open.targets.iter().map(|target| &target.instance.no);
    let instances = targets.chain(&open.settled).cloned().collect();
    let account = AccountName::new(open.account.as_str()).ok()?;
    Some(Arc::new(schedules.stop_budget(&account, instances)))
}

fn word(target: &OpenTarget, outcome: Outcome, reason: &str) -> Settlement {
    Settlement {
        instance: Some(target.instance.no.clone()),
        region: Some(target.instance.region.clone()),
        ..Settlement::of_firing(outcome, reason.to_owned())
    }
}
