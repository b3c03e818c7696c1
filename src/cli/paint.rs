//! Colours words of a table. A colour repeats what the word says.
//!
//! `anstream` takes the colours away where stdout is no terminal, where `NO_COLOR` is set, and where
//! `TERM` is `dumb`; `CLICOLOR_FORCE` keeps them.

use std::fmt;

use anstyle::{AnsiColor, Style};

use super::output::harmless;
use crate::model::mark::Mark;

/// A text that can do no harm on a terminal, perhaps with colours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Painted(String);

impl Painted {
    pub(super) fn plain(text: &str) -> Self {
        Self(harmless(text))
    }

    /// A text in the colour of a mark; without a mark, a plain one.
    pub(super) fn marked(mark: impl Into<Option<Mark>>, text: &str) -> Self {
        match mark.into() {
            Some(mark) if !text.is_empty() => {
                let style = style(mark);
                Self(format!("{style}{}{style:#}", harmless(text)))
            }
            _ => Self::plain(text),
        }
    }

    pub(super) fn joined(parts: impl IntoIterator<Item = Self>, between: &str) -> Self {
        let parts: Vec<String> = parts.into_iter().map(|part| part.0).collect();
        Self(parts.join(between))
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Painted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn style(mark: Mark) -> Style {
    match mark {
        Mark::Good => AnsiColor::Green.on_default(),
        Mark::Trouble => AnsiColor::Red.on_default(),
        Mark::Quiet => Style::new().dimmed(),
    }
}
