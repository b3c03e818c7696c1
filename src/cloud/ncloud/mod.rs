//! NAVER Cloud, Classic and VPC.
//!
//! Joins keys, hosts, the server API and the Resource Manager into a [`Cloud`]. What an answer
//! means is `response`'s business, when to ask again the caller's.

mod client;
mod connect;
mod credentials;
mod environment;
mod inventory;
mod query;
mod rate;
mod resource_manager;
mod response;
mod retry;
mod server_api;
mod signature;
mod site;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use self::client::Timeouts;
pub use self::connect::ConnectError;
pub use self::credentials::CredentialsError;
pub use self::environment::Environment;
pub use self::site::SiteError;

use self::client::Client;
use self::resource_manager::ResourceManager;
use self::server_api::ServerApi;
use self::site::Site;
use super::{Accepted, Answer, Cloud, Later, Tagged};
use crate::clock::{Clock, Moment};
use crate::instance::{Action, Instance, InstanceNo, RegionCode};
use crate::schedule::selector::TagQuestion;
use crate::schedule::{Account, Platform};

/// One account at NAVER Cloud. Its keys were read when it was made: after a change of keys,
/// make another.
#[derive(Debug)]
pub struct Ncloud {
    regions: Vec<RegionCode>,
    api: ServerApi,
    tags: Tags,
}

/// Who knows the tags of an account's servers.
#[derive(Debug)]
enum Tags {
    /// Their own rows in the list: Classic.
    InList,
    /// The Resource Manager: VPC.
    Apart(ResourceManager),
}

impl Ncloud {
    /// Reads keys and hosts of an account. Sends nothing.
    ///
    /// # Errors
    /// When there are no keys, a host cannot be used, or TLS cannot be prepared.
    pub fn connect(
        account: &Account,
        environment: &Environment,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ConnectError> {
        Self::connect_within(Timeouts::default(), account, environment, clock)
    }

    /// Like [`Self::connect`], with other timeouts.
    ///
    /// # Errors
    /// As [`Self::connect`].
    pub fn connect_within(
        timeouts: Timeouts,
        account: &Account,
        environment: &Environment,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ConnectError> {
        let site = Site::of(account, environment)?;
        let keys = credentials::read(&account.credentials, environment)?;
        let client = Client::new(&site, keys, clock, timeouts).map_err(ConnectError::Tls)?;
        let client = Arc::new(client);
        let tags = match account.platform {
            Platform::Classic => Tags::InList,
            Platform::Vpc => Tags::Apart(ResourceManager::new(Arc::clone(&client), &site)),
        };
        let api = ServerApi::new(client, site.gateway, account.platform);
        Ok(Self { regions: account.regions.clone(), api, tags })
    }
}

impl Cloud for Ncloud {
    fn regions(&self, until: Moment) -> Answer<'_, Vec<RegionCode>> {
        Box::pin(async move {
            if !self.regions.is_empty() {
                return Ok(self.regions.clone());
            }
            let regions = self.api.regions(until).await?;
            Ok(regions.iter().map(|region| region.code.clone()).collect())
        })
    }

    fn list<'a>(&'a self, region: &'a RegionCode, until: Moment) -> Answer<'a, Vec<Instance>> {
        Box::pin(inventory::list(&self.api, region, until))
    }

    fn look_up<'a>(
        &'a self,
        region: &'a RegionCode,
        instances: &'a [InstanceNo],
        until: Moment,
    ) -> Answer<'a, Vec<Instance>> {
        Box::pin(inventory::look_up(&self.api, region, instances, until))
    }

    fn tagged<'a>(
        &'a self,
        region: &'a RegionCode,
        listed: &'a [Instance],
        questions: &'a [TagQuestion],
        until: Moment,
    ) -> Later<'a, Vec<Tagged>> {
        Box::pin(async move {
            match &self.tags {
                Tags::InList => {
                    questions.iter().map(|question| Ok(own(question, listed))).collect()
                }
                Tags::Apart(manager) => manager.tagged(region, questions, until).await,
            }
        })
    }

    fn change<'a>(
        &'a self,
        action: Action,
        region: &'a RegionCode,
        instances: &'a [InstanceNo],
    ) -> Answer<'a, Accepted> {
        Box::pin(self.api.change(action, region, instances))
    }
}

fn own(question: &TagQuestion, listed: &[Instance]) -> BTreeSet<InstanceNo> {
    let holds = |instance: &&Instance| {
        instance.tags.as_deref().is_some_and(|tags| question.holds_for(tags))
    };
    listed.iter().filter(holds).map(|instance| instance.no.clone()).collect()
}
