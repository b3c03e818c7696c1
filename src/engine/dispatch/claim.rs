//! Claims due firings, and records missed and overlapping ones.
//!
//! The rows are `audit`'s business; [`super::in_flight`] knows which firings overlap.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tracing::{error, info, warn};

use super::{ActiveConfig, Dispatch, Terms, in_flight};
use crate::audit::{AuditError, Claim, Trigger};
use crate::engine::scheduler::{Due, Fate};
use crate::engine::stopper::{Firing, Late, Opposed, Rival, Rivals, Wanted};
use crate::model::ids::{FileId, FiringId};
use crate::schedule::Rule;
use crate::text::error_chain::chain;

/// The most missed firings recorded in one transaction, which holds them all in memory.
const NOTED_AT_ONCE: usize = 5_000;

impl Dispatch {
    /// Claims the firings of one instant, records the missed ones, and returns the firings that
    /// this process won.
    ///
    /// # Errors
    /// When the audit log cannot be written; then nothing is claimed.
    pub async fn claim<'d>(
        &self,
        due: &'d [Due],
        in_use: &ActiveConfig,
    ) -> Result<Vec<Firing>, AuditError> {
        let (missed, runnable): (Vec<&Due>, Vec<&Due>) =
            due.iter().partition(|due| due.fate == Fate::Missed || left_out(due).is_some());
        if !missed.is_empty() {
            let mut noted = 0;
            for some in missed.chunks(NOTED_AT_ONCE) {
                let told = some.iter().map(|due| (claim_of(due, in_use.file), why_missed(due)));
                noted += self.audit.miss(&told.collect::<Vec<_>>()).await?;
            }
            if noted > 0 {
                let newest = missed[missed.len() - 1];
                let at = newest.rule.timezone.show(newest.scheduled_at).to_rfc3339();
                let reason = why_missed(newest);
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
            // Whoever stands by finds nearly all of them claimed.
            if id.is_none() && self.audit.is_on_duty() {
                info!(rule = %due.rule.name, "firing was claimed before; left alone");
            }
            Some((due, id?))
        };
        let claimed: Vec<_> = runnable.into_iter().zip(claimed).filter_map(won).collect();
        for (due, id) in &claimed {
            let at = due.rule.timezone.show(due.scheduled_at).to_rfc3339();
            info!(rule = %due.rule.name, firing = i64::from(*id), scheduled_at = %at, "rule fired");
        }
        let (mut firings, mut overlapped) = (Vec::new(), Vec::new());
        let mut followed = self.in_flight.rules();
        let mut rivals = HashMap::new();
        let terms = Terms::of(in_use, &self.told);
        for &(due, id) in &claimed {
            let rule = &due.rule;
            let key = in_flight::key(rule);
            // Instances of a deferred action were left as they were by earlier firings.
            if due.makes_up.is_none()
                && let Some(earlier) = followed.get(&key)
            {
                let (firing, earlier) = (i64::from(id), i64::from(*earlier));
                warn!(rule = %rule.name, firing, earlier, "overlapped");
                overlapped.push((id, earlier.into()));
                continue;
            }
            if due.makes_up.is_none() {
                followed.insert(key, id);
            }
            let mut firing = self.firing(id, rule, rule.dry_run, &terms);
            firing.due_at = Some(due.scheduled_at);
            if due.fate == Fate::Late {
                let key = (rule.action, rule.account.clone());
                let rivals = rivals.entry(key).or_insert_with(|| rivals_of(due, &claimed));
                let (wanted, rivals) = (wanted(due), rivals.clone());
                firing.late = Some(Late { wanted, rivals, opposed_by: Opposed::default() });
            }
            // Noted already here, so that the next search for open firings skips it.
            self.in_flight.note(&firing);
            firings.push(firing);
        }
        if let Err(error) = self.audit.overlapped(&overlapped).await {
            // It is taken up again like any open firing.
            self.audit.heed(&error);
            error!(firings = overlapped.len(), error = chain(&error), "firings left open");
        }
        Ok(firings)
    }

    pub async fn claim_by_hand(
        &self,
        rule: &Arc<Rule>,
        dry_run: bool,
        in_use: &ActiveConfig,
    ) -> Result<Firing, AuditError> {
        let trigger = Trigger::Manual;
        let claim = Claim { rule, trigger, file: in_use.file, dry_run, makes_up: &[] };
        let claimed = self.audit.claim(&[claim]).await?;
        let id = claimed[0].expect("a firing by hand is never claimed before");
        Ok(self.firing(id, rule, dry_run, &Terms::of(in_use, &self.told)))
    }

    /// Claims a firing at a time that the rule itself does not name; `None` when another process
    /// has it.
    pub async fn claim_at(
        &self,
        rule: &Arc<Rule>,
        at: DateTime<Utc>,
        in_use: &ActiveConfig,
    ) -> Result<Option<Firing>, AuditError> {
        let (trigger, file) = (Trigger::Schedule(at), in_use.file);
        let claim = Claim { rule, trigger, file, dry_run: rule.dry_run, makes_up: &[] };
        let claimed = self.audit.claim(&[claim]).await?;
        let terms = Terms::of(in_use, &self.told);
        let firing = claimed[0]
            .map(|id| Firing { due_at: Some(at), ..self.firing(id, rule, rule.dry_run, &terms) });
        if let Some(firing) = &firing {
            info!(rule = %rule.name, firing = i64::from(firing.id), "rule fired");
            self.in_flight.note(firing);
        }
        Ok(firing)
    }
}

