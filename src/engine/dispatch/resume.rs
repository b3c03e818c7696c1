//! Takes up open firings, and settles those that cannot go on.
//!
//! [`crate::engine::stopper`] carries them out.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::task::{JoinSet, spawn_blocking};

use super::opposition::Opposition;
use super::recalled::Recalled;
use super::{ActiveConfig, Dispatch, Terms, in_flight, leave_open};
use crate::audit::{AuditError, FactsQuery, OpenFiring, OpenTarget, RequestState, TAKEN_AT_ONCE};
use crate::engine::facts::Concerned;
use crate::engine::stopper::{Firing, Late, Opposed, Over, Resumable, Rivals, Wanted, times};
use crate::model::ids::FileId;
use crate::model::outcome::Outcome;
use crate::model::reason::Reason;
use crate::model::settlement::Settlement;
use crate::schedule::{Rule, Schedules};

/// The extra time of a firing that is taken over. Requests of the dead process may still take
/// effect, and must be waited for before they are repeated.
const TO_TAKE_OVER: Duration = Duration::from_secs(60);

impl Dispatch {
    /// Takes up firings that dead processes left open, or this process while the log could not be
    /// written. Requests that may have been sent are looked up, and never blindly repeated. Returns
    /// whether all were taken up: a large number is done in parts.
    pub async fn recover(
        &self,
        in_use: &ActiveConfig,
        running: &mut JoinSet<()>,
    ) -> Result<bool, AuditError> {
        let in_flight = self.in_flight.ids();
        let mut followed = self.in_flight.rules();
        let (mut recalled, terms) = (HashMap::new(), Terms::of(in_use, &self.told));
        let (mut unselected, mut overlapped) = (Vec::new(), Vec::new());
        let mut given_up = Vec::new();
        let opposition = Opposition::among(&in_use.schedules);
        let open = self.audit.take_over(&in_flight).await?;
        if open.is_empty() {
            return Ok(true);
        }
        let (is_all, known) = (open.len() < TAKEN_AT_ONCE, Recalled::of(&in_use.schedules));
        for open in open {
            self.recall(&open, in_use, &mut recalled).await?;
            let is_wanted = known.wants(&open);
            let rule = recalled[&open.file].as_ref().and_then(|file| file.rule_of(&open));
            let resumable =
                rule.and_then(|rule| self.resumable(&open, &rule, (in_use, is_wanted), &terms));
            let Some(firing) = resumable else {
                given_up.push((open.id, last_words(&open)));
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
                let opposition = opposition.clone();
                running.spawn(async move {
                    dispatch.go_on((open, is_wanted), firing, (&in_use, &opposition)).await;
                });
            } else {
                unselected.push(firing);
            }
        }
        self.audit.end_all(&given_up).await?;
        self.audit.overlapped(&overlapped).await?;
        if !unselected.is_empty() {
            let (dispatch, in_use) = (self.clone(), in_use.clone());
            running.spawn(async move {
                dispatch.work_off(unselected, &in_use, |_, _| {}).await;
            });
        }
        Ok(is_all)
    }

    /// Reads the file under which a firing began, unless it is known.
    async fn recall(
        &self,
        open: &OpenFiring,
        in_use: &ActiveConfig,
        recalled: &mut HashMap<FileId, Option<Recalled>>,
    ) -> Result<(), AuditError> {
        if let Entry::Vacant(unread) = recalled.entry(open.file) {
            let text = self.audit.file_text(open.file).await?;
            let path = in_use.schedules.path.clone();
            let began_under = spawn_blocking(move || {
                let (schedules, _) = Schedules::recall(&path, &text).ok()?;
                Some(Recalled::of(&Arc::new(schedules)))
            });
            unread.insert(began_under.await.expect("reading does not panic"));
        }
        Ok(())
    }

    /// Goes on with a firing whose instances are known, as soon as there is a place.
    async fn go_on(
        &self,
        (open, is_wanted): (OpenFiring, bool),
        mut firing: Firing,
        (in_use, opposition): (&ActiveConfig, &Opposition),
    ) {
        let followed = self.in_flight.follow(&firing);
        let mut shutdown = self.shutdown.clone();
        let place = tokio::select! {
            place = Arc::clone(&self.places).acquire_owned() => place,
            () = shutdown.due() => return,
        };
        let is_undone = undone_at(&open, &firing.rule).is_some_and(|at| at <= self.clock.now());
        let is_over = firing.patience.is_zero();
        if !is_undone {
            firing.patience += TO_TAKE_OVER;
        }
        self.begin(&mut firing, in_use, opposition);
        let resumed = Box::pin(self.resume((open, is_wanted, is_over), firing, in_use)).await;
        if let Err(error) = resumed {
            self.audit.heed(&error);
            leave_open(followed.id(), &error);
        }
        drop((place, followed));
    }

