//! Reads a call's parameters into a question; the gateway refuses a call that cannot be read.
//!
//! NAVER does not document the answer to wrong parameters: 400/100 for all of them is inferred.
//! `gateway` answers the question.

use super::call::{Call, Endpoint, Params, Verb};
use super::gate::Turned;
use super::resources::ResourceQuery;
use crate::cloud::ncloud::Generation;
use crate::cloud::rehearsal::fleet::ZoneLeftOut;
use crate::cloud::rehearsal::world::{Page, Query, Region, World};
use crate::model::instance::{Action, InstanceNo, RegionCode};

#[derive(Debug)]
pub(super) enum Ask {
    Regions(Generation),
    Zones(Generation, Region),
    List(Query),
    Change(Change),
    Resources(ResourceQuery),
}

#[derive(Debug)]
pub(super) struct Change {
    pub(super) action: Action,
    pub(super) platform: Generation,
    /// `None` on Classic.
    pub(super) region: Option<RegionCode>,
    /// `Err` if one of them is no number.
    pub(super) instances: Result<Vec<InstanceNo>, ()>,
}

/// The fleet's rules for lists.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct ListRules {
    pub(in super::super) zone_left_out: ZoneLeftOut,
    pub(in super::super) max_page_size: Option<usize>,
    pub(in super::super) page_size_left_out: Option<usize>,
}

impl Ask {
    pub(super) fn read(call: &Call, world: &World, rules: ListRules) -> Result<Self, Turned> {
        let params = &call.params;
        match call.target {
            Endpoint::Resources => ResourceQuery::read(&call.body).map(Self::Resources),
            Endpoint::Server(platform, Verb::Regions) => Ok(Self::Regions(platform)),
            Endpoint::Server(platform, Verb::Zones) => {
                Ok(Self::Zones(platform, region(params, platform, world)?.clone()))
            }
            Endpoint::Server(platform, Verb::List) => {
                query(params, platform, world, rules).map(Self::List)
            }
            Endpoint::Server(platform, Verb::Change(action)) => {
                change(params, platform, world, action).map(Self::Change)
            }
            Endpoint::Redirected | Endpoint::Unknown => Err(Turned::not_found()),
        }
    }

    pub(super) fn region(&self) -> Option<&RegionCode> {
        match self {
            Self::Regions(_) => None,
            Self::Zones(_, region) => Some(&region.code),
            Self::List(query) => Some(&query.region),
            Self::Change(change) => change.region.as_ref(),
            Self::Resources(query) => query.region(),
        }
    }
}

/// The region that the call names, or the first one.
fn region<'w>(
    params: &Params,
    platform: Generation,
    world: &'w World,
) -> Result<&'w Region, Turned> {
    let (name, value) = match platform {
        Generation::Vpc => ("regionCode", params.get("regionCode")),
        Generation::Classic => ("regionNo", params.get("regionNo")),
    };
    let Some(value) = value else { return Ok(&world.regions()[0]) };
    let is_meant = |region: &&Region| match platform {
        Generation::Vpc => region.code.as_str() == value,
        Generation::Classic => region.no.to_string() == value,
    };
    let found = world.regions().iter().find(is_meant);
    found.ok_or_else(|| Turned::bad_request(format!("{name} is invalid.")))
}

fn query(
    params: &Params,
    platform: Generation,
    world: &World,
    rules: ListRules,
) -> Result<Query, Turned> {
    let region = region(params, platform, world)?;
    let name = match platform {
        Generation::Vpc => params.get("serverName"),
        Generation::Classic => params
            .get("searchFilterValue")
            .filter(|_| params.get("searchFilterName") == Some("serverName")),
    };
    Ok(Query {
        platform,
        region: region.code.clone(),
        zone: zone(params, platform, region, rules)?,
        numbers: instances(params)?.unwrap_or_default(),
        name: name.map(str::to_owned),
        tags: if platform == Generation::Classic { tags(params) } else { Vec::new() },
        status: params.get("serverInstanceStatusCode").map(str::to_owned),
        page: page(params, platform, rules)?,
    })
}

fn zone(
    params: &Params,
    platform: Generation,
    region: &Region,
    rules: ListRules,
) -> Result<Option<String>, Turned> {
    if platform == Generation::Vpc {
        return Ok(params.get("zoneCode").map(str::to_owned));
    }
    let mut zones = region.zones().into_iter();
    match params.get("zoneNo") {
        Some(no) => zones
            .find(|zone| zone.no.to_string() == no)
            .map(|zone| Some(zone.code))
            .ok_or_else(|| Turned::bad_request("zoneNo is invalid.")),
        None if rules.zone_left_out == ZoneLeftOut::First => Ok(zones.next().map(|zone| zone.code)),
        None => Ok(None),
    }
}

/// Each `tagKeyList.N` with the `tagValueList.N` of the same place, if there is one.
fn tags(params: &Params) -> Vec<(String, Option<String>)> {
    let values = params.list("tagValueList");
    let keys = params.list("tagKeyList").into_iter().enumerate();
    keys.map(|(at, key)| (key.to_owned(), values.get(at).map(|value| (*value).to_owned())))
        .collect()
}

fn page(params: &Params, platform: Generation, rules: ListRules) -> Result<Option<Page>, Turned> {
    let read = |name: &str| match params.get(name).map(str::parse::<usize>) {
        None => Ok(None),
        Some(Ok(number)) => Ok(Some(number)),
        Some(Err(_)) => Err(Turned::bad_request(format!("{name} is invalid."))),
    };
    match (read("pageNo")?, read("pageSize")?) {
        (no, Some(size)) if size > 0 => {
            let size = rules.max_page_size.map_or(size, |most| size.min(most));
            Ok(Some(Page { no: no.unwrap_or(1).max(1), size, shift: 0 }))
        }
        (Some(_), None) if platform == Generation::Vpc => {
            Err(Turned::bad_request("pageSize is needed with pageNo."))
        }
        // SDKs send zeros for parameters that were not set.
        _ => Ok(rules.page_size_left_out.map(|size| Page { no: 1, size, shift: 0 })),
    }
}

fn change(
    params: &Params,
    platform: Generation,
    world: &World,
    action: Action,
) -> Result<Change, Turned> {
    let region = match platform {
        Generation::Vpc => Some(region(params, platform, world)?.code.clone()),
        Generation::Classic => None,
    };
    let instances = instances(params)?;
    if instances.as_ref().is_ok_and(Vec::is_empty) {
        return Err(Turned::bad_request("serverInstanceNoList is required."));
    }
    Ok(Change { action, platform, region, instances })
}

/// `Ok(Err(()))` if one of them is no number.
fn instances(params: &Params) -> Result<Result<Vec<InstanceNo>, ()>, Turned> {
    let named = params.list("serverInstanceNoList");
    let mut sorted = named.clone();
    sorted.sort_unstable();
    if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Turned::bad_request("serverInstanceNoList can't be duplicated."));
    }
    Ok(named.into_iter().map(|no| InstanceNo::new(no).map_err(|_| ())).collect())
}
