//! The words of one line: the answer first, then what explains it.

use std::fmt;

/// Clauses. Whoever reads only the first has the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sentence {
    pub(crate) answer: String,
    pub(crate) more: Vec<String>,
}

impl Sentence {
    pub(super) fn new(answer: impl Into<String>) -> Self {
        Self { answer: answer.into(), more: Vec::new() }
    }

    /// `None` of no clauses.
    pub(super) fn of(clauses: impl IntoIterator<Item = String>) -> Option<Self> {
        let mut clauses = clauses.into_iter();
        Some(Self { answer: clauses.next()?, more: clauses.collect() })
    }

    pub(super) fn and(mut self, clause: String) -> Self {
        self.more.push(clause);
        self
    }

    /// All but the answer.
    pub(crate) fn rest(&self) -> String {
        self.more.join("; ")
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.answer)?;
        self.more.iter().try_for_each(|clause| write!(f, "; {clause}"))
    }
}
