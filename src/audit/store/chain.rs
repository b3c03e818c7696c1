//! The chain: every entry carries a hash over itself and the hash of the entry before it.
//!
//! `hash = SHA-256(hash before ‖ "seq at session kind " ‖ body)`. The hash before the first entry
//! is 32 zero bytes. Single spaces separate the four words. The body is the JSON text that the view
//! `body` gives for the entry.
//!
//! Rows that a prune keeps below its line have lost their neighbours. So the prune row holds a hash
//! over them, `kept`, which begins with the anchor and takes in each row's hash. `integrity`
//! verifies.

use std::fmt::Write;

use sqlx::{SqliteConnection, SqliteTransaction};

use super::audit_log::AuditLog;
use super::entry_hash::{EntryHash, Said};
use super::error::AuditError;
use super::millis::Millis;
use super::record::{Record, json};
use crate::audit::shared::line::Line;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Author {
    /// `None` for the entry that opens a session: its own number is the session.
    pub(crate) session: Option<i64>,
    pub(crate) at: Millis,
}

/// Appends records of one kind and returns the number of the first; the others follow it. The
/// transaction must have been begun with `BEGIN IMMEDIATE`, so that nobody else appends. `lines`
/// takes the entries for a shared log, if there is one.
pub(crate) async fn append<R: Record>(
    tx: &mut SqliteTransaction<'_>,
    author: Author,
    records: &[R],
    mut lines: Option<&mut Vec<Line>>,
) -> Result<i64, AuditError> {
    let (last, mut hash) = head(tx).await?;
    let first = last + 1;
    if records.is_empty() {
        return Ok(first);
    }
    let (mut seqs, mut bodies, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
    for (seq, record) in (first..).zip(records) {
        let body = json(record);
        let session = author.session.unwrap_or(seq);
        let said = Said { seq, at: author.at, session, kind: R::KIND, body: body.as_bytes() };
        let prev = hash;
        hash = hash.link(said);
        hashes.extend_from_slice(&hash.0);
        seqs.push(seq);
        if let Some(lines) = &mut lines {
            lines.push(Line {
                seq,
                at: author.at.into(),
                session,
                kind: R::KIND.to_owned(),
                prev: prev.0,
                hash: hash.0,
                body: body.clone(),
            });
        }
        bodies.push(body);
    }
    let bodies = format!("[{}]", bodies.join(","));
    sqlx::query(
        "INSERT INTO entry (seq, at, session, kind, hash)
        SELECT value, ?2, ifnull(?3, value), ?4, substr(?5, 32 * key + 1, 32)
        FROM json_each(?1)",
    )
    .bind(json(&seqs))
    .bind(author.at)
    .bind(author.session)
    .bind(R::KIND)
    .bind(hashes)
    .execute(&mut **tx)
    .await?;
    sqlx::query(R::INSERT).bind(&bodies).bind(first).execute(&mut **tx).await?;
    if let Some(children) = R::INSERT_CHILDREN {
        sqlx::query(children).bind(&bodies).bind(first).execute(&mut **tx).await?;
    }
    Ok(first)
}

/// The number and the hash of the last entry.
pub(crate) async fn head(
    connection: &mut SqliteConnection,
) -> Result<(i64, EntryHash), AuditError> {
    let last: Option<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1")
            .fetch_optional(connection)
            .await?;
    let Some((seq, hash)) = last else { return Ok((0, EntryHash::BEFORE_ALL)) };
    Ok((seq, EntryHash(hash.try_into().expect("the table checks the length"))))
}

/// Whether an entry with this hash is among the last ones.
pub(crate) async fn has(
    connection: &mut SqliteConnection,
    hash: &[u8; 32],
) -> Result<bool, AuditError> {
    let has = sqlx::query_scalar(
        "SELECT EXISTS (
            SELECT 1 FROM (SELECT hash FROM entry ORDER BY seq DESC LIMIT 10000) WHERE hash = ?1
        )",
    )
    .bind(&hash[..])
    .fetch_one(connection)
    .await?;
    Ok(has)
}

/// The hash of the entry with a number, if there is one.
pub(crate) async fn hash_at(
    connection: &mut SqliteConnection,
    seq: i64,
) -> Result<Option<EntryHash>, AuditError> {
    let hash: Option<Vec<u8>> = sqlx::query_scalar("SELECT hash FROM entry WHERE seq = ?1")
        .bind(seq)
        .fetch_optional(connection)
        .await?;
    Ok(hash.and_then(|hash| EntryHash::from_bytes(&hash)))
}

impl AuditLog {
    /// The number and the hash of the last entry.
    pub async fn head(&self) -> Result<(i64, EntryHash), AuditError> {
        head(&mut *self.connection().await?).await
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        write!(hex, "{byte:02x}").expect("a string takes everything");
    }
    hex
}
