//! Removes old entries that are not needed, so that the rest can still be verified.
//!
//! A prune moves a line up through the log in steps, each in its own transaction. A step (1) proves
//! that the rows below the line are as written, (2) commits a `prune` row with the hash from which
//! the chain goes on (`anchor`) and a hash over the rows that stay below the line (`kept`), and (3)
//! removes the others. An unsound log stays as it is. [`super::retention`] says which rows stay,
//! [`super::prune_line`] which are old.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{Connection, SqliteConnection};
use tracing::warn;

use super::checker::Checker;
use super::entry_reader::Rows;
use super::retention::{self, Outlook};
use super::verify;
use crate::audit::integrity::prune_line::Line;
use crate::audit::store::audit_log::AuditLog;
use crate::audit::store::error::AuditError;
use crate::audit::store::finding::Finding;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::record::{PruneRecord, json};
use crate::audit::store::session_id::SessionId;
use crate::audit::store::write_tx::writing;
use crate::audit::store::{schema_check, session};

/// The numbers that the line moves in one transaction. Nobody else can write meanwhile: a due claim
/// waits for it, a tenth of a second or two on a busy machine.
const STEP: i64 = 2_000;

/// The removed rows, or those that would be removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pruned {
    pub removed: u64,
    /// The entries that stay below the line because they are needed.
    pub kept: u64,
    /// The line: every entry from this number on stays.
    pub below: i64,
}

/// All deleting statements. Rows that refer to others come first.
const DELETIONS: [&str; 26] = [
    "DELETE FROM request_instance
    WHERE request < ?1 AND request NOT IN (SELECT value FROM json_each(?2))",
    "DELETE FROM answer WHERE seq < ?1 AND seq NOT IN (SELECT value FROM json_each(?2))",
    "DELETE FROM request WHERE seq < ?1 AND seq NOT IN (SELECT value FROM json_each(?2))",
    "DELETE FROM outcome WHERE seq < ?1 AND seq NOT IN (SELECT value FROM json_each(?2))",
    "DELETE FROM target WHERE seq < ?1 AND seq NOT IN (SELECT value FROM json_each(?2))",
    "DELETE FROM takeover WHERE seq < ?1 AND seq NOT IN (SELECT value FROM json_each(?2))",
    "DELETE FROM firing_end WHERE seq < ?1 AND seq NOT IN (SELECT value FROM json_each(?2))",
    "DELETE FROM firing WHERE seq < ?1 AND seq NOT IN (SELECT value FROM json_each(?2))",
    "DELETE FROM makeup WHERE seq < ?1 AND seq NOT IN (SELECT value FROM json_each(?2))",
    "DELETE FROM owed WHERE seq < ?1 AND seq NOT IN (SELECT value FROM json_each(?2))",
    "DELETE FROM hold_end WHERE seq < ?1 AND seq NOT IN (SELECT value FROM json_each(?2))",
    "DELETE FROM hold WHERE seq < ?1 AND seq NOT IN (SELECT value FROM json_each(?2))",
    "DELETE FROM clock WHERE seq < ?1 AND seq NOT IN (SELECT value FROM json_each(?2))",
    "DELETE FROM budget WHERE seq < ?1 AND seq NOT IN (SELECT value FROM json_each(?2))",
    "DELETE FROM change WHERE seq < ?1 AND seq NOT IN (SELECT value FROM json_each(?2))",
    "DELETE FROM product WHERE seq < ?1 AND seq NOT IN (SELECT value FROM json_each(?2))",
    "DELETE FROM notice_end WHERE seq < ?1 AND seq NOT IN (SELECT value FROM json_each(?2))",
    "DELETE FROM notice WHERE seq < ?1 AND seq NOT IN (SELECT value FROM json_each(?2))",
    "DELETE FROM seen WHERE seq < ?1 AND seq NOT IN (SELECT value FROM json_each(?2))",
    "DELETE FROM file_load WHERE seq < ?1 AND seq NOT IN (SELECT value FROM json_each(?2))",
    "DELETE FROM file_text WHERE seq < ?1 AND seq NOT IN (SELECT value FROM json_each(?2))",
    "DELETE FROM session_end WHERE seq < ?1 AND seq NOT IN (SELECT value FROM json_each(?2))",
    "DELETE FROM session WHERE seq < ?1 AND seq NOT IN (SELECT value FROM json_each(?2))",
    "DELETE FROM life WHERE session < ?1 AND session NOT IN (SELECT value FROM json_each(?2))",
    "DELETE FROM prune WHERE seq < ?1 AND seq NOT IN (SELECT value FROM json_each(?2))",
    "DELETE FROM entry WHERE seq < ?1 AND seq NOT IN (SELECT value FROM json_each(?2))",
];

