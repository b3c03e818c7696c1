//! Turns the observations of an instance into an unbroken row of states.
//!
//! Pure: `audit` reads the observations. An observation shows the state at one instant. Its last
//! boot also tells about the time before. Time that nobody observed is unknown, and never guessed.
//! A server that changes twice between two observations seems unchanged.

mod absence;
mod intervals;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use crate::cloud::codes;
use crate::model::instance::{AccountName, Action, InstanceNo, PowerState};
use crate::time::uptime::Stretch;

pub use absence::{Absence, absences};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum State {
    Running,
    Off,
    /// Neither running nor off, or not observed.
    Unknown,
}

impl State {
    pub fn of(status: &str) -> Self {
        match codes::power(status) {
            PowerState::Running => Self::Running,
            PowerState::Stopped => Self::Off,
            PowerState::Changing | PowerState::Failed | PowerState::Other => Self::Unknown,
        }
    }

    /// The action that leads to this state.
    pub fn led_to_by(self) -> Option<Action> {
        match self {
            Self::Running => Some(Action::Start),
            Self::Off => Some(Action::Stop),
            Self::Unknown => None,
        }
    }
}

/// The first observation of an instance, or one that differs from the observation before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    pub at: DateTime<Utc>,
    pub state: State,
    /// The API's `uptime`: the last boot. Not every server has it.
    pub booted_at: Option<DateTime<Utc>>,
}

/// A request of ours that named an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnRequest {
    pub at: DateTime<Utc>,
    pub action: Action,
    pub rule: String,
}

/// A change by somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalTurn {
    /// The last observation of the earlier state.
    pub unseen_since: DateTime<Utc>,
    pub seen_at: DateTime<Utc>,
    pub action: Action,
}

/// The observations of one instance, and their possible causes. Each list is in order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sightings {
    /// Observations that differ from the one before. The last one before the period is included.
    pub looks: Vec<Observation>,
    /// The newest observation of all.
    pub looked_at: Option<DateTime<Utc>>,
    pub asked: Vec<OwnRequest>,
    pub turned: Vec<ExternalTurn>,
}

impl Sightings {
    /// Whether the instance was seen to leave another state for that of its last observation.
    pub fn show_a_turn(&self) -> bool {
        let known = |look: &&Observation| look.state != State::Unknown;
        let Some(last) = self.looks.last().filter(known) else { return false };
        self.looks.iter().filter(known).any(|look| look.state != last.state)
    }
}

/// An instance with its observations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub account: AccountName,
    pub no: InstanceNo,
    /// The name when last seen.
    pub name: String,
    /// The region when last seen.
    pub region: String,
    pub sightings: Sightings,
}

/// The times with a daemon, and the beginning of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watch {
    /// The times without a daemon. Empty when there never was one, and rules are fired by hand.
    pub away: Vec<Absence>,
    /// Entries before this time were removed, at least in part.
    pub pruned_before: Option<DateTime<Utc>>,
}

impl Watch {
    /// `lived` holds the periods in which daemons lived, in any order.
    pub fn of(lived: &[Stretch], pruned_before: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Self {
        Self { away: absences(lived, now), pruned_before }
    }

    /// Whether a daemon was there all the time.
    fn lasted(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> bool {
        let missed = |away: &Absence| away.from < until && away.until.is_none_or(|end| end > from);
        !self.away.iter().any(missed)
    }
}

/// A period in one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interval {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub state: State,
    /// The author of the state, if known.
    pub by: Option<By>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    Us(String),
    Others,
}
