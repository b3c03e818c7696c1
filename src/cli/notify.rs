//! `lightsout notify test`: sends one notice to each target, and prints the answers. A target of
//! reports gets the last report that was due.

use anyhow::bail;
use clap::{Args, Subcommand};
use schemars::JsonSchema;
use serde::Serialize;

use super::listing::{self, Listing, column};
use super::{Exit, Global, session};
use crate::clock::{Clock, SystemClock};
use crate::model::period::Period;
use crate::notice::body::Body;
use crate::notice::{self, NoticeTarget, digest};
use crate::report::Report;
use crate::report::html::Origin;
use crate::schedule::Schedules;
use crate::schedule::notify::Notify as Entry;
use crate::schedule::report_times::ReportTimes;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lightsout notify test")]
pub(super) struct Notify {
    #[command(subcommand)]
    command: NotifyCommand,
}

#[derive(Debug, Subcommand)]
enum NotifyCommand {
    /// Send a test notice to every target of `[[notify]]`, or to one
    Test(Test),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lightsout notify test\n  lightsout notify test team -o json")]
struct Test {
    /// The target: its name, else its host, variable or program
    name: Option<String>,
    #[command(flatten)]
    listing: Listing,
}

/// The result of a test notice to one target.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Tested {
    /// The name of the target.
    target: String,
    /// Whether it took the notice.
    delivered: bool,
    /// What it answered, or why nothing arrived; in words.
    answer: String,
}

impl Notify {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let NotifyCommand::Test(test) = self.command;
        let schedules = session::read(global)?;
        let mut tested = Vec::new();
        for entry in entries(&schedules, test.name.as_deref())? {
            tested.push(told(entry, &schedules).await?);
        }
        let result = |tested: &Tested| if tested.delivered { "delivered" } else { "failed" };
        let columns = vec![
            vec![
                column("target", |tested: &Tested| tested.target.clone()),
                column("result", move |tested: &Tested| result(tested).to_owned()),
            ],
            vec![column("answer", |tested: &Tested| tested.answer.clone())],
        ];
        listing::print(test.listing.format, &tested, &columns)?;
        let all = tested.iter().all(|tested| tested.delivered);
        Ok(if all { Exit::Ok } else { Exit::Incomplete })
    }
}

async fn told(entry: &Entry, schedules: &Schedules) -> anyhow::Result<Tested> {
    let report = match &entry.report {
        Some(times) => report(entry, times, schedules).await?,
        None => None,
    };
    let body = report.unwrap_or_else(|| digest::of_test(&entry.name, entry.language)).json();
    let answered = NoticeTarget::of(entry, schedules).deliver(None, &body).await;
    Ok(Tested {
        target: entry.name.clone(),
        delivered: answered.is_ok(),
        answer: answered.unwrap_or_else(|error| error.to_string()),
    })
}

/// A test with the last report that was due; `None` when there is no log yet.
async fn report(
    entry: &Entry,
    times: &ReportTimes,
    schedules: &Schedules,
) -> anyhow::Result<Option<Body>> {
    let now = SystemClock::new().now();
    let Some((from, until)) = times.last_period(now) else { return Ok(None) };
    let path = &schedules.audit.path;
    let Some(log) = session::log(path).await? else { return Ok(None) };
    let facts = log.report_facts(Period { from, until }, now).await?;
    log.close().await?;
    let report = Report::of(facts, times.zone, schedules.prices.as_ref());
    let log = path.display().to_string();
    let pages = schedules.web.url.as_ref().map(url::Url::as_str);
    let origin = Origin { log: &log, made_at: now, language: entry.language, pages };
    Ok(Some(notice::test_report(&entry.name, &report, &origin, &entry.channel)))
}

/// All entries, or the one with that name.
fn entries<'s>(schedules: &'s Schedules, name: Option<&str>) -> anyhow::Result<Vec<&'s Entry>> {
    let is_meant = |entry: &&Entry| name.is_none_or(|name| entry.name == name);
    let meant: Vec<&Entry> = schedules.notify.iter().filter(is_meant).collect();
    let known: Vec<_> = schedules.notify.iter().map(|entry| format!("`{}`", entry.name)).collect();
    match name {
        _ if !meant.is_empty() => Ok(meant),
        Some(name) if !known.is_empty() => {
            bail!("there is no target of notices `{name}`; there are {}", known.join(", "))
        }
        _ => bail!("{} has no `[[notify]]`", schedules.path.display()),
    }
}
