//! The server API of Classic and VPC: regions, zones, lists and changes.
//!
//! Owns the parameters of each call. `list` joins the pages, and `client` sends.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Url;
use tokio::sync::OnceCell;

use super::calls::{self, SERVER_LIST};
use super::client::{Call, Client};
use super::query::Query;
use super::response::instances::{self, Page};
use super::response::places::{Region, regions, zones};
use super::response::tree::Element;
use crate::clock::Moment;
use crate::cloud::ncloud::Generation;
use crate::cloud::{Accepted, CloudError, Denial, Meaning, Refusal, Right, Unless};
use crate::model::instance::{Action, InstanceNo, RegionCode};

/// The gateway's `errorCode` for keys that are wrong, revoked or rotated.
const KEYS_REFUSED: &str = "200";

/// The actions in use, below `/server/v2/` or `/vserver/v2/`.
#[derive(Debug)]
pub struct ServerApi {
    client: Arc<Client>,
    gateway: Url,
    generation: Generation,
    /// Regions and zones are read once: a new one needs a new client.
    regions: OnceCell<Vec<Region>>,
    zones: Mutex<BTreeMap<RegionCode, Vec<String>>>,
}

impl ServerApi {
    /// The server API of a platform behind `gateway`.
    pub fn new(client: Arc<Client>, gateway: Url, generation: Generation) -> Self {
        let (regions, zones) = (OnceCell::new(), Mutex::default());
        Self { client, gateway, generation, regions, zones }
    }

    /// Every region that the cloud names.
    ///
    /// # Errors
    /// The regions cannot be read, or there is none.
    pub async fn regions(&self, until: Moment) -> Result<&[Region], CloudError> {
        let read = || async {
            let call = self.call("getRegionList", "", Query::default());
            self.client.until(until, &call, regions).await
        };
        Ok(self.regions.get_or_try_init(read).await?)
    }

    /// One page of the servers in a scope, with pages numbered from 1; without `page`, all servers.
    ///
    /// # Errors
    /// The page cannot be read.
    pub async fn list(
        &self,
        region: &RegionCode,
        scope: Query,
        page: Option<(usize, usize)>,
        until: Moment,
    ) -> Result<Page, CloudError> {
        let query = match page {
            Some((no, size)) => {
                scope.with("pageNo", no.to_string()).with("pageSize", size.to_string())
            }
            None => scope,
        };
        let call = self.call(SERVER_LIST, region.as_str(), query);
        self.client.until(until, &call, |list| instances::page(list, self.generation, region)).await
    }

    /// The parameters of the lists that together show every server of a region. On Classic each
    /// zone has its own list: a list without a zone is documented as that of the first zone.
    ///
    /// # Errors
    /// Classic's regions or zones cannot be read, or do not have this one.
    pub async fn scopes(
        &self,
        region: &RegionCode,
        until: Moment,
    ) -> Result<Vec<Query>, CloudError> {
        let scope = self.scope(region, until).await?;
        if self.generation == Generation::Vpc {
            return Ok(vec![scope]);
        }
        let zones = self.zones(region, &scope, until).await?;
        if zones.is_empty() {
            return Ok(vec![scope]);
        }
        Ok(zones.into_iter().map(|zone| scope.clone().with("zoneNo", zone)).collect())
    }

    /// The parameter that every list of a region needs: `regionNo` on Classic, `regionCode` on VPC.
    ///
    /// # Errors
    /// Classic's regions cannot be read, or do not have this one.
    pub async fn scope(&self, region: &RegionCode, until: Moment) -> Result<Query, CloudError> {
        if self.generation == Generation::Vpc {
            return Ok(Query::default().with("regionCode", region.as_str()));
        }
        let known = self.regions(until).await?.iter().find(|known| known.code == *region);
        match known.and_then(|known| known.no.as_ref()) {
            Some(no) => Ok(Query::default().with("regionNo", no.as_str())),
            None => Err(CloudError::Unreadable {
                detail: format!("getRegionList names no regionNo for `{region}`"),
                http_status: 200,
            }),
        }
    }

    /// Waits for the account's turn to call.
    pub async fn turn(&self) {
        self.client.turn().await;
    }

    /// Sends `stopServerInstances` or `startServerInstances`, once, after [`Self::turn`].
    ///
    /// # Errors
    /// The change was refused, or its result is unknown.
    pub async fn change(
        &self,
        action: Action,
        region: &RegionCode,
        instances: &[InstanceNo],
        unless: Unless<'_>,
    ) -> Result<Accepted, CloudError> {
        let name = match action {
            Action::Stop => "stopServerInstances",
            Action::Start => "startServerInstances",
        };
        // Classic knows a server by its number alone.
        let query = match self.generation {
            Generation::Vpc => Query::default().with("regionCode", region.as_str()),
            Generation::Classic => Query::default(),
        };
        let query = query.with_list("serverInstanceNoList", instances);
        let call = self.call(name, region.as_str(), query);
        let answer = self.client.once_in_turn(&call, unless, |answer| Ok(accepted(answer))).await;
        answer.map_err(|error| of_this_request(error, call.right))
    }

    async fn zones(
        &self,
        region: &RegionCode,
        scope: &Query,
        until: Moment,
    ) -> Result<Vec<String>, CloudError> {
        let cached = || self.zones.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(zones) = cached().get(region) {
            return Ok(zones.clone());
        }
        let call = self.call("getZoneList", region.as_str(), scope.clone());
        let zones = self.client.until(until, &call, zones).await?;
        cached().insert(region.clone(), zones.clone());
        Ok(zones)
    }

    fn call(&self, action: &'static str, region: &str, query: Query) -> Call {
        calls::of_servers(&self.gateway, self.generation, action, (region, query))
    }
}

/// Turns some failures of a change into failures of this request only: (1) a refusal of the gateway
/// with another code than that for refused keys; (2) a refusal by something before the gateway.
/// Nobody knows a wider meaning of them. The next list shows whether the keys are good.
fn of_this_request(error: CloudError, right: Right) -> CloudError {
    match error {
        CloudError::Denied { refusal, because: Denial::Keys }
            if refusal.return_code.as_deref() != Some(KEYS_REFUSED) =>
        {
            CloudError::Forbidden { refusal, right }
        }
        CloudError::Unreadable { detail, http_status: http_status @ 403 } => {
            let return_message = Some(detail);
            let refusal = Refusal { http_status, return_message, ..Refusal::default() };
            CloudError::Refused { refusal, meaning: Meaning::Unknown }
        }
        error => error,
    }
}

fn accepted(answer: &Element<'_>) -> Accepted {
    Accepted {
        http_status: 200,
        request_id: answer.word("requestId").map(ToOwned::to_owned),
        return_code: answer.word("returnCode").unwrap_or_default().to_owned(),
        return_message: answer.text("returnMessage").map(ToOwned::to_owned),
    }
}
