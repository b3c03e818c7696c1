//! What a hold is about.

use std::fmt;

use super::instance::{AccountName, InstanceNo};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Everything in the firings of the rule of this name.
    Rule(String),
    /// Every instance of this name or number.
    Instance(String),
    /// The one instance that has a tag with this value.
    Tagged {
        account: AccountName,
        no: InstanceNo,
        /// Its name, as it was then.
        name: String,
        /// The tag's value, as it was written.
        value: String,
    },
}

/// What stands for a rule that is held, an instance or a tagged one.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Rule(name) | Self::Instance(name) | Self::Tagged { name, .. } => name,
        })
    }
}
