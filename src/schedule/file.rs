//! Reads schedules.toml and its calendar files: bytes to text, text to TOML, TOML to rules. All
//! problems are reported at once.
//!
//! `syntax` and `check` find the problems; `torn` repairs texts that are no TOML.

use std::collections::HashSet;
use std::io;
use std::path::Path;

use serde::Deserialize;
use toml::de::DeValue;

use super::calendar::ics::File as IcsFile;
use super::problem::Problem;
use super::problems::Problems;
use super::read_error::{CalendarError, ReadCalendars, ReadError};
use super::read_text::{read_bytes, read_text};
use super::rule::Schedules;
use super::source::Source;
use super::toml_text::{self, MOST_TOKENS, Syntax};
use super::{check, raw, syntax, torn};
use crate::text::regular_file;

/// The largest calendar. Ten years of a busy team need a third of that.
const LARGEST_CALENDAR: u64 = 16_000_000;

/// The parser's message for a key or table that comes twice.
const DUPLICATE: &str = "duplicate key";

impl Schedules {
    /// Reads a file. Also returns the warnings.
    ///
    /// # Errors
    /// The file cannot be read, or has errors: then all its problems.
    pub fn read(path: &Path) -> Result<(Self, Vec<Problem>), ReadError> {
        let text = read_text(path)?;
        Self::parse(path, &text).map_err(ReadError::Invalid)
    }

    /// The same for commands that act: an unreadable calendar is a warning, and stops only the
    /// rules that use it.
    ///
    /// # Errors
    /// The file cannot be read, or has other errors: then all its problems.
    pub fn read_to_act(path: &Path) -> Result<(Self, Vec<Problem>), ReadError> {
        let text = read_text(path)?;
        Self::parse_to_act(path, &text).map_err(ReadError::Invalid)
    }

    /// The same for the text of the file at `path`. The file itself is not read.
    ///
    /// # Errors
    /// Anything but a calendar is wrong: all problems, warnings included.
    pub fn parse_to_act(path: &Path, text: &str) -> Result<(Self, Vec<Problem>), Vec<Problem>> {
        Self::parse_with(path, text, ReadCalendars { read: &read_calendar, bears: true })
    }

    /// Reads the text of the file at `path`. The file itself is not read; its calendar files are.
    ///
    /// # Errors
    /// Anything is wrong: all problems in order of their position, warnings included.
    pub fn parse(path: &Path, text: &str) -> Result<(Self, Vec<Problem>), Vec<Problem>> {
        Self::parse_with(path, text, ReadCalendars { read: &read_calendar, bears: false })
    }

    /// Reads an earlier text of the file at `path`. Calendar files are read as they are now, since
    /// nobody keeps old ones. A missing or damaged one has no days. If the text makes no sense with
    /// the present calendars, none of them has days.
    ///
    /// # Errors
    /// The text itself has errors.
    pub fn recall(path: &Path, text: &str) -> Result<(Self, Vec<Problem>), Vec<Problem>> {
        Self::recall_from(path, text, path.parent().unwrap_or(Path::new("")))
    }

    /// The same for a text from another folder. Calendar files are read from there, and otherwise
    /// from the folder of `path`.
    ///
    /// # Errors
    /// The text itself has errors.
    pub fn recall_from(
        path: &Path,
        text: &str,
        folder: &Path,
    ) -> Result<(Self, Vec<Problem>), Vec<Problem>> {
        let here = path.parent().unwrap_or(Path::new(""));
        let as_it_is = |calendar: &Path| {
            let there = calendar.strip_prefix(here).ok().map(|name| folder.join(name));
            let there = there.filter(|there| there.exists());
            let read = read_calendar(there.as_deref().unwrap_or(calendar));
            Ok(read.unwrap_or_default().forgiven())
        };
        let nothing = |_: &Path| Ok(IcsFile::default().forgiven());
        let from = |read| Self::parse_with(path, text, ReadCalendars { read, bears: false });
        from(&as_it_is).or_else(|_| from(&nothing))
    }

    fn parse_with(
        path: &Path,
        text: &str,
        calendars: ReadCalendars<'_>,
    ) -> Result<(Self, Vec<Problem>), Vec<Problem>> {
        let written = Source::new(path, text);
        let mut syntax = parse(&written)?;
        let mut problems = Problems::default();
        let mut mended_lines = HashSet::new();
        let mended;
        let mut source = Source::new(path, text);
        if !syntax.errors.is_empty() {
            let found;
            (mended, found) = torn::mend(&written);
            mended_lines.extend(found.iter().map(|problem| problem.line));
            for problem in found {
                problems.push(problem);
            }
            source = Source::new(path, &mended);
            syntax = parse(&source)?;
        }
        let Syntax { mut table, errors, unread } = syntax;
        let mut torn = Torn::by(&errors, &source);
        torn.lines.extend(mended_lines);
        for error in left(&errors, &source).filter(|error| !torn.is_echo(error, &source)) {
            problems.push(written.moved(syntax_problem(&source, error), &source));
        }
        problems.count(unread);
        let root = table.span();
        let schema = raw::schema();
        let (losses, mut found) = syntax::check(&mut table, &schema, &source, !errors.is_empty());
        drop(errors);
        let value = toml::Spanned::new(root, DeValue::Table(table.into_inner()));
        let schedules = match raw::File::deserialize(toml::de::ValueDeserializer::from(value)) {
            Ok(file) => {
                let (schedules, judged) = check::check(file, &source, (path, calendars), &losses);
                found.append(judged, |_| true);
                Some(schedules)
            }
            Err(error) => {
                found.push(syntax_problem(&source, &error));
                None
            }
        };
        let found = found.moved(|problem| written.moved(problem, &source));
        problems.append(found, |problem| torn.may_tell(problem));
        let problems = problems.into_vec();
        match schedules {
            Some(schedules) if !problems.iter().any(Problem::is_error) => Ok((schedules, problems)),
            _ => Err(problems),
        }
    }
}

