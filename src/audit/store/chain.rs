//! The chain: every entry carries a hash over itself and the hash of the entry before it.
//!
//! `hash = SHA-256(hash before ‖ "seq at session kind " ‖ body)`, where the hash before the
//! first entry is 32 zero bytes, the four words are separated by single spaces, and the body is
//! the JSON text that the view `body` gives for the entry.
//!
//! What a prune leaves standing below its line has lost its neighbours, so the prune row holds a
//! hash of its own over it: `kept`, begun with the anchor, and with each row's hash taken in.

use std::fmt::{self, Write};
use std::str::FromStr;

use sha2::{Digest, Sha256};
use sqlx::{SqliteConnection, SqliteTransaction};

use super::error::AuditError;
use super::log::AuditLog;
use super::millis::Millis;
use super::record::{Record, json};

/// The hash of an entry, which stands for it and for all that went before. Shown as 64
/// hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct EntryHash([u8; 32]);

/// A text that is not the hash of any entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a hash is 64 hexadecimal digits")]
pub struct NoHash;

/// What is hashed of an entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said<'a> {
    pub(crate) seq: i64,
    pub(crate) at: Millis,
    pub(crate) session: i64,
    pub(crate) kind: &'a str,
    pub(crate) body: &'a [u8],
}

/// Who appends, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Author {
    /// `None` for the entry that opens a session: its own number is the session.
    pub(crate) session: Option<i64>,
    pub(crate) at: Millis,
}

/// Appends records of one kind and returns the number of the first; the others follow it. The
/// transaction must have been begun with `BEGIN IMMEDIATE`, so that nobody else appends.
pub(crate) async fn append<R: Record>(
    tx: &mut SqliteTransaction<'_>,
    author: Author,
    records: &[R],
) -> Result<i64, AuditError> {
    let (last, mut hash) = head(tx).await?;
    let first = last + 1;
    if records.is_empty() {
        return Ok(first);
    }
    let (mut bodies, mut hashes) = (Vec::new(), Vec::new());
    for (seq, record) in (first..).zip(records) {
        let body = json(record);
        let session = author.session.unwrap_or(seq);
        let said = Said { seq, at: author.at, session, kind: R::KIND, body: body.as_bytes() };
        hash = hash.link(said);
        hashes.extend_from_slice(&hash.0);
        bodies.push(body);
    }
    let bodies = format!("[{}]", bodies.join(","));
    sqlx::query(
        "INSERT INTO entry (seq, at, session, kind, hash)
        SELECT ?2 + key, ?3, ifnull(?4, ?2 + key), ?5, substr(?6, 32 * key + 1, 32)
        FROM json_each(?1)",
    )
    .bind(&bodies)
    .bind(first)
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

/// The last entry's number and hash.
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

impl AuditLog {
    /// The number and the hash of the last entry.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn head(&self) -> Result<(i64, EntryHash), AuditError> {
        head(&mut *self.connection().await?).await
    }
}

impl EntryHash {
    /// What stands for the hash before the first entry.
    pub(crate) const BEFORE_ALL: Self = Self([0; 32]);

    /// The hash as the table has it; `None` for bytes that are none.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The hash of the entry that follows this one.
    pub(crate) fn link(self, said: Said<'_>) -> Self {
        Self(said.onto(Sha256::new().chain_update(self.0)))
    }

    /// This hash over rows that were kept, with one more of them taken in.
    pub(crate) fn keep(self, hash: Self, said: Said<'_>) -> Self {
        Self(said.onto(Sha256::new().chain_update(self.0).chain_update(hash.0)))
    }
}

impl Said<'_> {
    fn onto(self, digest: Sha256) -> [u8; 32] {
        let Self { seq, at, session, kind, body } = self;
        let words = format!("{seq} {at} {session} {kind} ");
        digest.chain_update(words).chain_update(body).finalize().into()
    }
}

impl fmt::Display for EntryHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for EntryHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntryHash({self})")
    }
}

impl FromStr for EntryHash {
    type Err = NoHash;

    fn from_str(text: &str) -> Result<Self, NoHash> {
        let mut hash = [0; 32];
        if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(NoHash);
        }
        for (at, byte) in hash.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).map_err(|_| NoHash)?;
        }
        Ok(Self(hash))
    }
}

impl serde::Serialize for EntryHash {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        write!(hex, "{byte:02x}").expect("a string takes everything");
    }
    hex
}
