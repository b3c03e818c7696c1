//! Owns the result of one server of a firing, or of the whole firing.

use super::ids::HoldId;
use super::instance::{InstanceNo, RegionCode};
use super::outcome::Outcome;
use super::reason::Reason;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// `None` for the whole firing.
    pub instance: Option<InstanceNo>,
    /// The region of the instance, or of the result.
    pub region: Option<RegionCode>,
    pub outcome: Outcome,
    pub reason: Option<Reason>,
    /// The last observed status (the API's code).
    pub status_after: Option<String>,
    /// The hold because of which the instance was left alone.
    pub hold: Option<HoldId>,
}

impl Settlement {
    /// The result of a whole firing.
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
