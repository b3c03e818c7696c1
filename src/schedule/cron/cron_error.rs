//! Why an expression is none.

use std::ops::Range;

/// An expression that is not one, or one that never fires.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CronError {
    /// What is wrong; names the field.
    pub(super) message: String,
    pub hint: String,
    /// Which bytes of the expression are meant.
    pub span: Range<usize>,
    /// What the hint proposes, and which bytes of the expression it replaces.
    pub fix: Option<(Range<usize>, String)>,
}
