//! An entry as the shared log keeps it: the bytes that were hashed, and both hashes.

/// An entry of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) seq: i64,
    /// Milliseconds since 1970, UTC.
    pub(crate) at: i64,
    pub(crate) session: i64,
    pub(crate) kind: String,
    /// The hash of the entry before.
    pub(crate) prev: [u8; 32],
    pub(crate) hash: [u8; 32],
    /// JSON, to the byte.
    pub(crate) body: String,
}
