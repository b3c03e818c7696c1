//! A firing on its way.

use std::collections::BTreeMap;
use std::time::Duration;

use super::admitted::Admitted;
use super::target::Target;
use super::{Firing, Over, Report, Stopper};
use crate::clock::Moment;
use crate::cloud::CloudError;
use crate::inventory::Inventory;
use crate::model::instance::{InstanceNo, RegionCode};
use crate::select::unmatched::Matching;

#[derive(Debug)]
pub(crate) struct Execution<'a> {
    pub(crate) stopper: &'a Stopper,
    pub(crate) firing: &'a Firing,
    pub(crate) inventory: Inventory,
    pub(crate) admitted: Admitted,
    /// Why what is let in from now on is not asked; `None` where it is.
    pub(crate) over: Option<Over>,
    pub(crate) targets: Vec<Target>,
    /// Why nothing more can be asked or read: the keys were refused.
    pub(crate) lost: Option<CloudError>,
    /// Why nothing more can be asked: a request was refused for the keys. What others had asked
    /// for by then is followed for as long as it can be read.
    pub(crate) refused_keys: Option<CloudError>,
    pub(crate) rights: Rights,
    pub(crate) report: Report,
    /// How much patience each instance has from when it could be asked.
    pub(super) patience: Duration,
    /// When all ends, whatever is still waiting: the other half of its window falls due.
    pub(super) latest: Option<Moment>,
    /// What the rule's selectors, and `[protect]`, match nothing with so far.
    pub(crate) matching: [Matching; 2],
}

pub(super) type Cohorts = BTreeMap<(RegionCode, u32), Vec<InstanceNo>>;

/// What is known of the right to do what the firing does.
#[derive(Debug, Default)]
pub(crate) struct Rights {
    pub(super) is_found: bool,
    /// How many were refused for want of it, each asked alone, since anything was accepted.
    pub(super) alone: usize,
    /// How many batches were tried with one server since it seems to be missing for all.
    pub(super) sampled: usize,
    /// How many requests were refused for want of it since then.
    pub(super) in_vain: usize,
}
