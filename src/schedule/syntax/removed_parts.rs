//! Records the removed parts of a file, so that no check complains about their absence.

use std::collections::HashSet;
use std::ops::Range;

pub(crate) struct Losses {
    /// Whether parts of the file could not be parsed.
    is_torn: bool,
    /// The beginnings of tables and lists that lost something.
    tables: HashSet<usize>,
    /// The keys at the top that may have lost their value or an entry.
    tops: HashSet<String>,
}

impl Losses {
    pub(crate) fn new(is_torn: bool) -> Self {
        Self { is_torn, tables: HashSet::new(), tops: HashSet::new() }
    }

    pub(crate) fn is_torn(&self) -> bool {
        self.is_torn
    }

    /// Whether the table or list at `span` lost something.
    pub(crate) fn touch(&self, span: &Range<usize>) -> bool {
        self.is_torn || self.tables.contains(&span.start)
    }

    /// Whether the file may have had `top`, a key at its top, or more entries below it. Losses
    /// within an entry do not count.
    pub(crate) fn hide(&self, top: &str) -> bool {
        self.is_torn || self.tops.contains(top)
    }

    /// Notes that anything may have been lost.
    pub(crate) fn give_up(&mut self) {
        self.is_torn = true;
    }

    pub(crate) fn add(&mut self, table: &Range<usize>) {
        self.tables.insert(table.start);
    }

    pub(crate) fn add_top(&mut self, top: &str) {
        self.tops.insert(top.to_owned());
    }
}
