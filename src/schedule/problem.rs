//! Owns one problem of a schedules.toml, and its form: file, line, column, the line itself and a
//! hint.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};

use super::hint::Fix;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used, but probably does not say what was meant.
    Warning,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub severity: Severity,
    pub path: Arc<Path>,
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    pub message: String,
    pub hint: String,
    /// The fix that the hint proposes. After it, the file means what was written.
    pub fix: Option<Fix>,
    /// The line; of a very long one, only the part concerned.
    pub source: String,
    /// The number of problems that this one stands for: one, unless it counts problems without a
    /// description.
    pub stands_for: usize,
    /// The bytes of `source` concerned.
    pub(super) mark: Range<usize>,
    /// The line after the fix, if it is short and no secret.
    pub(super) then: Option<String>,
}

/// A problem of schedules.toml.
#[derive(Serialize, JsonSchema)]
struct Flat<'p> {
    /// Whether the file can be used all the same.
    severity: Severity,
    /// The file, as it was named.
    path: Cow<'p, str>,
    /// The line, counted from 1.
    line: usize,
    /// The column, counted from 1, in characters.
    column: usize,
    /// What is wrong, in words.
    message: &'p str,
    /// How it is put right, in words.
    hint: &'p str,
    /// The replacement takes the place of the file's text from this byte on; null where the hint
    /// proposes none.
    replace_from: Option<usize>,
    /// Up to before this byte.
    replace_until: Option<usize>,
    /// The text to put there. After it, the file means what was written.
    replacement: Option<&'p str>,
    /// The line itself; of a very long one, only the part concerned.
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

impl JsonSchema for Problem {
    fn schema_name() -> Cow<'static, str> {
        Flat::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Flat::json_schema(generator)
    }
}

impl Problem {
    /// Whether the file cannot be used because of it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The number of errors that these problems stand for.
    pub fn errors_in(problems: &[Self]) -> usize {
        problems.iter().filter(|problem| problem.is_error()).map(|it| it.stands_for).sum()
    }

    /// Removes the text after the next `=`, which nobody may see.
    pub(super) fn without_value(mut self) -> Self {
        if let Some(equals) = self.source[self.mark.end..].find('=') {
            self.source.truncate(self.mark.end + equals + 1);
            self.source.push_str(" …");
        }
        self
    }

    /// As text without colours, over several lines, without a line break at the end.
    pub fn render_plain(&self) -> String {
        self.render(&Renderer::plain())
    }

    /// As text with colours for a terminal.
    pub fn render_styled(&self) -> String {
        self.render(&Renderer::styled())
    }

    /// Whether `source` has the beginning of its line, so that columns can be counted in it.
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

/// The most errors, and the most warnings, that are described.
pub(super) const MOST_DESCRIBED: usize = 200;
