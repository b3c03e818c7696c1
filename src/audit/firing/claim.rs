//! Claims firings, and records the overlapped, missed and ended ones.
//!
//! Requests are in [`super::request`], outcomes of instances in [`super::settle`].

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;
use tracing::info;

use super::settle;
use crate::audit::store::audit_log::AuditLog;
use crate::audit::store::chain;
use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;
use crate::audit::store::record::{FiringEndRecord, FiringRecord, MakeupRecord, json};
use crate::audit::store::write_tx::writing;
use crate::model::ids::{DeferredId, FileId, FiringId};
use crate::model::outcome::Outcome;
use crate::model::reason::Reason;
use crate::model::settlement::Settlement;
use crate::schedule::Rule;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// The firing fell due at this instant.
    Schedule(DateTime<Utc>),
    /// The firing fell due at this instant, while no daemon was there.
    Late(DateTime<Utc>),
    Manual,
}

impl Trigger {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Schedule(_) => "schedule",
            Self::Late(_) => "late",
            Self::Manual => "manual",
        }
    }

    /// The due time; `None` when fired by hand.
    pub fn scheduled_at(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Schedule(at) | Self::Late(at) => Some(at),
            Self::Manual => None,
        }
    }
}

/// A firing to claim.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    pub rule: &'a Rule,
    pub trigger: Trigger,
    /// The text of schedules.toml under which it fires.
    pub file: FileId,
    /// Nothing is to be sent.
    pub dry_run: bool,
    /// The deferred actions to catch up on; empty for the rule's own firing.
    pub makes_up: &'a [DeferredId],
}