/// The claimed firings of the opposite action.
fn rivals_of(due: &Due, claimed: &[(&Due, FiringId)]) -> Rivals {
    let rivals = claimed.iter().filter(|(other, _)| is_rival(other, due));
    let rivals = rivals.map(|(other, id)| Rival {
        firing: *id,
        rule: Arc::clone(&other.rule),
        wanted: wanted(other),
    });
    Rivals::of(rivals.collect())
}

fn is_rival(other: &Due, due: &Due) -> bool {
    other.rule.action == due.rule.action.opposite()
        && other.rule.account == due.rule.account
        && !other.rule.dry_run
}

fn wanted(due: &Due) -> Wanted {
    match &due.makes_up {
        Some(catch_up) => Wanted::For(catch_up.wanted.clone()),
        None => Wanted::At(due.scheduled_at),
    }
}

fn why_missed(due: &Due) -> String {
    match (due.fate, left_out(due)) {
        (Fate::OnTime | Fate::Late, Some(why)) => why,
        _ => absence(due),
    }
}

/// Why a due firing is left out: its calendar cannot be read, so nobody knows whether the day
/// counts. A deferred action was due on an earlier day, and is not left out.
fn left_out(due: &Due) -> Option<String> {
    let calendar = due.rule.lacks().filter(|_| due.makes_up.is_none())?;
    let why = calendar.unreadable.as_deref().unwrap_or_default();
    Some(format!("calendar `{}` cannot be read: {why}", calendar.name))
}

/// Why a firing was missed: the time without a daemon, in the rule's zone.
fn absence(due: &Due) -> String {
    let zone = due.rule.timezone;
    let (from, until) = (zone.show(due.unseen.from), zone.show(due.unseen.until));
    let until_format = if from.date_naive() == until.date_naive() { "%H:%M" } else { "%F %H:%M" };
    let left_out = if due.leaves_out { "; earlier firings are not listed" } else { "" };
    let what = if due.was_alive { "away, asleep or without its log" } else { "away" };
    let deferred = match &due.makes_up {
        Some(_) if due.scheduled_at <= due.unseen.from => {
            return "deferred; its rule was not in force, or it was learnt of too late".into();
        }
        Some(_) => "deferred; ",
        None => "",
    };
    format!(
        "{deferred}daemon {what} {}–{}{}{left_out}",
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
    let makes_up = due.makes_up.as_ref().map_or(&[][..], |catch_up| &catch_up.owed);
    Claim { rule: &due.rule, trigger, file, dry_run: due.rule.dry_run, makes_up }
}
