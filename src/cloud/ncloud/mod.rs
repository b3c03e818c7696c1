//! NAVER Cloud: the Server API of Classic and VPC, and the Resource Manager for tags of VPC.
//!
//! A call goes down through four layers, and its answer comes up again:
//!
//! 1. `list` and `resource_manager` choose the calls.
//! 2. `server_api` chooses the parameters of one call, and `calls` writes it.
//! 3. [`client`] signs and sends it.
//! 4. [`response`] reads the answer.
//!
//! [`credentials`] and [`site`] are read once, when an account is connected. [`examination`] asks
//! by itself, and has no call that changes anything. The trait `Cloud` and the failures belong to
//! [`cloud`](crate::cloud).

mod calls;
pub mod client;
pub(super) mod codes;
pub mod credentials;
mod credentials_error;
pub(super) mod examination;
mod generation;
mod limits;
mod list;
mod profile;
pub mod query;
mod rate;
mod resource_manager;
pub mod response;
mod server_api;
pub mod signature;
pub mod site;
mod tag_lists;
mod tag_pages;
mod tag_proof;
mod tag_queries;
mod tag_samples;

use std::sync::Arc;

use self::client::Client;
use self::credentials_error::CredentialsError;
use self::examination::Examiner;
use self::resource_manager::ResourceManager;
use self::server_api::ServerApi;
use self::site::{Site, SiteError};
use super::{
    Accepted, Answer, Cloud, Environment, HoldValues, Holders, Later, Limits, Listed, TagLists,
    Tags, Unless,
};
use crate::clock::{Clock, Moment};
use crate::model::instance::{Action, Instance, InstanceNo, RegionCode};
use crate::schedule::Account;
use crate::schedule::selector::TagQuestion;
use crate::schedule::tag_questions::TagQuestions;
use crate::text::normal_form::same;

pub use client::Timeouts;
pub use generation::Generation;
pub use limits::LISTS_LAG;

#[derive(Debug)]
pub struct Ncloud {
    generation: Generation,
    regions: Vec<RegionCode>,
    api: ServerApi,
    resource_manager: ResourceManager,
}

/// The reasons why an account cannot be called. All are found before anything is sent.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    #[error(transparent)]
    Site(#[from] SiteError),
    #[error("HTTPS cannot be prepared")]
    Tls(#[source] reqwest::Error),
}

impl ConnectError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Credentials(error) => error.hint(),
            Self::Site(SiteError::NoBase { .. }) => "write it like `https://HOST`",
            Self::Site(SiteError::PlainHttp { .. }) => {
                "write `https://`; plain http is for loopback addresses"
            }
            Self::Tls(_) => "install the system's root certificates (often `ca-certificates`)",
        }
    }
}

impl Ncloud {
    /// Reads the keys of an account and finds its hosts. Sends nothing.
    ///
    /// # Errors
    /// There are no keys, a URL cannot be used, or TLS cannot be prepared.
    pub fn connect(
        account: (&Account, Generation),
        environment: &Environment,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ConnectError> {
        Self::connect_within(account, environment, clock, Timeouts::default())
    }

    /// The same as [`Self::connect`], with other timeouts.
    ///
    /// # Errors
    /// Those of [`Self::connect`].
    pub fn connect_within(
        (account, generation): (&Account, Generation),
        environment: &Environment,
        clock: Arc<dyn Clock>,
        timeouts: Timeouts,
    ) -> Result<Self, ConnectError> {
        let (site, client) = prepared(account, environment, clock, timeouts)?;
        Ok(Self {
            generation,
            regions: account.regions.clone(),
            resource_manager: ResourceManager::new(Arc::clone(&client), &site),
            api: ServerApi::new(client, site.gateway, generation),
        })
    }
}

/// The hosts of an account, and a client with its keys.
fn prepared(
    account: &Account,
    environment: &Environment,
    clock: Arc<dyn Clock>,
    timeouts: Timeouts,
) -> Result<(Site, Arc<Client>), ConnectError> {
    let site = Site::of(account, environment)?;
    let keys = credentials::read(&account.credentials, environment)?;
    let client = Client::new(&site, keys, clock, timeouts).map_err(ConnectError::Tls)?;
    Ok((site, Arc::new(client)))
}

/// Prepares an examination of an account. Sends nothing.
///
/// # Errors
/// Those of [`Ncloud::connect`].
pub fn examiner(
    (account, generation): (&Account, Generation),
    environment: &Environment,
    clock: Arc<dyn Clock>,
) -> Result<Examiner, ConnectError> {
    let (site, client) = prepared(account, environment, Arc::clone(&clock), Timeouts::default())?;
    Ok(Examiner::new((client, clock), site, generation, account.regions.clone()))
}

impl Cloud for Ncloud {
    fn limits(&self) -> Limits {
        limits::of(self.generation)
    }

