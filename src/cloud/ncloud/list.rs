//! Whole lists: every zone, every page, no server twice and none left out unsaid.

use std::collections::{BTreeMap, BTreeSet};

use super::query::Query;
use super::response::instances::Page;
use super::server_api::ServerApi;
use crate::clock::Moment;
use crate::cloud::{CloudError, Meaning};
use crate::instance::{Instance, InstanceNo, RegionCode};

/// The largest page to ask for. NAVER publishes no limit.
const LARGEST_PAGE: usize = 500;

/// How often a list is read before it is called incomplete: servers that come and go between
/// two pages shift the rest, and the next reading has every chance.
const READINGS: usize = 2;

/// How many numbers one look-up names: a URL of 4 kB.
const MOST_NUMBERS: usize = 100;

/// Every server of a region, sorted by number.
///
/// # Errors
/// When a part of it cannot be read, or its pages do not add up.
pub async fn everything(
    api: &ServerApi,
    region: &RegionCode,
    until: Moment,
) -> Result<Vec<Instance>, CloudError> {
    let mut found = BTreeMap::new();
    for scope in api.scopes(region, until).await? {
        found.extend(in_scope(api, region, scope, until).await?);
    }
    Ok(found.into_values().collect())
}

/// The servers of these numbers, sorted; those the cloud does not know are left out.
///
/// On Classic a list that names no zone is documented as that of the first one, which can
/// hardly be meant where numbers are given, but was never tried: what it does not show is
/// looked for in each zone.
///
/// # Errors
/// When any of them cannot be read.
pub async fn numbered(
    api: &ServerApi,
    region: &RegionCode,
    numbers: &[InstanceNo],
    until: Moment,
) -> Result<Vec<Instance>, CloudError> {
    let wanted: BTreeSet<_> = numbers.iter().collect();
    let scope = api.scope(region, until).await?;
    let mut found = named(api, region, (&scope, numbers), until).await?;
    if numbers.iter().any(|no| !found.contains_key(no)) {
        let zones = api.scopes(region, until).await?;
        let others = if zones.len() > 1 { zones } else { Vec::new() };
        for zone in others {
            let missing: Vec<_> =
                numbers.iter().filter(|no| !found.contains_key(no)).cloned().collect();
            found.extend(named(api, region, (&zone, &missing), until).await?);
        }
    }
    Ok(found.into_values().filter(|instance| wanted.contains(&instance.no)).collect())
}

/// The servers of these numbers in one scope.
async fn named(
    api: &ServerApi,
    region: &RegionCode,
    (scope, numbers): (&Query, &[InstanceNo]),
    until: Moment,
) -> Result<BTreeMap<InstanceNo, Instance>, CloudError> {
    let mut found = BTreeMap::new();
    // A number that is no longer valid may be refused together with its whole batch, without
    // being named, so a refused batch is halved until it is alone.
    let mut batches: Vec<_> = numbers.chunks(MOST_NUMBERS).map(<[_]>::to_vec).collect();
    while let Some(mut batch) = batches.pop() {
        let scope = scope.clone().with_list("serverInstanceNoList", &batch);
        match in_scope(api, region, scope, until).await {
            Ok(instances) => found.extend(instances),
            Err(error) if !is_invalid_number(&error) => return Err(error),
            Err(_) if batch.len() == 1 => {}
            Err(_) => {
                batches.push(batch.split_off(batch.len() / 2));
                batches.push(batch);
            }
        }
    }
    Ok(found)
}

fn is_invalid_number(error: &CloudError) -> bool {
    matches!(error, CloudError::Refused { meaning: Meaning::NoSuchInstance, .. })
}

/// What was read of one scope so far. Of a server that was read twice the last reading counts.
#[derive(Default)]
struct Found {
    by_no: BTreeMap<InstanceNo, Instance>,
    /// `totalRows` of the last page that said it.
    total: Option<usize>,
    /// Whether two pages said different totals: servers came or went in between, and one may
    /// have moved from a page not yet read to one already read.
    has_shifted: bool,
}

impl Found {
    /// Takes a page; says whether it brought anything new.
    fn take(&mut self, page: Page) -> bool {
        let before = self.by_no.len();
        if let Some(total) = page.total {
            self.has_shifted |= self.total.is_some_and(|before| before != total);
            self.total = Some(total);
        }
        self.by_no.extend(page.instances.into_iter().map(|it| (it.no.clone(), it)));
        self.by_no.len() > before
    }

    fn has_all(&self) -> bool {
        self.total.is_none_or(|total| self.by_no.len() >= total)
    }
}

async fn in_scope(
    api: &ServerApi,
    region: &RegionCode,
    scope: Query,
    until: Moment,
) -> Result<BTreeMap<InstanceNo, Instance>, CloudError> {
    let mut found = Found::default();
    for _ in 0..READINGS {
        found = reading(api, region, &scope, until).await?;
        if found.has_all() && !found.has_shifted {
            return Ok(found.by_no);
        }
    }
    let (has, total) = (found.by_no.len(), found.total.unwrap_or_default());
    let detail = if found.has_all() {
        "the list changed each time between two of its pages".to_owned()
    } else {
        format!("the list says it has {total} servers and shows {has}")
    };
    Err(CloudError::Unreadable { detail, http_status: 200 })
}

/// Reads a scope once. Without paging everything comes in one body, so that is asked for
/// first; where less came than `totalRows` promises, pages as long as that body follow.
async fn reading(
    api: &ServerApi,
    region: &RegionCode,
    scope: &Query,
    until: Moment,
) -> Result<Found, CloudError> {
    let mut found = Found::default();
    found.take(api.list(region, scope.clone(), None, until).await?);
    let has = found.by_no.len();
    let size = if has == 0 { LARGEST_PAGE } else { has.min(LARGEST_PAGE) };
    let mut next = has / size + 1;
    while !found.has_all() {
        let page = api.list(region, scope.clone(), Some((next, size)), until).await?;
        if !found.take(page) {
            break;
        }
        next += 1;
    }
    Ok(found)
}
