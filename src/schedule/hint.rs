//! What to do about a problem: words, and the text that they propose as data, so that following
//! a hint to the letter can be tested.

use std::ops::Range;

/// A text to be put in the place of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Where what goes begins, in bytes of the file's text; a byte-order mark is not part of it.
    pub start: usize,
    pub end: usize,
    pub replacement: String,
}

/// What is said about a problem, and what it proposes.
pub(crate) struct Hint {
    pub(super) words: String,
    pub(super) fix: Option<Fix>,
}

impl Fix {
    pub(super) fn new(span: Range<usize>, replacement: impl Into<String>) -> Self {
        Self { start: span.start, end: span.end, replacement: replacement.into() }
    }

    /// The text as the hint would have it.
    pub fn apply(&self, text: &str) -> String {
        format!("{}{}{}", &text[..self.start], self.replacement, &text[self.end..])
    }
}

impl Hint {
    pub(super) fn fixing(words: impl Into<String>, fix: Fix) -> Self {
        Self { words: words.into(), fix: Some(fix) }
    }

    /// `did you mean …?`
    pub(super) fn meant(word: &str, fix: Fix) -> Self {
        Self::fixing(format!("did you mean `{word}`?"), fix)
    }

    /// `write …`
    pub(super) fn write(text: &str, fix: Fix) -> Self {
        Self::fixing(format!("write `{text}`"), fix)
    }
}

impl From<String> for Hint {
    fn from(words: String) -> Self {
        Self { words, fix: None }
    }
}

impl From<&str> for Hint {
    fn from(words: &str) -> Self {
        words.to_owned().into()
    }
}