impl AuditLog {
    /// Claims firings, all in one transaction. `None` for a firing that is claimed already, or
    /// whose deferred actions were caught up on meanwhile: another process has it.
    ///
    /// # Errors
    /// When the log cannot be written; then none is claimed.
    pub async fn claim(&self, claims: &[Claim<'_>]) -> Result<Vec<Option<FiringId>>, AuditError> {
        writing!(self, &mut *self.connection_at_once().await?, |tx| {
            let records = claims.iter().map(|claim| record_of(claim, 1)).collect();
            let records = apart(tx, claims, records).await?;
            let made_up = made_up_of(tx, claims).await?;
            let is_left = |(place, _): &(usize, FiringRecord)| {
                let owed = claims[*place].makes_up;
                owed.is_empty() || owed.iter().any(|owed| !made_up.contains(&owed.0))
            };
            let free = only_unclaimed(tx, records).await?.into_iter().filter(is_left);
            let (free, fresh): (Vec<usize>, Vec<FiringRecord>) = free.unzip();
            let mut ids = vec![None; claims.len()];
            for again in fresh.iter().filter(|record| record.take > 1) {
                info!(
                    rule = again.rule,
                    take = again.take,
                    "claimed before, by a clock that was wrong"
                );
            }
            if !fresh.is_empty() {
                let first = tx.append(&fresh).await?;
                let mut makes_up = Vec::new();
                for (at, seq) in free.into_iter().zip(first..) {
                    ids[at] = Some(FiringId(seq));
                    makes_up.extend(makeups(&claims[at], seq, &made_up));
                }
                if !makes_up.is_empty() {
                    tx.append(&makes_up).await?;
                }
            }
            Ok(ids)
        })
    }

    /// Records missed firings with their reasons, all in one transaction. A firing that is recorded
    /// as missed or claimed already stays as it is. This is no claim: if its time comes again, the
    /// firing still takes place. Returns the number of new records.
    ///
    /// # Errors
    /// When the log cannot be written; then none is recorded.
    pub async fn miss(&self, missed: &[(Claim<'_>, String)]) -> Result<usize, AuditError> {
        writing!(self, |tx| {
            let records = missed.iter().map(|(claim, _)| record_of(claim, 0)).collect();
            let claims: Vec<Claim<'_>> = missed.iter().map(|(claim, _)| *claim).collect();
            let records = apart(tx, &claims, records).await?;
            let fresh = only_unnoted(tx, records).await?;
            if fresh.is_empty() {
                return Ok(0);
            }
            let (places, records): (Vec<usize>, Vec<FiringRecord>) = fresh.into_iter().unzip();
            let first = tx.append(&records).await?;
            let words: Vec<_> = places
                .iter()
                .zip(first..)
                .map(|(&place, firing)| {
                    let why = Reason::Other(missed[place].1.clone());
                    let word = Settlement::of_firing(Outcome::Missed, why);
                    settle::record_of(FiringId(firing), &word)
                })
                .collect();
            tx.append(&words).await?;
            let made_up = made_up_of(tx, &claims).await?;
            let makes_up: Vec<MakeupRecord> = places
                .iter()
                .zip(first..)
                .flat_map(|(&place, firing)| makeups(&missed[place].0, firing, &made_up))
                .collect();
            if !makes_up.is_empty() {
                tx.append(&makes_up).await?;
            }
            Ok(places.len())
        })
    }

    /// Ends firings whose rule had an earlier firing under way, given beside each.
    ///
    /// # Errors
    /// When the log cannot be written; then nothing is recorded.
    pub async fn overlapped(&self, firings: &[(FiringId, FiringId)]) -> Result<(), AuditError> {
        let word = |(firing, earlier): &(FiringId, FiringId)| {
            let reason = Reason::Other(format!("firing {earlier} was still being followed"));
            (*firing, vec![Settlement::of_firing(Outcome::Overlapped, reason)])
        };
        self.end_all(&firings.iter().map(word).collect::<Vec<_>>()).await
    }

    /// Records settlements of firings, and that nothing is left to do or to follow in them.
    ///
    /// # Errors
    /// When the log cannot be written; then nothing is recorded.
    pub async fn end_all(&self, ended: &[(FiringId, Vec<Settlement>)]) -> Result<(), AuditError> {
        if ended.is_empty() {
            return Ok(());
        }
        writing!(self, |tx| {
            for (firing, _) in ended {
                tx.must_hold(*firing).await?;
            }
            let words = ended.iter().flat_map(|(firing, words)| {
                words.iter().map(|word| settle::record_of(*firing, word))
            });
            tx.append(&words.collect::<Vec<_>>()).await?;
            let ends = ended.iter().map(|(firing, _)| FiringEndRecord { firing: firing.0 });
            tx.append(&ends.collect::<Vec<_>>()).await?;
            Ok(())
        })
    }

    /// Records that nothing is left to do or to follow in a firing, and logs the hash that stands
    /// for all entries up to there.
    pub async fn end_firing(&self, firing: FiringId) -> Result<(), AuditError> {
        let (seq, head) = writing!(self, |tx| {
            tx.must_hold(firing).await?;
            tx.append(&[FiringEndRecord { firing: firing.0 }]).await?;
            chain::head(tx).await
        })?;
        info!(%firing, seq, %head, "firing recorded to its end");
        Ok(())
    }
}

/// Moves each firing that catches up to the next instant, by milliseconds, that no other firing of
/// the rule has. So the rule's own firings keep their instants, and both take place.
async fn apart(
    tx: &mut SqliteConnection,
    claims: &[Claim<'_>],
    mut records: Vec<FiringRecord>,
) -> Result<Vec<FiringRecord>, AuditError> {
    for place in 0..records.len() {
        if claims[place].makes_up.is_empty() {
            continue;
        }
        loop {
            let (at, record) = (records[place].scheduled_at, &records[place]);
            let is_same = |(other, it): (usize, &FiringRecord)| {
                other != place
                    && (&it.rule, it.action, it.scheduled_at) == (&record.rule, record.action, at)
            };
            let is_taken: bool = sqlx::query_scalar(
                "SELECT EXISTS (
                    SELECT 1
                    FROM firing
                    WHERE rule = ?1 AND action = ?2 AND scheduled_at = ?3
                        AND seq NOT IN (SELECT void_claim.firing FROM void_claim)
                )",
            )
            .bind(&record.rule)
            .bind(record.action)
            .bind(at)
            .fetch_one(&mut *tx)
            .await?;
            if !is_taken && !records.iter().enumerate().any(is_same) {
                break;
            }
            records[place].scheduled_at = at.map(Millis::next);
        }
    }
    Ok(records)
}

/// The firings that nobody has claimed, with their indexes, each as its next take. A claim under a
/// wrong clock may be made once more.
async fn only_unclaimed(
    tx: &mut SqliteConnection,
    records: Vec<FiringRecord>,
) -> Result<Vec<(usize, FiringRecord)>, AuditError> {
    let known = takes(tx, &records).await?;
    let unclaimed = |(place, mut record): (usize, FiringRecord)| {
        let last = known.of(&record).iter().filter(|(take, _)| *take > 0).max();
        record.take = match last {
            None => 1,
            Some((take, true)) => take + 1,
            Some((_, false)) => return None,
        };
        Some((place, record))
    };
    Ok(records.into_iter().enumerate().filter_map(unclaimed).collect())
}

/// The firings without a valid row in the log, with their indexes.
async fn only_unnoted(
    tx: &mut SqliteConnection,
    records: Vec<FiringRecord>,
) -> Result<Vec<(usize, FiringRecord)>, AuditError> {
    let known = takes(tx, &records).await?;
    let is_unnoted =
        |(_, record): &(usize, FiringRecord)| known.of(record).iter().all(|(_, is_void)| *is_void);
    Ok(records.into_iter().enumerate().filter(is_unnoted).collect())
}

/// The takes in the log at the instants of these firings, and whether each is void. One search an
/// instant finds that nobody has claimed any of a thousand firings.
async fn takes(tx: &mut SqliteConnection, records: &[FiringRecord]) -> Result<Takes, AuditError> {
    let instants: BTreeSet<Millis> =
        records.iter().filter_map(|record| record.scheduled_at).collect();
    let rows: Vec<(String, String, Millis, i64, bool)> = sqlx::query_as(
        "SELECT
            rule, action, scheduled_at, take,
            seq IN (SELECT void_claim.firing FROM void_claim)
        FROM firing
        WHERE scheduled_at IN (SELECT value FROM json_each(?1))",
    )
    .bind(json(&instants))
    .fetch_all(tx)
    .await?;
    let mut takes = Takes::default();
    for (rule, action, at, take, is_void) in rows {
        takes.0.entry((rule, action, at)).or_default().push((take, is_void));
    }
    Ok(takes)
}

#[derive(Debug, Default)]
struct Takes(BTreeMap<(String, String, Millis), Vec<(i64, bool)>>);

impl Takes {
    fn of(&self, record: &FiringRecord) -> &[(i64, bool)] {
        let of = |at| self.0.get(&(record.rule.clone(), record.action.to_owned(), at));
        record.scheduled_at.and_then(of).map_or(&[], Vec::as_slice)
    }
}

/// The deferred actions in these claims that are caught up on already.
async fn made_up_of(
    tx: &mut SqliteConnection,
    claims: &[Claim<'_>],
) -> Result<HashSet<i64>, AuditError> {
    let owed: Vec<i64> = claims.iter().flat_map(|claim| claim.makes_up).map(|it| it.0).collect();
    if owed.is_empty() {
        return Ok(HashSet::new());
    }
    let made_up: Vec<i64> = sqlx::query_scalar(
        "SELECT owed
        FROM makeup
        WHERE owed IN (SELECT value FROM json_each(?1))",
    )
    .bind(json(&owed))
    .fetch_all(tx)
    .await?;
    Ok(made_up.into_iter().collect())
}

/// The deferred actions of a firing that are still open.
fn makeups<'c>(
    claim: &Claim<'c>,
    firing: i64,
    made_up: &'c HashSet<i64>,
) -> impl Iterator<Item = MakeupRecord> + use<'c> {
    let left = claim.makes_up.iter().filter(|owed| !made_up.contains(&owed.0));
    left.map(move |owed| MakeupRecord { firing, owed: owed.0 })
}

fn record_of(claim: &Claim<'_>, take: i64) -> FiringRecord {
    FiringRecord {
        rule: claim.rule.name.to_string(),
        action: claim.rule.action.as_str(),
        account: claim.rule.account.to_string(),
        trigger: claim.trigger.as_str(),
        scheduled_at: claim.trigger.scheduled_at().map(Millis::from),
        take,
        file: claim.file.0,
        patience: u64::try_from(claim.rule.patience.as_millis()).unwrap_or(u64::MAX),
        dry_run: claim.dry_run.into(),
    }
}
