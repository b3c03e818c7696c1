//! Owns the text of a file, and finds the places of values in it.
//!
//! `problem` shows the lines.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;

use super::edit::quoted;
use super::hint::{Fix, Hint};
use super::problem::{MOST_DESCRIBED, Problem, Severity};
use super::secrets::secret_in;
use crate::text::char_floor::floor;
use crate::text::sanitize::harmless;

/// A longer line is shown in part.
pub(super) const LONGEST_LINE: usize = 400;

/// The text of a file in which problems are found.
pub(crate) struct Source<'t> {
    pub(super) path: Arc<Path>,
    pub(super) text: &'t str,
    pub(super) line_starts: Vec<usize>,
    /// The number of errors, and of warnings, that may still show their line.
    pub(super) left: [Cell<usize>; 2],
    /// The last count: a byte, and the number of characters before it.
    pub(super) counted: Cell<(usize, usize)>,
    /// For long lines by their beginning: the place of the first secret.
    pub(super) secrets: RefCell<HashMap<usize, Option<usize>>>,
}

impl<'t> Source<'t> {
    pub(crate) fn new(path: &Path, text: &'t str) -> Self {
        let behind_breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        let line_starts = std::iter::once(0).chain(behind_breaks).collect();
        Self {
            path: PathBuf::from(path).into(),
            text,
            line_starts,
            left: [const { Cell::new(MOST_DESCRIBED) }; 2],
            counted: Cell::default(),
            secrets: RefCell::default(),
        }
    }

    pub(super) fn error(
        &self,
        span: Range<usize>,
        message: impl Into<String>,
        hint: impl Into<Hint>,
    ) -> Problem {
        self.problem(Severity::Error, span, (message.into(), hint.into()))
    }

    /// An error in a secret value. The line is shown only up to that value.
    pub(super) fn secret_error(
        &self,
        span: Range<usize>,
        message: impl Into<String>,
        hint: impl Into<Hint>,
    ) -> Problem {
        let mut problem = self.error(span, message, hint);
        problem.source.truncate(problem.mark.start);
        problem.source.push('…');
        problem.mark.end = problem.source.len();
        problem
    }

    pub(crate) fn warning(
        &self,
        span: Range<usize>,
        message: impl Into<String>,
        hint: impl Into<Hint>,
    ) -> Problem {
        self.problem(Severity::Warning, span, (message.into(), hint.into()))
    }

