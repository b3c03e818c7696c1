//! What the log has for a report.

use chrono::{DateTime, TimeDelta, Utc};

use crate::audit::ConfigVersion;
use crate::audit::instance::product::Kept;
use crate::model::instance::{AccountName, Action, InstanceNo, Product};
use crate::model::outcome::Outcome;
use crate::model::span::Span;
use crate::state_history::{Seen, Watch};

/// What the log has for a report.
#[derive(Clone, Debug)]
pub struct Facts {
    pub span: Span,
    /// The firings of that time and of some days before, in the order in which they fell due;
    /// one that was noted as missed and then run all the same is there once.
    pub firings: Vec<Fired>,
    /// What was seen, of every instance there is, from before that time on.
    pub seen: Vec<Seen>,
    /// As what each instance was sold, from when on; in order.
    pub products: Vec<Kept<Product>>,
    /// The texts of schedules.toml that daemons had in use in that time, in order.
    pub files: Vec<ConfigVersion>,
    pub begins_at: Option<DateTime<Utc>>,
    /// When somebody was there to see.
    pub watch: Watch,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fired {
    pub rule: String,
    pub action: Action,
    pub account: AccountName,
    /// When it fell due; when it began, where it was fired by hand.
    pub due_at: DateTime<Utc>,
    /// How it came to be run, or that it was not.
    pub run: Run,
    /// Whether it made up for others, or was to.
    pub is_makeup: bool,
    /// Whether nothing was to be sent.
    pub is_dry_run: bool,
    /// Whether something is left to do or to follow.
    pub is_open: bool,
    /// What was said of it as a whole, or of a whole region.
    pub words: Vec<Outcome>,
    /// What became of the instances that it matched.
    pub ended: Vec<Ended>,
}

/// How a firing came to be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    OnTime,
    /// Late, since nobody was there at its time.
    Late,
    ByHand,
    Missed,
}

/// Instances of a firing that came to the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// What became of them; `None`: nothing has yet, or the firing was held back as a whole.
    pub outcome: Option<Outcome>,
    pub reason: Option<String>,
    pub instances: Vec<InstanceNo>,
}

/// How long a night is at most: the holidays around the lunar new year and two weekends.
pub const LONGEST_NIGHT: TimeDelta = TimeDelta::days(14);
