//! What is wrong in a schedules.toml, and how it is shown: file, line, column, the line itself
//! and a hint.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use serde::{Serialize, Serializer};
use toml::Spanned;

use super::edit::quoted;
use super::hint::{Fix, Hint};
use crate::text::sanitize::harmless;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used, but probably does not say what was meant.
    Warning,
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// The file.
    pub path: Arc<Path>,
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// The text that the hint proposes, and where: applied, the file means what was written.
    pub fix: Option<Fix>,
    /// The line; of a very long one, the part that is meant.
    pub source: String,
    /// How many problems this one tells of: one, unless it says how many are not described.
    pub stands_for: usize,
    /// The bytes of `source` that are meant.
    mark: Range<usize>,
    /// What the line says once the hint is followed, where that is short and no secret.
    then: Option<String>,
}

/// A problem for programs: a flat object.
#[derive(Serialize)]
struct Flat<'p> {
    severity: Severity,
    path: Cow<'p, str>,
    line: usize,
    column: usize,
    message: &'p str,
    hint: &'p str,
    /// From this byte of the file on, the replacement takes the place of what stands there.
    replace_from: Option<usize>,
    replace_until: Option<usize>,
    replacement: Option<&'p str>,
    source: &'p str,
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let fix = self.fix.as_ref();
        let flat = Flat {
            severity: self.severity,
            path: self.path.to_string_lossy(),
            line: self.line,
            column: self.column,
            message: &self.message,
            hint: &self.hint,
            replace_from: fix.map(|fix| fix.start),
            replace_until: fix.map(|fix| fix.end),
            replacement: fix.map(|fix| fix.replacement.as_str()),
            source: &self.source,
        };
        flat.serialize(to)
    }
}

impl Problem {
    /// Whether the file cannot be used because of it.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// How many errors some problems tell of.
    #[must_use]
    pub fn errors_in(problems: &[Self]) -> usize {
        problems.iter().filter(|problem| problem.is_error()).map(|it| it.stands_for).sum()
    }

    /// Leaves out what the line says behind the next `=`, which is nobody's business.
    pub(super) fn without_value(mut self) -> Self {
        if let Some(equals) = self.source[self.mark.end..].find('=') {
            self.source.truncate(self.mark.end + equals + 1);
            self.source.push_str(" …");
        }
        self
    }

    /// As text without colours, over several lines, without a line break at the end.
    #[must_use]
    pub fn render_plain(&self) -> String {
        self.render(&Renderer::plain())
    }

    /// As text with colours for a terminal.
    #[must_use]
    pub fn render_styled(&self) -> String {
        self.render(&Renderer::styled())
    }

    /// Whether `source` begins where the line begins, so that columns can be counted in it.
    fn is_whole_line(&self) -> bool {
        self.source[..self.mark.start].chars().count() + 1 == self.column
    }

    fn render(&self, renderer: &Renderer) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let path = self.path.to_string_lossy();
        let line = Snippet::source(&self.source)
            .line_start(self.line)
            .annotation(AnnotationKind::Primary.span(self.mark.clone()));
        let title = level.primary_title(&self.message);
        let group = if self.is_whole_line() {
            title.element(line.path(path))
        } else {
            let origin = Origin::path(path).line(self.line).char_column(self.column);
            title.element(origin).element(line)
        };
        let mut group = group.element(Level::HELP.with_name("hint").message(&self.hint));
        if let Some(then) = &self.then {
            group = group.element(Level::NOTE.with_name("then").message(then));
        }
        let report = [group];
        renderer.clone().decor_style(DecorStyle::Ascii).render(&report)
    }
}

impl fmt::Display for Problem {
    /// One line: `schedules.toml:3:8: the message`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        write!(f, "{path}:{}:{}: {}", self.line, self.column, self.message)
    }
}

/// A line longer than this is shown in part.
const LONGEST_LINE: usize = 400;

