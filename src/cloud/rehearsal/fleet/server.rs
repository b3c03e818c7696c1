//! Owns `[[servers]]`, the entries of the fleet file.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::words;
use crate::cloud::codes;
use crate::cloud::ncloud::Generation;
use crate::model::instance::{InstanceNo, Operation, Status};

/// One entry of `[[servers]]`. Only `name` is required.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, true or not")]
pub struct ServerSpec {
    /// `serverName`. Any text is allowed.
    pub name: String,
    /// The number of copies: `name-1` onwards, with numbers counted up from `no`.
    pub count: u32,
    /// `serverInstanceNo`; left out: the next free one from 1021003.
    pub no: Option<InstanceNo>,
    /// The API that knows the server. Default: `vpc`.
    pub platform: Generation,
    /// Default: the first region of the fleet.
    pub region: Option<String>,
    /// `REGION-1` (default) or `REGION-2`.
    pub zone: Option<String>,
    pub tags: BTreeMap<String, String>,
    /// The status when the world begins. Default: `RUN`.
    #[serde(deserialize_with = "words::status")]
    pub status: Status,
    /// The operation under way when the world begins. Default: `NULL`.
    #[serde(deserialize_with = "words::operation")]
    pub operation: Operation,
    /// The length of that operation; left out: no end.
    #[serde(deserialize_with = "words::maybe_length")]
    pub busy_for: Option<Duration>,
    /// The age of the server when the world begins. Default: 90 days.
    #[serde(deserialize_with = "words::length")]
    pub age: Duration,
    /// The time from an accepted stop to its end. Default: 20 s.
    #[serde(deserialize_with = "words::length")]
    pub stop_takes: Duration,
    /// The time from an accepted start to its end. Default: 30 s.
    #[serde(deserialize_with = "words::length")]
    pub start_takes: Duration,
    /// The status a stop ends in: `NSTOP` (default), or `SD_FL` for one that fails.
    #[serde(deserialize_with = "words::status")]
    pub stop_ends_in: Status,
    /// The status a start ends in: `RUN` (default), or `ST_FL` for one that fails.
    #[serde(deserialize_with = "words::status")]
    pub start_ends_in: Status,
    /// A stop is accepted and never ends.
    pub never_stops: bool,
    /// The server refuses all changes, whatever its state.
    pub refuse: Option<Refuse>,
    /// The keys lack the right to change the server.
    pub forbidden: bool,
    /// The age of the world at which the server disappears for good.
    #[serde(deserialize_with = "words::maybe_length")]
    pub vanishes_after: Option<Duration>,
    /// `isProtectServerTermination`, which does not prevent a stop.
    pub protected: bool,
    /// `KVM` servers (VPC) leave fields out. Default: `XEN`.
    pub hypervisor: Hypervisor,
    /// `serverProductCode`; default: one of the platform's standard products.
    pub product_code: Option<String>,
    /// `serverSpecCode` (VPC).
    pub spec_code: Option<String>,
    /// Only the Resource Manager knows the server; no list of servers has it.
    pub stranger: bool,
    /// The row in lists has no status, and the row at the Resource Manager no number.
    pub odd: bool,
}

/// `refuse`: the answer to a change that names the server.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refuse {
    /// `returnCode`, such as `25041` or `25014`.
    pub code: String,
    /// `returnMessage`; default: NAVER's text for the code.
    #[serde(default)]
    pub message: Option<String>,
    #[serde(default)]
    pub times: Option<u64>,
}

/// `hypervisorType` (VPC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Hypervisor {
    Xen,
    /// The newer one: no product codes, no platform type.
    Kvm,
}

impl Default for ServerSpec {
    fn default() -> Self {
        Self {
            name: String::new(),
            count: 1,
            no: None,
            platform: Generation::Vpc,
            region: None,
            zone: None,
            tags: BTreeMap::new(),
            status: codes::status("RUN"),
            operation: codes::operation("NULL"),
            busy_for: None,
            age: Duration::from_secs(90 * 86_400),
            stop_takes: Duration::from_secs(20),
            start_takes: Duration::from_secs(30),
            stop_ends_in: codes::status("NSTOP"),
            start_ends_in: codes::status("RUN"),
            never_stops: false,
            refuse: None,
            forbidden: false,
            vanishes_after: None,
            protected: false,
            hypervisor: Hypervisor::Xen,
            product_code: None,
            spec_code: None,
            stranger: false,
            odd: false,
        }
    }
}

impl ServerSpec {
    /// `no` as a number, if copies can be counted up from it.
    pub(in super::super) fn first_no(&self) -> Option<u64> {
        let no = self.no.as_ref()?.as_str();
        no.parse().ok().filter(|number: &u64| no.len() <= 18 && number.to_string() == no)
    }

    /// A mistake in this entry, in a world of these regions.
    pub(super) fn problem(&self, regions: &[String]) -> Option<String> {
        let region = self.region.as_ref().unwrap_or(&regions[0]);
        if self.name.is_empty() {
            return Some("a server needs a `name`".to_owned());
        }
        if !regions.contains(region) {
            return Some(format!("region `{region}` is not among `regions`"));
        }
        if let Some(zone) = &self.zone
            && *zone != format!("{region}-1")
            && *zone != format!("{region}-2")
        {
            return Some(format!("the zones of `{region}` are `{region}-1` and `{region}-2`"));
        }
        if self.no.is_some() && self.first_no().is_none() {
            return Some(
                "`no` is a number of at most 18 digits that does not begin with 0".to_owned(),
            );
        }
        if self.busy_for.is_some() && self.operation.is_none() {
            return Some("`busy_for` needs an `operation` that goes on so long".to_owned());
        }
        None
    }
}
