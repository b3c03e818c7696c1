//! Owns the view of one server at one moment, for tests and for `/rehearsal/…`.

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use super::world::{Now, Server};
use crate::cloud::ncloud::Generation;
use crate::model::instance::{InstanceNo, Operation, RegionCode, Status};

/// The true state of a server, whatever lists show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    pub no: InstanceNo,
    pub name: String,
    pub platform: Generation,
    pub region: RegionCode,
    pub zone: String,
    pub tags: Vec<(String, String)>,
    /// `serverInstanceStatus.code`.
    #[serde(serialize_with = "as_text")]
    pub status: Status,
    /// `serverInstanceOperation.code`.
    #[serde(serialize_with = "as_text")]
    pub operation: Operation,
    /// `createDate`.
    pub created_at: DateTime<Utc>,
    /// `uptime`: the last boot.
    pub booted_at: DateTime<Utc>,
}

impl Snapshot {
    pub(super) fn of(server: &Server, now: Now) -> Self {
        let state = server.state(now).clone();
        Self {
            no: server.no.clone(),
            name: server.name.clone(),
            platform: server.platform,
            region: server.region.clone(),
            zone: server.zone.clone(),
            tags: server.tags.clone(),
            status: state.status,
            operation: state.operation,
            created_at: server.created_at,
            booted_at: state.booted_at,
        }
    }
}

fn as_text<T: std::fmt::Display, S: Serializer>(code: &T, into: S) -> Result<S::Ok, S::Error> {
    into.collect_str(code)
}
