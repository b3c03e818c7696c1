//! Takes one call from start to finish: refused, struck, or done, and recorded in any case.
//!
//! Decides nothing itself: `gate` and `ask` refuse, `fault_schedule` strikes, `world` acts,
//! `ledger` records.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::answer::Answer;
use super::ask::{Ask, Change, ListRules};
use super::call::{Call, Endpoint};
use super::fault_effects::{self, Wire};
use super::gate::{Keys, Turned, check};
use super::shape;
use super::tree::Node;
use crate::clock::Clock;
use crate::cloud::rehearsal::fault::{Fault, FaultKind, ListChange};
use crate::cloud::rehearsal::fault_schedule::Faults;
use crate::cloud::rehearsal::fleet::Fleet;
use crate::cloud::rehearsal::ledger::{Ledger, Record};
use crate::cloud::rehearsal::rng::Dice;
use crate::cloud::rehearsal::world::{NO_NUMBER, Now, Page, Query, Refused, World};
use crate::model::instance::InstanceNo;

#[derive(Debug)]
pub(in super::super) struct Gateway {
    pub(in super::super) clock: Arc<dyn Clock>,
    pub(in super::super) keys: Keys,
    rules: ListRules,
    accept_delay: Duration,
    clock_behind: Duration,
    inside: Mutex<Inside>,
}

#[derive(Debug)]
pub(in super::super) struct Inside {
    pub(in super::super) world: World,
    pub(in super::super) faults: Faults,
    pub(in super::super) ledger: Ledger,
    pub(in super::super) keys_revoked: bool,
    ids: Dice,
}

#[derive(Debug)]
pub(super) struct Reply {
    /// `None` ends the connection without an answer.
    pub(super) wire: Option<Wire>,
    pub(super) delay: Duration,
}

/// The result of one call, before it is recorded.
#[derive(Debug, Default)]
struct Outcome {
    answer: Option<Answer>,
    region: Option<String>,
    effects: Vec<InstanceNo>,
    fault: Option<Fault>,
}

impl Gateway {
    pub(in super::super) fn new(fleet: &Fleet, clock: Arc<dyn Clock>) -> Self {
        let mut dice = Dice::from_the_system();
        let world = World::new(fleet, Now::behind(&*clock, fleet.clock_behind));
        Self {
            clock,
            clock_behind: fleet.clock_behind,
            keys: Keys { access: dice.key("REHEARSAL", 20), secret: dice.key("", 40) },
            rules: ListRules {
                zone_left_out: fleet.zone_left_out,
                max_page_size: fleet.max_page_size,
                page_size_left_out: fleet.page_size_left_out,
            },
            accept_delay: fleet.accept_delay,
            inside: Mutex::new(Inside {
                world,
                faults: Faults::new(&fleet.faults, fleet.seed),
                ledger: Ledger::default(),
                keys_revoked: false,
                ids: dice,
            }),
        }
    }

    /// The changing part, locked for the caller.
    pub(in super::super) fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in super::super) fn now(&self) -> Now {
        Now::behind(&*self.clock, self.clock_behind)
    }

    /// Does the work of a call, and returns the reply.
    pub(super) fn take(&self, call: &Call) -> Reply {
        let now = self.now();
        let mut inside = self.inside();
        let instances = call.instances();
        let change = call.target.change();
        let needless: Vec<InstanceNo> = change.map_or_else(Vec::new, |action| {
            let is_needless = |no: &&InstanceNo| inside.world.is_needless(action, no, now);
            instances.iter().filter(is_needless).cloned().collect()
        });
        let mut outcome = inside.judge(call, self, now);
        let accepted = if outcome.effects.is_empty() { Duration::ZERO } else { self.accept_delay };
        let kind = outcome.fault.as_ref().map(|fault| fault.kind);
        let answer = outcome
            .answer
            .take()
            .and_then(|answer| fault_effects::garble(answer, outcome.fault.as_ref(), call));
        let record = Record {
            at: now.wall,
            method: call.method.to_string(),
            action: call.target.action(),
            region: outcome.region,
            instances,
            effects: outcome.effects,
            http_status: answer.as_ref().map(|answer| answer.status),
            return_code: answer.as_ref().and_then(|answer| answer.code.clone()),
            request_id: answer.as_ref().and_then(|answer| answer.request_id.clone()),
            fault: kind,
        };
        inside.ledger.write(record, change, &needless);
        Reply {
            wire: answer.map(|answer| fault_effects::wire(answer, kind)),
            delay: fault_effects::delay(outcome.fault.as_ref()) + accepted,
        }
    }
}