impl AuditReader {
    /// The effect of a prune that keeps everything from `since` on.
    pub async fn prunable(
        &self,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Pruned, AuditError> {
        let mut guard = self.connection().await;
        let connection = &mut *guard.begin().await?;
        let line = Line::of(connection, since, now).await?;
        Ok(survey(connection, &self.path, &line, now).await?.1)
    }

    /// Why a prune would keep more than the clock asks for, in words; `None` when it would not.
    pub async fn prune_doubt(
        &self,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Option<String>, AuditError> {
        let mut guard = self.connection().await;
        let connection = &mut *guard.begin().await?;
        Ok(Line::of(connection, since, now).await?.doubt())
    }

    /// The same effect, with the facts behind it. Fails when the log looks unsound even without a
    /// look at its rows.
    async fn prospect(
        &self,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(Outlook, Pruned), AuditError> {
        let mut guard = self.connection().await;
        let connection = &mut *guard.begin().await?;
        sound(schema_check::deviations(connection).await?.findings)?;
        sound(verify::stray_instances(connection).await?)?;
        let line = Line::of(connection, since, now).await?;
        if let Some(doubt) = line.doubt() {
            warn!("{doubt}");
        }
        survey(connection, &self.path, &line, now).await
    }
}

impl AuditLog {
    /// Removes entries from before `since` that are not needed. Dropping the future stops the prune
    /// between two steps.
    ///
    /// # Errors
    /// When the log cannot be written, or is not as it was written. The rest then stays.
    pub async fn prune(&self, since: DateTime<Utc>) -> Result<Pruned, AuditError> {
        // Long reads use a connection beside the session's own, so that no claim waits for them.
        let reader = AuditReader::open(&self.path).await?;
        let prospect = reader.prospect(since, self.clock.now()).await;
        reader.close().await?;
        let (outlook, foreseen) = prospect?;
        let mut pruned = Pruned::default();
        if foreseen.removed == 0 {
            return Ok(pruned);
        }
        // Others get their turn between two steps.
        while pruned.below < foreseen.below {
            let Some(step) = self.prune_step(foreseen.below, &outlook).await? else { break };
            pruned = Pruned { removed: pruned.removed + step.removed, ..step };
        }
        Ok(pruned)
    }

    /// Moves the line one step; `None` when it has arrived.
    async fn prune_step(
        &self,
        target: i64,
        outlook: &Outlook,
    ) -> Result<Option<Pruned>, AuditError> {
        writing!(self, |tx| {
            let before = verify::newest_line(tx).await?;
            let from = before.map_or(1, |line| line.below);
            let below = target.min(from + STEP);
            if below <= from {
                return Ok(None);
            }
            let living = living(tx, &self.path).await?;
            let keep = outlook.below(tx, below, &living).await?;
            let pruned = count(tx, below, &keep).await?;
            let anchor = verify::hash_of(tx, below - 1).await?;
            let mut kept = anchor;
            let mut checker = Checker::new(before, None);
            let mut rows = Rows::between(i64::MIN, below);
            while let Some(rows) = rows.next(tx).await? {
                for row in &rows {
                    checker.take(row);
                    if let (Some(entry), Some(body)) = (&row.entry, &row.body)
                        && let Some(hash) = entry.hash
                        && keep.contains(&row.seq)
                    {
                        kept = kept.keep(hash, entry.said(row.seq, body));
                    }
                }
            }
            sound(checker.finish().findings)?;
            tx.append(&[PruneRecord { below, anchor, kept }]).await?;
            let keep = json(&keep);
            for deletion in DELETIONS {
                sqlx::query(deletion).bind(below).bind(&keep).execute(&mut **tx).await?;
            }
            Ok(Some(pruned))
        })
    }
}

/// The effect of a prune, with the facts about the whole log.
async fn survey(
    connection: &mut SqliteConnection,
    log: &Path,
    line: &Line,
    now: DateTime<Utc>,
) -> Result<(Outlook, Pruned), AuditError> {
    let target = line.number;
    let living = living(connection, log).await?;
    let outlook = Outlook::of(connection, target, &living, now).await?;
    let kept = outlook.below(connection, target, &living).await?;
    let pruned = count(connection, target, &kept).await?;
    Ok((outlook, pruned))
}

/// Evidence of a change must stay.
fn sound(findings: Vec<Finding>) -> Result<(), AuditError> {
    findings.into_iter().next().map_or(Ok(()), |finding| Err(AuditError::Unsound(finding.into())))
}

async fn living(
    connection: &mut SqliteConnection,
    log: &Path,
) -> Result<Vec<SessionId>, AuditError> {
    let open = retention::unended_sessions(connection).await?;
    Ok(open.into_iter().filter(|&session| session::is_alive(log, session)).collect())
}

/// The number of entries below a line that go, and that stay.
async fn count(
    connection: &mut SqliteConnection,
    below: i64,
    keep: &BTreeSet<i64>,
) -> Result<Pruned, AuditError> {
    let all: i64 = sqlx::query_scalar("SELECT count(*) FROM entry WHERE seq < ?1")
        .bind(below)
        .fetch_one(connection)
        .await?;
    let kept = keep.len() as u64;
    Ok(Pruned { removed: u64::try_from(all).unwrap_or(0).saturating_sub(kept), kept, below })
}
