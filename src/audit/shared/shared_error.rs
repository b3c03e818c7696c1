//! The failures of the shared log.

use std::sync::Arc;
use std::time::Duration;

use sqlx::error::{DatabaseError, ErrorKind};

use crate::schedule::shared::BadSharedUrl;

/// A failure of the shared log. What was to be written is not written, unless it says so. The
/// driver's errors name their own causes, so they are none here.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SharedError {
    /// `env:NAME` names a variable that is not set.
    #[error("the variable `{0}` with the address of the shared log is not set")]
    NoVariable(String),
    #[error("the variable `{name}` holds no address of a shared log")]
    BadVariable {
        name: String,
        #[source]
        source: BadSharedUrl,
    },
    #[error("the address of the shared log cannot be used: {0}")]
    Options(Arc<sqlx::Error>),
    /// Nothing was sent.
    #[error("the shared log at {place} cannot be reached: {error}")]
    Unreachable { place: String, error: Arc<sqlx::Error> },
    /// No connection and no answer in time. What was sent may still take effect.
    #[error("the shared log at {place} does not answer within {} s", .after.as_secs())]
    Silent { place: String, after: Duration },
    /// The connection broke. What was sent may still take effect.
    #[error("the connection to the shared log at {place} broke: {error}")]
    Broken { place: String, error: Arc<sqlx::Error> },
    /// PostgreSQL refused a statement.
    #[error("the shared log at {place} refuses: {error}")]
    Refused { place: String, error: Arc<sqlx::Error> },
    /// The server only follows another one.
    #[error("the server at {0} only follows another one and cannot be written: name the primary")]
    Replica(String),
    /// The tables are missing.
    #[error("there is no shared log at {0} yet: `lightsout audit share` makes it")]
    NotMade(String),
    /// Another node was faster at every try.
    #[error("the shared log was written by others all the time")]
    Raced,
}

/// The reasons why the next entries were refused as not the next.
const OUT_OF_PLACE: [ErrorKind; 2] = [ErrorKind::UniqueViolation, ErrorKind::ForeignKeyViolation];

/// PostgreSQL's codes for a table or a schema that does not exist.
const NOT_THERE: [&str; 2] = ["42P01", "3F000"];

/// PostgreSQL's code for a write where only reading is allowed.
const READ_ONLY: &str = "25006";

impl SharedError {
    /// Sorts the error of a statement that was sent.
    pub(super) fn of(place: &str, source: sqlx::Error) -> Self {
        let (place, source) = (place.to_owned(), Arc::new(source));
        match source.as_database_error() {
            Some(error) if is_missing(error) => Self::NotMade(place),
            // An administrator ends connections, or the server shuts down.
            Some(error) if error.code().is_some_and(|code| code.starts_with("57P")) => {
                Self::Broken { place, error: source }
            }
            // The server follows another one by now, or was made read-only.
            Some(error) if error.code().is_some_and(|code| code == READ_ONLY) => {
                Self::Replica(place)
            }
            Some(_) => Self::Refused { place, error: source },
            None => Self::Broken { place, error: source },
        }
    }

    /// Whether others wrote the next entry first, or the entry before it is not there.
    pub(crate) fn is_out_of_place(&self) -> bool {
        let Self::Refused { error, .. } = self else { return false };
        error.as_database_error().is_some_and(|error| OUT_OF_PLACE.contains(&error.kind()))
    }

    /// Whether it may work again by itself.
    pub fn is_away(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Replica(_)) || self.is_unknown()
    }

    /// Whether what was sent may still take effect.
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self, Self::Silent { .. } | Self::Broken { .. })
    }
}

fn is_missing(error: &dyn DatabaseError) -> bool {
    error.code().is_some_and(|code| NOT_THERE.contains(&code.as_ref()))
}
