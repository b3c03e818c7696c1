//! What was taken out of a file, so that nobody complains of finding nothing there.

use std::collections::HashSet;
use std::ops::Range;

pub(crate) struct Losses {
    /// Whether parts of the file could not even be parsed.
    is_torn: bool,
    /// Where the tables and lists begin that lost something.
    tables: HashSet<usize>,
    /// The keys at the top whose value, or an entry of it, may be among what was lost.
    tops: HashSet<String>,
}

impl Losses {
    pub(crate) fn new(is_torn: bool) -> Self {
        Self { is_torn, tables: HashSet::new(), tops: HashSet::new() }
    }

    pub(crate) fn is_torn(&self) -> bool {
        self.is_torn
    }

    /// Whether the table or list at `span` says less than was written.
    pub(crate) fn touch(&self, span: &Range<usize>) -> bool {
        self.is_torn || self.tables.contains(&span.start)
    }

    /// Whether the file may have given `top`, a key at its top, or more entries below it, than
    /// are left. What was lost within an entry does not count.
    pub(crate) fn hide(&self, top: &str) -> bool {
        self.is_torn || self.tops.contains(top)
    }

    /// Takes it that anything may have been lost.
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
