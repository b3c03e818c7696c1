//! The Resource Manager: which VPC servers hold which tags.
//!
//! Its filter is exact, by key or by key and value, and it shows a server's tags only when
//! asked for that one server. So a text without wildcards is one query, `*` is one by the key,
//! and any other glob is one by the key and then a reading of each server it names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use reqwest::Url;
use serde_json::{Value, json};

use super::client::{Call, Client};
use super::response::Payload;
use super::response::element::{Element, Malformed};
use super::site::Site;
use crate::clock::Moment;
use crate::cloud::{CloudError, Tagged};
use crate::instance::{InstanceNo, RegionCode};
use crate::schedule::selector::TagQuestion;

/// What a server is called here, as third parties say; no page of NAVER's names both.
const PRODUCT_NAME: &str = "VPCServer";
/// See [`PRODUCT_NAME`].
const RESOURCE_TYPE: &str = "Server";

/// How many items a page holds at most.
const PAGE_SIZE: usize = 100;

/// How many pages are read before something must be wrong: 100,000 servers.
const MOST_PAGES: usize = 1_000;

/// `POST /api/v1/resources`, for the servers of an account.
#[derive(Debug)]
pub struct ResourceManager {
    client: Arc<Client>,
    url: Url,
    /// What the page's number and size are called: the government's page has names of its own.
    paging: [&'static str; 2],
}

/// A row of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Resource {
    no: InstanceNo,
    nrn: Option<String>,
    /// `None` where the answer shows no tags.
    tags: Option<Vec<(String, String)>>,
}

/// One answer.
#[derive(Debug)]
struct Page {
    resources: Vec<Resource>,
    has_more: bool,
}

/// The tags read one server at a time, kept as long as the questions of one firing take.
type Read = BTreeMap<InstanceNo, Vec<(String, String)>>;

impl ResourceManager {
    /// The Resource Manager of a site.
    #[must_use]
    pub fn new(client: Arc<Client>, site: &Site) -> Self {
        let mut url = site.resource_manager.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/api/v1/resources"));
        let paging =
            if site.is_governmental() { ["pageIndex", "pageSize"] } else { ["page", "size"] };
        Self { client, url, paging }
    }

    /// For each question the servers for which it holds, or why that could not be read.
    pub async fn tagged(
        &self,
        region: &RegionCode,
        questions: &[TagQuestion],
        until: Moment,
    ) -> Vec<Tagged> {
        let mut read = Read::new();
        let mut answers = Vec::new();
        for question in questions {
            answers.push(self.answer(region, question, &mut read, until).await);
        }
        answers
    }

    async fn answer(
        &self,
        region: &RegionCode,
        question: &TagQuestion,
        read: &mut Read,
        until: Moment,
    ) -> Tagged {
        let key = question.key.as_str();
        let numbers = |resources: Vec<Resource>| resources.into_iter().map(|resource| resource.no);
        if question.value.matches_everything() {
            let holders = self.find(region, &json!([{ "tagKey": key }]), until).await?;
            return Ok(numbers(holders).collect());
        }
        // An empty value might be taken for none at all, which asks for the key alone.
        let literals = question.value.literals().filter(|values| !values.contains(&String::new()));
        if let Some(values) = literals {
            let mut found = BTreeSet::new();
            for value in values {
                let filter = json!([{ "tagKey": key, "tagValue": value }]);
                found.extend(numbers(self.find(region, &filter, until).await?));
            }
            return Ok(found);
        }
        let mut found = BTreeSet::new();
        for holder in self.find(region, &json!([{ "tagKey": key }]), until).await? {
            let no = holder.no.clone();
            if !read.contains_key(&no) {
                read.insert(no.clone(), self.tags(region, holder, until).await?);
            }
            if read.get(&no).is_some_and(|tags| question.holds_for(tags)) {
                found.insert(no);
            }
        }
        Ok(found)
    }

    /// All servers of a region that an exact filter lets through.
    async fn find(
        &self,
        region: &RegionCode,
        filter: &Value,
        until: Moment,
    ) -> Result<Vec<Resource>, CloudError> {
        let mut found = Vec::new();
        for page_no in 0..MOST_PAGES {
            let [page, size] = self.paging;
            let body = json!({
                "productName": PRODUCT_NAME,
                "resourceType": RESOURCE_TYPE,
                "regionCode": region,
                "tag": filter,
                page: page_no,
                size: PAGE_SIZE,
            });
            let page = self.ask(region, &body, until).await?;
            let is_empty = page.resources.is_empty();
            found.extend(page.resources);
            match (page.has_more, is_empty) {
                (false, _) => return Ok(found),
                (true, false) => {}
                (true, true) => {
                    return Err(incomplete("a page is empty, and it says there is more"));
                }
            }
        }
        Err(incomplete("there is no end to its pages"))
    }

    /// The tags of one server.
    async fn tags(
        &self,
        region: &RegionCode,
        holder: Resource,
        until: Moment,
    ) -> Result<Vec<(String, String)>, CloudError> {
        let Some(nrn) = holder.nrn else {
            return Err(incomplete(&format!("resource {} has no nrn", holder.no)));
        };
        let page = self.ask(region, &json!({ "nrn": nrn }), until).await?;
        let mut resources = page.resources.into_iter();
        let tags = resources.find(|found| found.no == holder.no).and_then(|found| found.tags);
        tags.ok_or_else(|| incomplete(&format!("it shows no tags of resource {}", holder.no)))
    }

    async fn ask(
        &self,
        region: &RegionCode,
        body: &Value,
        until: Moment,
    ) -> Result<Page, CloudError> {
        let call = Call {
            name: "resources",
            region: region.to_string(),
            url: self.url.clone(),
            body: Some(body.to_string()),
            payload: Payload::Bare,
        };
        self.client.until(until, &call, page).await
    }
}

fn incomplete(detail: &str) -> CloudError {
    CloudError::Unreadable { detail: detail.to_owned(), http_status: 200 }
}

fn page(answer: &Element<'_>) -> Result<Page, Malformed> {
    if answer.child("items").is_none() {
        return Err(Malformed::Unexpected("there are no items in it".to_owned()));
    }
    let rows = answer.rows("items");
    let resources: Vec<Resource> = rows.iter().map(resource).collect::<Result<_, _>>()?;
    // Without the word, a full page may not be the last one.
    let has_more = answer.word("hasMore").map_or(rows.len() >= PAGE_SIZE, |more| more == "true");
    Ok(Page { resources, has_more })
}

fn resource(row: &Element<'_>) -> Result<Resource, Malformed> {
    let no = row.word("resourceId").unwrap_or_default();
    let no = InstanceNo::new(no)
        .map_err(|_| Malformed::Unexpected(format!("the resourceId `{}`", no.escape_debug())))?;
    let tag = |row: &Element<'_>| {
        let value = row.text("tagValue").unwrap_or_default();
        Some((row.text("tagKey")?.to_owned(), value.to_owned()))
    };
    let tags = row.child("tag").map(|list| list.children.iter().filter_map(tag).collect());
    Ok(Resource { no, nrn: row.word("nrn").map(ToOwned::to_owned), tags })
}
