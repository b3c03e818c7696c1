//! The data of a notice about several firings, as programs receive it.
//!
//! [`super::together`] fills them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::ids::FiringId;
use crate::model::instance::Action;

/// Firings of one account that ended close together. Times are in UTC.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ended_together")]
pub struct Gathered {
    pub(super) account: String,
    /// How many of them need somebody.
    pub(super) troubled: usize,
    /// The number of servers by outcome, over all of them. An outcome of a whole firing counts once.
    pub(super) counts: BTreeMap<String, usize>,
    /// The gravest first.
    pub(super) firings: Vec<GatheredFiring>,
    /// How many more there are.
    pub(super) firings_left_out: usize,
}

/// One of several firings.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ended_firing_in_short")]
pub(super) struct GatheredFiring {
    pub(super) firing: FiringId,
    pub(super) rule: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) about: Option<String>,
    #[schemars(with = "Action")]
    pub(super) action: String,
    /// The due time; null for a firing by hand.
    pub(super) scheduled_at: Option<String>,
    /// The number of its servers by outcome.
    pub(super) counts: BTreeMap<String, usize>,
    /// The number of its lines that need somebody.
    pub(super) trouble: usize,
}
