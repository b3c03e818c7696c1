//! Why an expression was refused, and where in it.

use std::ops::Range;

use super::cron_error::CronError;
use super::form::FORM;
use super::parse::parse;
use super::repair::{Repair, repair};

/// Whether five fields have a word among them that is none, so that they are taken for six.
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
        let alone = self.fix.as_ref().filter(|fix| parse(&mended(fix)).is_ok());
        if alone.is_some() && !has_a_word_too_many(text) {
            return self;
        }
        let whole = text.len() - text.trim_start().len()..text.trim_end().len();
        match repair(text) {
            // A part of what is wrong, mended alone, leads elsewhere.
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
