//! The identity of a session.

/// A session: the number of the entry that opened it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(pub(crate) i64);
