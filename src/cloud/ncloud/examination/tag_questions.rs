//! Asks the Resource Manager about the servers of one region, and about their tags.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::facts::{Filter, List, Resource, ResourcePage, Resources};
use super::questions::Questions;
use crate::cloud::ncloud::query::Query;
use crate::cloud::ncloud::response::resources::{PAGE_SIZE, PRODUCT_NAME, RESOURCE_TYPE};
use crate::cloud::ncloud::tag_pages::body;
use crate::cloud::{CloudError, Tags};
use crate::model::instance::RegionCode;

/// The most pages of one list that are read: a thousand resources.
const MOST_PAGES: usize = 10;

/// The most resources of one list.
pub(super) const MOST_RESOURCES: usize = MOST_PAGES * PAGE_SIZE;

/// The most servers whose own tags are read, in search of one that has a tag.
const MOST_READ: usize = 10;

/// A region with the longest list of servers.
type Longest<'f> = (&'f RegionCode, &'f Query, &'f List);

pub(super) async fn resources(ask: &mut Questions<'_>, longest: Option<Longest<'_>>) -> Resources {
    let Some((region, _, list)) = longest else { return Resources::default() };
    let instances = list.page.instances.iter();
    let listed: BTreeMap<_, _> = instances.map(|it| (it.no.clone(), it.name.clone())).collect();
    let any = every_page(ask, region, &json!({ "regionCode": region })).await;
    let mut found = Resources { listed, any: Some(any), ..Resources::default() };
    if matches!(found.any, Some(Err(_))) {
        return found;
    }
    let of_servers = json!({
        "productName": PRODUCT_NAME,
        "regionCode": region,
        "resourceType": RESOURCE_TYPE,
    });
    found.ours = Some(every_page(ask, region, &of_servers).await);
    let ours: Vec<Resource> = found.ours.iter().flatten().flatten().cloned().collect();
    if ours.len() > 1 {
        found.pages = Some(two_pages(ask, region, &of_servers).await);
    }
    let own = own_tags(ask, region, &ours).await;
    let tagged = own.iter().flatten().find(|(_, tags)| !tags.is_empty());
    if let Some((id, tags)) = tagged {
        found.filter = Some(filter(ask, region, (id, &tags[0])).await);
    }
    found.own = match own {
        Ok(own) if own.is_empty() => None,
        own => Some(own.map(|own| own.into_iter().map(|(_, tags)| tags).collect())),
    };
    found
}

/// Adds a page to a question.
fn paged(question: &Value, (page, size): (usize, usize)) -> Value {
    let mut question = question.clone();
    question["page"] = page.into();
    question["size"] = size.into();
    question
}

async fn every_page(
    ask: &mut Questions<'_>,
    region: &RegionCode,
    question: &Value,
) -> Result<Vec<Resource>, CloudError> {
    let mut rows = Vec::new();
    for page in 0..MOST_PAGES {
        let next = ask.resources(region, &paged(question, (page, PAGE_SIZE))).await?;
        rows.extend(next.rows);
        if !next.has_more {
            break;
        }
    }
    Ok(rows)
}

async fn two_pages(
    ask: &mut Questions<'_>,
    region: &RegionCode,
    question: &Value,
) -> Result<[ResourcePage; 2], CloudError> {
    let first = ask.resources(region, &paged(question, (0, 1))).await?;
    Ok([first, ask.resources(region, &paged(question, (1, 1))).await?])
}

/// Reads the tags of servers, each by its `nrn`, until one has a tag: the ids and the tags.
async fn own_tags(
    ask: &mut Questions<'_>,
    region: &RegionCode,
    servers: &[Resource],
) -> Result<Vec<(String, Tags)>, CloudError> {
    let mut read = Vec::new();
    for server in servers.iter().filter(|it| it.nrn.is_some()).take(MOST_READ) {
        let page = ask.resources(region, &json!({ "nrn": server.nrn })).await?;
        let tags = page.rows.into_iter().find(|it| it.id == server.id).map(|it| it.tags);
        let tags = tags.unwrap_or_default();
        let is_tagged = !tags.is_empty();
        read.push((server.id.clone(), tags));
        if is_tagged {
            break;
        }
    }
    Ok(read)
}

/// Asks for a server by one of its tags, rightly and wrongly.
async fn filter(
    ask: &mut Questions<'_>,
    region: &RegionCode,
    (id, (key, value)): (&str, &(String, String)),
) -> Result<Filter, CloudError> {
    let by_key = finds(ask, region, id, &json!({ "tagKey": key })).await?;
    let by_value = with_value(ask, region, id, (key, value)).await?;
    let part: String = value.chars().take(value.chars().count().saturating_sub(1)).collect();
    let by_part =
        if part.is_empty() { None } else { Some(with_value(ask, region, id, (key, &part)).await?) };
    let upper = value.to_uppercase();
    let other = if upper == *value { value.to_lowercase() } else { upper };
    let by_other_case = if other == *value {
        None
    } else {
        Some(with_value(ask, region, id, (key, &other)).await?)
    };
    Ok(Filter { key: by_key, value: by_value, part: by_part, other_case: by_other_case })
}

async fn with_value(
    ask: &mut Questions<'_>,
    region: &RegionCode,
    id: &str,
    (key, value): (&str, &str),
) -> Result<bool, CloudError> {
    finds(ask, region, id, &json!({ "tagKey": key, "tagValue": value })).await
}

/// Whether the list of this tag has the server.
async fn finds(
    ask: &mut Questions<'_>,
    region: &RegionCode,
    id: &str,
    tag: &Value,
) -> Result<bool, CloudError> {
    for page in 0..MOST_PAGES {
        let next = ask.resources(region, &body(region, tag, (page, PAGE_SIZE))).await?;
        if next.rows.iter().any(|row| row.id == id) {
            return Ok(true);
        }
        if !next.has_more {
            break;
        }
    }
    Ok(false)
}
