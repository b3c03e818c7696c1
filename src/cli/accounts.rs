//! `lightsout accounts`: lists the accounts of the file, and asks each whether it can be read.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::listing::{self, Columns, Listing, column, optional, painted};
use super::paint::Painted;
use super::{Exit, Global, output, progress, session};
use crate::clock::{Clock, SystemClock};
use crate::cloud::{self, Cloud, Environment};
use crate::inventory::Reading;
use crate::model::instance::PowerState;
use crate::model::mark::Mark;
use crate::model::platform::Platform;
use crate::schedule::tag_questions::TagQuestions;
use crate::schedule::{Account, CredentialSource};

/// The longest time for which a failing call is repeated.
const PATIENCE: Duration = Duration::from_secs(10);

/// The key that is asked for, to see whether tags can be read at all.
const ANY_KEY: &str = "env";

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lightsout accounts\n  lightsout accounts -o json")]
pub(super) struct Accounts {
    #[command(flatten)]
    listing: Listing,
}

/// An account of the file, as it was read just now.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(super) struct AccountLine {
    account: String,
    #[schemars(with = "Platform", extend("x-open" = true))]
    platform: &'static str,
    /// Where its keys are: `env`, `env:PREFIX`, `profile` or `file:PATH`.
    credentials: String,
    /// How far it could be read.
    #[schemars(extend("x-words" = ["read", "in part", "unreadable", "no keys"]))]
    state: &'static str,
    /// The regions that were listed.
    regions: Vec<String>,
    /// How many servers it has; null when none could be listed.
    servers: Option<usize>,
    /// How many of them run.
    running: Option<usize>,
    /// How many rules are about it.
    rules: usize,
    /// Why it cannot be read, or not all of it; in words.
    reason: Option<String>,
    #[serde(skip)]
    regions_in_words: String,
}

const READ: &str = "read";

impl Accounts {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let schedules = session::read(global)?;
        let clock: Arc<dyn Clock> = SystemClock::new();
        let mut lines = Vec::new();
        for account in schedules.accounts.values() {
            let rules = schedules.entries().filter(|entry| entry[0].account == account.name);
            let rules = rules.count();
            lines.push(AccountLine { rules, ..look(account, &clock).await });
        }
        listing::print(self.listing.format, &lines, &columns())?;
        let is_whole = lines.iter().all(|line| line.state == READ);
        Ok(if is_whole { Exit::Ok } else { Exit::CloudFailed })
    }
}

async fn look(account: &Account, clock: &Arc<dyn Clock>) -> AccountLine {
    let line = AccountLine {
        account: account.name.to_string(),
        platform: account.platform.as_str(),
        credentials: match &account.credentials {
            CredentialSource::Env => "env".to_owned(),
            CredentialSource::EnvPrefix(prefix) => format!("env:{prefix}"),
            CredentialSource::Profile => "profile".to_owned(),
            CredentialSource::File(file) => format!("file:{}", file.find(None).path.display()),
        },
        ..AccountLine::default()
    };
    let cloud = match cloud::connect(account, &Environment::of_process(), Arc::clone(clock)) {
        Ok(cloud) => cloud,
        Err(error) => {
            output::error(&format!("account `{}`: {error}", account.name), Some(error.hint()));
            return AccountLine { state: "no keys", reason: Some(error.to_string()), ..line };
        }
    };
    let waiting = async |waited| format!("reading {}, {}", account.name, progress::shown(waited));
    progress::while_waiting(&**clock, read(line, &cloud, clock), waiting).await
}

async fn read(line: AccountLine, cloud: &Arc<dyn Cloud>, clock: &Arc<dyn Clock>) -> AccountLine {
    let until = || clock.moment() + PATIENCE;
    let reading = match Reading::glance(cloud, clock, &TagQuestions::default(), until()).await {
        Ok(reading) => reading,
        Err(error) => {
            let message = format!("account `{}` cannot be read: {error}", line.account);
            output::error(&message, output::about_cloud(&error));
            return AccountLine { state: "unreadable", reason: Some(error.to_string()), ..line };
        }
    };
    let mut failures: Vec<String> =
        reading.unlisted.iter().map(|(region, error)| format!("{region}: {error}")).collect();
    if let Some(region) = reading.regions.first()
        && let Err(error) = cloud.probe_tags(&region.region, ANY_KEY, until()).await
    {
        failures.push(format!("tags: {error}"));
    }
    for failure in &failures {
        output::warn(&format!("account `{}`, {failure}", line.account), None);
    }
    let servers = || reading.regions.iter().flat_map(|region| &region.instances);
    let running = servers().filter(|it| it.status.power() == PowerState::Running).count();
    let regions: Vec<String> = reading.regions.iter().map(|it| it.region.to_string()).collect();
    AccountLine {
        state: if failures.is_empty() { READ } else { "in part" },
        regions_in_words: regions.join(", "),
        regions,
        servers: Some(servers().count()),
        running: Some(running),
        reason: (!failures.is_empty()).then(|| failures.join("; ")),
        ..line
    }
}

fn columns<'c>() -> Columns<'c, AccountLine> {
    let number = |number: Option<usize>| number.map(|it| it.to_string()).unwrap_or_default();
    let state = |line: &AccountLine| {
        let mark = if line.state == READ { Mark::Good } else { Mark::Trouble };
        Painted::marked(Some(mark), line.state)
    };
    vec![
        vec![
            column("account", |line: &AccountLine| line.account.clone()),
            column("platform", |line: &AccountLine| line.platform.to_owned()),
            column("keys", |line: &AccountLine| line.credentials.clone()),
            painted("state", state),
            column("servers", move |line: &AccountLine| number(line.servers)),
            column("running", move |line: &AccountLine| number(line.running)),
            column("rules", |line: &AccountLine| line.rules.to_string()),
        ],
        vec![column("regions", |line: &AccountLine| line.regions_in_words.clone())],
        vec![optional("reason", |line: &AccountLine| line.reason.as_ref())],
    ]
}
