//! Completes an error of an expression: its hint and its repair.

use std::ops::Range;

use super::cron_error::CronError;
use super::form::FORM;
use super::parse::parse;
use super::repair::{Repair, repair};

/// Whether the text has five fields and one word more, so that it looks like six fields.
fn has_a_word_too_many(text: &str) -> bool {
    let fields: Vec<&str> = text.split_whitespace().collect();
    matches!(fields.as_slice(), [_, _, "*", "*", ..] if fields.len() == 6)
}

impl CronError {
    pub(super) fn new(
        message: impl Into<String>,
        hint: impl Into<String>,
        span: Range<usize>,
    ) -> Self {
        Self { message: message.into(), hint: hint.into(), span, fix: None }
    }

    /// Adds a new text for the marked part.
    pub(super) fn fixed(self, replacement: impl Into<String>) -> Self {
        let fix = Some((self.span.clone(), replacement.into()));
        Self { fix, ..self }
    }

    /// Adds the meaning of the whole text, if there is one.
    pub(super) fn repaired(self, text: &str) -> Self {
        // The marked part can be repaired alone.
        let mended = |(span, by): &(Range<usize>, String)| {
            format!("{}{by}{}", &text[..span.start], &text[span.end..])
        };
        let alone = self.fix.as_ref().filter(|fix| parse(&mended(fix)).is_ok());
        if alone.is_some() && !has_a_word_too_many(text) {
            return self;
        }
        let whole = text.len() - text.trim_start().len()..text.trim_end().len();
        match repair(text) {
            // The repair of one part alone does not help.
            None if self.fix.is_some() => Self { hint: FORM.to_owned(), fix: None, ..self },
            None => self,
            Some(Repair::Say(hint)) => Self { hint, fix: None, ..self },
            Some(Repair::Write(meant)) => {
                let hint = format!("write `{meant}`");
                Self { hint, fix: Some((whole, meant)), ..self }
            }
        }
    }
}
