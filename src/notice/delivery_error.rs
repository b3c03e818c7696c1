//! The reasons why a delivery failed, and whether the target or the notice is to blame.

use std::time::Duration;

use crate::schedule::notify::BadUrl;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// The variable that should hold the URL is not set.
    #[error("the variable `{0}` is not set")]
    NoVariable(String),
    #[error("the variable `{name}`: {source}")]
    BadVariable { name: String, source: BadUrl },
    #[error("{host} could not be reached: {detail}")]
    Unreachable { host: String, detail: String },
    /// The answer was not a success.
    #[error("{host} answered {answer}")]
    Refused {
        host: String,
        status: u16,
        /// The status in words, and the beginning of the answer.
        answer: String,
        /// The pause that the other side asks for.
        retry_after: Option<Duration>,
    },
    #[error("`{program}` could not be run: {detail}")]
    NotRun { program: String, detail: String },
    #[error("`{program}` ended with {status}")]
    Failed { program: String, status: String },
    #[error("`{program}` did not end within {seconds} s")]
    TooSlow { program: String, seconds: u64 },
}

impl DeliveryError {
    /// The target is to blame: any other notice would fail too, so none need be tried now.
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

    /// The pause that the target asks for.
    pub fn retry_after(&self) -> Duration {
        match self {
            Self::Refused { retry_after, .. } => retry_after.unwrap_or_default(),
            _ => Duration::ZERO,
        }
    }
}
