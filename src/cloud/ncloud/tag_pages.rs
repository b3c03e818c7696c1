//! Joins the pages of one list of servers, and finds contradictions between them.
//!
//! `resource_manager` reads the pages.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::response::resources::{PAGE_SIZE, PRODUCT_NAME, Page, RESOURCE_TYPE, Resource};
use crate::model::instance::{InstanceNo, RegionCode};

pub(super) type Servers = BTreeMap<InstanceNo, Resource>;

/// The rows of one list so far.
#[derive(Debug, Default)]
pub(super) struct List {
    pub(super) servers: Servers,
    pub(super) ids: BTreeSet<String>,
    pub(super) rows: usize,
    /// For each page: the number of its rows, and the count that it says.
    pub(super) counts: Vec<(usize, usize)>,
}

impl List {
    /// Adds the next page. The error says how the page contradicts earlier pages or itself.
    pub(super) fn add(&mut self, page: Page) -> Result<(), String> {
        let (before, named) = (self.ids.len(), page.ids.len());
        self.ids.extend(page.ids);
        let is_repeated = self.ids.len() < before + named;
        if is_repeated || (page.has_more && named == 0) {
            return Err("its pages repeat themselves".to_owned());
        }
        for server in page.servers {
            if let Some(twin) = self.servers.insert(server.no.clone(), server) {
                return Err(format!("server {} is in it twice", twin.no));
            }
        }
        self.rows += page.rows;
        self.counts.extend(page.count.map(|count| (page.rows, count)));
        Ok(())
    }

    /// The servers of a complete list. The error says that rows are missing. The count of a page is
    /// that of its own rows or of all pages; both forms are recognised.
    pub(super) fn whole(self) -> Result<Servers, String> {
        let are_own = self.counts.iter().all(|(rows, count)| rows == count);
        let are_all = self.counts.iter().all(|(_, count)| *count == self.rows);
        if are_own || are_all {
            return Ok(self.servers);
        }
        let counts: BTreeSet<String> = self.counts.iter().map(|it| it.1.to_string()).collect();
        let counts: Vec<String> = counts.into_iter().collect();
        Err(format!("its itemCount is {}, and it shows {}", counts.join(", "), self.rows))
    }
}

/// The body of the question for a page of the servers of a region that have a tag.
pub(super) fn body(region: &RegionCode, tag: &Value, (page, size): (usize, usize)) -> Value {
    json!({
        "productName": PRODUCT_NAME,
        "regionCode": region,
        "resourceType": RESOURCE_TYPE,
        "tag": [tag],
        "page": page,
        "size": size,
    })
}

/// The same without a tag: a page of all servers of a region.
pub(super) fn untagged_body(region: &RegionCode, page: usize) -> Value {
    json!({
        "productName": PRODUCT_NAME,
        "regionCode": region,
        "resourceType": RESOURCE_TYPE,
        "page": page,
        "size": PAGE_SIZE,
    })
}
