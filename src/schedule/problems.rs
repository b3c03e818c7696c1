//! Owns all problems of a file. The first are described, and the others only counted: a file of
//! nothing but mistakes must not take long, or fill many pages.

use super::problem::{MOST_DESCRIBED, Problem, Severity};
use crate::text::char_floor::floor;

/// A longer message or hint loses its middle, which is most likely a text of the file.
const LONGEST: usize = 600;

/// Problems in the order in which they are found.
#[derive(Default)]
pub(super) struct Problems {
    described: Vec<Problem>,
    errors: LeftOut,
    warnings: LeftOut,
}

#[derive(Default)]
struct LeftOut {
    described: usize,
    first: Option<Problem>,
    count: usize,
}

impl Problems {
    pub(super) fn push(&mut self, mut problem: Problem) {
        let of_kind = match problem.severity {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
        };
        if of_kind.described == MOST_DESCRIBED {
            of_kind.count += problem.stands_for;
            of_kind.first.get_or_insert(problem);
            return;
        }
        of_kind.described += 1;
        shorten(&mut problem.message);
        shorten(&mut problem.hint);
        self.described.push(problem);
    }

    pub(super) fn count(&mut self, errors: usize) {
        self.errors.count += errors;
    }

    pub(super) fn errors(&self) -> usize {
        self.errors.described + self.errors.count
    }

    /// Adds other problems that may be described.
    pub(super) fn append(&mut self, others: Self, may_be_told: impl Fn(&Problem) -> bool) {
        let left_out = [others.errors, others.warnings].into_iter().filter_map(LeftOut::closing);
        for problem in others.described.into_iter().filter(may_be_told).chain(left_out) {
            self.push(problem);
        }
    }

    pub(super) fn moved(mut self, moved: impl Fn(Problem) -> Problem) -> Self {
        self.described = self.described.into_iter().map(moved).collect();
        self
    }

    /// All problems in the file's order. The number of the others comes at the end.
    pub(super) fn into_vec(self) -> Vec<Problem> {
        let mut problems = self.described;
        problems.sort_by_key(|problem| (problem.line, problem.column, problem.severity));
        problems.extend([self.errors, self.warnings].into_iter().filter_map(LeftOut::closing));
        problems
    }
}

impl LeftOut {
    fn closing(self) -> Option<Problem> {
        let mut problem = self.first?;
        let noun = match (problem.severity, self.count) {
            (Severity::Error, 1) => "error",
            (Severity::Error, _) => "errors",
            (Severity::Warning, 1) => "warning",
            (Severity::Warning, _) => "warnings",
        };
        problem.message = format!("and {} more {noun}, from here on", self.count);
        "mend the others first, and look again".clone_into(&mut problem.hint);
        problem.stands_for = self.count;
        Some(problem)
    }
}

/// Removes the middle of a text that is too long.
fn shorten(text: &mut String) {
    if text.len() <= LONGEST {
        return;
    }
    let (head, tail) = (LONGEST * 2 / 3, text.len() - LONGEST / 4);
    let (head, tail) = (floor(text, head), floor(text, tail));
    text.replace_range(head..tail, " … ");
}
