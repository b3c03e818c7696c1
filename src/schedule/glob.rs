//! Globs for names and tag values: `*`, `?`, `[…]`, `{a,b}`, and backslash to escape.
//!
//! - A glob works on characters, not bytes: `?` is one Korean syllable.
//! - The whole text must match. Paths have no special meaning.
//! - Braces are not expanded: a match follows all alternatives at once. Its time is at most the
//!   length of the glob times the length of the text.
//! - Globs and texts are compared in normal form C, so a decomposed syllable of Hangul is one
//!   character too.
//!
//! `reader` reads a glob, `step` has its parts, and `matching` compares.

mod matching;
mod reader;
mod step;

use std::collections::HashSet;
use std::fmt;

use step::{Class, DEEPEST, LONGEST, MOST_ALTERNATIVES, Step};

use crate::text::normal_form::nfc;

pub use step::GlobError;

/// The most bytes of all texts of a glob together, and of their beginnings.
const MOST_LITERAL_BYTES: usize = 100_000;

/// A glob that was read without error.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Glob {
    text: Box<str>,
    steps: Box<[Step]>,
}

impl Glob {
    /// Reads a glob. An empty glob matches only the empty text.
    ///
    /// # Errors
    /// A bracket, brace or backslash is left open, or the glob is too large.
    pub fn new(text: &str) -> Result<Self, GlobError> {
        let text = &*nfc(text);
        Ok(Self { text: text.into(), steps: reader::read(text)?.into() })
    }

    /// The glob as written, in normal form C.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn matches(&self, text: &str) -> bool {
        let text = nfc(text);
        matching::matches(&self.steps, &text)
    }

    /// Whether every text matches, as with `*`.
    pub fn matches_everything(&self) -> bool {
        // Looks for a path to the end that has only runs, and at least one.
        let mut open = vec![(0, false)];
        let mut seen = HashSet::new();
        while let Some((place, ran)) = open.pop() {
            if !seen.insert((place, ran)) {
                continue;
            }
            match self.steps.get(place) {
                None if ran => return true,
                Some(Step::Fork(other)) => open.extend([(place + 1, ran), (*other, ran)]),
                Some(Step::Jump(to)) => open.push((*to, ran)),
                Some(Step::AnyRun) => open.push((place + 1, true)),
                _ => {}
            }
        }
        false
    }

    /// The plain beginning of every matching text.
    pub fn beginning(&self) -> String {
        let chars = self.steps.iter().map_while(|step| match step {
            Step::Char(c) => Some(*c),
            _ => None,
        });
        chars.collect()
    }

    /// The texts of a glob without wildcards: one for a plain text, several for `{a,b}`. `None` if
    /// there is a wildcard, or if the texts are too long to list.
    pub fn literals(&self) -> Option<Vec<String>> {
        let mut left = MOST_LITERAL_BYTES;
        let mut texts = Vec::new();
        let mut open = vec![(0, String::new())];
        while let Some((mut place, mut text)) = open.pop() {
            while let Some(step) = self.steps.get(place) {
                place = match step {
                    Step::Char(c) => {
                        text.push(*c);
                        place + 1
                    }
                    Step::Fork(other) => {
                        left = left.checked_sub(text.len())?;
                        open.push((*other, text.clone()));
                        place + 1
                    }
                    Step::Jump(to) => *to,
                    Step::AnyChar | Step::AnyRun | Step::Class(_) => return None,
                };
            }
            left = left.checked_sub(text.len())?;
            texts.push(text);
        }
        Some(texts)
    }
}

impl fmt::Debug for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

#[cfg(test)]
mod tests;
