//! The facts for a report, as types. [`super::report`] reads them.

use chrono::{DateTime, TimeDelta, Utc};

use crate::audit::ConfigVersion;
use crate::audit::instance::product::Kept;
use crate::model::ids::FiringId;
use crate::model::instance::{AccountName, Action, InstanceNo, Product};
use crate::model::outcome::Outcome;
use crate::model::period::Period;
use crate::model::reason::Reason;
use crate::state_history::{Seen, Watch};

#[derive(Clone, Debug)]
pub struct ReportFacts {
    /// With the firings of [`LONGEST_NIGHT`] before the period.
    pub fired: FiringFacts,
    /// The observations of every instance, from before the period on.
    pub seen: Vec<Seen>,
    /// The products of each instance with the time from which each was sold, in order.
    pub products: Vec<Kept<Product>>,
}

/// What fired in a period, and what the files of the period had promised.
#[derive(Clone, Debug)]
pub struct FiringFacts {
    pub span: Period,
    /// In the order of their due times. A firing that was recorded as missed and then run appears
    /// once.
    pub firings: Vec<Fired>,
    /// The texts of schedules.toml that daemons used in the period, in order.
    pub files: Vec<ConfigVersion>,
    pub begins_at: Option<DateTime<Utc>>,
    /// The times with a daemon.
    pub watch: Watch,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fired {
    /// `None`: it has no row, since no daemon was there to write one.
    pub firing: Option<FiringId>,
    pub rule: String,
    pub action: Action,
    pub account: AccountName,
    /// The due time; for a firing by hand, its beginning.
    pub due_at: DateTime<Utc>,
    /// How it was run, or that it was not.
    pub run: HowRun,
    /// It caught up on deferred actions, or was to.
    pub is_makeup: bool,
    /// Nothing was to be sent.
    pub is_dry_run: bool,
    /// Something is left to do or to follow.
    pub is_open: bool,
    /// The outcomes of the whole firing or of a whole region.
    pub words: Vec<Outcome>,
    /// The outcomes of its matched instances.
    pub ended: Vec<OutcomeGroup>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HowRun {
    OnTime,
    /// Late, because no daemon was there at its time.
    Late,
    ByHand,
    Missed,
}

/// Instances of a firing with the same outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeGroup {
    /// `None`: still open, or the firing was held back as a whole.
    pub outcome: Option<Outcome>,
    pub reason: Option<Reason>,
    pub instances: Vec<InstanceNo>,
}

/// The longest night: the holidays around the lunar new year and two weekends.
pub const LONGEST_NIGHT: TimeDelta = TimeDelta::days(14);
