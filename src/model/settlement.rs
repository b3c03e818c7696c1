//! What became of one server of a firing, or of the firing as a whole.

use super::ids::HoldId;
use super::instance::{InstanceNo, RegionCode};
use super::outcome::Outcome;
use super::reason::Reason;

/// What became of one instance, or of a firing as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// The instance; `None` for the firing as a whole.
    pub instance: Option<InstanceNo>,
    /// The region it lies in, or that the word is about.
    pub region: Option<RegionCode>,
    pub outcome: Outcome,
    pub reason: Option<Reason>,
    /// The status it was last seen in (the API's code).
    pub status_after: Option<String>,
    /// The hold that it was left alone for.
    pub hold: Option<HoldId>,
}

impl Settlement {
    /// A word about the firing as a whole.
    pub fn of_firing(outcome: Outcome, reason: impl Into<Option<Reason>>) -> Self {
        Self {
            instance: None,
            region: None,
            outcome,
            reason: reason.into(),
            status_after: None,
            hold: None,
        }
    }
}
