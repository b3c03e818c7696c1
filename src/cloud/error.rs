//! Owns the failures of a call to the cloud, sorted by what each one proves.
//!
//! `ncloud::response` sorts the answers. The stopper decides on another attempt.

use std::fmt;
use std::time::Duration;

/// A call without an answer, or with an unwanted one.
///
/// The texts never hold a URL with its query, a key or a signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CloudError {
    /// Nothing was sent: nobody listened, the name does not resolve, TLS failed. The request has
    /// had no effect.
    #[error("the gateway could not be reached: {0}")]
    NotSent(String),
    /// The request was sent, and its result is unknown: a timeout, a lost connection, HTTP 5xx. It
    /// may have had its effect.
    #[error("no answer: {detail}")]
    Unanswered { detail: String, http_status: Option<u16> },
    /// HTTP 429 or return code 1300: not done, ask again later.
    #[error("throttled: {refusal}")]
    Throttled { refusal: Refusal, retry_after: Option<Duration> },
    /// HTTP 401: not done. These keys will get nothing else done either.
    #[error("{because}: {refusal}")]
    Denied { refusal: Refusal, because: Denial },
    /// The keys are good and lack a right: for this call, or for an instance of this request. Other
    /// requests may still succeed.
    #[error("{right}: {refusal}")]
    Forbidden { refusal: Refusal, right: Right },
    #[error("{refusal}")]
    Refused {
        refusal: Refusal,
        /// The meaning for the instances of the request.
        meaning: Meaning,
    },
    /// An answer that cannot be read: HTML, a torn body, or one that is too large. For a change
    /// this counts as no answer.
    #[error("the answer cannot be read: {detail}")]
    Unreadable { detail: String, http_status: u16 },
}

/// The meaning of a refusal for the instances of the request, in words that fit any cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Another operation is under way on an instance, its storage or its host: ask again later.
    InTheWay,
    /// Some instances failed and the others are on their way: look at each.
    Partly,
    /// One of the numbers does not exist (any more), or lies in another region or account.
    NoSuchInstance,
    /// The instance is in the wanted state already, or on its way: look again.
    AlreadyThere,
    /// Any other refusal, kept word by word. A repeat may succeed or not.
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Right {
    /// The cloud's own name of the call: `stopServerInstances`.
    pub call: &'static str,
    /// The managed policy that grants the right; `None` if none is known.
    pub granted_by: Option<&'static str>,
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the keys lack the right to call `{}`", self.call)?;
        match self.granted_by {
            Some(policy) => write!(f, ", which `{policy}` grants"),
            None => Ok(()),
        }
    }
}

/// A refusal of the cloud, kept word by word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status. Errors can come with 200.
    pub http_status: u16,
    pub request_id: Option<String>,
    /// `returnCode` of the service or `errorCode` of the gateway.
    pub return_code: Option<String>,
    /// `returnMessage`. From the gateway: its `message`, and after a colon its `details`, which
    /// hold the real cause.
    pub return_message: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}", self.http_status)?;
        if let Some(code) = &self.return_code {
            write!(f, ", return code {code}")?;
        }
        if let Some(message) = self.return_message.as_deref().map(str::trim) {
            write!(f, " ({message})")?;
        }
        Ok(())
    }
}

/// The probable cause of a 401 that is not about a right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denial {
    /// The keys are wrong, revoked or rotated.
    Keys,
    /// This machine's clock is off by more than the gateway accepts (5 minutes).
    Clock {
        /// Seconds by which the machine is ahead of the answer's `Date`; negative if it is behind.
        ahead: i64,
    },
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keys => f.write_str("the keys were refused"),
            Self::Clock { ahead } if *ahead >= 0 => {
                write!(f, "this machine's clock is {ahead} s ahead of the cloud's")
            }
            Self::Clock { ahead } => {
                write!(f, "this machine's clock is {} s behind the cloud's", -ahead)
            }
        }
    }
}

impl CloudError {
    /// Whether the failure proves that the request had no effect.
    pub fn proves_nothing_was_done(&self) -> bool {
        !matches!(self, Self::Unanswered { .. } | Self::Unreadable { .. })
    }

    /// Whether the cloud refused this request only, so that others may succeed.
    pub fn is_about_its_request(&self) -> bool {
        matches!(self, Self::Forbidden { .. } | Self::Refused { .. })
    }

    /// Whether the same call may succeed later without any change by a person.
    pub fn may_pass(&self) -> bool {
        !matches!(self, Self::Denied { .. } | Self::Forbidden { .. } | Self::Refused { .. })
    }

    /// The cloud's refusal, if the failure has one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Throttled { refusal, .. }
            | Self::Denied { refusal, .. }
            | Self::Forbidden { refusal, .. }
            | Self::Refused { refusal, .. } => Some(refusal),
            Self::NotSent(_) | Self::Unanswered { .. } | Self::Unreadable { .. } => None,
        }
    }

    pub fn http_status(&self) -> Option<u16> {
        match self {
            Self::NotSent(_) => None,
            Self::Unanswered { http_status, .. } => *http_status,
            Self::Unreadable { http_status, .. } => Some(*http_status),
            Self::Throttled { refusal, .. }
            | Self::Denied { refusal, .. }
            | Self::Forbidden { refusal, .. }
            | Self::Refused { refusal, .. } => Some(refusal.http_status),
        }
    }
}
