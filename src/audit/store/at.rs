//! A row of the log, by its table and its number.

use std::borrow::Cow;

/// A row: its table and its number. As an error: that the row cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("row {1} of the table `{0}` cannot be decoded")]
pub(crate) struct At(pub(crate) Cow<'static, str>, pub(crate) i64);

impl At {
    pub(crate) fn of(table: &'static str, seq: i64) -> Self {
        Self(Cow::Borrowed(table), seq)
    }

    /// The row that an error of a query names, if any.
    pub(crate) fn in_error(error: &sqlx::Error) -> Option<&Self> {
        match error {
            sqlx::Error::Decode(source) => source.downcast_ref(),
            _ => None,
        }
    }
}

impl From<At> for sqlx::Error {
    fn from(at: At) -> Self {
        Self::Decode(at.into())
    }
}
