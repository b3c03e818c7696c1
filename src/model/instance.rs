//! Owns the words that every room shares: an instance, its state, and the actions.
//!
//! Plain values, nothing else. `cloud` makes them, `select` and `engine::stopper` judge them.

use std::fmt;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::language::Language;

/// The action of a rule on the instances that it selects.
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
#[schemars(inline, description = "")]
pub enum Action {
    /// Turn running instances off.
    Stop,
    /// Turn stopped instances on.
    Start,
}

impl Action {
    /// The state that this action leads to.
    pub fn goal(self) -> PowerState {
        match self {
            Self::Stop => PowerState::Stopped,
            Self::Start => PowerState::Running,
        }
    }

    /// The action that leads to a state.
    pub fn leading_to(power: PowerState) -> Option<Self> {
        [Self::Stop, Self::Start].into_iter().find(|action| action.goal() == power)
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

    /// The action of a word; `None` for any other word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Stop, Self::Start].into_iter().find(|action| action.as_str() == word)
    }

    /// The past participle, which is also the outcome of an instance that arrived.
    pub fn done(self) -> &'static str {
        match self {
            Self::Stop => "stopped",
            Self::Start => "started",
        }
    }

    /// The noun or verb for people.
    pub fn in_language(self, language: Language) -> &'static str {
        match self {
            Self::Stop => language.either(["stop", "정지"]),
            Self::Start => language.either(["start", "시작"]),
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
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
        #[serde(transparent)]
        #[schemars(inline, description = "")]
        pub struct $name(String);

        impl $name {
            /// Checks the text; the error says what is allowed.
            ///
            /// # Errors
            /// The text is empty, or holds any other character.
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

/// A text that cannot be an identity of its kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {what}")]
pub struct BadIdentity {
    text: String,
    what: &'static str,
}

identity!(
    /// The identity of an instance within its account, as the cloud gives it. Only this check knows
    /// its shape: digits, on Classic and VPC alike.
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

/// The state of an instance, in words that fit any cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PowerState {
    Running,
    /// Stopped, and not by a failure.
    Stopped,
    /// On the way from one state to another.
    Changing,
    /// Stopped by a failure, or left somewhere by an action that failed.
    Failed,
    /// In a state that lightsout does not know. Never acted on.
    Other,
}

/// The status of an instance: the cloud's own code, for the log and for people, and its meaning.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Status {
    code: String,
    power: PowerState,
}

impl Status {
    pub fn new(code: impl Into<String>, power: PowerState) -> Self {
        Self { code: code.into(), power }
    }

    pub fn code(&self) -> &str {
        &self.code
    }

    pub fn power(&self) -> PowerState {
        self.power
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.code)
    }
}

/// The operation under way on an instance: the cloud's own code, and whether this code means
/// none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Operation {
    code: String,
    is_none: bool,
}

impl Operation {
    pub fn new(code: impl Into<String>, is_none: bool) -> Self {
        Self { code: code.into(), is_none }
    }

    /// Whether nothing is under way, as the cloud said.
    pub fn is_none(&self) -> bool {
        self.is_none
    }

    pub fn code(&self) -> &str {
        &self.code
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.code)
    }
}

/// The product of an instance, on which its price depends. Each part as far as the list says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Product {
    /// `serverProductCode`, the key of price lists.
    pub product_code: Option<String>,
    /// `serverSpecCode`, such as `s2-g2-h50`; of VPC alone.
    pub spec_code: Option<String>,
    /// `serverInstanceType.code`, such as `STAND` or `MICRO`.
    pub server_type: Option<String>,
}

/// A server instance in one reading of the cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// `serverInstanceNo`.
    pub no: InstanceNo,
    /// `serverName`: the name that people know. May hold anything.
    pub name: String,
    /// The region it was listed in.
    pub region: RegionCode,
    /// `serverInstanceStatus.code`.
    pub status: Status,
    /// `serverInstanceOperation.code`.
    pub operation: Operation,
    /// `uptime`: the last boot (not the last stop).
    pub booted_at: Option<DateTime<Utc>>,
    /// `createDate`.
    pub created_at: Option<DateTime<Utc>>,
    pub product: Product,
    /// `instanceTagList`, where the list carries tags (Classic); `None` where it never does
    /// (VPC: the Resource Manager knows).
    pub tags: Option<Vec<(String, String)>>,
}

impl Instance {
    /// Whether `action` may be asked now: the instance is in the state that the opposite action
    /// leads to, with nothing under way. In any other state a request waits.
    pub fn is_ready_for(&self, action: Action) -> bool {
        self.is_at_goal_of(action.opposite())
    }

    /// Whether the instance is in the state that `action` leads to, with nothing under way.
    pub fn is_at_goal_of(&self, action: Action) -> bool {
        self.status.power() == action.goal() && self.operation.is_none()
    }
}
