//! The words every part shares: an instance, its state, and what may be asked of it.
//!
//! Plain values, nothing else: who reads them is the cloud's business, who judges them the
//! selector's and the stopper's.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What a rule does to the instances it selects.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Turn running instances off.
    Stop,
    /// Turn stopped instances on.
    Start,
}

impl Action {
    /// The status that this action leads to: `NSTOP` or `RUN`.
    pub fn goal(self) -> Status {
        match self {
            Self::Stop => Status::Nstop,
            Self::Start => Status::Run,
        }
    }

    /// The only status this action may be asked in: `RUN` or `NSTOP`, with operation `NULL`.
    pub fn from_status(self) -> Status {
        match self {
            Self::Stop => Status::Run,
            Self::Start => Status::Nstop,
        }
    }

    /// The action that undoes this one.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Stop => Self::Start,
            Self::Start => Self::Stop,
        }
    }

    /// The word used in schedules.toml, in the log and in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Start => "start",
        }
    }

    /// The action of that word; `None` for a word that is none.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Stop, Self::Start].into_iter().find(|action| action.as_str() == word)
    }

    /// The past participle, which is also the outcome of an instance that got there.
    pub fn done(self) -> &'static str {
        match self {
            Self::Stop => "stopped",
            Self::Start => "started",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that is safe as an identity: in file names, in SQL, in URLs and on a terminal.
macro_rules! identity {
    ($(#[$doc:meta])* $name:ident, $what:literal, $allowed:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Checks the text; the error says what is allowed.
            ///
            /// # Errors
            /// When the text is empty or holds any other character.
            pub fn new(text: impl Into<String>) -> Result<Self, BadIdentity> {
                let text = text.into();
                let allowed: fn(char) -> bool = $allowed;
                if text.is_empty() || !text.chars().all(allowed) {
                    return Err(BadIdentity { text, what: $what });
                }
                Ok(Self(text))
            }

            /// The text as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                Self::new(String::deserialize(from)?).map_err(serde::de::Error::custom)
            }
        }
    };
}

/// A text that cannot be the identity it was meant as.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {what}")]
pub struct BadIdentity {
    text: String,
    what: &'static str,
}

identity!(
    /// `serverInstanceNo`: digits, on Classic and VPC alike. Unique within an account.
    InstanceNo,
    "a server number (digits only)",
    |c| c.is_ascii_digit()
);
identity!(
    /// The name of an `[accounts.NAME]` table.
    AccountName,
    "an account name (letters, digits, - and _)",
    |c| c.is_ascii_alphanumeric() || c == '-' || c == '_'
);
identity!(RuleName, "a rule name (letters, digits, - and _)", |c| c.is_ascii_alphanumeric()
    || c == '-'
    || c == '_');
identity!(
    /// `regionCode`, such as `KR`, `SGN` or `JPN`.
    RegionCode,
    "a region code (letters, digits, - and _)",
    |c| c.is_ascii_alphanumeric() || c == '-' || c == '_'
);

/// `serverInstanceStatus.code`: where an instance is, as the API says it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// `INIT`: being made.
    Init,
    /// `CREAT`: being made.
    Creat,
    /// `RUN`: running.
    Run,
    /// `NSTOP`: stopped normally.
    Nstop,
    /// `FSTOP`: stopped by a failure.
    Fstop,
    /// `SD_FL`: the shutdown failed.
    ShutdownFailed,
    /// `ST_FL`: the start failed.
    StartFailed,
    /// `RS_FL`: the restart failed.
    RestartFailed,
    /// `TERMT`: returned to the provider.
    Termt,
    /// A code that NAVER's reference does not list. Shown as it is, never acted on.
    Other(String),
}

impl Status {
    pub fn from_code(code: &str) -> Self {
        match code {
            "INIT" => Self::Init,
            "CREAT" => Self::Creat,
            "RUN" => Self::Run,
            "NSTOP" => Self::Nstop,
            "FSTOP" => Self::Fstop,
            "SD_FL" => Self::ShutdownFailed,
            "ST_FL" => Self::StartFailed,
            "RS_FL" => Self::RestartFailed,
            "TERMT" => Self::Termt,
            other => Self::Other(other.to_owned()),
        }
    }

    pub fn code(&self) -> &str {
        match self {
            Self::Init => "INIT",
            Self::Creat => "CREAT",
            Self::Run => "RUN",
            Self::Nstop => "NSTOP",
            Self::Fstop => "FSTOP",
            Self::ShutdownFailed => "SD_FL",
            Self::StartFailed => "ST_FL",
            Self::RestartFailed => "RS_FL",
            Self::Termt => "TERMT",
            Self::Other(code) => code,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// `serverInstanceOperation.code`: what is being done to an instance; `NULL` is nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Operation(String);

impl Operation {
    /// Reads the API's code. A missing or empty one counts as unknown, not as `NULL`: an
    /// instance is only acted on when the cloud said that nothing else is.
    pub fn from_code(code: &str) -> Self {
        Self(code.to_owned())
    }

    pub fn null() -> Self {
        Self("NULL".to_owned())
    }

    pub fn is_null(&self) -> bool {
        self.0 == "NULL"
    }

    pub fn code(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What an instance is sold as: what its price depends on. Each where the list says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Product {
    /// `serverProductCode`, which price lists go by.
    pub product_code: Option<String>,
    /// `serverSpecCode`, such as `s2-g2-h50`; of VPC alone.
    pub spec_code: Option<String>,
    /// `serverInstanceType.code`, such as `STAND` or `MICRO`.
    pub server_type: Option<String>,
}

/// A server instance as one reading of the cloud showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// `serverInstanceNo`.
    pub no: InstanceNo,
    /// `serverName`, as people know it. May hold anything.
    pub name: String,
    /// The region it was listed in.
    pub region: RegionCode,
    /// `serverInstanceStatus.code`.
    pub status: Status,
    /// `serverInstanceOperation.code`.
    pub operation: Operation,
    /// `uptime`: the last boot (not the last stop).
    pub booted_at: Option<DateTime<Utc>>,
    pub product: Product,
    /// `instanceTagList`, where the list carries tags (Classic); `None` where it never does
    /// (VPC: the Resource Manager knows).
    pub tags: Option<Vec<(String, String)>>,
}

impl Instance {
    /// Whether `action` may be asked now: `RUN` with operation `NULL` for a stop, `NSTOP` with
    /// operation `NULL` for a start. Anything else waits.
    pub fn is_ready_for(&self, action: Action) -> bool {
        self.status == action.from_status() && self.operation.is_null()
    }

    /// Whether it is where `action` leads, with nothing in progress.
    pub fn is_at_goal_of(&self, action: Action) -> bool {
        self.status == action.goal() && self.operation.is_null()
    }
}