    fn regions(&self, until: Moment) -> Answer<'_, Vec<RegionCode>> {
        Box::pin(async move {
            if !self.regions.is_empty() {
                return Ok(self.regions.clone());
            }
            let named = self.api.regions(until).await?;
            Ok(named.iter().map(|region| region.code.clone()).collect())
        })
    }

    fn list<'a>(&'a self, region: &'a RegionCode, until: Moment) -> Answer<'a, Listed> {
        Box::pin(list::everything(&self.api, region, until))
    }

    fn look_up<'a>(
        &'a self,
        region: &'a RegionCode,
        instances: &'a [InstanceNo],
        until: Moment,
    ) -> Answer<'a, Listed> {
        Box::pin(list::numbered(&self.api, region, instances, until))
    }

    fn tag_lists<'a>(
        &'a self,
        region: &'a RegionCode,
        listed: &'a [Instance],
        questions: &'a TagQuestions,
        until: Moment,
    ) -> Later<'a, TagLists> {
        match self.generation {
            Generation::Classic => Box::pin(async { carried(listed, questions) }),
            Generation::Vpc => {
                let asked = (region, until);
                Box::pin(tag_lists::read(&self.resource_manager, asked, listed, questions))
            }
        }
    }

    fn tags_of<'a>(
        &'a self,
        region: &'a RegionCode,
        instance: &'a Instance,
        until: Moment,
    ) -> Answer<'a, Tags> {
        match self.generation {
            Generation::Classic => {
                Box::pin(async { Ok(instance.tags.clone().unwrap_or_default()) })
            }
            Generation::Vpc => Box::pin(self.resource_manager.tags_of(region, &instance.no, until)),
        }
    }

    fn some_tags<'a>(
        &'a self,
        region: &'a RegionCode,
        listed: &'a [Instance],
        most: usize,
        until: Moment,
    ) -> Answer<'a, Vec<Tags>> {
        match self.generation {
            Generation::Classic => Box::pin(async move {
                let tags = listed.iter().map(|instance| instance.tags.clone().unwrap_or_default());
                Ok(tags.take(most).collect())
            }),
            Generation::Vpc => {
                Box::pin(tag_samples::read(&self.resource_manager, (region, until), listed, most))
            }
        }
    }

    fn probe_tags<'a>(
        &'a self,
        region: &'a RegionCode,
        key: &'a str,
        until: Moment,
    ) -> Answer<'a, ()> {
        match self.generation {
            Generation::Classic => Box::pin(async { Ok(()) }),
            Generation::Vpc => Box::pin(self.resource_manager.probe(region, key, until)),
        }
    }

    fn change<'a>(
        &'a self,
        action: Action,
        region: &'a RegionCode,
        instances: &'a [InstanceNo],
    ) -> Answer<'a, Accepted> {
        Box::pin(async move {
            self.api.turn().await;
            self.api.change(action, region, instances, &|| None).await
        })
    }

    fn turn(&self) -> Later<'_, ()> {
        Box::pin(self.api.turn())
    }

    fn change_in_turn<'a>(
        &'a self,
        action: Action,
        region: &'a RegionCode,
        instances: &'a [InstanceNo],
        unless: Unless<'a>,
    ) -> Answer<'a, Accepted> {
        Box::pin(self.api.change(action, region, instances, unless))
    }
}

/// Answers from the tags in Classic's list of servers.
fn carried(listed: &[Instance], questions: &TagQuestions) -> TagLists {
    let holders = |question: &TagQuestion| {
        let holds = |it: &&Instance| it.tags.as_ref().is_some_and(|it| question.holds_for(it));
        let certain = listed.iter().filter(holds).map(|it| it.no.clone()).collect();
        Holders { certain, ..Holders::default() }
    };
    let values = |key: &String| {
        let value = |it: &Instance| {
            let (_, value) = it.tags.as_ref()?.iter().find(|(known, _)| same(known, key))?;
            Some((it.no.clone(), value.clone()))
        };
        let certain = listed.iter().filter_map(value).collect();
        HoldValues { certain, ..HoldValues::default() }
    };
    TagLists {
        selectors: questions.selectors.iter().map(|it| (it.clone(), Ok(holders(it)))).collect(),
        hold: questions.hold.as_ref().map(|key| Ok(values(key))),
    }
}
