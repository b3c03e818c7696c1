//! Firings, as they are claimed, overlapped, missed and ended.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::Connection;
use tracing::info;

use super::chain;
use super::error::AuditError;
use super::log::{AuditLog, FileId};
use super::millis::Millis;
use super::outcome::{self, Settlement};
use super::record::{FiringEndRecord, FiringRecord, json};
use crate::outcome::Outcome;
use crate::schedule::Rule;

/// A firing: the number of the entry that claimed it, or noted that it was missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct FiringId(pub(super) i64);

impl std::fmt::Display for FiringId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl From<i64> for FiringId {
    fn from(number: i64) -> Self {
        Self(number)
    }
}

/// Why a rule fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// It fell due at this instant.
    Schedule(DateTime<Utc>),
    /// It fell due at this instant while nobody was there.
    Late(DateTime<Utc>),
    /// A person asked for it.
    Manual,
}

impl Trigger {
    /// The word in the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Schedule(_) => "schedule",
            Self::Late(_) => "late",
            Self::Manual => "manual",
        }
    }

    /// When it fell due; firings by hand never do.
    #[must_use]
    pub fn scheduled_at(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Schedule(at) | Self::Late(at) => Some(at),
            Self::Manual => None,
        }
    }
}

/// A firing that is to be claimed.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// The rule that fires.
    pub rule: &'a Rule,
    /// Why it fires.
    pub trigger: Trigger,
    /// The file text it fires under.
    pub file: FileId,
    /// Whether nothing is to be sent.
    pub dry_run: bool,
}

impl AuditLog {
    /// Claims firings, all in one transaction. `None` for each that somebody has claimed
    /// before: it is theirs.
    ///
    /// # Errors
    /// When the log cannot be written; then none is claimed.
    pub async fn claim(&self, claims: &[Claim<'_>]) -> Result<Vec<Option<FiringId>>, AuditError> {
        let mut connection = self.connection().await;
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        let records: Vec<_> = claims.iter().map(|claim| record_of(claim, 1)).collect();
        let taken: Vec<i64> = sqlx::query_scalar(
            "SELECT wanted.key
            FROM json_each(?1) AS wanted
            JOIN firing
                ON firing.rule = wanted.value ->> '$.rule'
                AND firing.action = wanted.value ->> '$.action'
                AND firing.scheduled_at = wanted.value ->> '$.scheduled_at'
                AND firing.take = 1",
        )
        .bind(json(&records))
        .fetch_all(&mut *tx)
        .await?;
        let is_free = |at: &usize| !taken.iter().any(|&taken| usize::try_from(taken) == Ok(*at));
        let (free, fresh): (Vec<usize>, Vec<FiringRecord>) =
            records.into_iter().enumerate().filter(|(at, _)| is_free(at)).unzip();
        let mut ids = vec![None; claims.len()];
        if !fresh.is_empty() {
            let first = self.append(&mut tx, &fresh).await?;
            for (at, seq) in free.into_iter().zip(first..) {
                ids[at] = Some(FiringId(seq));
            }
        }
        tx.commit().await?;
        Ok(ids)
    }

    /// Notes that firings were missed. One that is noted already, or was claimed after all, is
    /// left as it is. This is no claim: should its time come again, it still fires.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub async fn miss(&self, claim: Claim<'_>, reason: &str) -> Result<(), AuditError> {
        let mut connection = self.connection().await;
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        let record = record_of(&claim, 0);
        let known: Option<i64> = sqlx::query_scalar(
            "SELECT seq
            FROM firing
            WHERE rule = ?1 AND action = ?2 AND scheduled_at = ?3
            LIMIT 1",
        )
        .bind(&record.rule)
        .bind(record.action)
        .bind(record.scheduled_at)
        .fetch_optional(&mut *tx)
        .await?;
        if known.is_some() {
            return Ok(());
        }
        let firing = self.append(&mut tx, &[record]).await?;
        let missed = Settlement::of_firing(Outcome::Missed, reason.to_owned());
        self.append(&mut tx, &[outcome::record_of(FiringId(firing), &missed)]).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Records that nothing is left to do or to follow in a firing, and says in the log stream
    /// which hash stands for everything up to there.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub async fn end_firing(&self, firing: FiringId) -> Result<(), AuditError> {
        let mut connection = self.connection().await;
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        self.append(&mut tx, &[FiringEndRecord { firing: firing.0 }]).await?;
        let (seq, head) = chain::head(&mut tx).await?;
        tx.commit().await?;
        info!(%firing, seq, %head, "firing recorded to its end");
        Ok(())
    }
}

fn record_of(claim: &Claim<'_>, take: u8) -> FiringRecord {
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
