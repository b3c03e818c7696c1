//! Why an expression was refused, and where in it.

use std::ops::Range;

/// An expression that is not one, or one that never fires.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CronError {
    /// What is wrong; names the field.
    pub(super) message: String,
    /// What to write instead.
    pub hint: String,
    /// Which bytes of the expression are meant.
    pub span: Range<usize>,
}
