//! The facts around an instant, in order, as types.
//!
//! [`super::timeline`] puts them in order; [`super::words`] puts them in words.

use chrono::{DateTime, Utc};

use super::rules::RuleThen;
use super::then::Gone;
use crate::audit::RequestLine;
use crate::model::instance::Action;
use crate::model::outcome::Outcome;
use crate::model::reason::Reason;
use crate::schedule::Disabled;
use crate::state_history::State;

#[derive(Clone, Debug)]
pub struct WhyFacts {
    /// The time that is asked about.
    pub at: DateTime<Utc>,
    pub now: DateTime<Utc>,
    /// The last state before `at`: its beginning, and its status (the API's code).
    pub before: Option<(DateTime<Utc>, String)>,
    /// The end of that state: the observation that saw another one, else the last observation.
    pub same_until: Option<DateTime<Utc>>,
    /// The first observation of another status.
    pub after: Option<(DateTime<Utc>, String)>,
    /// All events in order, from before `at` to after it.
    pub events: Vec<Event>,
    /// The rules that mean the instance, or may mean it.
    pub rules: Vec<RuleThen>,
    pub gone: Vec<Gone>,
}

/// Something that happened to an instance, or failed to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The time of the event, or its beginning.
    pub at: DateTime<Utc>,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Fired(Box<FiredRule>),
    /// A rule did not fire at its time.
    Silent {
        rule: String,
        action: Action,
        why: Silence,
    },
    /// Somebody else started or stopped the instance.
    Changed {
        action: Action,
        /// The observation that found the change. The event's time is the last observation before
        /// it.
        seen_at: DateTime<Utc>,
    },
    /// The instance, or a rule that means it, was held.
    Held {
        /// The end, the author and the purpose of the hold.
        reason: Reason,
        /// The time and the author of the release.
        released: Option<(DateTime<Utc>, String)>,
    },
    /// An action on the instance was deferred to this time.
    Deferred {
        rule: String,
        action: Action,
        /// The firing that caught up on the action.
        made_up_by: Option<i64>,
    },
    Away {
        /// The end; `None`: as far as the log goes.
        until: Option<DateTime<Utc>>,
    },
}

/// The reason why a rule did not fire at its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Silence {
    /// A calendar that names the day, or an override, in the words of the answer.
    Skipped(String),
    Disabled(Disabled),
    /// No daemon was there, and none has come since to record the firing as missed.
    Away,
}

/// A firing, and its outcome for the instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiredRule {
    pub firing: i64,
    pub rule: String,
    pub action: Action,
    /// The end of the instance in it, or of the firing as a whole.
    pub ending: Ending,
    pub reason: Option<Reason>,
    pub settled_at: Option<DateTime<Utc>>,
    /// The requests that named the instance.
    pub requests: Vec<RequestLine>,
    /// The firing caught up on a deferred action.
    pub makes_up: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The outcome of the instance or of the firing.
    Came(Outcome),
    Open,
    /// The firing did not match the instance.
    Without,
}

impl WhyFacts {
    /// The state at the time that is asked about.
    pub fn state(&self) -> State {
        let is_torn = self.events.iter().any(|event| {
            matches!(event.what, What::Changed { seen_at, .. } if event.at < self.at && self.at < seen_at)
        });
        match &self.before {
            Some((_, status)) if !is_torn => State::of(status),
            _ => State::Unknown,
        }
    }
}