/// A file's text, in which problems are found.
pub(crate) struct Source<'t> {
    path: Arc<Path>,
    pub(super) text: &'t str,
    line_starts: Vec<usize>,
    /// How many errors and how many warnings may still show their line.
    left: [Cell<usize>; 2],
    /// What was last counted: how many characters stand before a byte.
    counted: Cell<(usize, usize)>,
    /// Where long lines begin to be secret, by their beginning.
    secrets: RefCell<HashMap<usize, Option<usize>>>,
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

    /// An error in a value that is nobody's business: the line is shown up to that value.
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

    /// Where a part of a string value stands in the file; the whole value where escapes make
    /// that hard to tell.
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

    /// How a part of a string value is replaced: in its quotes where the new text can stand there,
    /// else by writing the value anew.
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

    /// The same of a whole value.
    pub(super) fn rewriting(&self, value: &Spanned<String>, new: &str) -> Fix {
        self.replacing(value, 0..value.get_ref().len(), new)
    }

    /// What the lines of a fix say after it; nothing that is long, secret, or in the words.
    fn line_after(&self, fix: &Fix, words: &str) -> Option<String> {
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

    /// Whether so many errors were found that no more of them are described.
    pub(super) fn has_said_enough(&self) -> bool {
        self.left[0].get() == 0
    }

    /// A problem of a text with as many lines as one of this text, on a line that both have.
    pub(super) fn moved(&self, problem: Problem, from: &Self) -> Problem {
        let moved = |at: usize| {
            let line = from.line_of(at) - 1;
            self.line_starts.get(line).map_or(at, |start| start + at - from.line_starts[line])
        };
        let fix =
            problem.fix.map(|fix| Fix::new(moved(fix.start)..moved(fix.end), fix.replacement));
        Problem { fix, ..problem }
    }

    /// Where a line begins, counted from 1.
    pub(crate) fn start_of_line(&self, line: usize) -> usize {
        self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or_default()
    }

    /// The number of the line that `at` is on, from 1.
    pub(super) fn line_of(&self, at: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= at)
    }

    /// `span` may lie anywhere; what is outside the text or behind the first line is cut off.
    fn problem(&self, severity: Severity, span: Range<usize>, said: (String, Hint)) -> Problem {
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

    /// A line, without what ends it.
    fn line_from(&self, start: usize, number: usize) -> &'t str {
        let end = self.line_starts.get(number).map_or(self.text.len(), |next| next - 1);
        let whole = &self.text[start..end];
        whole.strip_suffix('\r').unwrap_or(whole)
    }

    /// How many characters the first bytes of a line are. Goes on from where it counted last,
    /// since thousands of problems may be on one line.
    fn characters(&self, line_start: usize, length: usize) -> usize {
        let end = line_start + length;
        let (from, before) = match self.counted.get() {
            (from, before) if (line_start..=end).contains(&from) => (from, before),
            _ => (line_start, 0),
        };
        let count = before + self.text[from..end].chars().count();
        self.counted.set((end, count));
        count
    }

    fn secret_from(&self, line_start: usize, line: &str) -> Option<usize> {
        if line.len() <= LONGEST_LINE {
            return secret_in(line);
        }
        *self.secrets.borrow_mut().entry(line_start).or_insert_with(|| secret_in(line))
    }
}

/// Whether a line has a URL that says more than its host.
pub(super) fn hides_a_secret(line: &str) -> bool {
    secret_in(line).is_some()
}

/// All of a line that is not too long, else what is around `at`.
fn shown_part(line: &str, at: usize) -> Range<usize> {
    if line.len() <= LONGEST_LINE {
        return 0..line.len();
    }
    floor(line, at.saturating_sub(LONGEST_LINE / 4))..floor(line, at + LONGEST_LINE / 2)
}

/// Parts of the names of keys whose values are secrets, also where they do not belong.
const SECRETS: [&str; 6] = ["access_key", "api_key", "credential", "password", "secret", "token"];

/// Where in a line something begins that is nobody's business.
fn secret_in(line: &str) -> Option<usize> {
    secret_url_in(line).into_iter().chain(secret_value_in(line)).min()
}

/// Where a URL begins to say more than its host: those of webhooks are secrets. Those of gateways
/// are not, but for a user or a query that does not belong there.
fn secret_url_in(line: &str) -> Option<usize> {
    let ends = |key: &&str| line.find(key).map(|at| at + key.len());
    let open_from = ["gateway", "resource_manager"].iter().filter_map(ends).min();
    line.match_indices("://").find_map(|(at, slashes)| {
        let is_open = open_from.is_some_and(|from| from <= at);
        let host = at + slashes.len();
        let is_host = |c: char| c.is_alphanumeric() || "-.:[]".contains(c);
        if is_open {
            let url = &line[host..floor(line, host + LONGEST_LINE)];
            let url = url.split(['"', '\'']).next().unwrap_or_default();
            let user = url.rfind('@').map(|_| host);
            return user.or_else(|| Some(host + url.find(['?', '#'])?));
        }
        let behind = host + line[host..].find(|c| !is_host(c))?;
        match line.as_bytes()[behind] {
            b'/' | b'?' | b'#' => Some(behind),
            // What looked like a host was a user and a password.
            b'@' => Some(host),
            _ => None,
        }
    })
}

/// Where the value of a key begins that is a secret by its name, and does not say where it is.
fn secret_value_in(line: &str) -> Option<usize> {
    line.match_indices('=').find_map(|(equals, _)| {
        let name = line[..equals].trim_end().trim_end_matches(['"', '\'']);
        let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let name = &name[name.trim_end_matches(is_name).len()..].to_lowercase();
        let value = line[equals + 1..].trim_start();
        let bare = value.trim_start_matches(['"', '\'']);
        let says_where = name.ends_with("_file")
            || ["env", "file:", "profile"].iter().any(|form| bare.starts_with(form));
        let is_secret = SECRETS.iter().any(|part| name.contains(part));
        (is_secret && !says_where).then(|| line.len() - value.len())
    })
}

/// The nearest place at or before `at` that lies within `text` and between two characters.
pub(super) fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// How many errors are described, and how many warnings.
pub(super) const MOST_DESCRIBED: usize = 200;
