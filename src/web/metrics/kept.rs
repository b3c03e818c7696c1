//! The metrics of a process, and how far the log has been counted. [`super`] fills them in.

use prometheus_client::registry::Registry;

use super::counts::Counts;
use super::states::States;
use crate::audit::Through;
use crate::clock::Moment;

#[derive(Debug)]
pub(crate) struct Metrics {
    pub(super) registry: Registry,
    pub(super) counts: Counts,
    pub(super) states: States,
    pub(super) counted: Through,
    pub(super) last: Option<(Moment, String)>,
}
