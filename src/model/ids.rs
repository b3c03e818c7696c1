//! Owns the numbers of entries in the log, with one type for each kind of entry.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

/// Defines a number with its own type.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
        #[serde(transparent)]
        #[schemars(inline, description = "")]
        pub struct $name(pub(crate) i64);

        impl From<i64> for $name {
            fn from(number: i64) -> Self {
                Self(number)
            }
        }

        impl From<$name> for i64 {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// A text of schedules.toml in the log.
    FileId
}

id! {
    /// A firing: the number of the entry that claimed it, or that recorded it as missed.
    FiringId
}

id! {
    /// A hold in the log: the number of its entry.
    HoldId
}

id! {
    /// A notice: the number of its entry.
    NoticeId
}

id! {
    /// A deferred action: the number of its entry.
    DeferredId
}