impl Inside {
    fn judge(&mut self, call: &Call, gateway: &Gateway, now: Now) -> Outcome {
        let ask = match self.admit(call, gateway, now) {
            Ok(ask) => ask,
            Err(turned) => {
                let answer = Some(Answer::turned(&turned, call.format()));
                return Outcome { answer, ..Outcome::default() };
            }
        };
        let region = self.region_of(&ask, now);
        let fault = self.faults.strike(call.target.action(), region.as_deref());
        if let Some(fault) = fault.as_ref().filter(|fault| !fault.kind.lets_through()) {
            self.keys_revoked |= fault.kind == FaultKind::Denied;
            let answer = fault_effects::instead(fault, call, self.ids.request_id());
            return Outcome { answer, region, effects: Vec::new(), fault: Some(fault.clone()) };
        }
        let (answer, effects) = self.serve(ask, call, fault.as_ref(), now);
        Outcome { answer: Some(answer), region, effects, fault }
    }

    /// Admits a call that the gateway understands and whose keys are good.
    fn admit(&self, call: &Call, gateway: &Gateway, now: Now) -> Result<Ask, Turned> {
        if matches!(call.target, Endpoint::Unknown | Endpoint::Redirected) {
            return Err(Turned::not_found());
        }
        if self.keys_revoked {
            return Err(Turned::unauthenticated("Invalid authentication information."));
        }
        check(call, &gateway.keys, now.wall)?;
        Ask::read(call, &self.world, gateway.rules)
    }

    /// The region of a call: its own, or that of the first server in it.
    fn region_of(&self, ask: &Ask, now: Now) -> Option<String> {
        let named = ask.region().map(ToString::to_string);
        named.or_else(|| {
            let Ask::Change(Change { instances: Ok(instances), .. }) = ask else { return None };
            let server = self.world.server(instances.first()?, now)?;
            Some(server.region.to_string())
        })
    }

    fn serve(
        &mut self,
        ask: Ask,
        call: &Call,
        fault: Option<&Fault>,
        now: Now,
    ) -> (Answer, Vec<InstanceNo>) {
        let id = self.ids.request_id();
        let world = &self.world;
        let answer = match ask {
            Ask::Change(change) => return self.change(&change, call, id, now),
            Ask::Resources(query) => {
                let is_stuck = fault.is_some_and(|fault| fault.kind == FaultKind::RepeatPage);
                Answer::json(
                    if is_stuck { query.at_first_page() } else { query }.answer(world, now),
                )
            }
            Ask::Zones(platform, region) => {
                let zones = ("zoneList", shape::zones(&region, platform), region.zones().len());
                Answer::done(zones, call, id)
            }
            Ask::Regions(platform) => {
                let regions = world.regions().iter();
                let regions: Vec<_> =
                    regions.map(|region| shape::region_fields(region, platform)).collect();
                let total = regions.len();
                Answer::done(("regionList", Node::List("region", regions), total), call, id)
            }
            Ask::List(query) => {
                let found = world.find(&as_the_fault_has_it(query, fault), now);
                let servers = found.servers.iter().map(|server| shape::server(server, world, now));
                let servers = Node::List("serverInstance", servers.collect());
                Answer::done(("serverInstanceList", servers, found.total), call, id)
            }
        };
        (answer, Vec::new())
    }

    fn change(
        &mut self,
        change: &Change,
        call: &Call,
        request_id: String,
        now: Now,
    ) -> (Answer, Vec<InstanceNo>) {
        let Ok(instances) = &change.instances else {
            let refused = Refused::with(NO_NUMBER);
            return (Answer::refused(&refused, call, request_id), Vec::new());
        };
        let is_forbidden =
            |no: &InstanceNo| self.world.server(no, now).is_some_and(|server| server.forbidden);
        if instances.iter().any(is_forbidden) {
            return (Answer::turned(&Turned::forbidden(401), call.format()), Vec::new());
        }
        let place = (change.platform, change.region.as_ref());
        let changed = self.world.change(change.action, place, instances, now);
        if let Some(refused) = &changed.refused {
            return (Answer::refused(refused, call, request_id), changed.taken);
        }
        let world = &self.world;
        let taken = changed.taken.iter().filter_map(|no| world.server(no, now));
        let servers: Vec<_> =
            taken.map(|server| shape::changed(server, world.regions(), now)).collect();
        let total = servers.len();
        let rows = ("serverInstanceList", Node::List("serverInstance", servers), total);
        (Answer::done(rows, call, request_id), changed.taken)
    }
}

/// Changes the question where a list is struck. The answer is then true to the changed question.
fn as_the_fault_has_it(mut query: Query, fault: Option<&Fault>) -> Query {
    let (Some(page), Some(fault)) = (query.page.as_mut(), fault) else { return query };
    match (fault.kind, fault.change) {
        (FaultKind::RepeatPage, _) => page.no = 1,
        (FaultKind::ListChanges, change) if page.no > 1 => {
            let shift = if change == ListChange::Appears { 1 } else { -1 };
            *page = Page { shift, ..*page };
        }
        _ => {}
    }
    query
}
