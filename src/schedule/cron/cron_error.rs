//! Owns the error of a cron expression.
//!
//! `error` adds repairs to it.

use std::ops::Range;

/// The text is no expression, or one that never fires.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CronError {
    /// The mistake, with the name of the field.
    pub(super) message: String,
    pub hint: String,
    /// The bytes of the expression with the mistake.
    pub span: Range<usize>,
    /// The bytes of the expression to replace, and the new text.
    pub fix: Option<(Range<usize>, String)>,
}
