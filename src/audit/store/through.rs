//! A position in the log.

use super::column::column;

/// An entry of the log, up to which somebody has come.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    schemars::JsonSchema,
)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Through(pub(crate) i64);

column!(number Through);

impl From<i64> for Through {
    fn from(entry: i64) -> Self {
        Self(entry)
    }
}
