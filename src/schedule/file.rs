//! Reads schedules.toml: bytes to text, text to TOML, TOML to rules, all problems at once.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::de::{DeTable, DeValue};

use super::problem::{Problem, Source};
use super::rule::Schedules;
use super::{check, raw, shape};

/// No schedules.toml is larger: ten thousand rules take 2 MiB.
const LARGEST: u64 = 8 << 20;

/// What some editors put before a text to say that it is UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

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
    #[error("{} is larger than 8 MiB: that is no schedules.toml", .0.display())]
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
            Self::Unreadable { .. } | Self::TooLarge(_) | Self::Invalid(_) => None,
        }
    }
}

fn summary(problems: &[Problem]) -> String {
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
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

    /// Reads the text of the file at `path`, which itself is not looked at.
    ///
    /// # Errors
    /// When anything is wrong: all problems, warnings too, in order of their position.
    pub fn parse(path: &Path, text: &str) -> Result<(Self, Vec<Problem>), Vec<Problem>> {
        let source = Source::new(path, text);
        let (mut table, syntax) = DeTable::parse_recoverable(text);
        let mut problems: Vec<Problem> =
            syntax.iter().map(|error| syntax_problem(&source, error)).collect();
        let is_torn = !problems.is_empty();
        let torn_lines: HashSet<usize> = problems.iter().map(|problem| problem.line).collect();
        let root = table.span();
        let (losses, mut found) = shape::check(&mut table, &raw::schema(), &source, is_torn);
        let value = toml::Spanned::new(root, DeValue::Table(table.into_inner()));
        let schedules = match raw::File::deserialize(toml::de::ValueDeserializer::from(value)) {
            Ok(file) => {
                let (schedules, judged) = check::check(file, &source, path, &losses);
                found.extend(judged);
                Some(schedules)
            }
            Err(error) => {
                found.push(syntax_problem(&source, &error));
                None
            }
        };
        // What the parser made up to go on after an error is not worth a word.
        let is_lost = |problem: &&Problem| problem.message.starts_with("unclosed");
        let lost = problems.iter().filter(is_lost).map(|problem| problem.line).min();
        found.retain(|problem| {
            !torn_lines.contains(&problem.line) && lost.is_none_or(|lost| problem.line < lost)
        });
        problems.extend(found);
        problems.sort_by_key(|problem| (problem.line, problem.column, problem.severity));
        match schedules {
            Some(schedules) if !problems.iter().any(Problem::is_error) => Ok((schedules, problems)),
            _ => Err(problems),
        }
    }
}

/// The text of a file, if it can be one of schedules.toml.
pub(super) fn read_text(path: &Path) -> Result<String, ReadError> {
    let unreadable = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => ReadError::Missing(path.to_owned()),
        _ => ReadError::Unreadable { path: path.to_owned(), source },
    };
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(ReadError::TooLarge(path.to_owned()));
    }
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

fn syntax_problem(source: &Source<'_>, error: &toml::de::Error) -> Problem {
    let span = error.span().unwrap_or(0..0);
    source.error(span, error.message().to_owned(), syntax_hint(error.message()))
}

fn syntax_hint(message: &str) -> &'static str {
    let hints = [
        ("unclosed", "close the bracket that was opened on this line or above"),
        ("duplicate key", "a key can be given once: remove one of the two"),
        ("key with no value", "write `key = value`"),
        ("string values must be quoted", "put double quotes around it"),
        ("invalid basic string", "a text ends on its line, with the quote that it began with"),
    ];
    let known = hints.iter().find(|(start, _)| message.starts_with(start)).map(|(_, hint)| *hint);
    known.unwrap_or("TOML is written `key = \"text\"`, `key = 10`, `[table]` or `[[rules]]`")
}
