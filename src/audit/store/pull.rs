//! Makes this machine's copy equal to the shared log, and verifies it as it grows.
//!
//! A copy that ends before the shared log takes what is missing. A shared log that has lost its end,
//! as an asynchronous replica does that becomes the primary, gets it back. Where both have an entry
//! of the same number that differs, nobody can tell which is right: the copy stays as it is, and its
//! node writes nothing more.

use sqlx::{Connection, SqliteConnection};
use tokio::sync::Mutex;
use tracing::{info, warn};

use super::chain;
use super::entry_hash::{EntryHash, Said};
use super::error::AuditError;
use super::record::KINDS;
use crate::audit::shared::entries::CHUNK;
use crate::audit::shared::line::Line;
use crate::audit::shared::link::Link;

/// The last entry of a copy: its number and hash.
type Head = (i64, EntryHash);

/// Brings the copy up to the shared log. Returns its last entry.
pub(crate) async fn pull(
    connection: &mut SqliteConnection,
    link: &mut Link,
) -> Result<Head, AuditError> {
    pull_in_turn(connection, link, None).await
}

/// The same beside the writes of this process, which take turns.
pub(crate) async fn pull_in_turn(
    connection: &mut SqliteConnection,
    link: &mut Link,
    turns: Option<&Mutex<()>>,
) -> Result<Head, AuditError> {
    loop {
        let head = chain::head(connection).await?;
        // The copy's last entry is read as well: it must be the same there.
        let mut lines = link.from(head.0.max(1)).await?;
        let is_all = lines.len() < CHUNK;
        if head.0 > 0 {
            match lines.first() {
                Some(same) if same.seq == head.0 && same.hash == head.1.0 => drop(lines.remove(0)),
                Some(other) if other.seq == head.0 => {
                    return Err(AuditError::Diverged { seq: head.0 });
                }
                _ => {
                    give_back(connection, link, head).await?;
                    continue;
                }
            }
        }
        if lines.is_empty() {
            // A log of some machine may still be meant to be put there.
            if head.0 == 0 && !link.is_begun().await? {
                return Err(AuditError::Unshared(link.place().to_owned()));
            }
            return Ok(head);
        }
        let turn = match turns {
            Some(turns) => Some(turns.lock().await),
            None => None,
        };
        let reached = replay(connection, &lines).await?;
        drop(turn);
        if is_all {
            return Ok(reached);
        }
    }
}

/// Gives the shared log the end that it has lost.
async fn give_back(
    connection: &mut SqliteConnection,
    link: &mut Link,
    head: Head,
) -> Result<(), AuditError> {
    let last = link.last().await?;
    let Some(last) = last else { return Err(AuditError::Unshared(link.place().to_owned())) };
    if last.seq >= head.0 {
        // It has grown meanwhile.
        return Ok(());
    }
    if chain::hash_at(connection, last.seq).await? != Some(EntryHash(last.hash)) {
        return Err(AuditError::Diverged { seq: last.seq });
    }
    let lines = lines_after(connection, last.seq, EntryHash(last.hash)).await?;
    match link.append(&lines).await {
        Ok(()) => {
            warn!(
                first = last.seq + 1,
                entries = lines.len(),
                "the shared log had lost its end, as after a failover; it has it back"
            );
            Ok(())
        }
        Err(error) if error.is_out_of_place() => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The entries of a copy after a number, the first of them.
pub(crate) async fn lines_after(
    connection: &mut SqliteConnection,
    seq: i64,
    mut prev: EntryHash,
) -> Result<Vec<Line>, AuditError> {
    let rows: Vec<(i64, i64, i64, String, Vec<u8>, String)> = sqlx::query_as(
        "SELECT entry.seq, entry.at, entry.session, entry.kind, entry.hash, body.text
        FROM (SELECT * FROM entry WHERE seq > ?1 ORDER BY seq LIMIT ?2) AS entry
        JOIN body ON body.seq = entry.seq
        ORDER BY entry.seq",
    )
    .bind(seq)
    .bind(i64::try_from(CHUNK).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await?;
    let mut lines = Vec::with_capacity(rows.len());
    for (seq, at, session, kind, hash, body) in rows {
        let hash = EntryHash::from_bytes(&hash).ok_or(AuditError::Diverged { seq })?;
        lines.push(Line { seq, at, session, kind, prev: prev.0, hash: hash.0, body });
        prev = hash;
    }
    Ok(lines)
}

/// Adds entries to the copy as their authors did, and returns its last entry. Writers of this
/// machine may have added some of them since they were read, or all and more.
async fn replay(connection: &mut SqliteConnection, lines: &[Line]) -> Result<Head, AuditError> {
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
    let (mut seq, mut hash) = chain::head(&mut tx).await?;
    let there = lines.iter().take_while(|line| line.seq <= seq).count();
    let (there, lines) = lines.split_at(there);
    if let Some(last) = there.last()
        && chain::hash_at(&mut tx, last.seq).await? != Some(EntryHash(last.hash))
    {
        return Err(AuditError::Diverged { seq: last.seq });
    }
    if lines.is_empty() {
        return Ok((seq, hash));
    }
    for line in lines {
        let said = Said {
            seq: line.seq,
            at: line.at.into(),
            session: line.session,
            kind: &line.kind,
            body: line.body.as_bytes(),
        };
        hash = hash.link(said);
        seq += 1;
        if line.seq != seq || line.hash != hash.0 {
            return Err(AuditError::Diverged { seq });
        }
        sqlx::query("INSERT INTO entry (seq, at, session, kind, hash) VALUES (?1, ?2, ?3, ?4, ?5)")
            .bind(seq)
            .bind(line.at)
            .bind(line.session)
            .bind(known(line)?.name)
            .bind(&line.hash[..])
            .execute(&mut *tx)
            .await?;
    }
    for run in lines.chunk_by(|a, b| a.kind == b.kind) {
        let first = &run[0];
        let kind = known(first)?;
        let bodies: Vec<&str> = run.iter().map(|line| line.body.as_str()).collect();
        let bodies = format!("[{}]", bodies.join(","));
        sqlx::query(kind.insert).bind(&bodies).bind(first.seq).execute(&mut *tx).await?;
        if let Some(children) = kind.insert_children {
            sqlx::query(children).bind(&bodies).bind(first.seq).execute(&mut *tx).await?;
        }
    }
    gives_back(&mut tx, lines).await?;
    tx.commit().await?;
    if lines.len() >= CHUNK - 1 {
        info!(entry = seq, "catching up with the shared log");
    }
    Ok((seq, hash))
}

fn known(line: &Line) -> Result<super::record::Kind, AuditError> {
    let kind = KINDS.into_iter().find(|kind| kind.name == line.kind);
    kind.ok_or_else(|| AuditError::Beyond { seq: line.seq, kind: line.kind.clone() })
}

/// Checks that the tables say what was hashed. A later version may write keys that this one would
/// silently drop.
async fn gives_back(tx: &mut SqliteConnection, lines: &[Line]) -> Result<(), AuditError> {
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else { return Ok(()) };
    let said: Vec<(i64, String)> =
        sqlx::query_as("SELECT seq, text FROM body WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq")
            .bind(first.seq)
            .bind(last.seq)
            .fetch_all(tx)
            .await?;
    let mut said = said.into_iter();
    for line in lines {
        let same = said.next().filter(|(seq, text)| (*seq, text) == (line.seq, &line.body));
        if same.is_none() {
            return Err(AuditError::Beyond { seq: line.seq, kind: line.kind.clone() });
        }
    }
    Ok(())
}
