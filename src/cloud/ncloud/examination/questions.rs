//! The questions of an examination. All of them only read, and there are no others.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::facts::{Failed, List, ResourcePage};
use super::rows;
use crate::clock::{Clock, Moment};
use crate::cloud::CloudError;
use crate::cloud::ncloud::Generation;
use crate::cloud::ncloud::calls::{self, SERVER_LIST};
use crate::cloud::ncloud::client::{Call, Client, Heard};
use crate::cloud::ncloud::query::Query;
use crate::cloud::ncloud::response::places::{self, Region};
use crate::cloud::ncloud::response::tree::{Element, Malformed};
use crate::cloud::ncloud::site::Site;
use crate::model::instance::RegionCode;

/// One question is repeated for this long, if its failure may pass.
const EACH: Duration = Duration::from_secs(10);

/// No question is asked after this time.
const ALL: Duration = Duration::from_secs(60);

/// The name of a call that does not exist, to see an error of the gateway.
const NO_CALL: &str = "getNoSuchList";

/// Asks, and notes which calls were answered and which failed.
pub(super) struct Questions<'a> {
    client: &'a Client,
    clock: &'a dyn Clock,
    site: &'a Site,
    pub(super) generation: Generation,
    end: Moment,
    pub(super) answered: BTreeSet<&'static str>,
    pub(super) failed: Vec<Failed>,
}

impl<'a> Questions<'a> {
    pub(super) fn new(
        (client, clock): (&'a Client, &'a dyn Clock),
        site: &'a Site,
        generation: Generation,
    ) -> Self {
        let end = clock.moment() + ALL;
        let (answered, failed) = (BTreeSet::new(), Vec::new());
        Self { client, clock, site, generation, end, answered, failed }
    }

    pub(super) async fn regions(&mut self) -> Result<Vec<Region>, CloudError> {
        let call = self.call("getRegionList", "", Query::default());
        self.ask(&call, places::regions).await
    }

    /// The numbers of the zones of a region, on Classic.
    pub(super) async fn zones(
        &mut self,
        region: &RegionCode,
        scope: &Query,
    ) -> Result<Vec<String>, CloudError> {
        let call = self.call("getZoneList", region.as_str(), scope.clone());
        self.ask(&call, places::zones).await
    }

    pub(super) async fn servers(
        &mut self,
        region: &RegionCode,
        query: Query,
    ) -> Result<List, CloudError> {
        let generation = self.generation;
        let call = self.call(SERVER_LIST, region.as_str(), query);
        self.ask(&call, |answer| rows::list(answer, generation, region)).await
    }

    /// Asks for servers in a way that the cloud may refuse, whatever the rights are.
    pub(super) async fn servers_in_vain(
        &mut self,
        region: &RegionCode,
        query: Query,
    ) -> Result<List, CloudError> {
        let generation = self.generation;
        let call = self.call(SERVER_LIST, region.as_str(), query);
        self.send(&call, |answer| rows::list(answer, generation, region)).await
    }

    /// Asks for a call that does not exist: its error, and whether that was XML.
    pub(super) async fn nothing(&mut self) -> (Option<CloudError>, bool) {
        let call = self.call(NO_CALL, "", Query::default());
        let answer = self.send(&call, |_| Ok(())).await;
        (answer.err(), self.heard().is_xml)
    }

    /// One page of resources. `body` is the whole question.
    pub(super) async fn resources(
        &mut self,
        region: &RegionCode,
        body: &Value,
    ) -> Result<ResourcePage, CloudError> {
        let call = calls::of_resources(&self.site.resource_manager, region, body);
        let answer = self.send(&call, rows::resources).await.map_err(calls::of_other_product);
        self.note(call.right.call, answer)
    }

    pub(super) fn heard(&self) -> Heard {
        self.client.heard()
    }

    fn call(&self, action: &'static str, region: &str, query: Query) -> Call {
        calls::of_servers(&self.site.gateway, self.generation, action, (region, query))
    }

    async fn ask<T>(
        &mut self,
        call: &Call,
        reader: impl Fn(&Element<'_>) -> Result<T, Malformed>,
    ) -> Result<T, CloudError> {
        let answer = self.send(call, reader).await;
        self.note(call.right.call, answer)
    }

    async fn send<T>(
        &self,
        call: &Call,
        reader: impl Fn(&Element<'_>) -> Result<T, Malformed>,
    ) -> Result<T, CloudError> {
        let now = self.clock.moment();
        if now >= self.end {
            let detail = "no time was left to ask".to_owned();
            return Err(CloudError::Unanswered { detail, http_status: None });
        }
        let until = self.end.min(now + EACH);
        self.client.until(until, call, reader).await
    }

    fn note<T>(
        &mut self,
        call: &'static str,
        answer: Result<T, CloudError>,
    ) -> Result<T, CloudError> {
        match &answer {
            Ok(_) => {
                self.answered.insert(call);
            }
            Err(error) => self.failed.push(Failed { call, error: error.clone() }),
        }
        answer
    }
}