/// The lines that could not be parsed. Later errors of the parser in them are not worth a message.
struct Torn {
    lines: HashSet<usize>,
    /// The first line from which on all lines may be lost.
    lost: Option<usize>,
    /// The lines with headers of tables that repeat a key.
    headers: Vec<usize>,
}

impl Torn {
    fn by(errors: &[toml::de::Error], source: &Source<'_>) -> Self {
        let unclosed = errors.iter().filter(|error| error.message().starts_with("unclosed"));
        let headers = if errors.iter().any(|error| error.message() == DUPLICATE) {
            let lines = source.text.lines().enumerate();
            lines.filter(|(_, it)| it.trim_start().starts_with('[')).map(|(at, _)| at + 1).collect()
        } else {
            Vec::new()
        };
        Self {
            lines: errors.iter().map(|error| line_of(error, source)).collect(),
            lost: unclosed.map(|error| line_of(error, source)).min(),
            headers,
        }
    }

    fn may_tell(&self, problem: &Problem) -> bool {
        let is_before = self.lost.is_none_or(|lost| problem.line < lost);
        is_before && !self.lines.contains(&problem.line)
    }

    /// Whether a key is repeated only because its table is, which is reported already.
    fn is_echo(&self, error: &toml::de::Error, source: &Source<'_>) -> bool {
        if error.message() != DUPLICATE {
            return false;
        }
        let line = line_of(error, source);
        let above = self.headers.partition_point(|header| *header <= line);
        let header = above.checked_sub(1).map(|at| self.headers[at]);
        header.is_some_and(|header| header < line && self.lines.contains(&header))
    }
}

fn line_of(error: &toml::de::Error, source: &Source<'_>) -> usize {
    source.line_of(error.span().unwrap_or_default().start)
}

fn read_calendar(path: &Path) -> Result<IcsFile, CalendarError> {
    let bytes = read_bytes(path, LARGEST_CALENDAR).map_err(|error| match error {
        ReadError::TooLarge(path) => CalendarError::TooLarge(path),
        ReadError::Unreadable { path, source } if source.kind() == io::ErrorKind::IsADirectory => {
            let source = io::Error::other(regular_file::NO_REGULAR_FILE);
            ReadError::Unreadable { path, source }.into()
        }
        error => error.into(),
    })?;
    Ok(IcsFile::new(bytes))
}

/// The TOML of a text, unless it is too much.
fn parse<'t>(source: &Source<'t>) -> Result<Syntax<'t>, Vec<Problem>> {
    toml_text::parse(source.text).map_err(|at| {
        let message = format!("the file has more than {MOST_TOKENS} words and signs");
        vec![source.error(at..at, message, "ten thousand rules have 700,000; make two files")]
    })
}

/// The errors that were not repaired. If the text was read line by line: the first error, which may
/// be the cause of others, and those that stand by themselves.
fn left<'e>(
    errors: &'e [toml::de::Error],
    source: &Source<'_>,
) -> impl Iterator<Item = &'e toml::de::Error> + use<'e> {
    let start = |error: &toml::de::Error| error.span().map_or(0, |span| span.start);
    let first = errors.iter().map(start).min();
    let all = source.text.len() > torn::LONGEST;
    let is_left = move |error: &&toml::de::Error| {
        all || error.message() == DUPLICATE || Some(start(error)) == first
    };
    errors.iter().filter(is_left)
}

fn syntax_problem(source: &Source<'_>, error: &toml::de::Error) -> Problem {
    let span = error.span().unwrap_or(0..0);
    source.error(span, error.message().to_owned(), syntax_hint(error.message()))
}

fn syntax_hint(message: &str) -> &'static str {
    let hints = [
        ("unclosed", "close the bracket that was opened on this line or above"),
        (
            DUPLICATE,
            "a key can be given once: remove one of the two, or begin another rule above it",
        ),
        ("key with no value", "a key stands before `=` and its value"),
        ("string values must be quoted", "a text stands in double quotes"),
        ("invalid basic string", "a text ends on its line, with the quote that it began with"),
    ];
    let known = hints.iter().find(|(start, _)| message.starts_with(start)).map(|(_, hint)| *hint);
    known.unwrap_or("TOML is written `key = \"text\"`, `key = 10`, `[table]` or `[[rules]]`")
}
