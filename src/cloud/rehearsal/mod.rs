//! The rehearsal cloud: the far side of NAVER Cloud, invented, and served over HTTP.
//!
//! Owns a world with state: servers need time to stop and start, the gateway checks signatures, and
//! faults strike on demand. The sources are NAVER's public reference and SDKs. The docs mark every
//! invention beyond them. `lightsout demo`, `lightsout cloud` and the tests use this cloud.
//!
//! ```text
//! fleet ─► world (servers through time)  ◄── http (gate, questions, shapes) ◄── a client
//!      └─► fault_schedule (struck calls) ◄──┘ └─► ledger (requests so far)
//! ```
//!
//! All delays are in the time of the given [`Clock`]. Knows nothing of the client, which is
//! [`ncloud`](crate::cloud::ncloud).

mod fault;
mod fault_schedule;
mod fleet;
mod http;
mod ledger;
mod rng;
mod snapshot;
mod world;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use self::http::{Door, Gateway};
use crate::clock::Clock;
use crate::model::instance::{InstanceNo, Operation, Status};

pub use fault::{Fault, FaultKind, ListChange};
pub use fleet::{
    Batch, Fleet, FleetError, FleetMistake, Hypervisor, Refuse, ServerSpec, TagFilter, TagRules,
    TagsInLists, ZoneLeftOut,
};
pub use ledger::{Counts, Record, Tally};
pub use snapshot::Snapshot;

/// A rehearsal cloud that listens. Dropping it frees the port and ends its connections.
pub struct RehearsalCloud {
    gateway: Arc<Gateway>,
    address: SocketAddr,
    door: Door,
    serving: JoinHandle<()>,
}

impl fmt::Debug for RehearsalCloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RehearsalCloud").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for RehearsalCloud {
    fn drop(&mut self) {
        self.door.close();
        self.serving.abort();
    }
}

impl RehearsalCloud {
    /// Begins a world and serves it on the current tokio runtime. With port 0 the system chooses.
    ///
    /// # Errors
    /// The system does not let it listen on the address.
    pub async fn serve(
        fleet: Fleet,
        clock: Arc<dyn Clock>,
        listen: SocketAddr,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let gateway = Arc::new(Gateway::new(&fleet, clock));
        let door = Door::new(listener);
        let serving = tokio::spawn(http::serve(door.clone(), Arc::clone(&gateway)));
        Ok(Self { gateway, address, door, serving })
    }

    /// `http://ADDRESS:PORT`: the URL of both the gateway and the Resource Manager.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn access_key(&self) -> &str {
        &self.gateway.keys.access
    }

    pub fn secret_key(&self) -> &str {
        &self.gateway.keys.secret
    }

    /// The variables by which a client finds it and its keys.
    #[must_use]
    pub fn variables(&self) -> [(&'static str, String); 3] {
        [
            ("NCLOUD_API_GW", self.base_url()),
            ("NCLOUD_ACCESS_KEY", self.access_key().to_owned()),
            ("NCLOUD_SECRET_KEY", self.secret_key().to_owned()),
        ]
    }

    pub fn counts(&self) -> Counts {
        self.gateway.inside().ledger.counts().clone()
    }

    /// The last 100,000 requests, oldest first.
    pub fn requests(&self) -> Vec<Record> {
        self.gateway.inside().ledger.records().cloned().collect()
    }

    /// The same as [`requests`](Self::requests), and forgets them: long rehearsals would fill the
    /// memory.
    pub fn take_requests(&self) -> Vec<Record> {
        self.gateway.inside().ledger.take_records()
    }

    /// The present state of a server; `None` if there is none of that number.
    pub fn server(&self, no: &InstanceNo) -> Option<Snapshot> {
        let now = self.gateway.now();
        let inside = self.gateway.inside();
        inside.world.server(no, now).map(|server| Snapshot::of(server, now))
    }

    /// The present states of all servers, in the order of their numbers.
    pub fn servers(&self) -> Vec<Snapshot> {
        let now = self.gateway.now();
        let inside = self.gateway.inside();
        inside.world.servers(now).map(|server| Snapshot::of(server, now)).collect()
    }

    /// Puts a server in a state, as a person at the console would. An operation under way ends.
    pub fn set_status(&self, no: &InstanceNo, status: Status, operation: Operation) {
        let now = self.gateway.now();
        self.gateway.inside().world.put(no, (status, operation), now);
    }

    pub fn remove(&self, no: &InstanceNo) {
        self.gateway.inside().world.remove(no);
    }

    pub fn rename(&self, no: &InstanceNo, name: &str) {
        if let Some(server) = self.gateway.inside().world.server_mut(no) {
            name.clone_into(&mut server.name);
        }
    }

    /// Replaces the tags of a server.
    pub fn set_tags(&self, no: &InstanceNo, tags: &[(&str, &str)]) {
        if let Some(server) = self.gateway.inside().world.server_mut(no) {
            let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
            server.tags = tags.iter().map(owned).collect();
        }
    }

    /// Adds a fault after the present ones.
    ///
    /// # Panics
    /// The fault contradicts itself, as no fault of a fleet file can.
    pub fn add_fault(&self, fault: Fault) {
        fault.check().expect("a fault that makes sense");
        self.gateway.inside().faults.add(fault);
    }

    pub fn clear_faults(&self) {
        self.gateway.inside().faults.clear();
    }

    /// Answers every later call with 401.
    pub fn revoke_keys(&self) {
        self.gateway.inside().keys_revoked = true;
    }
}
