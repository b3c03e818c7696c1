//! Owns the three marks by which people see at a glance how something went.

use schemars::JsonSchema;
use serde::Serialize;

/// Whether something went well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, description = "")]
pub enum Mark {
    /// All is well.
    Good,
    /// Somebody should look.
    Trouble,
    /// There is nothing to judge, or not yet.
    Quiet,
}

impl Mark {
    /// One column wide; the words beside it say the same.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Trouble => "!",
            Self::Quiet => "·",
        }
    }
}
