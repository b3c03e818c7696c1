//! The chain: every entry carries a hash over itself and the hash of the entry before it.
//!
//! `hash = SHA-256(hash before ‖ "seq at session kind " ‖ body)`, where the hash before the
//! first entry is 32 zero bytes, the four words are separated by single spaces, and the body is
//! the JSON text that the view `body` gives for the entry.

use sha2::{Digest, Sha256};
use sqlx::{SqliteConnection, SqliteTransaction};

use super::error::AuditError;
use super::millis::Millis;
use super::record::{Record, json};

type Hash = [u8; 32];

/// Who appends, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Author {
    /// `None` for the entry that opens a session: its own number is the session.
    pub(super) session: Option<i64>,
    pub(super) at: Millis,
}

/// Appends records of one kind and returns the number of the first; the others follow it. The
/// transaction must have been begun with `BEGIN IMMEDIATE`, so that nobody else appends.
pub(super) async fn append<R: Record>(
    tx: &mut SqliteTransaction<'_>,
    author: Author,
    records: &[R],
) -> Result<i64, AuditError> {
    let (last, mut hash) = head(tx).await?;
    let first = last + 1;
    if records.is_empty() {
        return Ok(first);
    }
    let (mut entries, mut rows) = (Vec::new(), Vec::new());
    for (seq, record) in (first..).zip(records) {
        let body = json(record);
        let session = author.session.unwrap_or(seq);
        hash = link(hash, seq, author.at, session, R::KIND, &body);
        entries.push(format!("[{seq},{session},\"{}\"]", hex(&hash)));
        rows.push(format!("{{\"seq\":{seq},\"body\":{body}}}"));
    }
    sqlx::query(
        "INSERT INTO entry (seq, at, session, kind, hash)
        SELECT value ->> 0, ?2, value ->> 1, ?3, unhex(value ->> 2)
        FROM json_each(?1)",
    )
    .bind(format!("[{}]", entries.join(",")))
    .bind(author.at)
    .bind(R::KIND)
    .execute(&mut **tx)
    .await?;
    let rows = format!("[{}]", rows.join(","));
    sqlx::query(R::INSERT).bind(&rows).execute(&mut **tx).await?;
    if let Some(children) = R::INSERT_CHILDREN {
        sqlx::query(children).bind(&rows).execute(&mut **tx).await?;
    }
    Ok(first)
}

/// The last entry's number and hash.
pub(super) async fn head(connection: &mut SqliteConnection) -> Result<(i64, Hash), AuditError> {
    let last: Option<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1")
            .fetch_optional(connection)
            .await?;
    let Some((seq, hash)) = last else { return Ok((0, [0; 32])) };
    Ok((seq, hash.try_into().expect("the table checks the length")))
}

/// The hash of an entry.
fn link(before: Hash, seq: i64, at: Millis, session: i64, kind: &str, body: &str) -> Hash {
    Sha256::new()
        .chain_update(before)
        .chain_update(format!("{seq} {at} {session} {kind} "))
        .chain_update(body)
        .finalize()
        .into()
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}
