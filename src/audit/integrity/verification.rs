//! The result of a verification. [`super::verify`] makes it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::audit::store::entry_hash::EntryHash;
use crate::audit::store::error::{AuditError, Trouble};
use crate::audit::store::finding::{Finding, Flaw};

/// Whether the log is as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Verification {
    /// Everything is as it was written, and the sought hash is there.
    pub sound: bool,
    /// The number of entries.
    pub rows: u64,
    /// The number of the first entry.
    pub first: Option<i64>,
    /// The number of the last entry.
    pub last: Option<i64>,
    /// The hash of the last entry.
    #[schemars(with = "Option<String>")]
    pub head: Option<EntryHash>,
    /// The line of the last prune: below it only needed rows are left.
    pub pruned_below: Option<i64>,
    /// The hash that `--head` asks for.
    #[schemars(with = "Option<String>")]
    pub sought: Option<EntryHash>,
    /// The number of the entry with that hash.
    pub sought_at: Option<i64>,
    /// The number of differences.
    pub problems: u64,
    /// The first thousand of them.
    pub findings: Vec<Finding>,
}

impl Verification {
    /// Whether the file itself is damaged or lacks a table, and not only its content changed.
    pub fn is_damaged(&self) -> bool {
        let is_damage = |flaw: &Flaw| matches!(flaw, Flaw::Damage(_) | Flaw::Object(_));
        self.findings.iter().any(|finding| is_damage(&finding.problem))
    }
}

/// The finding that an error of damage amounts to.
pub(super) fn damage(error: AuditError) -> Result<Finding, AuditError> {
    if !matches!(error.trouble(), Trouble::Damage | Trouble::Misshapen) {
        return Err(error);
    }
    let said = std::error::Error::source(&error).map(ToString::to_string);
    Ok(Finding::of_damage(said.unwrap_or_else(|| error.to_string())))
}
