//! Claims what is due, and records what was missed or came too soon.

use std::sync::Arc;

use tracing::{error, info, warn};

use super::{Dispatch, InUse, chain, in_flight};
use crate::audit::{AuditError, Claim, FileId, FiringId, Settlement, Trigger};
use crate::instance::RuleName;
use crate::outcome::Outcome;
use crate::schedule::Rule;
use crate::scheduler::{Due, Fate};
use crate::stopper::{Firing, Late};

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
            info!(rule = %due.rule.name, firing = i64::from(*id), scheduled_at = %at, "rule fired");
        }
        let mut firings = Vec::new();
        let mut followed = self.in_flight.rules();
        for &(due, id) in &claimed {
            let rule = &due.rule;
            let key = in_flight::key(rule);
            if let Some(earlier) = followed.get(&key) {
                if let Err(error) = self.overlap(id, &rule.name, *earlier).await {
                    // Taken up again, as whatever was left open is.
                    error!(firing = i64::from(id), error = chain(&error), "firing left open");
                }
                continue;
            }
            followed.insert(key, id);
            let mut firing = self.firing(id, Arc::clone(rule), rule.dry_run, in_use);
            if due.fate == Fate::Late {
                let outdone_by = claimed.iter().filter(|(later, _)| outdoes(later, due));
                let outdone_by = outdone_by.map(|(later, id)| (*id, Arc::clone(&later.rule)));
                let scheduled_at = due.scheduled_at;
                firing.late = Some(Late { scheduled_at, outdone_by: outdone_by.collect() });
            }
            // Already here, so that the next look does not take it for one that was left open.
            self.in_flight.note(id, rule);
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
    let what = if due.was_alive { "away, asleep or without its log" } else { "away" };
    format!(
        "daemon {what} {}–{}{}{left_out}",
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
