//! The Resource Manager: finds the VPC servers that have a tag.
//!
//! Its filter is exact. Its rows carry tags only in answers to queries by `nrn`. A literal value,
//! or the mere presence of a key, is therefore one query. For any other glob, a query by key names
//! candidates, and one query for each candidate reads its tags.
//!
//! `tag_lists` reads lists of several pages. `select` judges the tags.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reqwest::Url;
use serde_json::{Value, json};

use super::calls;
use super::client::Client;
use super::response::resources::{ExpectedPage, Page, page};
use super::site::Site;
use super::tag_pages::{List, body};
use super::tag_queries::Query;
use crate::clock::Moment;
use crate::cloud::{CloudError, Tags};
use crate::model::instance::{InstanceNo, RegionCode};

#[derive(Debug)]
pub struct ResourceManager {
    client: Arc<Client>,
    base: Url,
    known: Mutex<HashMap<RegionCode, Known>>,
}

/// Facts about a region from earlier answers. They save calls; no tag is remembered.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The key for reading the tags of each server.
    pub(super) nrns: HashMap<InstanceNo, String>,
    pub(super) pages: HashMap<Query, usize>,
    /// Some list has shown a server of the region.
    pub(super) is_proven: bool,
}

impl ResourceManager {
    pub fn new(client: Arc<Client>, site: &Site) -> Self {
        Self { client, base: site.resource_manager.clone(), known: Mutex::default() }
    }

    /// Every tag of a server that a list has shown before.
    ///
    /// # Errors
    /// The tags cannot be read, or are not in the answer.
    pub async fn tags_of(
        &self,
        region: &RegionCode,
        no: &InstanceNo,
        until: Moment,
    ) -> Result<Tags, CloudError> {
        let nrn = self.known().get(region).and_then(|known| known.nrns.get(no).cloned());
        let Some(nrn) = nrn else {
            return Err(unreadable(format!("server {no} has no nrn to read its tags by")));
        };
        let asked = ExpectedPage { region, page: 0, is_server: &|other| other == no };
        let page = self.page(&asked, json!({ "nrn": nrn }), until).await?;
        let mut list = List::default();
        list.add(page).map_err(unreadable)?;
        let read = list.whole().map_err(unreadable)?.remove(no);
        // The server was found by a tag. An answer without any tag means that the tags were not
        // sent, or that the server lost its last tag; the next list decides.
        let tags = read.map(|read| read.tags).filter(|tags| !tags.is_empty());
        tags.ok_or_else(|| {
            self.known().entry(region.clone()).or_default().nrns.remove(no);
            unreadable(format!("the tags of server {no} are not in it"))
        })
    }

    /// Checks that the Resource Manager answers, by asking for the first server that has a tag.
    ///
    /// # Errors
    /// It does not answer, or its answer cannot be read.
    pub async fn probe(
        &self,
        region: &RegionCode,
        key: &str,
        until: Moment,
    ) -> Result<(), CloudError> {
        let asked = ExpectedPage { region, page: 0, is_server: &|_| false };
        let body = body(region, &json!({ "tagKey": key }), (0, 1));
        self.page(&asked, body, until).await.map(|_| ())
    }

    pub(super) fn known(&self) -> MutexGuard<'_, HashMap<RegionCode, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn page(
        &self,
        asked: &ExpectedPage<'_>,
        body: Value,
        until: Moment,
    ) -> Result<Page, CloudError> {
        let call = calls::of_resources(&self.base, asked.region, &body);
        let answer = self.client.until(until, &call, |answer| page(answer, asked)).await;
        answer.map_err(calls::of_other_product)
    }
}

pub(super) fn unreadable(detail: String) -> CloudError {
    CloudError::Unreadable { detail, http_status: 200 }
}
