//! Why a notice could not be delivered.

use std::time::Duration;

use crate::schedule::notify::BadUrl;

/// Why a notice was not delivered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// The variable that should hold the URL does not.
    #[error("the variable `{0}` is not set")]
    NoVariable(String),
    #[error("the variable `{name}`: {source}")]
    BadVariable { name: String, source: BadUrl },
    #[error("{host} could not be reached: {detail}")]
    Unreachable { host: String, detail: String },
    /// Something other than yes came back.
    #[error("{host} answered {answer}")]
    Refused {
        host: String,
        status: u16,
        /// The status in words and the beginning of the answer.
        answer: String,
        /// How long it asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// The program could not be run.
    #[error("`{program}` could not be run: {detail}")]
    NotRun { program: String, detail: String },
    #[error("`{program}` ended with {status}")]
    Failed { program: String, status: String },
    #[error("`{program}` did not end within {seconds} s")]
    TooSlow { program: String, seconds: u64 },
}

impl DeliveryError {
    /// Whether any other notice would fare no better, so that it need not be tried now.
    pub fn is_of_the_target(&self) -> bool {
        match self {
            Self::Refused { status, .. } => {
                !(400..500).contains(status)
                    || matches!(status, 401 | 403 | 404 | 408 | 410 | 425 | 429)
            }
            Self::Failed { .. } => false,
            _ => true,
        }
    }

    /// How long the target asks to be left alone.
    pub fn retry_after(&self) -> Duration {
        match self {
            Self::Refused { retry_after, .. } => retry_after.unwrap_or_default(),
            _ => Duration::ZERO,
        }
    }
}
