//! The Resource Manager: which VPC servers hold which tags.
//!
//! Its filter is exact, and its rows carry their tags only when one is asked for by `nrn`. So
//! a literal and "has the tag" are one query each, and any other glob is the query by key and
//! then one reading a candidate. What was read once is kept for as long as a [`Reading`] lives.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use reqwest::Url;
use serde_json::{Value, json};

use super::client::{Call, Client};
use super::response::Payload;
use super::response::element::{Element, Malformed};
use super::site::Site;
use crate::clock::Moment;
use crate::cloud::{CloudError, TagValues, Tagged};
use crate::instance::{InstanceNo, RegionCode};
use crate::schedule::selector::TagQuestion;

/// The list of resources, below the Resource Manager's base URL.
const RESOURCES: &str = "/api/v1/resources";

/// What VPC servers are called there. Both are known from third parties only.
const PRODUCT_NAME: &str = "VPCServer";
const RESOURCE_TYPE: &str = "Server";

/// How many rows a page has: the most that is allowed.
const PAGE_SIZE: usize = 100;

/// How the paging fields are called. The government's site documents names of its own.
const PAGING: [&str; 2] = ["page", "size"];
const GOVERNMENTAL_PAGING: [&str; 2] = ["pageIndex", "pageSize"];

/// How long a page of a hundred resources may be.
const MOST_BYTES: usize = 4 << 20;

/// The Resource Manager of a site.
#[derive(Debug)]
pub struct ResourceManager {
    client: Arc<Client>,
    resources: Url,
    paging: [&'static str; 2],
}

/// A row: a server, and its tags where it carries them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Resource {
    no: InstanceNo,
    nrn: Option<String>,
    tags: Tags,
}

type Tags = Vec<(String, String)>;

/// One page of resources.
struct Page {
    /// Those that are servers of the region.
    servers: Vec<Resource>,
    /// What tells all of its rows apart, those of other regions too.
    ids: Vec<String>,
    has_more: bool,
}

impl ResourceManager {
    /// The Resource Manager of `site`.
    #[must_use]
    pub fn new(client: Arc<Client>, site: &Site) -> Self {
        let mut resources = site.resource_manager.clone();
        let base = resources.path().trim_end_matches('/');
        resources.set_path(&format!("{base}{RESOURCES}"));
        let paging = if site.is_governmental() { GOVERNMENTAL_PAGING } else { PAGING };
        Self { client, resources, paging }
    }

    /// Begins to answer questions about a region. `listed` are the servers whose tags are worth
    /// reading one by one.
    #[must_use]
    pub fn reading<'a>(
        &'a self,
        region: &'a RegionCode,
        listed: BTreeSet<&'a InstanceNo>,
        until: Moment,
    ) -> Reading<'a> {
        let (found, tags) = (BTreeMap::new(), BTreeMap::new());
        Reading { manager: self, region, listed, until, found, tags }
    }

    async fn page(
        &self,
        region: &RegionCode,
        body: Value,
        until: Moment,
    ) -> Result<Page, CloudError> {
        let call = Call {
            name: "resources",
            region: region.to_string(),
            url: self.resources.clone(),
            body: Some(body.to_string()),
            payload: Payload::Bare,
            most_bytes: MOST_BYTES,
        };
        self.client.until(until, &call, |answer| page(answer, region)).await
    }
}

/// The answers of one call, and what they were made of.
#[derive(Debug)]
pub struct Reading<'a> {
    manager: &'a ResourceManager,
    region: &'a RegionCode,
    listed: BTreeSet<&'a InstanceNo>,
    until: Moment,
    found: BTreeMap<(String, Option<String>), Vec<Resource>>,
    tags: BTreeMap<InstanceNo, Tags>,
}

