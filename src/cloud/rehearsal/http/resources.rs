//! The Resource Manager: the tags of servers. `POST /api/v1/resources`, or any other version, with
//! JSON both ways.
//!
//! By the rules of the fleet, its filter is exact, and items carry tags only in answers to questions by
//! one `nrn`, or otherwise.

use serde::{Deserialize, Serialize};

use super::gate::Turned;
use crate::cloud::ncloud::Generation;
use crate::cloud::rehearsal::fleet::{TagFilter, TagRules, TagsInLists};
use crate::cloud::rehearsal::world::{Now, Server, World, holds_all};
use crate::model::instance::RegionCode;

const PRODUCT: &str = "VPCServer";
const MOST_A_PAGE: usize = 100;

/// The body of a request. `None` does not narrow.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResourceQuery {
    nrn: Option<String>,
    product_name: Option<String>,
    region_code: Option<RegionCode>,
    resource_type: Option<String>,
    resource_id: Option<String>,
    resource_name: Option<String>,
    #[serde(default)]
    tag: Vec<WantedTag>,
    /// From 0. Other names, such as those in older versions of NAVER's page, are ignored.
    #[serde(default)]
    page: usize,
    #[serde(default = "twenty")]
    size: usize,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WantedTag {
    tag_key: String,
    tag_value: Option<String>,
}

fn twenty() -> usize {
    20
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listing<'a> {
    page: usize,
    size: usize,
    /// Of this page: NAVER's page on the API says "number of results in the response".
    item_count: usize,
    has_more: bool,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    nrn: String,
    platform_type: &'static str,
    product_name: &'static str,
    product_display_name: &'static str,
    region_code: &'a str,
    resource_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_id: Option<&'a str>,
    resource_name: &'a str,
    create_time: i64,
    event_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<Vec<HeldTag<'a>>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HeldTag<'a> {
    tag_key: &'a str,
    tag_value: &'a str,
}

impl ResourceQuery {
    pub(super) fn read(body: &[u8]) -> Result<Self, Turned> {
        let query: Self = serde_json::from_slice(body)
            .map_err(|error| Turned::bad_request(format!("The body is invalid: {error}")))?;
        if !(1..=MOST_A_PAGE).contains(&query.size) {
            return Err(Turned::bad_request("'size' must be between 1 and 100."));
        }
        Ok(query)
    }

    pub(super) fn region(&self) -> Option<&RegionCode> {
        self.region_code.as_ref()
    }

    /// The same question, for the first page.
    pub(super) fn at_first_page(self) -> Self {
        Self { page: 0, ..self }
    }

    pub(super) fn answer(&self, world: &World, now: Now) -> String {
        let rules = world.tag_rules();
        let wanted: Vec<_> =
            self.tag.iter().map(|tag| (tag.tag_key.clone(), tag.tag_value.clone())).collect();
        let found: Vec<&Server> = world
            .servers(now)
            .filter(|server| self.holds_for(server, rules) && holds(server, &wanted, rules.filter))
            .collect();
        let start = self.page.saturating_mul(self.size);
        let items: Vec<Item> = found
            .iter()
            .skip(start)
            .take(self.size)
            .map(|server| self.item(server, rules))
            .collect();
        let listing = Listing {
            page: self.page,
            size: self.size,
            item_count: items.len(),
            has_more: found.len() > start.saturating_add(items.len()) && !items.is_empty(),
            items,
        };
        serde_json::to_string(&listing).expect("texts and numbers")
    }

    fn holds_for(&self, server: &Server, rules: &TagRules) -> bool {
        let is = |wanted: &Option<String>, held: &str| wanted.as_deref().is_none_or(|w| w == held);
        server.platform == Generation::Vpc
            && self.nrn.as_ref().is_none_or(|nrn| *nrn == nrn_of(server, rules))
            && is(&self.product_name, PRODUCT)
            && is(&self.resource_type, &rules.resource_type)
            && is(&self.resource_id, server.no.as_str())
            && is(&self.resource_name, &server.name)
            && self.region_code.as_ref().is_none_or(|region| *region == server.region)
    }

    fn item<'a>(&self, server: &'a Server, rules: &'a TagRules) -> Item<'a> {
        let shows_tags = self.nrn.is_some() || rules.in_lists == TagsInLists::All;
        let tag = |(key, value): &'a (String, String)| HeldTag { tag_key: key, tag_value: value };
        Item {
            nrn: nrn_of(server, rules),
            platform_type: "VPC",
            product_name: PRODUCT,
            product_display_name: "Server (VPC)",
            region_code: server.region.as_str(),
            resource_type: &rules.resource_type,
            resource_id: (!server.odd).then(|| server.no.as_str()),
            resource_name: &server.name,
            create_time: server.created_at.timestamp_millis(),
            event_time: server.created_at.timestamp_millis(),
            tag: shows_tags.then(|| server.tags.iter().map(tag).collect()),
        }
    }
}

/// Whether the filter finds the server by these tags.
fn holds(server: &Server, wanted: &[(String, Option<String>)], filter: TagFilter) -> bool {
    match filter {
        TagFilter::Exact => holds_all(&server.tags, wanted),
        TagFilter::Beginning => wanted.iter().all(|(key, value)| {
            let begins = |held: &str| value.as_deref().is_none_or(|value| held.starts_with(value));
            server.tags.iter().any(|(its_key, held)| its_key == key && begins(held))
        }),
    }
}

/// The member number in it is invented.
fn nrn_of(server: &Server, rules: &TagRules) -> String {
    let kind = &rules.resource_type;
    format!("nrn:PUB:{PRODUCT}:{}:2500000:{kind}/{}", server.region, server.no)
}
