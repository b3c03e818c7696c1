//! The identity of a session.

use super::column::column;

/// A session: the number of the entry that opened it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(pub(crate) i64);

column!(number SessionId);
