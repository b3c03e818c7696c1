//! Claims what is due, and records what was missed or came too soon.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tracing::{error, info, warn};

use super::{Dispatch, InUse, chain, in_flight};
use crate::audit::{AuditError, Claim, FileId, FiringId, Settlement, Trigger};
use crate::instance::RuleName;
use crate::outcome::Outcome;
use crate::schedule::Rule;
use crate::scheduler::{Due, Fate};
use crate::stopper::{Firing, Late, Rival, Wanted};

impl Dispatch {
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
        let (missed, runnable): (Vec<&Due>, Vec<&Due>) =
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
        if runnable.is_empty() {
            return Ok(Vec::new());
        }
        let claims: Vec<Claim<'_>> =
            runnable.iter().map(|due| claim_of(due, in_use.file)).collect();
        let claimed = self.audit.claim(&claims).await?;
        let won = |(due, id): (&'d Due, Option<FiringId>)| {
            if id.is_none() {
                info!(rule = %due.rule.name, "firing was claimed before; left alone");
            }
            Some((due, id?))
        };
        let claimed: Vec<_> = runnable.into_iter().zip(claimed).filter_map(won).collect();
        for (due, id) in &claimed {
            let at = due.rule.timezone.show(due.scheduled_at).to_rfc3339();
            info!(rule = %due.rule.name, firing = i64::from(*id), scheduled_at = %at, "rule fired");
        }
        let mut firings = Vec::new();
        let mut followed = self.in_flight.rules();
        for &(due, id) in &claimed {
            let rule = &due.rule;
            let key = in_flight::key(rule);
            // What is made up was left alone by the firings before it.
            if due.makes_up.is_none()
                && let Some(earlier) = followed.get(&key)
            {
                if let Err(error) = self.overlap(id, &rule.name, *earlier).await {
                    // Taken up again, as whatever was left open is.
                    self.audit.heed(&error);
                    error!(firing = i64::from(id), error = chain(&error), "firing left open");
                }
                continue;
            }
            if due.makes_up.is_none() {
                followed.insert(key, id);
            }
            let mut firing = self.firing(id, Arc::clone(rule), rule.dry_run, in_use);
            if due.fate == Fate::Late {
                let rivals = claimed.iter().filter(|(other, _)| is_rival(other, due));
                let rivals = rivals.map(|(other, id)| Rival {
                    firing: *id,
                    rule: Arc::clone(&other.rule),
                    wanted: wanted(other),
                });
                let wanted = wanted(due);
                firing.late = Some(Late {
                    opposed_by: self.opposed_by(rule, &wanted, in_use),
                    wanted,
                    rivals: rivals.collect(),
                });
            }
            // Already here, so that the next look does not take it for one that was left open.
            self.in_flight.note(&firing);
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
        let trigger = Trigger::Manual;
        let claim = Claim { rule, trigger, file: in_use.file, dry_run, makes_up: &[] };
        let claimed = self.audit.claim(&[claim]).await?;
        let id = claimed[0].expect("a firing by hand is never claimed before");
        Ok(self.firing(id, Arc::clone(rule), dry_run, in_use))
    }

    /// Claims a firing that fell due `at` without its rule saying so; `None` where it is
    /// somebody else's.
    ///
    /// # Errors
    /// When the audit log cannot be written.
    pub async fn claim_at(
        &self,
        rule: &Arc<Rule>,
        at: DateTime<Utc>,
        in_use: &InUse,
    ) -> Result<Option<Firing>, AuditError> {
        let (trigger, file) = (Trigger::Schedule(at), in_use.file);
        let claim = Claim { rule, trigger, file, dry_run: rule.dry_run, makes_up: &[] };
        let claimed = self.audit.claim(&[claim]).await?;
        let firing = claimed[0].map(|id| self.firing(id, Arc::clone(rule), rule.dry_run, in_use));
        if let Some(firing) = &firing {
            info!(rule = %rule.name, firing = i64::from(firing.id), "rule fired");
            self.in_flight.note(firing);
        }
        Ok(firing)
    }

    /// Records that a firing came while an earlier one of its rule was being followed.
    pub(super) async fn overlap(
        &self,
        id: FiringId,
        rule: &RuleName,
        earlier: FiringId,
    ) -> Result<(), AuditError> {
        warn!(%rule, firing = i64::from(id), earlier = i64::from(earlier), "overlapped");
        let reason = format!("firing {earlier} was still being followed");
        self.audit.settle(id, &[Settlement::of_firing(Outcome::Overlapped, reason)]).await?;
        self.audit.end_firing(id).await
    }
}

/// Whether another firing is to turn instances the other way.
fn is_rival(other: &Due, due: &Due) -> bool {
    other.rule.action == due.rule.action.opposite()
        && other.rule.account == due.rule.account
        && !other.rule.dry_run
}

fn wanted(due: &Due) -> Wanted {
    match &due.makes_up {
        Some(makeup) => Wanted::For(makeup.wanted.clone()),
        None => Wanted::At(due.scheduled_at),
    }
}

/// Why a firing was missed: from when to when nobody was there, in the rule's zone.
fn absence(due: &Due) -> String {
    let zone = due.rule.timezone;
    let (from, until) = (zone.show(due.unseen.from), zone.show(due.unseen.until));
    let until_format = if from.date_naive() == until.date_naive() { "%H:%M" } else { "%F %H:%M" };
    let left_out = if due.leaves_out { "; earlier firings are not listed" } else { "" };
    let what = if due.was_alive { "away, asleep or without its log" } else { "away" };
    let to_make_up = match &due.makes_up {
        Some(_) if due.scheduled_at <= due.unseen.from => {
            return "to be made up; its rule was not in force, or it was learnt of too late".into();
        }
        Some(_) => "to be made up; ",
        None => "",
    };
    format!(
        "{to_make_up}daemon {what} {}–{}{}{left_out}",
        from.format("%F %H:%M"),
        until.format(until_format),
        until.format("%:z"),
    )
}

fn claim_of(due: &Due, file: FileId) -> Claim<'_> {
    let trigger = match due.fate {
        Fate::OnTime | Fate::Missed if due.makes_up.is_none() => {
            Trigger::Schedule(due.scheduled_at)
        }
        _ => Trigger::Late(due.scheduled_at),
    };
    let makes_up = due.makes_up.as_ref().map_or(&[][..], |makeup| &makeup.owed);
    Claim { rule: &due.rule, trigger, file, dry_run: due.rule.dry_run, makes_up }
}
