//! Owns the reasons why a schedules.toml or a calendar file cannot be read.

use std::io;
use std::path::{Path, PathBuf};

use super::calendar::ics::{File as IcsFile, IcsError};
use super::problem::Problem;

/// The reasons why a schedules.toml cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("there is no {}", .0.display())]
    Missing(PathBuf),
    /// The system does not let it be read.
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
    /// The content has errors: all problems in order, warnings included.
    #[error("{}", summary(.0))]
    Invalid(Vec<Problem>),
}

impl ReadError {
    /// The next step for the user. Problems have their own hints.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Missing(_) => Some(
                "`--config PATH` or `$LIGHTSOUT_CONFIG` says where schedules.toml is; without them \
                 it is ./schedules.toml, else /etc/lightsout/schedules.toml",
            ),
            Self::Unreadable { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                Some(
                    "its owner and its group may read it; for an installed package that is the \
                     group `lightsout`, and a new member signs in again",
                )
            }
            Self::NotText { .. } => Some("save it with the encoding UTF-8"),
            Self::TooLarge(_) => {
                Some("ten thousand rules take 2 MB; is it the file that is meant?")
            }
            Self::Unreadable { .. } | Self::Invalid(_) => None,
        }
    }
}

/// The reasons why a calendar file cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum CalendarError {
    #[error(transparent)]
    Unreadable(#[from] ReadError),
    #[error("{} is larger than 16 MB: that is no calendar", .0.display())]
    TooLarge(PathBuf),
    #[error("{}, {wrong}", path.display())]
    Wrong { path: PathBuf, wrong: IcsError },
}

/// The way of reading the calendar files that a schedules.toml names.
#[derive(Clone, Copy)]
pub(super) struct ReadCalendars<'r> {
    pub(super) read: &'r dyn Fn(&Path) -> Result<IcsFile, CalendarError>,
    /// Whether an unreadable file stops only the rules that use it.
    pub(super) bears: bool,
}

pub(super) fn summary(problems: &[Problem]) -> String {
    let errors = Problem::errors_in(problems);
    let noun = if errors == 1 { "error" } else { "errors" };
    let path = problems.first().map(|problem| problem.path.display().to_string());
    format!("{errors} {noun} in {}", path.unwrap_or_default())
}
