//! The world: servers that need time to change. Pure and synchronous; each question brings the
//! time.
//!
//! `http` owns the form of questions and answers on the wire.

mod now;
mod place;
mod query;
mod refusal;
mod server;

use std::collections::BTreeMap;
use std::time::Duration;

use super::fleet::{Batch, Fleet, ServerSpec, TagRules};
use crate::cloud::ncloud::Generation;
use crate::model::instance::{Action, InstanceNo, Operation, RegionCode, Status};

pub(super) use now::Now;
pub(super) use place::Region;
pub(super) use query::{Page, Query, holds_all};
pub(super) use refusal::{NO_NUMBER, Refused};
pub(super) use server::{Server, State};

/// The first number for servers without `no`: the one of NAVER's example.
const FIRST_NO: u64 = 1_021_003;

/// All servers of the account, on both platforms.
#[derive(Debug)]
pub(super) struct World {
    servers: BTreeMap<InstanceNo, Server>,
    regions: Vec<Region>,
    batch: Batch,
    list_lag: Duration,
    tags: TagRules,
}

/// The result of a request for a change.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Changed {
    /// The servers that changed.
    pub(super) taken: Vec<InstanceNo>,
    /// The refusal, if the code is not `0`.
    pub(super) refused: Option<Refused>,
}

impl World {
    pub(super) fn new(fleet: &Fleet, now: Now) -> Self {
        let regions = fleet.regions.iter().enumerate();
        let mut world = Self {
            servers: BTreeMap::new(),
            regions: regions.map(|(at, code)| Region { code: code.clone(), no: at + 1 }).collect(),
            batch: fleet.batch,
            list_lag: fleet.list_lag,
            tags: fleet.tags.clone(),
        };
        // Servers with a fixed number come first, so that the counter skips their numbers.
        let (numbered, counted) = fleet.servers.iter().partition::<Vec<_>, _>(|s| s.no.is_some());
        let mut free = FIRST_NO;
        for spec in numbered {
            let mut no = spec.first_no().unwrap_or(FIRST_NO);
            world.add(spec, &mut no, now);
        }
        for spec in counted {
            world.add(spec, &mut free, now);
        }
        world
    }

    fn add(&mut self, spec: &ServerSpec, free: &mut u64, now: Now) {
        for copy in 1..=spec.count {
            let mut no = number(*free);
            while self.servers.contains_key(&no) {
                *free += 1;
                no = number(*free);
            }
            let name = match spec.count {
                1 => spec.name.clone(),
                _ => format!("{}-{copy}", spec.name),
            };
            let server = Server::new(spec, (no.clone(), name), &self.regions[0].code, now);
            self.servers.insert(no, server);
        }
    }

    pub(super) fn regions(&self) -> &[Region] {
        &self.regions
    }

    pub(super) fn tag_rules(&self) -> &TagRules {
        &self.tags
    }

    /// Every server, with those that no list shows and only the Resource Manager knows.
    pub(super) fn servers(&self, now: Now) -> impl Iterator<Item = &Server> {
        self.servers.values().filter(move |server| server.exists(now))
    }

    /// Every server that the server API knows.
    fn known(&self, now: Now) -> impl Iterator<Item = &Server> {
        self.servers(now).filter(|server| !server.stranger)
    }

    pub(super) fn server(&self, no: &InstanceNo, now: Now) -> Option<&Server> {
        self.servers.get(no).filter(|server| server.exists(now))
    }

    fn known_server(&self, no: &InstanceNo, now: Now) -> Option<&Server> {
        self.server(no, now).filter(|server| !server.stranger)
    }

    /// Whether the server is already in the state that `action` leads to, or on its way.
    pub(super) fn is_needless(&self, action: Action, no: &InstanceNo, now: Now) -> bool {
        self.server(no, now).is_some_and(|server| server.is_needless(action, now))
    }

    /// Asks for `action` on these servers of `platform`, and of `region` if it is given.
    pub(super) fn change(
        &mut self,
        action: Action,
        place: (Generation, Option<&RegionCode>),
        numbers: &[InstanceNo],
        now: Now,
    ) -> Changed {
        let mut good = Vec::new();
        let mut bad = Vec::new();
        for no in numbers {
            match self.objection(action, place, no, now) {
                None => good.push(no.clone()),
                Some(refused) => bad.push(refused),
            }
        }
        let failed = bad.len();
        let first = bad.into_iter().next();
        let refused = match self.batch {
            Batch::Partial if !good.is_empty() => {
                first.map(|_| Refused::partly(failed, numbers.len()))
            }
            Batch::Partial | Batch::AllOrNothing if first.is_some() => {
                return Changed { taken: Vec::new(), refused: first };
            }
            Batch::Partial | Batch::AllOrNothing => None,
        };
        for no in &good {
            let lag = self.list_lag;
            self.servers.entry(no.clone()).and_modify(|server| server.begin(action, lag, now));
        }
        Changed { taken: good, refused }
    }

    fn objection(
        &mut self,
        action: Action,
        (platform, region): (Generation, Option<&RegionCode>),
        no: &InstanceNo,
        now: Now,
    ) -> Option<Refused> {
        let server = self.servers.get_mut(no).filter(|server| {
            server.exists(now)
                && !server.stranger
                && server.platform == platform
                && region.is_none_or(|region| server.region == *region)
        });
        match server {
            None => Some(Refused::with(refusal::UNKNOWN)),
            Some(server) => server.objection(action, now),
        }
    }

    /// Puts a server in a state, as another person would.
    pub(super) fn put(&mut self, no: &InstanceNo, state: (Status, Operation), now: Now) {
        if let Some(server) = self.servers.get_mut(no) {
            server.put(state.0, state.1, now);
        }
    }

    /// The server, for changes that need no time; `None` if there is none.
    pub(super) fn server_mut(&mut self, no: &InstanceNo) -> Option<&mut Server> {
        self.servers.get_mut(no)
    }

    pub(super) fn remove(&mut self, no: &InstanceNo) {
        self.servers.remove(no);
    }
}

fn number(no: u64) -> InstanceNo {
    InstanceNo::new(no.to_string()).expect("digits")
}

#[cfg(test)]
mod tests;
