//! The subject of a hold.

use std::fmt;

use super::instance::{AccountName, InstanceNo};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// All firings of the rule of this name.
    Rule(String),
    /// Every instance of this name or number.
    Instance(String),
    /// The one instance that has the hold tag with this value.
    Tagged {
        account: AccountName,
        no: InstanceNo,
        /// Its name at that time.
        name: String,
        /// The value of the tag, as written.
        value: String,
    },
}

/// The words for a held rule, an instance or a tagged instance.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Rule(name) | Self::Instance(name) | Self::Tagged { name, .. } => name,
        })
    }
}
