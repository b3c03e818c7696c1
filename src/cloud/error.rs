//! Why a call to the cloud failed, sorted by what the failure proves.

use std::fmt;
use std::time::Duration;

/// A call that did not come to an answer, or to the wrong one.
///
/// The texts never hold a URL with its query, a key or a signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CloudError {
    /// Nothing was sent: nobody listened, the name does not resolve, TLS failed. The request
    /// has had no effect.
    #[error("the gateway could not be reached: {0}")]
    NotSent(String),
    /// It was sent, and no answer came that says what became of it: a timeout, a lost
    /// connection, HTTP 5xx. It may have had its effect.
    #[error("no answer: {detail}")]
    Unanswered {
        detail: String,
        /// The HTTP status, where there was one.
        http_status: Option<u16>,
    },
    /// HTTP 429 or return code 1300: not done, ask again later.
    #[error("throttled: {refusal}")]
    Throttled {
        refusal: Refusal,
        /// `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// HTTP 401: not done, and nothing else will be with these keys.
    #[error("{because}: {refusal}")]
    Denied { refusal: Refusal, because: Denial },
    /// The keys are good and lack a right: for this call, or for what this request names. It
    /// says nothing of other requests.
    #[error("{right}: {refusal}")]
    Forbidden { refusal: Refusal, right: Right },
    #[error("{refusal}")]
    Refused {
        refusal: Refusal,
        /// What that means for the instances that were named.
        meaning: Meaning,
    },
    /// An answer that cannot be read: HTML, a torn body, one that is too large. For a request
    /// that changes something this is no answer at all.
    #[error("the answer cannot be read: {detail}")]
    Unreadable { detail: String, http_status: u16 },
}

/// What a refusal means for the instances it was about, in words that fit any cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Something else is being done to an instance, its storage or its host: ask again later.
    InTheWay,
    /// Some of them failed and the others are on their way: look at each.
    Partly,
    /// One of the numbers is none (any more), or lies in another region or account.
    NoSuchInstance,
    /// It is there already, or on its way: look again.
    AlreadyThere,
    /// Anything else: kept word by word. It may pass or not.
    Unknown,
}

/// A right that keys may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Right {
    /// What is called, in the cloud's own word: `stopServerInstances`.
    pub call: &'static str,
    /// The managed policy that grants it; `None` where none is known.
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

/// What the cloud said when it said no, kept word by word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status; an error can come with 200.
    pub http_status: u16,
    /// `requestId`, where the answer has one.
    pub request_id: Option<String>,
    /// `returnCode` of the service or `errorCode` of the gateway.
    pub return_code: Option<String>,
    /// `returnMessage`, or the gateway's `message` with its `details` behind a colon: there it
    /// puts the real cause.
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

/// What a 401 probably means that is not about a right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denial {
    /// The keys are wrong, revoked or rotated.
    Keys,
    /// This machine's clock is off by more than the gateway bears (5 minutes). Seconds that the
    /// machine is ahead of the answer's `Date`; negative: behind.
    Clock {
        /// Seconds ahead.
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

    /// Whether the cloud said no to what this request names, and to nothing else.
    pub fn is_about_its_request(&self) -> bool {
        matches!(self, Self::Forbidden { .. } | Self::Refused { .. })
    }

    /// Whether the same call may well succeed later, without anybody changing anything.
    pub fn may_pass(&self) -> bool {
        !matches!(self, Self::Denied { .. } | Self::Forbidden { .. } | Self::Refused { .. })
    }

    /// What the cloud said, where it said anything.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Throttled { refusal, .. }
            | Self::Denied { refusal, .. }
            | Self::Forbidden { refusal, .. }
            | Self::Refused { refusal, .. } => Some(refusal),
            Self::NotSent(_) | Self::Unanswered { .. } | Self::Unreadable { .. } => None,
        }
    }

    /// The HTTP status, where there was an answer at all.
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
