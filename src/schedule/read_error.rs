//! Why a file cannot be read.

use std::io;
use std::path::{Path, PathBuf};

use super::calendar::ics::{File as IcsFile, IcsError};
use super::problem::Problem;

/// Why a schedules.toml could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("there is no {}", .0.display())]
    Missing(PathBuf),
    /// The system would not let it be read.
    #[error("could not read {}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    /// The file is larger than any schedules.toml.
    #[error("{} is larger than 4 MB: that is no schedules.toml", .0.display())]
    TooLarge(PathBuf),
    #[error("line {line} of {} is not UTF-8 text", path.display())]
    NotText {
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
    #[error(transparent)]
    Unreadable(#[from] ReadError),
    /// It is larger than any calendar.
    #[error("{} is larger than 16 MB: that is no calendar", .0.display())]
    TooLarge(PathBuf),
    #[error("{}, {wrong}", path.display())]
    Wrong { path: PathBuf, wrong: IcsError },
}

/// How the calendar files are read that a schedules.toml names.
#[derive(Clone, Copy)]
pub(super) struct ReadCalendars<'r> {
    pub(super) read: &'r dyn Fn(&Path) -> Result<IcsFile, CalendarError>,
    /// Whether one that cannot be read stops only the rules that look at it.
    pub(super) bears: bool,
}

pub(super) fn summary(problems: &[Problem]) -> String {
    let errors = Problem::errors_in(problems);
    let noun = if errors == 1 { "error" } else { "errors" };
    let path = problems.first().map(|problem| problem.path.display().to_string());
    format!("{errors} {noun} in {}", path.unwrap_or_default())
}
