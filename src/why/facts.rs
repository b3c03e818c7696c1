//! What is known around an instant, in order: one event a line.

use chrono::{DateTime, Utc};

use super::rules::RuleThen;
use super::then::Gone;
use crate::audit::RequestLine;
use crate::model::instance::Action;
use crate::model::outcome::Outcome;
use crate::state_history::State;

/// What is known of an instance around a time.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The time that is asked about.
    pub at: DateTime<Utc>,
    pub now: DateTime<Utc>,
    /// How it was last seen by then: since when, and in which status (the API's code).
    pub before: Option<(DateTime<Utc>, String)>,
    /// Until when nothing in the log says otherwise: up to the look that found it otherwise, else
    /// up to the last look of all.
    pub same_until: Option<DateTime<Utc>>,
    /// When it was first seen in another status, and in which.
    pub after: Option<(DateTime<Utc>, String)>,
    /// What happened, in order; the time that is asked about lies somewhere in it.
    pub events: Vec<Event>,
    /// The rules that mean it, or may mean it.
    pub rules: Vec<RuleThen>,
    pub gone: Vec<Gone>,
}

/// Something that happened to an instance, or did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When; what has a length: when it began.
    pub at: DateTime<Utc>,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Fired(Box<Fired>),
    /// A rule did not fire at its time, for this reason.
    Silent {
        rule: String,
        action: Action,
        why: Silence,
    },
    /// Somebody else turned it on or off.
    Changed {
        action: Action,
        /// When it was found so; it was last seen otherwise when the event began.
        seen_at: DateTime<Utc>,
    },
    /// It, or a rule that means it, was held.
    Held {
        /// Until when, by whom and what for, as a reason has it.
        reason: String,
        /// When it was taken back, and by whom.
        released: Option<(DateTime<Utc>, String)>,
    },
    /// A rule was to do something to it, now.
    Deferred {
        rule: String,
        action: Action,
        /// The firing that made it up.
        made_up_by: Option<i64>,
    },
    Away {
        /// Until when; `None`: as far as the log goes.
        until: Option<DateTime<Utc>>,
    },
}

/// Why a rule did not fire at its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Silence {
    /// A calendar kept it, which names the day.
    Calendar(String),
    /// It was disabled; since when and why.
    Disabled(String),
    /// No daemon was there, and none has come since to say that it was missed.
    Away,
}

/// A firing, and what it came to for the instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fired {
    pub firing: i64,
    pub rule: String,
    pub action: Action,
    /// What became of the instance, or of the firing as a whole.
    pub ending: Ending,
    pub reason: Option<String>,
    pub settled_at: Option<DateTime<Utc>>,
    /// The requests that named the instance.
    pub requests: Vec<RequestLine>,
    /// Whether it made up for what was owed.
    pub makes_up: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// This became of the instance, or of the firing.
    Came(Outcome),
    Open,
    /// It did not match the instance.
    Without,
}

impl Facts {
    /// The state it was in at the time asked about.
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
