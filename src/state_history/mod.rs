//! In which state an instance was, and when, out of what was seen of it.
//!
//! Pure. `audit` reads what was seen; here it becomes an unbroken row of intervals. A look tells how
//! an instance was at one instant, and its last boot, how it was before. What nobody saw is
//! unknown and never guessed; what happens twice between two looks is not seen at all.

mod absence;
mod intervals;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::model::instance::{AccountName, Action, InstanceNo};
use crate::time::uptime::Stretch;

pub use absence::{Absence, absences};

/// The state an instance was in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// `RUN`.
    Running,
    /// `NSTOP`.
    Off,
    /// In none of the two, or nobody looked.
    Unknown,
}

impl State {
    pub fn of(status: &str) -> Self {
        [(Action::Start, Self::Running), (Action::Stop, Self::Off)]
            .into_iter()
            .find(|(action, _)| action.goal().code() == status)
            .map_or(Self::Unknown, |(_, state)| state)
    }

    /// The action that leads to it.
    pub fn led_to_by(self) -> Option<Action> {
        match self {
            Self::Running => Some(Action::Start),
            Self::Off => Some(Action::Stop),
            Self::Unknown => None,
        }
    }
}

/// How an instance was found, where that was new or other than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    pub at: DateTime<Utc>,
    pub state: State,
    /// `uptime`, its last boot; not every server says it.
    pub booted_at: Option<DateTime<Utc>>,
}

/// A request of ours that named an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub at: DateTime<Utc>,
    pub action: Action,
    pub rule: String,
}

/// A turn that was somebody else's doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turned {
    /// When it was last seen as it had been.
    pub unseen_since: DateTime<Utc>,
    pub seen_at: DateTime<Utc>,
    pub action: Action,
}

/// What was seen of one instance, and what could explain it. Each list in order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sightings {
    /// Where it was other than before; the last one before the time that is asked about among
    /// them.
    pub looks: Vec<Look>,
    /// When it was last looked at, of all time.
    pub looked_at: Option<DateTime<Utc>>,
    pub asked: Vec<Asked>,
    pub turned: Vec<Turned>,
}

/// An instance, and what was seen of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub account: AccountName,
    pub no: InstanceNo,
    /// Its name, as it was last seen.
    pub name: String,
    /// Its region, as it was last seen.
    pub region: String,
    pub sightings: Sightings,
}

/// When somebody was there to see, and how far back the log goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watch {
    /// When no daemon was there; empty where none ever was, and rules are fired by hand.
    pub away: Vec<Absence>,
    /// What lies before it was removed from the log, be it in part.
    pub pruned_before: Option<DateTime<Utc>>,
}

impl Watch {
    /// Of the stretches that daemons lived through, in any order.
    pub fn of(lived: &[Stretch], pruned_before: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Self {
        Self { away: absences(lived, now), pruned_before }
    }

    /// Whether nobody was away between two times.
    fn lasted(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> bool {
        let missed = |away: &Absence| away.from < until && away.until.is_none_or(|end| end > from);
        !self.away.iter().any(missed)
    }
}

/// A time throughout which an instance was in one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interval {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub state: State,
    /// Who brought it about, where that is known.
    pub by: Option<By>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    Us(String),
    Others,
}
