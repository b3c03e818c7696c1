//! Whole lists out of single answers: every zone, every page, or an error.

use std::collections::{BTreeMap, BTreeSet};

use super::query::Query;
use super::server_api::ServerApi;
use crate::clock::Moment;
use crate::cloud::{CloudError, Meaning};
use crate::instance::{Instance, InstanceNo, RegionCode};

/// How many servers a page asks for. The API's maximum is not published.
const PAGE_SIZE: usize = 100;

/// How many numbers one look-up names: they all go into the URL.
const MOST_NUMBERS: usize = 100;

type Found = BTreeMap<InstanceNo, Instance>;

/// Every server of a region.
///
/// # Errors
/// When a part of it cannot be read: a list that hides a server is never given.
pub async fn list(
    api: &ServerApi,
    region: &RegionCode,
    until: Moment,
) -> Result<Vec<Instance>, CloudError> {
    let mut found = Found::new();
    for scope in api.scopes(region, until).await? {
        found.append(&mut whole(api, region, scope, until).await?);
    }
    Ok(found.into_values().collect())
}

/// These servers of a region, without those the cloud does not know.
///
/// # Errors
/// When a part of it cannot be read.
pub async fn look_up(
    api: &ServerApi,
    region: &RegionCode,
    numbers: &[InstanceNo],
    until: Moment,
) -> Result<Vec<Instance>, CloudError> {
    let asked: BTreeSet<&InstanceNo> = numbers.iter().collect();
    let mut found = Found::new();
    for scope in api.scopes(region, until).await? {
        let missing: Vec<InstanceNo> =
            asked.iter().filter(|no| !found.contains_key(**no)).copied().cloned().collect();
        let mut open: Vec<&[InstanceNo]> = missing.chunks(MOST_NUMBERS).collect();
        while let Some(some) = open.pop() {
            let query = scope.clone().with_list("serverInstanceNoList", some);
            match whole(api, region, query, until).await {
                Ok(mut these) => found.append(&mut these),
                Err(error) if !is_no_such_instance(&error) => return Err(error),
                // One number spoils the answer about all others, and nothing says which.
                Err(_) if some.len() > 1 => open.extend(some.chunks(some.len().div_ceil(2))),
                Err(_) => {}
            }
        }
    }
    // Whatever else came was not asked for.
    found.retain(|no, _| asked.contains(no));
    Ok(found.into_values().collect())
}

fn is_no_such_instance(error: &CloudError) -> bool {
    matches!(error, CloudError::Refused { meaning: Meaning::NoSuchInstance, .. })
}

/// Every server in a scope. Without paging all come in one body; pages are asked for only
/// where `totalRows` says that more exist than came.
async fn whole(
    api: &ServerApi,
    region: &RegionCode,
    scope: Query,
    until: Moment,
) -> Result<Found, CloudError> {
    let first = api.list(region, scope.clone(), None, until).await?;
    let mut found = by_number(first.instances);
    let mut total = first.total.unwrap_or_default();
    for page_no in 1.. {
        let before = found.len();
        if before >= total {
            break;
        }
        let page = api.list(region, scope.clone(), Some((page_no, PAGE_SIZE)), until).await?;
        let is_last = page.instances.is_empty();
        total = page.total.unwrap_or(total);
        found.extend(by_number(page.instances));
        // The first page may repeat what came without paging.
        if is_last || (page_no > 1 && found.len() == before) {
            break;
        }
    }
    if found.len() < total {
        let detail = format!("the list has {} of {total} servers", found.len());
        return Err(CloudError::Unreadable { detail, http_status: 200 });
    }
    Ok(found)
}

fn by_number(instances: Vec<Instance>) -> Found {
    instances.into_iter().map(|instance| (instance.no.clone(), instance)).collect()
}
