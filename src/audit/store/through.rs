//! An entry of the log: how far somebody has come.

use super::column::column;

/// An entry of the log: how far a target has been told what happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct Through(pub(crate) i64);

column!(number Through);

impl From<i64> for Through {
    fn from(entry: i64) -> Self {
        Self(entry)
    }
}
