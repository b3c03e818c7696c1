//! Finds the keys at hand, and asks the accounts that they open: regions, servers, tags.

use std::sync::Arc;
use std::time::Duration;

use crate::cli::{output, progress};
use crate::clock::{Clock, SystemClock};
use crate::cloud::{self, Cloud, CloudError, ConnectError, Environment};
use crate::inventory::{Reading, tags_in_use};
use crate::model::instance::{AccountName, RegionCode};
use crate::model::platform::Platform;
use crate::model::tags_in_use::TagsInUse;
use crate::schedule::first_file::FirstAccount;
use crate::schedule::tag_questions::TagQuestions;
use crate::schedule::{Account, CredentialSource};

/// The longest time for which a failing call is repeated.
const PATIENCE: Duration = Duration::from_secs(10);

/// The places of keys that are tried, with the values of `credentials`.
const PLACES: [(&str, CredentialSource); 2] =
    [("env", CredentialSource::Env), ("profile", CredentialSource::Profile)];

pub(super) struct Found {
    pub(super) accounts: Vec<FirstAccount>,
    /// What could not be found out, each with the next step.
    pub(super) missing: Vec<(String, String)>,
}

/// Everything that can be found out.
pub(super) async fn look() -> Found {
    let clock: Arc<dyn Clock> = SystemClock::new();
    let mut missing = Vec::new();
    let mut keys = None;
    for (credentials, source) in PLACES {
        match connect(Platform::Vpc, source.clone(), &clock) {
            Ok(cloud) => {
                keys = Some((credentials, source, cloud));
                break;
            }
            Err(error) => missing.push((error.to_string(), error.hint().to_owned())),
        }
    }
    let Some((credentials, source, vpc)) = keys else {
        let nothing = unread(Platform::Vpc, "env", "there were no keys to ask with".to_owned());
        return Found { accounts: vec![nothing], missing };
    };
    missing.clear();
    let (mut main, failure) = read(Platform::Vpc, credentials, (&vpc, &clock)).await;
    let is_denied = matches!(failure, Some((_, CloudError::Denied { .. })));
    if let Some((what, error)) = failure {
        let hint = output::about_cloud(&error).unwrap_or("`lightsout accounts` tries it again");
        missing.push((format!("{what}: {error}"), hint.to_owned()));
    }
    if let Some(reason) = &main.untagged {
        let hint = "the sub account needs `NCP_RESOURCE_MANAGER_VIEWER` in Sub Account, if rules \
                    are to select by tags";
        missing.push((format!("tags could not be read: {reason}"), hint.to_owned()));
    }
    let mut accounts = Vec::new();
    if !is_denied && let Ok(cloud) = connect(Platform::Classic, source, &clock) {
        let (classic, _) = read(Platform::Classic, credentials, (&cloud, &clock)).await;
        if classic.servers() > 0 {
            accounts.push(classic);
        }
    }
    // An account without servers is left out where the same keys open another that has some.
    if accounts.is_empty() || main.servers() > 0 || main.regions.is_err() {
        accounts.insert(0, main);
    } else {
        main = accounts.remove(0);
        accounts.push(FirstAccount { name: "main", ..main });
    }
    Found { accounts, missing }
}

fn connect(
    platform: Platform,
    credentials: CredentialSource,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<dyn Cloud>, ConnectError> {
    let account = Account {
        name: AccountName::new("main").expect("letters"),
        platform,
        gateway: None,
        resource_manager: None,
        regions: Vec::new(),
        credentials,
        proxy: None,
    };
    cloud::connect(&account, &Environment::of_process(), Arc::clone(clock))
}

/// An account as it is, and what of it could not be read, with the reason.
async fn read(
    platform: Platform,
    credentials: &'static str,
    (cloud, clock): (&Arc<dyn Cloud>, &Arc<dyn Clock>),
) -> (FirstAccount, Option<(String, CloudError)>) {
    let until = || clock.moment() + PATIENCE;
    let work = async {
        let questions = TagQuestions::default();
        let reading = Reading::glance(cloud, clock, &questions, until()).await?;
        let tags = tags_in_use(cloud, &reading, until()).await;
        Ok((reading, tags))
    };
    let line = async |waited| format!("looking at the account, {}", progress::shown(waited));
    let (reading, (tags, untagged)) = match progress::while_waiting(&**clock, work, line).await {
        Ok(read) => read,
        Err(error) => {
            let account = unread(platform, credentials, CloudError::to_string(&error));
            return (account, Some(("the account could not be read".to_owned(), error)));
        }
    };
    let servers = reading.regions.iter().flat_map(|region| &region.instances);
    let names = servers.map(|server| server.name.clone()).collect();
    let regions = reading.regions.iter();
    let regions = regions.map(|region| (region.region.to_string(), region.instances.len()));
    let account = FirstAccount {
        regions: Ok(regions.collect()),
        names,
        tags,
        untagged: untagged.map(|error| error.to_string()),
        ..unread(platform, credentials, String::new())
    };
    let unlisted = reading.unlisted.into_iter().next();
    let what = |region: RegionCode| format!("region {region} could not be listed");
    (account, unlisted.map(|(region, error)| (what(region), error)))
}

/// An account of which nothing is known.
fn unread(platform: Platform, credentials: &'static str, reason: String) -> FirstAccount {
    FirstAccount {
        name: match platform {
            Platform::Vpc => "main",
            Platform::Classic => "classic",
        },
        platform,
        credentials,
        regions: Err(reason),
        names: Vec::new(),
        tags: TagsInUse::default(),
        untagged: None,
    }
}
