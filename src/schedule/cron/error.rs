//! Why an expression was refused, and where in it.

use std::ops::Range;

use super::parse::parse;
use super::repair::{Repair, repair};

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
    /// What the hint proposes, and which bytes of the expression it replaces.
    pub fix: Option<(Range<usize>, String)>,
}

impl CronError {
    pub(super) fn new(
        message: impl Into<String>,
        hint: impl Into<String>,
        span: Range<usize>,
    ) -> Self {
        Self { message: message.into(), hint: hint.into(), span, fix: None }
    }

    /// With a text to put in the place of what is marked.
    pub(super) fn fixed(self, replacement: impl Into<String>) -> Self {
        let fix = Some((self.span.clone(), replacement.into()));
        Self { fix, ..self }
    }

    /// With what was meant by the whole text, where that can be told.
    pub(super) fn repaired(self, text: &str) -> Self {
        // What is marked can be mended by itself.
        let mended = |(span, by): &(Range<usize>, String)| {
            format!("{}{by}{}", &text[..span.start], &text[span.end..])
        };
        if self.fix.as_ref().is_some_and(|fix| parse(&mended(fix)).is_ok()) {
            return self;
        }
        let whole = text.len() - text.trim_start().len()..text.trim_end().len();
        match repair(text) {
            None => self,
            Some(Repair::Say(hint)) => Self { hint, fix: None, ..self },
            Some(Repair::Write(meant)) => {
                let hint = format!("write `{meant}`");
                Self { hint, fix: Some((whole, meant)), ..self }
            }
        }
    }
}
