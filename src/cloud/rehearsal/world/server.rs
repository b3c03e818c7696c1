//! Owns one server through time: its state follows from the last change and the time since.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::Now;
use super::refusal::{BUSY, Refused};
use crate::clock::Moment;
use crate::cloud::codes;
use crate::cloud::ncloud::Generation;
use crate::cloud::rehearsal::fleet::{Hypervisor, Refuse, ServerSpec};
use crate::model::instance::{Action, InstanceNo, Operation, RegionCode, Status};

#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, true or not")]
pub(in super::super) struct Server {
    pub(in super::super) no: InstanceNo,
    pub(in super::super) name: String,
    pub(in super::super) platform: Generation,
    pub(in super::super) region: RegionCode,
    pub(in super::super) zone: String,
    pub(in super::super) tags: Vec<(String, String)>,
    pub(in super::super) created_at: DateTime<Utc>,
    pub(in super::super) protected: bool,
    pub(in super::super) hypervisor: Hypervisor,
    pub(in super::super) product_code: Option<String>,
    pub(in super::super) spec_code: Option<String>,
    pub(in super::super) stranger: bool,
    pub(in super::super) odd: bool,
    pub(in super::super) forbidden: bool,
    /// The state after the last change.
    state: State,
    /// The next state that comes by itself, and its time.
    next: Option<(Moment, State)>,
    /// The state that lists still show, and the end of that time.
    stale: Option<(Moment, State)>,
    vanishes_at: Option<Moment>,
    refuse: Option<Refuse>,
    habits: Habits,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct State {
    pub(in super::super) status: Status,
    pub(in super::super) operation: Operation,
    /// `uptime`.
    pub(in super::super) booted_at: DateTime<Utc>,
}

#[derive(Clone, Debug)]
struct Habits {
    stop_takes: Duration,
    start_takes: Duration,
    stop_ends_in: Status,
    start_ends_in: Status,
    never_stops: bool,
}

impl Server {
    pub(super) fn new(
        spec: &ServerSpec,
        id: (InstanceNo, String),
        home: &RegionCode,
        now: Now,
    ) -> Self {
        let region = spec
            .region
            .as_ref()
            .map_or_else(|| home.clone(), |code| RegionCode::new(code.as_str()).expect("checked"));
        let booted_at = now.wall - TimeDelta::days(3);
        let state =
            State { status: spec.status.clone(), operation: spec.operation.clone(), booted_at };
        let next = spec.busy_for.map(|busy| (now.moment + busy, state.afterwards(now.wall + busy)));
        let (no, name) = id;
        Self {
            no,
            name,
            platform: spec.platform,
            zone: spec.zone.clone().unwrap_or_else(|| format!("{region}-1")),
            region,
            tags: spec.tags.clone().into_iter().collect(),
            created_at: now.wall - spec.age,
            protected: spec.protected,
            hypervisor: spec.hypervisor,
            product_code: spec.product_code.clone(),
            spec_code: spec.spec_code.clone(),
            stranger: spec.stranger,
            odd: spec.odd,
            forbidden: spec.forbidden,
            state,
            next,
            stale: None,
            vanishes_at: spec.vanishes_after.map(|after| now.moment + after),
            refuse: spec.refuse.clone(),
            habits: Habits {
                stop_takes: spec.stop_takes,
                start_takes: spec.start_takes,
                stop_ends_in: spec.stop_ends_in.clone(),
                start_ends_in: spec.start_ends_in.clone(),
                never_stops: spec.never_stops,
            },
        }
    }

    pub(super) fn exists(&self, now: Now) -> bool {
        self.vanishes_at.is_none_or(|at| now.moment < at)
    }

    pub(in super::super) fn state(&self, now: Now) -> &State {
        match &self.next {
            Some((at, next)) if *at <= now.moment => next,
            _ => &self.state,
        }
    }

    pub(in super::super) fn shown(&self, now: Now) -> &State {
        match &self.stale {
            Some((until, stale)) if now.moment < *until => stale,
            _ => self.state(now),
        }
    }

    /// Whether the server is already in the state that `action` leads to, or on its way.
    pub(super) fn is_needless(&self, action: Action, now: Now) -> bool {
        let state = self.state(now);
        state.status.power() == action.goal() && state.operation.is_none()
            || state.operation.code() == under_way(action)
    }

    /// The refusal of `action`, if any. Uses up one of its `refuse.times`.
    pub(super) fn objection(&mut self, action: Action, now: Now) -> Option<Refused> {
        if let Some(refused) = self.refusal() {
            return Some(refused);
        }
        let state = self.state(now);
        if !state.operation.is_none() {
            return Some(Refused::with(BUSY));
        }
        if state.status.power() == action.goal() {
            return Some(Refused::already_done(action));
        }
        (state.status.power() != action.opposite().goal()).then(|| Refused::with(BUSY))
    }

    fn refusal(&mut self) -> Option<Refused> {
        let refuse = self.refuse.as_mut().filter(|refuse| refuse.times != Some(0))?;
        refuse.times = refuse.times.map(|times| times - 1);
        let known = Refused::with(&refuse.code);
        Some(Refused { message: refuse.message.clone().unwrap_or(known.message), ..known })
    }

    /// Begins a change that nothing refuses.
    pub(super) fn begin(&mut self, action: Action, list_lag: Duration, now: Now) {
        let before = self.state(now).clone();
        let takes = match action {
            Action::Stop => self.habits.stop_takes,
            Action::Start => self.habits.start_takes,
        };
        let mut after = before.clone();
        match action {
            Action::Stop => after.status = self.habits.stop_ends_in.clone(),
            Action::Start => {
                after.status = self.habits.start_ends_in.clone();
                after.booted_at = now.wall + takes;
            }
        }
        let ends = action == Action::Start || !self.habits.never_stops;
        self.state = State { operation: codes::operation(under_way(action)), ..before.clone() };
        self.next = ends.then(|| (now.moment + takes, after));
        self.stale = Some((now.moment + list_lag, before));
    }

    /// Puts the server in a state, as another person would. An operation under way ends.
    pub(super) fn put(&mut self, status: Status, operation: Operation, now: Now) {
        let booted_at = self.state(now).booted_at;
        self.state = State { status, operation, booted_at };
        self.next = None;
        self.stale = None;
    }
}

impl State {
    /// The state after the operation of this state ends at `at`.
    fn afterwards(&self, at: DateTime<Utc>) -> Self {
        let (status, booted_at) = match self.operation.code() {
            "SHTDN" | "HSHTD" => (codes::status("NSTOP"), self.booted_at),
            "START" | "RESTA" | "HREST" => (codes::status("RUN"), at),
            "TERMT" => (codes::status("TERMT"), self.booted_at),
            _ => (self.status.clone(), self.booted_at),
        };
        Self { status, operation: codes::operation("NULL"), booted_at }
    }
}

fn under_way(action: Action) -> &'static str {
    match action {
        Action::Stop => "SHTDN",
        Action::Start => "START",
    }
}
