//! Gathers the facts: which question follows from which answer.
//!
//! Every region is listed. Pages, unknown numbers and tags are asked for in one region only, the one
//! with the longest list. `tag_questions` asks about tags.

use std::collections::BTreeSet;

use super::facts::{Facts, List, Pages, RegionLists, Resources};
use super::questions::Questions;
use super::tag_questions;
use crate::cloud::CloudError;
use crate::cloud::ncloud::Generation;
use crate::cloud::ncloud::limits::LARGEST_PAGE;
use crate::cloud::ncloud::query::Query;
use crate::cloud::ncloud::response::places::Region;
use crate::model::instance::{InstanceNo, RegionCode};

pub(super) async fn gather(mut ask: Questions<'_>, wanted: &[RegionCode]) -> Facts {
    let regions = ask.regions().await;
    let ahead = ask.heard().ahead;
    let goes_on = match &regions {
        Ok(_) => true,
        // Good keys may lack the right to ask for regions, and regions of the file need no asking.
        Err(error) => matches!(error, CloudError::Forbidden { .. }),
    };
    let mut facts = Facts {
        generation: ask.generation,
        wanted: wanted.to_vec(),
        regions,
        ahead,
        nothing: None,
        lists: Vec::new(),
        pages: Pages::default(),
        resources: Resources::default(),
        answered: BTreeSet::new(),
        failed: Vec::new(),
    };
    if goes_on {
        facts.nothing = Some(ask.nothing().await);
        for region in regions_of(&facts) {
            let lists = lists(&mut ask, &region, &facts.regions).await;
            facts.lists.push(lists);
        }
        facts.pages = pages(&mut ask, &facts).await;
        if facts.generation == Generation::Vpc {
            facts.resources = tag_questions::resources(&mut ask, longest(&facts)).await;
        }
    }
    (facts.answered, facts.failed) = (ask.answered, ask.failed);
    facts
}

/// The regions that lightsout would look in.
fn regions_of(facts: &Facts) -> Vec<RegionCode> {
    if !facts.wanted.is_empty() {
        return facts.wanted.clone();
    }
    facts.regions.iter().flatten().map(|region| region.code.clone()).collect()
}

async fn lists(
    ask: &mut Questions<'_>,
    region: &RegionCode,
    known: &Result<Vec<Region>, CloudError>,
) -> RegionLists {
    let failed =
        |error| RegionLists { region: region.clone(), lists: Err(error), without_zone: None };
    let scope = match scope(ask.generation, region, known) {
        Ok(scope) => scope,
        Err(error) => return failed(error),
    };
    let mut scopes = vec![scope.clone()];
    if ask.generation == Generation::Classic {
        match ask.zones(region, &scope).await {
            Ok(zones) if zones.is_empty() => {}
            Ok(zones) => {
                let zones = zones.into_iter().map(|zone| scope.clone().with("zoneNo", zone));
                scopes = zones.collect();
            }
            Err(error) => return failed(error),
        }
    }
    let mut lists = Vec::new();
    for query in scopes {
        match ask.servers(region, query.clone()).await {
            Ok(list) => lists.push((query, list)),
            Err(error) => return failed(error),
        }
    }
    let without_zone = match ask.generation {
        Generation::Classic if lists.len() > 1 => Some(ask.servers(region, scope).await),
        _ => None,
    };
    RegionLists { region: region.clone(), lists: Ok(lists), without_zone }
}

/// The parameter that every list of a region needs.
fn scope(
    generation: Generation,
    region: &RegionCode,
    known: &Result<Vec<Region>, CloudError>,
) -> Result<Query, CloudError> {
    if generation == Generation::Vpc {
        return Ok(Query::default().with("regionCode", region.as_str()));
    }
    let known = known.as_ref().map_err(Clone::clone)?;
    let no = known.iter().find(|it| it.code == *region).and_then(|it| it.no.as_ref());
    let no = no.ok_or_else(|| CloudError::Unreadable {
        detail: format!("getRegionList names no regionNo for `{region}`"),
        http_status: 200,
    })?;
    Ok(Query::default().with("regionNo", no.as_str()))
}

/// The longest list, with its region and its parameters.
fn longest(facts: &Facts) -> Option<(&RegionCode, &Query, &List)> {
    let lists = facts.lists.iter().flat_map(|it| {
        let read = it.lists.iter().flatten();
        read.map(move |(query, list)| (&it.region, query, list))
    });
    lists.max_by_key(|(_, _, list)| list.total())
}

async fn pages(ask: &mut Questions<'_>, facts: &Facts) -> Pages {
    let Some((region, scope, list)) = longest(facts) else { return Pages::default() };
    let page = |no: usize, size: usize| {
        scope.clone().with("pageNo", no.to_string()).with("pageSize", size.to_string())
    };
    let mut pages = Pages { servers: list.total(), ..Pages::default() };
    if pages.servers > 0 {
        pages.largest = Some(ask.servers_in_vain(region, page(1, LARGEST_PAGE)).await);
    }
    if pages.servers > 1 {
        pages.first = Some(ask.servers_in_vain(region, page(1, 1)).await);
        pages.second = Some(ask.servers_in_vain(region, page(2, 1)).await);
    }
    let unknown = scope.clone().with_list("serverInstanceNoList", &[unlisted(facts)]);
    pages.unknown = Some(ask.servers_in_vain(region, unknown).await);
    pages
}

/// A number that no list has shown.
fn unlisted(facts: &Facts) -> InstanceNo {
    let listed: BTreeSet<&InstanceNo> = facts.instances().map(|it| &it.no).collect();
    let mut numbers =
        (1..=listed.len() + 1).map(|no| InstanceNo::new(no.to_string()).expect("digits"));
    numbers.find(|no| !listed.contains(no)).expect("there is one number more")
}
