//! Reads schedules.toml: bytes to text, text to TOML, TOML to rules, all problems at once. Also
//! reads the calendar files that it names.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::de::DeValue;

use super::calendar::ics::{File as IcsFile, IcsError};
use super::problem::{Problem, Source};
use super::problems::Problems;
use super::rule::Schedules;
use super::toml_text;
use super::toml_text::{MOST_TOKENS, Syntax};
use super::{check, raw, syntax, torn};
use crate::text::regular_file;

/// No schedules.toml is larger: ten thousand rules take half of that.
const LARGEST: u64 = 4_000_000;

/// No calendar is larger: ten years of a busy team take a third of that.
const LARGEST_CALENDAR: u64 = 16_000_000;

/// What some editors put before a text to say that it is UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// What the parser says of a key or a table that was there before.
const DUPLICATE: &str = "duplicate key";

/// Why a schedules.toml could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is no such file.
    #[error("there is no {}", .0.display())]
    Missing(PathBuf),
    /// The system would not let it be read.
    #[error("could not read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is larger than any schedules.toml.
    #[error("{} is larger than 4 MB: that is no schedules.toml", .0.display())]
    TooLarge(PathBuf),
    /// The file is not text.
    #[error("line {line} of {} is not UTF-8 text", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// The line of the first wrong byte, from 1.
        line: usize,
    },
    /// The file says things that cannot be meant: all problems, warnings too, in order.
    #[error("{}", summary(.0))]
    Invalid(Vec<Problem>),
}

impl ReadError {
    /// What to do next; problems carry their own hints.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Missing(_) => {
                Some("`--config PATH` or `$LIGHTSOUT_CONFIG` says where schedules.toml is")
            }
            Self::NotText { .. } => Some("save it with the encoding UTF-8"),
            Self::TooLarge(_) => {
                Some("ten thousand rules take 2 MB; is it the file that is meant?")
            }
            Self::Unreadable { .. } | Self::Invalid(_) => None,
        }
    }
}

/// Why a calendar file could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum CalendarError {
    /// Not as a text.
    #[error(transparent)]
    Unreadable(#[from] ReadError),
    /// It is larger than any calendar.
    #[error("{} is larger than 16 MB: that is no calendar", .0.display())]
    TooLarge(PathBuf),
    /// Not as an iCalendar file.
    #[error("{}, {wrong}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What is wrong in it.
        wrong: IcsError,
    },
}

/// How the calendar files are read that a schedules.toml names.
#[derive(Clone, Copy)]
pub(super) struct ReadCalendars<'r> {
    pub(super) read: &'r dyn Fn(&Path) -> Result<IcsFile, CalendarError>,
    /// Whether one that cannot be read stops only the rules that look at it.
    pub(super) bears: bool,
}

fn summary(problems: &[Problem]) -> String {
    let errors = Problem::errors_in(problems);
    let noun = if errors == 1 { "error" } else { "errors" };
    let path = problems.first().map(|problem| problem.path.display().to_string());
    format!("{errors} {noun} in {}", path.unwrap_or_default())
}

impl Schedules {
    /// Reads a file; with it come the warnings about it.
    ///
    /// # Errors
    /// When the file cannot be read, or anything in it is wrong: then with all its problems.
    pub fn read(path: &Path) -> Result<(Self, Vec<Problem>), ReadError> {
        let text = read_text(path)?;
        Self::parse(path, &text).map_err(ReadError::Invalid)
    }

    /// The same, for whoever acts by it: a calendar that cannot be read is a warning, and stops
    /// only the rules that look at it.
    ///
    /// # Errors
    /// When the file cannot be read, or anything else in it is wrong: then with all its problems.
    pub fn read_to_act(path: &Path) -> Result<(Self, Vec<Problem>), ReadError> {
        let text = read_text(path)?;
        Self::parse_to_act(path, &text).map_err(ReadError::Invalid)
    }

    /// The same of the text of the file at `path`, which itself is not looked at.
    ///
    /// # Errors
    /// When anything but a calendar is wrong: all problems, warnings too.
    pub fn parse_to_act(path: &Path, text: &str) -> Result<(Self, Vec<Problem>), Vec<Problem>> {
        Self::parse_with(path, text, ReadCalendars { read: &read_calendar, bears: true })
    }

    /// Reads the text of the file at `path`, which itself is not looked at; the calendar files
    /// that the text names are.
    ///
    /// # Errors
    /// When anything is wrong: all problems, warnings too, in order of their position.
    pub fn parse(path: &Path, text: &str) -> Result<(Self, Vec<Problem>), Vec<Problem>> {
        Self::parse_with(path, text, ReadCalendars { read: &read_calendar, bears: false })
    }

    /// Reads a text that once was the file at `path`. Calendar files are taken as they are now,
    /// since nobody keeps what they were; one that has gone or gone bad knows no day, and where
    /// the text then makes no sense, none of them does.
    ///
    /// # Errors
    /// When anything is wrong in the text itself.
    pub fn recall(path: &Path, text: &str) -> Result<(Self, Vec<Problem>), Vec<Problem>> {
        Self::recall_from(path, text, path.parent().unwrap_or(Path::new("")))
    }

    /// The same, of a text that lay in another folder: calendar files are taken from there, and
    /// those that are not there from beside `path`.
    ///
    /// # Errors
    /// When anything is wrong in the text itself.
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

/// The lines that could not be parsed. What the parser made up to go on after an error is not
/// worth a word.
struct Torn {
    lines: HashSet<usize>,
    /// The first line from which on everything may be lost.
    lost: Option<usize>,
    /// The lines with the header of a table, where a key is given twice.
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

    /// Whether a key is given twice only because its table is, which is a problem of its own.
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

/// The text of a file, if it can be one of schedules.toml.
pub(super) fn read_text(path: &Path) -> Result<String, ReadError> {
    text_of(path, read_bytes(path, LARGEST)?)
}

fn read_bytes(path: &Path, most: u64) -> Result<Vec<u8>, ReadError> {
    let unreadable = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => ReadError::Missing(path.to_owned()),
        _ => ReadError::Unreadable { path: path.to_owned(), source },
    };
    let bytes = regular_file::open(path).and_then(|file| regular_file::read(file, most));
    bytes.map_err(unreadable)?.ok_or_else(|| ReadError::TooLarge(path.to_owned()))
}

fn text_of(path: &Path, bytes: Vec<u8>) -> Result<String, ReadError> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.split(|byte| *byte == b'\n').count();
        ReadError::NotText { path: path.to_owned(), line }
    })?;
    // Columns are counted as editors count them: without the mark that some of them leave.
    Ok(match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// A calendar file.
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

/// What a text says as TOML, unless that is too much.
fn parse<'t>(source: &Source<'t>) -> Result<Syntax<'t>, Vec<Problem>> {
    toml_text::parse(source.text).map_err(|at| {
        let message = format!("the file has more than {MOST_TOKENS} words and signs");
        vec![source.error(at..at, message, "ten thousand rules have 700,000; make two files")]
    })
}

/// The errors that could not be mended: of those of a text that was looked at line by line the
/// first, which the others may well come of, and those that stand by themselves.
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
