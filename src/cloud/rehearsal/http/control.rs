//! `/rehearsal/…`: shows and changes the world from outside, for `lightsout cloud` as a process of
//! its own. The calls are unsigned: the server listens on loopback, and any client there may play
//! the part of the world.
//!
//! | call | does |
//! |---|---|
//! | `GET /rehearsal/counts` | [`Counts`](crate::cloud::rehearsal::Counts), JSON |
//! | `GET /rehearsal/requests` | [`Record`](crate::cloud::rehearsal::Record)s, JSON Lines |
//! | `GET /rehearsal/servers` | [`Snapshot`]s, JSON Lines |
//! | `POST /rehearsal/servers/{no}` | patches `status`, `operation`, `name`, `tags` (JSON) |
//! | `DELETE /rehearsal/servers/{no}` | the server is gone |
//! | `POST /rehearsal/faults` | adds a fault (TOML, or JSON if it begins with `{`) |
//! | `DELETE /rehearsal/faults` | no more faults |

use std::collections::BTreeMap;

use hyper::Method;
use serde::{Deserialize, Serialize};

use super::gateway::Gateway;
use crate::cloud::codes;
use crate::cloud::rehearsal::fault::Fault;
use crate::cloud::rehearsal::snapshot::Snapshot;
use crate::model::instance::InstanceNo;

pub(super) const FOLDER: &str = "/rehearsal/";

/// A body with its status: 200, or 400 and 404 with a sentence.
pub(super) type Told = (u16, &'static str, String);

const LINES: &str = "application/x-ndjson";
const TEXT: &str = "text/plain;charset=UTF-8";

/// The body of `POST /rehearsal/servers/{no}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    status: Option<String>,
    operation: Option<String>,
    name: Option<String>,
    tags: Option<BTreeMap<String, String>>,
}

pub(super) fn answer(gateway: &Gateway, method: &Method, path: &str, body: &[u8]) -> Told {
    let place = path.strip_prefix(FOLDER).unwrap_or_default();
    match (method.as_str(), place.split_once('/').unwrap_or((place, ""))) {
        ("GET", ("counts", "")) => {
            let counts = serde_json::to_string(gateway.inside().ledger.counts());
            (200, "application/json", counts.expect("texts and numbers") + "\n")
        }
        ("GET", ("requests", "")) => (200, LINES, lines(gateway.inside().ledger.records())),
        ("GET", ("servers", "")) => {
            let now = gateway.now();
            let inside = gateway.inside();
            (200, LINES, lines(inside.world.servers(now).map(|server| Snapshot::of(server, now))))
        }
        ("POST", ("servers", no)) => told(patch(gateway, no, body)),
        ("DELETE", ("servers", no)) => told(instance(gateway, no).map(|no| {
            gateway.inside().world.remove(&no);
        })),
        ("POST", ("faults", "")) => {
            told(fault(body).map(|fault| gateway.inside().faults.add(fault)))
        }
        ("DELETE", ("faults", "")) => {
            gateway.inside().faults.clear();
            told(Ok(()))
        }
        _ => (404, TEXT, format!("there is no {method} {path}\n")),
    }
}

fn told(result: Result<(), String>) -> Told {
    match result {
        Ok(()) => (200, TEXT, "done\n".to_owned()),
        Err(problem) => (400, TEXT, problem + "\n"),
    }
}

fn lines(entries: impl Iterator<Item = impl Serialize>) -> String {
    let line = |entry| serde_json::to_string(&entry).expect("texts and numbers") + "\n";
    entries.map(line).collect()
}

fn instance(gateway: &Gateway, no: &str) -> Result<InstanceNo, String> {
    let no = InstanceNo::new(no).map_err(|error| error.to_string())?;
    match gateway.inside().world.server(&no, gateway.now()) {
        Some(_) => Ok(no),
        None => Err(format!("there is no server {no}")),
    }
}

fn patch(gateway: &Gateway, no: &str, body: &[u8]) -> Result<(), String> {
    let no = instance(gateway, no)?;
    let patch: Patch = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let now = gateway.now();
    let mut inside = gateway.inside();
    if patch.status.is_some() || patch.operation.is_some() {
        let state = inside.world.server(&no, now).map(|server| server.state(now).clone());
        let state = state.ok_or_else(|| format!("there is no server {no}"))?;
        let status = patch.status.map_or(state.status, |code| codes::status(&code));
        let operation = patch
            .operation
            .map_or_else(|| codes::operation("NULL"), |code| codes::operation(&code));
        inside.world.put(&no, (status, operation), now);
    }
    if let Some(server) = inside.world.server_mut(&no) {
        server.name = patch.name.unwrap_or_else(|| server.name.clone());
        server.tags =
            patch.tags.map_or_else(|| server.tags.clone(), |tags| tags.into_iter().collect());
    }
    Ok(())
}

fn fault(body: &[u8]) -> Result<Fault, String> {
    let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
    let fault: Fault = if text.trim_start().starts_with('{') {
        serde_json::from_str(text).map_err(|error| error.to_string())?
    } else {
        toml::from_str(text).map_err(|error| error.to_string())?
    };
    fault.check().map(|()| fault)
}
