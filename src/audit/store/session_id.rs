//! A session: the number of the entry that opened it.

/// A session: the number of the entry that began it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(pub(crate) i64);
