//! The hash of an entry. [`super::chain`] explains the recipe.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::audit::store::millis::Millis;

/// Stands for an entry and for all entries before it. Shown as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct EntryHash(pub(crate) [u8; 32]);

impl EntryHash {
    /// The hash before the first entry.
    pub(crate) const BEFORE_ALL: Self = Self([0; 32]);

    /// From the table's bytes; `None` when they are no hash.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The hash of the entry that follows this one.
    pub(crate) fn link(self, said: Said<'_>) -> Self {
        Self(said.onto(Sha256::new().chain_update(self.0)))
    }

    /// This hash over kept rows, with one more row.
    pub(crate) fn keep(self, hash: Self, said: Said<'_>) -> Self {
        Self(said.onto(Sha256::new().chain_update(self.0).chain_update(hash.0)))
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

/// The text is not the hash of any entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a hash is 64 hexadecimal digits")]
pub struct NoHash;

/// The hashed parts of an entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said<'a> {
    pub(crate) seq: i64,
    pub(crate) at: Millis,
    pub(crate) session: i64,
    pub(crate) kind: &'a str,
    pub(crate) body: &'a [u8],
}

impl Said<'_> {
    pub(super) fn onto(self, digest: Sha256) -> [u8; 32] {
        let Self { seq, at, session, kind, body } = self;
        let words = format!("{seq} {at} {session} {kind} ");
        digest.chain_update(words).chain_update(body).finalize().into()
    }
}
