//! Owns the hint of a problem: its words, and the proposed text as data. Tests can apply a hint to
//! the letter.

use std::ops::Range;

/// A text to put in the place of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The beginning of the old text, in bytes of the file's text without a byte-order mark.
    pub start: usize,
    pub end: usize,
    pub replacement: String,
}

/// The words of a hint, and its fix.
pub(crate) struct Hint {
    pub(super) words: String,
    pub(super) fix: Option<Fix>,
}

impl Fix {
    pub(super) fn new(span: Range<usize>, replacement: impl Into<String>) -> Self {
        Self { start: span.start, end: span.end, replacement: replacement.into() }
    }

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
