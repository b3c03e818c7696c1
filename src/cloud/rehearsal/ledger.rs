//! Records the requests to the rehearsal cloud: exact counters, and the last requests word by word.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::fault::FaultKind;
use crate::model::instance::{Action, InstanceNo};

/// The number of requests that are kept word by word. The counters have no end.
const MOST_RECORDS: usize = 100_000;

#[derive(Clone, Debug, Serialize)]
pub struct Record {
    pub at: DateTime<Utc>,
    /// `GET` or `POST`.
    pub method: String,
    /// The name of the action; `resources`, `redirected` (a client followed a redirect) or
    /// `unknown`.
    pub action: &'static str,
    pub region: Option<String>,
    pub instances: Vec<InstanceNo>,
    /// The instances that changed.
    pub effects: Vec<InstanceNo>,
    /// The status of the answer; `None` if the connection ended without an answer.
    pub http_status: Option<u16>,
    /// `returnCode` of the service or `errorCode` of the gateway, if one was sent.
    pub return_code: Option<String>,
    pub request_id: Option<String>,
    pub fault: Option<FaultKind>,
}

/// The number of requests of each sort, since the beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Requests by action, refused and failed ones included.
    pub requests: BTreeMap<&'static str, u64>,
    /// Requests for a change, by instance.
    pub instances: BTreeMap<InstanceNo, Tally>,
}

/// The number of changes that were asked of one instance, whatever the answers were. Repeats,
/// refused requests and struck requests count too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    pub stop_requests: u64,
    pub start_requests: u64,
    pub stops: u64,
    pub starts: u64,
    /// Stop requests while it was already shutting down or stopped.
    pub needless_stops: u64,
    /// Start requests while it was already booting or running.
    pub needless_starts: u64,
}

impl Counts {
    pub fn of(&self, no: &InstanceNo) -> Tally {
        self.instances.get(no).copied().unwrap_or_default()
    }

    pub fn requests_for(&self, action: &str) -> u64 {
        self.requests.get(action).copied().unwrap_or_default()
    }

    pub fn total(&self) -> Tally {
        self.instances.values().fold(Tally::default(), |sum, one| Tally {
            stop_requests: sum.stop_requests + one.stop_requests,
            start_requests: sum.start_requests + one.start_requests,
            stops: sum.stops + one.stops,
            starts: sum.starts + one.starts,
            needless_stops: sum.needless_stops + one.needless_stops,
            needless_starts: sum.needless_starts + one.needless_starts,
        })
    }
}

#[derive(Debug, Default)]
pub(super) struct Ledger {
    counts: Counts,
    records: VecDeque<Record>,
}

impl Ledger {
    /// Records a request. `needless` are its instances that are in the wanted state or on their
    /// way.
    pub(super) fn write(
        &mut self,
        record: Record,
        change: Option<Action>,
        needless: &[InstanceNo],
    ) {
        *self.counts.requests.entry(record.action).or_default() += 1;
        if let Some(action) = change {
            self.count(&record.instances, |tally| tally.requests_mut(action));
            self.count(&record.effects, |tally| tally.effects_mut(action));
            self.count(needless, |tally| tally.needless_mut(action));
        }
        if self.records.len() == MOST_RECORDS {
            self.records.pop_front();
        }
        self.records.push_back(record);
    }

    fn count(&mut self, instances: &[InstanceNo], what: impl Fn(&mut Tally) -> &mut u64) {
        for no in instances {
            *what(self.counts.instances.entry(no.clone()).or_default()) += 1;
        }
    }

    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Oldest first.
    pub(super) fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.iter()
    }

    /// The records, which are then no longer kept. Oldest first.
    pub(super) fn take_records(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.records).into()
    }
}

impl Tally {
    fn requests_mut(&mut self, action: Action) -> &mut u64 {
        match action {
            Action::Stop => &mut self.stop_requests,
            Action::Start => &mut self.start_requests,
        }
    }

    fn effects_mut(&mut self, action: Action) -> &mut u64 {
        match action {
            Action::Stop => &mut self.stops,
            Action::Start => &mut self.starts,
        }
    }

    fn needless_mut(&mut self, action: Action) -> &mut u64 {
        match action {
            Action::Stop => &mut self.needless_stops,
            Action::Start => &mut self.needless_starts,
        }
    }
}