impl Reading<'_> {
    /// The servers for which a question holds.
    ///
    /// # Errors
    /// When any part of the answer cannot be read.
    pub async fn answer(&mut self, question: &TagQuestion) -> Tagged {
        if question.value.matches_everything() {
            return Ok(held(self.with_tag(&question.key, None).await?, question));
        }
        // An empty value might be taken for none by the filter, so it is not asked for.
        let literals = question.value.literals().filter(|all| !all.iter().any(String::is_empty));
        let Some(literals) = literals else { return self.read_each(question).await };
        let mut holders = BTreeSet::new();
        for literal in &literals {
            holders.extend(held(self.with_tag(&question.key, Some(literal)).await?, question));
        }
        Ok(holders)
    }

    /// The values of a tag, for each listed server that has it: one reading each of those.
    ///
    /// # Errors
    /// When any of them cannot be read.
    pub async fn values(&mut self, key: &str) -> Result<TagValues, CloudError> {
        let mut values = TagValues::new();
        for resource in self.with_tag(key, None).await?.to_vec() {
            if !self.listed.contains(&resource.no) {
                continue;
            }
            let tags = self.tags_of(&resource).await?;
            if let Some((_, value)) = tags.iter().find(|(known, _)| known == key) {
                values.insert(resource.no, value.clone());
            }
        }
        Ok(values)
    }

    async fn read_each(&mut self, question: &TagQuestion) -> Tagged {
        let mut holders = BTreeSet::new();
        for resource in self.with_tag(&question.key, None).await?.to_vec() {
            if self.listed.contains(&resource.no)
                && question.holds_for(self.tags_of(&resource).await?)
            {
                holders.insert(resource.no);
            }
        }
        Ok(holders)
    }

    /// Every server with a tag, by key or by key and value.
    async fn with_tag(
        &mut self,
        key: &str,
        value: Option<&String>,
    ) -> Result<&[Resource], CloudError> {
        let asked = (key.to_owned(), value.cloned());
        if !self.found.contains_key(&asked) {
            let tag = match value {
                Some(value) => json!({ "tagKey": key, "tagValue": value }),
                None => json!({ "tagKey": key }),
            };
            let resources = self.every_page(&tag).await?;
            self.found.insert(asked.clone(), resources);
        }
        Ok(&self.found[&asked])
    }

    async fn every_page(&self, tag: &Value) -> Result<Vec<Resource>, CloudError> {
        let [page_field, size_field] = self.manager.paging;
        let (mut found, mut seen) = (BTreeMap::new(), BTreeSet::new());
        for index in 0.. {
            let body = json!({
                "productName": PRODUCT_NAME,
                "regionCode": self.region,
                "resourceType": RESOURCE_TYPE,
                "tag": [tag],
                page_field: index,
                size_field: PAGE_SIZE,
            });
            let page = self.manager.page(self.region, body, self.until).await?;
            let before = seen.len();
            seen.extend(page.ids);
            found.extend(page.servers.into_iter().map(|server| (server.no.clone(), server)));
            if !page.has_more {
                break;
            }
            if seen.len() == before {
                return Err(unreadable("its pages repeat themselves".to_owned()));
            }
        }
        Ok(found.into_values().collect())
    }

    async fn tags_of(&mut self, resource: &Resource) -> Result<&[(String, String)], CloudError> {
        let no = &resource.no;
        if !resource.tags.is_empty() {
            self.tags.insert(no.clone(), resource.tags.clone());
        }
        if !self.tags.contains_key(no) {
            let Some(nrn) = &resource.nrn else {
                return Err(unreadable(format!("server {no} has no nrn to read its tags by")));
            };
            let page = self.manager.page(self.region, json!({ "nrn": nrn }), self.until).await?;
            let read = page.servers.into_iter().find(|read| read.no == *no);
            // It was found by a tag, so that none at all means that they were not sent along.
            let tags = read.map(|read| read.tags).filter(|tags| !tags.is_empty());
            let tags =
                tags.ok_or_else(|| unreadable(format!("the tags of server {no} are not in it")))?;
            self.tags.insert(no.clone(), tags);
        }
        Ok(&self.tags[no])
    }
}

/// The numbers of those found. Where a row carries its tags they are believed more than the
/// filter.
fn held(found: &[Resource], question: &TagQuestion) -> BTreeSet<InstanceNo> {
    let holds = |server: &&Resource| server.tags.is_empty() || question.holds_for(&server.tags);
    found.iter().filter(holds).map(|server| server.no.clone()).collect()
}

fn page(answer: &Element<'_>, region: &RegionCode) -> Result<Page, Malformed> {
    if answer.child("items").is_none() {
        return Err(Malformed::Unexpected("there are no items in it".to_owned()));
    }
    let rows = answer.rows("items");
    let is_ours = |row: &&Element<'_>| {
        row.word("regionCode").is_none_or(|code| code == region.as_str())
            && row.word("resourceType").is_none_or(|kind| kind == RESOURCE_TYPE)
    };
    Ok(Page {
        servers: rows.iter().filter(is_ours).map(resource).collect::<Result<_, _>>()?,
        ids: rows
            .iter()
            .map(|row| row.word("nrn").or(row.word("resourceId")))
            .map(|id| id.unwrap_or_default().to_owned())
            .collect(),
        // Where it is not said, a full page may have a successor.
        has_more: answer.word("hasMore").map_or(rows.len() >= PAGE_SIZE, |more| more == "true"),
    })
}

fn resource(row: &Element<'_>) -> Result<Resource, Malformed> {
    let id = row.word("resourceId").unwrap_or_default();
    let no = InstanceNo::new(id).map_err(|_| {
        Malformed::Unexpected(format!("the resourceId `{}` is no server's", id.escape_debug()))
    })?;
    let tag = |row: &Element<'_>| {
        let value = row.text("tagValue").unwrap_or_default();
        Some((row.text("tagKey")?.to_owned(), value.to_owned()))
    };
    let tags = row.rows("tag").iter().filter_map(tag).collect();
    Ok(Resource { no, nrn: row.word("nrn").map(ToOwned::to_owned), tags })
}

fn unreadable(detail: String) -> CloudError {
    CloudError::Unreadable { detail, http_status: 200 }
}