    async fn resume(
        &self,
        (mut open, is_wanted, is_over): (OpenFiring, bool, bool),
        firing: Firing,
        in_use: &ActiveConfig,
    ) -> Result<(), AuditError> {
        let over = match () {
            () if !is_wanted => Some(Over::Unwanted),
            () if is_over => Some(Over::Late),
            () => None,
        };
        if let Some(over) = over {
            let is_left = |target: &mut OpenTarget| {
                target.asked == RequestState::No && (target.attempts == 0 || over == Over::Unwanted)
            };
            let unasked: Vec<OpenTarget> = open.targets.extract_if(.., is_left).collect();
            let reason = |target: &OpenTarget| match target.failure {
                Some(_) => over.why(),
                None => over.reason(),
            };
            let words: Vec<_> = unasked.iter().map(|it| leave(it, reason(it))).collect();
            self.audit.settle(open.id, &words).await?;
        }
        self.leave_what_is_excluded(&mut open, &firing).await?;
        let cloud = &in_use.clouds[&firing.rule.account];
        let (targets, settled) = (&open.targets[..], &open.settled[..]);
        let left = Resumable { targets, settled, over };
        self.stopper(cloud).resume(&firing, left).await.map(|_| ())
    }

    /// Settles instances that were not asked yet and that (1) a later firing has turned the other
    /// way, or (2) have used up their stop budget.
    async fn leave_what_is_excluded(
        &self,
        open: &mut OpenFiring,
        firing: &Firing,
    ) -> Result<(), AuditError> {
        let (rule, late) = (&firing.rule, firing.late.as_ref());
        let unasked = open.targets.iter().filter(|target| target.asked == RequestState::No);
        let concerned = Concerned {
            rule,
            allowance: firing.allowance.as_deref(),
            instances: unasked.map(|target| &target.instance).collect(),
            now: self.clock.now(),
        };
        let wanted = late.map(|late| late.wanted(concerned.instances.iter().map(|it| &it.no)));
        let query = FactsQuery { wanted: wanted.unwrap_or_default(), ..concerned.query() };
        let log = self.audit.facts_for(&query).await?;
        let mut excluded = concerned.overruns(&log, &log.holds);
        if let Some(late) = late {
            let turned = log.turned.into_iter();
            excluded.extend(turned.map(|(no, later)| (no, late.left_to(later, rule.action))));
        }
        let left = open.targets.extract_if(.., |target| {
            target.asked == RequestState::No && excluded.contains_key(&target.instance.no)
        });
        let words: Vec<_> =
            left.map(|target| leave(&target, excluded[&target.instance.no].clone())).collect();
        self.audit.settle(open.id, &words).await
    }

    /// The firing to go on with; `None` when nothing can or may be done. The firing keeps its rule,
    /// under the present `[protect]`, with the rest of its patience.
    fn resumable(
        &self,
        open: &OpenFiring,
        rule: &Arc<Rule>,
        (in_use, is_wanted): (&ActiveConfig, bool),
        terms: &Terms,
    ) -> Option<Firing> {
        in_use.clouds.get(&rule.account)?;
        let now = self.clock.now();
        let since = |at: DateTime<Utc>| (now - at).to_std().unwrap_or_default();
        let may_be_late = open.scheduled_at.is_some_and(|at| since(at) <= rule.late);
        let left = if undone_at(open, rule).is_some_and(|undone_at| undone_at <= now) {
            Duration::ZERO
        } else if may_be_late {
            rule.patience
        } else {
            // Its delay does not count.
            (open.patience + rule.pace.jitter).saturating_sub(since(open.started_at))
        };
        let wanted = match open.scheduled_at {
            Some(_) if !open.makes_up.is_empty() => Some(Wanted::For(open.makes_up.clone())),
            at => at.filter(|_| may_be_late).map(Wanted::At),
        };
        let is_over = left.is_zero() || !is_wanted;
        if open.dry_run || (!open.selected && is_over) {
            return None;
        }
        // The rules against it are found when it begins.
        let (opposed_by, rivals) = (Opposed::default(), Rivals::default());
        let late = wanted.map(|wanted| Late { wanted, rivals, opposed_by });
        Some(Firing {
            patience: left,
            due_at: open.scheduled_at,
            ends: undone_at(open, rule).map(|at| self.moment_of(at)),
            late,
            telling: None,
            ..self.firing(open.id, rule, false, terms)
        })
    }
}

/// The settlements of a firing that cannot go on: its results are unknown.
fn last_words(open: &OpenFiring) -> Vec<Settlement> {
    let reason = Reason::Other("its process died, and it could not be carried on".to_owned());
    let unknown = |target: &OpenTarget| word(target, Outcome::Unknown, reason.clone());
    let mut words: Vec<Settlement> = open.targets.iter().map(unknown).collect();
    if !open.selected {
        words.push(Settlement::of_firing(Outcome::Missed, reason));
    }
    words
}

/// The time at which the window of an open firing undoes it.
fn undone_at(open: &OpenFiring, rule: &Rule) -> Option<DateTime<Utc>> {
    rule.undone_after(open.scheduled_at.unwrap_or(open.started_at))
}

/// The settlement of an instance that gets no (further) request: left as it is, unless there was a
/// request before.
fn leave(target: &OpenTarget, reason: Reason) -> Settlement {
    match &target.failure {
        Some(error) => {
            let asked = times(target.attempts);
            let reason = format!("asked {asked}; {error}; not asked again: {reason}");
            word(target, Outcome::Refused, Reason::Other(reason))
        }
        None => word(target, Outcome::Skipped, reason),
    }
}

fn word(target: &OpenTarget, outcome: Outcome, reason: Reason) -> Settlement {
    Settlement {
        instance: Some(target.instance.no.clone()),
        region: Some(target.instance.region.clone()),
        ..Settlement::of_firing(outcome, reason)
    }
}
