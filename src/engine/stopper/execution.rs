//! The state of one firing under way. [`super::advance`] moves it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::admitted::Admitted;
use super::questions::Questions;
use super::target::Target;
use super::{Firing, Over, Report, Stopper};
use crate::clock::Moment;
use crate::cloud::{CloudError, Limits};
use crate::inventory::Inventory;
use crate::model::instance::{InstanceNo, RegionCode};
use crate::select::unmatched::Matching;

#[derive(Debug)]
pub(crate) struct Execution<'a> {
    pub(crate) stopper: &'a Stopper,
    pub(crate) firing: &'a Firing,
    pub(crate) inventory: Inventory,
    pub(crate) admitted: Admitted,
    /// Why newly admitted instances get no request; `None` when they do.
    pub(crate) over: Option<Over>,
    pub(crate) targets: Vec<Target>,
    /// Why nothing more can be sent or read: the keys were refused.
    pub(crate) lost: Option<CloudError>,
    /// Why nothing more can be sent: a request was refused for its keys. Earlier requests are
    /// followed while they can be read.
    pub(crate) refused_keys: Option<CloudError>,
    pub(crate) rights: Rights,
    pub(super) limits: Limits,
    pub(crate) report: Report,
    /// The patience of each instance, from when a request could be sent.
    pub(super) patience: Duration,
    /// `stagger`: no request leaves before.
    pub(super) next_request: Moment,
    pub(super) questions: Questions,
    /// The end of the firing, whatever still waits: the other half of its window falls due.
    pub(super) latest: Option<Moment>,
    /// The unmatched entries of the rule's selectors and of `[protect]` so far.
    pub(crate) matching: [Matching; 2],
}

pub(super) type Cohorts = BTreeMap<(RegionCode, u32), Vec<InstanceNo>>;

/// The knowledge about the right to send the firing's requests.
#[derive(Debug, Default)]
pub(crate) struct Rights {
    pub(super) is_found: bool,
    /// The refusals of single servers for a missing right, since the last acceptance.
    pub(super) alone: usize,
    /// The batches that were tried with one server since the right seems to be missing.
    pub(super) sampled: usize,
    /// The refused requests since then.
    pub(super) in_vain: usize,
}
