//! A firing on its way.

use std::time::Duration;

use super::admission::Admitted;
use super::rights::Rights;
use super::target::Pursuit;
use super::{Firing, Over, Report, Stopper};
use crate::clock::Moment;
use crate::cloud::CloudError;
use crate::inventory::Survey;
use crate::select::unmatched::Matching;

/// A firing on its way.
#[derive(Debug)]
pub(crate) struct Chase<'a> {
    pub(crate) stopper: &'a Stopper,
    pub(crate) firing: &'a Firing,
    pub(crate) survey: Survey,
    pub(crate) admitted: Admitted,
    /// Why what is let in from now on is not asked; `None` where it is.
    pub(crate) over: Option<Over>,
    /// What is not settled yet.
    pub(crate) pursuits: Vec<Pursuit>,
    /// Why nothing more can be asked or read: the keys were refused.
    pub(crate) lost: Option<CloudError>,
    pub(crate) rights: Rights,
    pub(crate) report: Report,
    /// How much patience each instance has from when it could be asked.
    pub(super) patience: Duration,
    /// When all ends, whatever is still waiting: the other half of its window falls due.
    pub(super) latest: Option<Moment>,
    /// What the rule's selectors, and `[protect]`, match nothing with so far.
    pub(crate) matching: [Matching; 2],
}
