//! Globs over names and tag values: `*`, `?`, `[…]`, `{a,b}`, backslash to escape.
//!
//! Works on characters, not bytes (`?` is one Korean syllable), has no idea of paths, and the
//! whole text must match. Braces are not expanded: a match follows all alternatives at once, and
//! takes no longer than the glob's length times the text's. Globs and texts are compared in
//! normal form C: decomposed Hangul is one character a syllable as well.

mod matching;
mod reader;
mod step;

use std::collections::HashSet;
use std::fmt;

use step::{Class, DEEPEST, LONGEST, MOST_ALTERNATIVES, Step};

use crate::text::normal_form::nfc;

pub use step::GlobError;

/// How many bytes the texts may have together that a glob stands for, and their beginnings.
const MOST_LITERAL_BYTES: usize = 100_000;

/// A glob that was read without error.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Glob {
    text: Box<str>,
    steps: Box<[Step]>,
}

impl Glob {
    /// Reads a glob. An empty one matches the empty text only.
    ///
    /// # Errors
    /// When a bracket, brace or backslash is left open, or there is too much of it.
    pub fn new(text: &str) -> Result<Self, GlobError> {
        let text = &*nfc(text);
        Ok(Self { text: text.into(), steps: reader::read(text)?.into() })
    }

    /// The glob as it was written, in normal form C.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the whole of `text` matches.
    pub fn matches(&self, text: &str) -> bool {
        let text = nfc(text);
        matching::matches(&self.steps, &text)
    }

    /// Whether this is `*`, which every text matches.
    pub fn matches_everything(&self) -> bool {
        // A way to the end over nothing but runs, of which there is one at least.
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

    /// What every text begins with that matches, as far as that is plain.
    pub fn beginning(&self) -> String {
        let chars = self.steps.iter().map_while(|step| match step {
            Step::Char(c) => Some(*c),
            _ => None,
        });
        chars.collect()
    }

    /// The texts this glob stands for when it holds no wildcard: one for a plain text, each of
    /// `{a,b}`; `None` when it holds one, or when the texts are too long to write them all out.
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
