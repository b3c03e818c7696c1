//! Removes what is old and no longer needed, so that what stays can still be verified.
//!
//! A prune moves a line up through the log, a step at a time, each in a transaction of its own:
//! it proves the rows below the line to be as they were written, commits a `prune` row that
//! holds the hash from which the chain goes on (`anchor`) and one over the rows that stay below
//! the line (`kept`), and removes the others. A log that is not sound is left as it is.

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
use crate::audit::store::{schema_check, session};

/// How many numbers the line moves in one transaction, during which nobody else can write: a
/// claim that falls due meanwhile waits for it, a tenth of a second or two on a busy machine.
const STEP: i64 = 2_000;

/// What a prune removes, or has removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pruned {
    pub removed: u64,
    /// How many entries stay below the line, since they are still needed.
    pub kept: u64,
    /// The line: every entry from this number on stays.
    pub below: i64,
}

/// Every statement that removes, those first whose rows refer to others.
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
    /// What a prune would remove that keeps everything from `since` on.
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

    /// Why a prune would keep more than the clock asks for, in words; `None` where it would not.
    pub async fn prune_doubt(
        &self,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Option<String>, AuditError> {
        let mut guard = self.connection().await;
        let connection = &mut *guard.begin().await?;
        Ok(Line::of(connection, since, now).await?.doubt())
    }

    /// The same, with what is to be known for it, of a log that is sound as far as that can be
    /// said without its rows.
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
    /// Removes what was written before `since` and is no longer needed. Stops where it is after
    /// any number of whole steps, if it is dropped.
    ///
    /// # Errors
    /// When the log cannot be written, or is not as it was written: then what is left of it
    /// stays.
    pub async fn prune(&self, since: DateTime<Utc>) -> Result<Pruned, AuditError> {
        // What goes through the whole log is read beside this session's own connection, so that
        // no claim waits for it.
        let reader = AuditReader::open(&self.path).await?;
        let prospect = reader.prospect(since, self.clock.now()).await;
        reader.close().await?;
        let (outlook, foreseen) = prospect?;
        let mut pruned = Pruned::default();
        if foreseen.removed == 0 {
            return Ok(pruned);
        }
        // In between, others have their turn.
        while pruned.below < foreseen.below {
            let Some(step) = self.prune_step(foreseen.below, &outlook).await? else { break };
            pruned = Pruned { removed: pruned.removed + step.removed, ..step };
        }
        Ok(pruned)
    }

    /// Moves the line one step further; `None` where it is there already.
    async fn prune_step(
        &self,
        target: i64,
        outlook: &Outlook,
    ) -> Result<Option<Pruned>, AuditError> {
        let mut connection = self.connection().await?;
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        let before = verify::newest_line(&mut tx).await?;
        let from = before.map_or(1, |line| line.below);
        let below = target.min(from + STEP);
        if below <= from {
            return Ok(None);
        }
        let living = living(&mut tx, &self.path).await?;
        let keep = outlook.below(&mut tx, below, &living).await?;
        let pruned = count(&mut tx, below, &keep).await?;
        let anchor = verify::hash_of(&mut tx, below - 1).await?;
        let mut kept = anchor;
        let mut checker = Checker::new(before, None);
        let mut rows = Rows::between(i64::MIN, below);
        while let Some(rows) = rows.next(&mut tx).await? {
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
        self.append(&mut tx, &[PruneRecord { below, anchor, kept }]).await?;
        let keep = json(&keep);
        for deletion in DELETIONS {
            sqlx::query(deletion).bind(below).bind(&keep).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(Some(pruned))
    }
}

/// What a prune would remove, and what the log as a whole says of it.
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

/// Evidence of a change is not removed.
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

/// How many entries below a line go, and how many stay.
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
