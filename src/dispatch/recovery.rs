//! Takes up firings that were left open, and says what can be said of those that cannot be.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::task::JoinSet;
use tracing::error;

use super::{Dispatch, InUse, chain, in_flight};
use crate::audit::{Asked, AuditError, OpenFiring, OpenTarget, Settlement};
use crate::cloud::Cloud;
use crate::instance::{AccountName, Instance};
use crate::outcome::Outcome;
use crate::schedule::stop_budget::STOP_BUDGET;
use crate::schedule::{Rule, Schedules};
use crate::spending::Allowance;
use crate::stopper::{Firing, Late, LeftOpen, Wanted};

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
        for open in self.audit.take_over(&in_flight).await? {
            if let Some(firing) = self.resumable(&open, in_use) {
                let key = in_flight::key(&firing.rule);
                match followed.get(&key) {
                    Some(earlier) if !open.selected && !firing.is_makeup() => {
                        self.overlap(open.id, &firing.rule.name, *earlier).await?;
                    }
                    _ => {
                        if !firing.is_makeup() {
                            followed.entry(key).or_insert(open.id);
                        }
                        let followed = self.in_flight.follow(&firing);
                        let (dispatch, in_use) = (self.clone(), in_use.clone());
                        running.spawn(async move {
                            if let Err(error) = dispatch.resume(open, firing, &in_use).await {
                                dispatch.audit.heed(&error);
                                error!(
                                    firing = i64::from(followed.id()),
                                    error = chain(&error),
                                    "left open"
                                );
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
        if let Some(late) = &firing.late {
            self.leave_to_later(&mut open, &firing.rule, late).await?;
        }
        let cloud = &in_use.clouds[&firing.rule.account];
        self.leave_what_overruns(&mut open, &firing, cloud).await?;
        let left = LeftOpen { targets: &open.targets, settled: &open.settled };
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
                word(&target, Outcome::Skipped, &reason)
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
        let words: Vec<_> = left
            .map(|target| word(&target, Outcome::Skipped, &overruns[&target.instance.no]))
            .collect();
        self.audit.settle(open.id, &words).await
    }

    /// The firing as it is carried on; `None` where nothing can or may be done any more. It
    /// keeps the rule it began with, but what is protected now is protected.
    fn resumable(&self, open: &OpenFiring, in_use: &InUse) -> Option<Firing> {
        let path = &in_use.schedules.path;
        let (began_under, _) = Schedules::recall(path, &open.file_text).ok()?;
        let rule = rule_of(open, &began_under)?;
        in_use.clouds.get(&rule.account)?;
        let now = self.clock.now();
        let since = |at: DateTime<Utc>| (now - at).to_std().unwrap_or_default();
        let may_be_late = open.scheduled_at.is_some_and(|at| since(at) <= rule.late);
        let undone_at = rule.undone_after(open.scheduled_at.unwrap_or(open.started_at));
        let left = if undone_at.is_some_and(|undone_at| undone_at <= now) {
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
        Some(Firing {
            id: open.id,
            deadline: self.deadline(&rule, left),
            protect: Arc::new(in_use.schedules.protect.clone()),
            holds: Arc::new(in_use.schedules.holds.clone()),
            allowance: Allowance::of(&in_use.schedules, &rule).map(Arc::new),
            dry_run: false,
            late: wanted.map(|wanted| Late {
                opposed_by: self.opposed_by(&rule, &wanted, in_use),
                wanted,
                rivals: Vec::new(),
            }),
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