    /// The place in the file of a part of a string value. The whole value, if escapes make the
    /// place unclear.
    pub(super) fn within(&self, value: &Spanned<String>, part: Range<usize>) -> Range<usize> {
        let span = value.span();
        let written = self.text.get(span.clone()).unwrap_or_default();
        let quotes = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quotes| {
            let inner = written.strip_prefix(quotes).and_then(|rest| rest.strip_suffix(quotes));
            inner == Some(value.get_ref().as_str())
        });
        match quotes {
            Some(quotes) => {
                let start = span.start + quotes.len();
                start + part.start..start + part.end
            }
            None => span,
        }
    }

    /// The fix that replaces a part of a string value. If the new text cannot stand in the same
    /// quotes, the whole value is written anew.
    pub(super) fn replacing(&self, value: &Spanned<String>, part: Range<usize>, new: &str) -> Fix {
        let span = self.within(value, part.clone());
        let is_plain = !new.contains(['"', '\\', '\'']) && !new.contains(char::is_control);
        if is_plain && self.text[span.clone()] == value.get_ref()[part.clone()] {
            return Fix::new(span, new);
        }
        let old = value.get_ref();
        let whole = format!("{}{new}{}", &old[..part.start], &old[part.end..]);
        Fix::new(value.span(), quoted(&whole))
    }

    /// The same for a whole value.
    pub(super) fn rewriting(&self, value: &Spanned<String>, new: &str) -> Fix {
        self.replacing(value, 0..value.get_ref().len(), new)
    }

    /// The lines of a fix after it; `None` if they are long, secret, or already in the words.
    pub(super) fn line_after(&self, fix: &Fix, words: &str) -> Option<String> {
        let start = self.text[..fix.start].rfind('\n').map_or(0, |before| before + 1);
        let end = self.text[fix.end..].find('\n').map_or(self.text.len(), |at| fix.end + at);
        let (before, after) = (&self.text[start..fix.start], &self.text[fix.end..end]);
        if before.len() + after.len() > LONGEST_LINE {
            return None;
        }
        let then = format!("{before}{}{}", fix.replacement, after.trim_end());
        let is_short = then.len() <= LONGEST_LINE / 2 && !words.contains(then.trim());
        let lines = || then.trim().lines().map(harmless).collect::<Vec<_>>().join("\n");
        (is_short && secret_in(&then).is_none()).then(lines)
    }

    /// Whether so many errors were found that further ones are not described.
    pub(super) fn has_said_enough(&self) -> bool {
        self.left[0].get() == 0
    }

    /// A problem of another text with the same number of lines, moved to its line in this text.
    pub(super) fn moved(&self, problem: Problem, from: &Self) -> Problem {
        let moved = |at: usize| {
            let line = from.line_of(at) - 1;
            self.line_starts.get(line).map_or(at, |start| start + at - from.line_starts[line])
        };
        let fix =
            problem.fix.map(|fix| Fix::new(moved(fix.start)..moved(fix.end), fix.replacement));
        Problem { fix, ..problem }
    }

    /// The beginning of a line; lines count from 1.
    pub(crate) fn start_of_line(&self, line: usize) -> usize {
        self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or_default()
    }

    /// The number of the line of `at`, from 1.
    pub(super) fn line_of(&self, at: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= at)
    }

    /// `span` may lie anywhere. The part outside the text or after its first line is cut off.
    pub(super) fn problem(
        &self,
        severity: Severity,
        span: Range<usize>,
        said: (String, Hint),
    ) -> Problem {
        let start = floor(self.text, span.start);
        let line = self.line_of(start);
        let line_start = self.line_starts[line - 1];
        let left = &self.left[usize::from(severity == Severity::Warning)];
        let is_described = left.get() > 0;
        let whole = if is_described { self.line_from(line_start, line) } else { "" };
        left.set(left.get().saturating_sub(1));
        let column = self.characters(line_start, (start - line_start).min(whole.len())) + 1;
        let is_secret_from = self.secret_from(line_start, whole);
        let whole = &whole[..is_secret_from.unwrap_or(whole.len())];
        let start = (start - line_start).min(whole.len());
        let end = floor(self.text, span.end.max(span.start)) - line_start;
        let end = end.clamp(start, whole.len());
        let shown = shown_part(whole, start);
        let fix = said.1.fix.filter(|fix| secret_in(&fix.replacement).is_none());
        Problem {
            severity,
            path: Arc::clone(&self.path),
            line,
            column,
            message: said.0,
            then: fix
                .as_ref()
                .filter(|_| is_described)
                .and_then(|fix| self.line_after(fix, &said.1.words)),
            hint: said.1.words,
            fix,
            source: whole[shown.clone()].to_owned() + is_secret_from.map_or("", |_| "…"),
            mark: start - shown.start..end.min(shown.end) - shown.start,
            stands_for: 1,
        }
    }

    /// A line without its line break.
    pub(super) fn line_from(&self, start: usize, number: usize) -> &'t str {
        let end = self.line_starts.get(number).map_or(self.text.len(), |next| next - 1);
        let whole = &self.text[start..end];
        whole.strip_suffix('\r').unwrap_or(whole)
    }

    /// The number of characters in the first bytes of a line. Continues from its last count, since
    /// one line may have thousands of problems.
    pub(super) fn characters(&self, line_start: usize, length: usize) -> usize {
        let end = line_start + length;
        let (from, before) = match self.counted.get() {
            (from, before) if (line_start..=end).contains(&from) => (from, before),
            _ => (line_start, 0),
        };
        let count = before + self.text[from..end].chars().count();
        self.counted.set((end, count));
        count
    }

    pub(super) fn secret_from(&self, line_start: usize, line: &str) -> Option<usize> {
        if line.len() <= LONGEST_LINE {
            return secret_in(line);
        }
        *self.secrets.borrow_mut().entry(line_start).or_insert_with(|| secret_in(line))
    }
}

/// The whole line; of a long one, the part around `at`.
pub(super) fn shown_part(line: &str, at: usize) -> Range<usize> {
    if line.len() <= LONGEST_LINE {
        return 0..line.len();
    }
    floor(line, at.saturating_sub(LONGEST_LINE / 4))..floor(line, at + LONGEST_LINE / 2)
}
