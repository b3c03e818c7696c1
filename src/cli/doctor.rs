//! `lightsout doctor`: reads the cloud, and says which assumptions about it were seen.
//!
//! Changes nothing and writes nothing: [`cloud::examiner`] cannot. The judges are there, too.

use std::sync::Arc;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::listing::{self, Columns, Format, Listing, column, painted};
use super::output::{self, Misuse};
use super::paint::Painted;
use super::{Exit, Global, progress, session};
use crate::clock::{Clock, SystemClock};
use crate::cloud::{self, Environment, Examine, Examined, Finding, Judgement};
use crate::model::mark::Mark;
use crate::model::platform::Platform;
use crate::schedule::{Account, Schedules};

/// The most servers that one finding names.
const MOST_NAMES: usize = 10;

const EXAMPLES: &str = "\
Examples:
  lightsout doctor
  lightsout doctor --names
  lightsout doctor -o json > report.jsonl";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Doctor {
    /// Name the servers that a finding is about, with their numbers
    #[arg(long)]
    names: bool,
    #[command(flatten)]
    listing: Listing,
}

/// An assumption about the cloud, as it was seen in one account.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct FindingLine {
    account: String,
    #[schemars(extend("x-open" = true))]
    platform: Platform,
    /// The name of the assumption, as in [unconfirmed.md](unconfirmed.md).
    code: &'static str,
    /// Whether the cloud is as assumed, otherwise, or nothing that was read tells.
    #[schemars(extend("x-words" = Judgement::ALL.map(Judgement::as_str)))]
    judgement: &'static str,
    /// The facts, in words.
    seen: String,
    /// The assumption, in words.
    assumed: &'static str,
    /// The version of lightsout that read the cloud.
    version: &'static str,
    #[serde(skip)]
    judged: Judgement,
}

impl Doctor {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let schedules = session::read(global)?;
        if schedules.accounts.is_empty() {
            let message = "there is no account to examine".to_owned();
            let hint = "`[accounts.main]` with `platform = \"vpc\"` or `\"classic\"` is enough";
            return Err(Misuse { message, hint: hint.to_owned() }.into());
        }
        let clock: Arc<dyn Clock> = SystemClock::new();
        let mut lines = Vec::new();
        let mut exit = Exit::Ok;
        for account in schedules.accounts.values() {
            let examined = match examiner(account, &clock) {
                Some(examiner) => examine(account, &*examiner, &clock).await,
                None => Examined { findings: Vec::new(), unread: None },
            };
            if let Some((why, error)) = &examined.unread {
                let message = format!("account `{}` could not be read: {why}", account.name);
                output::error(&message, output::about_cloud(error));
            }
            if examined.unread.is_some() || examined.findings.is_empty() {
                exit = Exit::CloudFailed;
            }
            lines.extend(examined.findings.iter().map(|finding| self.line(account, finding)));
        }
        if lines.iter().any(|line| line.judged == Judgement::Different) {
            exit = exit.max(Exit::Incomplete);
        }
        if self.listing.format == Format::Table {
            self.head(&schedules, &*clock)?;
        }
        listing::print(self.listing.format, &lines, &columns())?;
        listing::sum(&sum(&lines), self.listing.format)?;
        Ok(exit)
    }

    /// The version, the time, and whether a person may hand the report on.
    fn head(&self, schedules: &Schedules, clock: &dyn Clock) -> anyhow::Result<()> {
        let version = env!("CARGO_PKG_VERSION");
        let at = schedules.timezone.show(clock.now()).format("%F %H:%M%:z");
        let secrets = if self.names {
            "It names servers: read it before you hand it on."
        } else {
            "It counts servers; `--names` names them."
        };
        output::out(&format!(
            "report of lightsout {version} doctor, {at}\n\
             It holds no keys, no account numbers and no tags; accounts have the names of your file.\n\
             {secrets}\n\n"
        ))
    }

    fn line(&self, account: &Account, finding: &Finding) -> FindingLine {
        let mut seen = finding.seen.clone();
        if self.names && !finding.servers.is_empty() {
            let named = finding.servers.iter().take(MOST_NAMES).cloned().collect::<Vec<_>>();
            seen = format!("{seen}: {}", named.join(", "));
            if let more @ 1.. = finding.servers.len() - named.len() {
                seen = format!("{seen} and {more} more");
            }
        }
        FindingLine {
            account: account.name.to_string(),
            platform: account.platform,
            code: finding.code,
            judgement: finding.judgement.as_str(),
            seen,
            assumed: finding.assumed,
            version: env!("CARGO_PKG_VERSION"),
            judged: finding.judgement,
        }
    }
}

/// Prepares the examination of an account; `None`, with a message, where that fails.
fn examiner(account: &Account, clock: &Arc<dyn Clock>) -> Option<Box<dyn Examine>> {
    match cloud::examiner(account, &Environment::of_process(), Arc::clone(clock)) {
        Ok(examiner) => Some(examiner),
        Err(error) => {
            let hint = error.hint();
            let story = output::story(&error.into());
            output::error(
                &format!("account `{}` could not be read: {story}", account.name),
                Some(hint),
            );
            None
        }
    }
}

async fn examine(account: &Account, examiner: &dyn Examine, clock: &Arc<dyn Clock>) -> Examined {
    progress::while_waiting(&**clock, examiner.examine(), async |waited| {
        format!("examining account {}, {}", account.name, progress::shown(waited))
    })
    .await
}

/// The words of a judgement for people.
fn words(judgement: Judgement) -> (&'static str, Mark) {
    match judgement {
        Judgement::Seen => ("seen", Mark::Good),
        Judgement::NotSeen => ("not seen", Mark::Quiet),
        Judgement::Different => ("different", Mark::Trouble),
    }
}

fn columns<'c>() -> Columns<'c, FindingLine> {
    vec![
        vec![
            column("account", |line: &FindingLine| line.account.clone()),
            column("code", |line: &FindingLine| line.code.to_owned()),
        ],
        vec![
            painted("judgement", |line: &FindingLine| {
                let (word, mark) = words(line.judged);
                Painted::marked(mark, word)
            }),
            column("seen", |line: &FindingLine| match line.judged {
                Judgement::Different => format!("{} (assumed: {})", line.seen, line.assumed),
                Judgement::Seen | Judgement::NotSeen => line.seen.clone(),
            }),
        ],
    ]
}

/// `in all: 15 seen, 7 not seen, 1 different`.
fn sum(lines: &[FindingLine]) -> String {
    let count = |judgement| lines.iter().filter(|line| line.judged == judgement).count();
    let parts =
        Judgement::ALL.map(|judgement| format!("{} {}", count(judgement), words(judgement).0));
    if lines.is_empty() { String::new() } else { format!("in all: {}", parts.join(", ")) }
}
