//! `lightsout status`: the daemon, what is in flight, what comes next.

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use serde::Serialize;

use super::listing::{self, Format, Line, Listing};
use super::{Exit, Global, history, output, session};
use crate::audit::{DaemonLife, HistoryLine, file_sha256};
use crate::clock::{Clock, SystemClock};
use crate::schedule::Glimpse;

/// How many firings to come are shown.
const UPCOMING: usize = 5;
/// A daemon gives a sign of life every minute. One that misses three cannot write.
const LONGEST_SILENCE: TimeDelta = TimeDelta::minutes(3);

#[derive(Debug, Args)]
pub(super) struct Status {
    #[command(flatten)]
    listing: Listing,
}

/// Everything `status` knows.
#[derive(Debug, Serialize)]
struct Standing {
    daemon: Option<DaemonLife>,
    in_flight: Vec<HistoryLine>,
    next: Vec<Upcoming>,
}

/// A firing to come.
#[derive(Debug, Serialize)]
struct Upcoming {
    rule: String,
    at: String,
}

/// One thing of all that, as a line of CSV.
#[derive(Debug, Default, Serialize)]
struct StatusLine {
    /// `daemon`, `in_flight` or `next`.
    what: &'static str,
    /// Since when the daemon lives, when the firing began, when the next one is due.
    at: String,
    rule: Option<String>,
    firing: Option<i64>,
    account: Option<String>,
    region: Option<String>,
    instance_no: Option<String>,
    instance_name: Option<String>,
    pid: Option<i64>,
    version: Option<String>,
    file_path: Option<String>,
    file_sha256: Option<String>,
}

impl Line for StatusLine {
    const KEYS: &'static [&'static str] = &[
        "what",
        "at",
        "rule",
        "firing",
        "account",
        "region",
        "instance_no",
        "instance_name",
        "pid",
        "version",
        "file_path",
        "file_sha256",
    ];
}

impl Status {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let (file, schedules) = session::glimpse(global)?;
        let log = session::log(&file.log).await?;
        let now = SystemClock::new().now();
        let rules = schedules.as_ref().map(|schedules| &*schedules.rules).unwrap_or_default();
        let mut next: Vec<_> = rules
            .iter()
            .map(AsRef::as_ref)
            .filter(|rule| rule.enabled)
            .filter_map(|rule| Some((rule.cron.next_after(rule.timezone, now)?.at, rule)))
            .collect();
        next.sort_by_key(|(at, _)| *at);
        let upcoming = |(at, rule): (DateTime<Utc>, &crate::schedule::Rule)| Upcoming {
            rule: rule.name.to_string(),
            at: rule.timezone.show(at).to_rfc3339(),
        };
        let (daemon, in_flight) = match &log {
            Some(log) => (log.daemon().await?, log.in_flight().await?),
            None => (None, Vec::new()),
        };
        let next = next.into_iter().take(UPCOMING).map(upcoming).collect();
        let standing = Standing { daemon, in_flight, next };
        if let Some(daemon) = &standing.daemon {
            doubt(daemon, &file, now);
        }
        match self.listing.format {
            Format::Table => tell(&standing, file.timezone)?,
            Format::Json => listing::json(&[standing])?,
            Format::Csv => listing::csv(&flat(standing))?,
        }
        Ok(Exit::Ok)
    }
}

/// One line for the daemon, and for each instance and firing.
fn flat(standing: Standing) -> Vec<StatusLine> {
    let daemon = standing.daemon.into_iter().map(|daemon| StatusLine {
        what: "daemon",
        at: daemon.since,
        pid: Some(daemon.pid),
        version: Some(daemon.version),
        file_path: daemon.file_path,
        file_sha256: daemon.file_sha256,
        ..StatusLine::default()
    });
    let in_flight = standing.in_flight.into_iter().map(|line| StatusLine {
        what: "in_flight",
        at: line.started_at,
        rule: Some(line.rule),
        firing: Some(line.firing),
        account: Some(line.account),
        region: line.region,
        instance_no: line.instance_no,
        instance_name: line.instance_name,
        ..StatusLine::default()
    });
    let next = standing.next.into_iter().map(|upcoming| StatusLine {
        what: "next",
        at: upcoming.at,
        rule: Some(upcoming.rule),
        ..StatusLine::default()
    });
    daemon.chain(in_flight).chain(next).collect()
}

/// Warns where a daemon lives and does not do what one would think.
fn doubt(daemon: &DaemonLife, file: &Glimpse, now: DateTime<Utc>) {
    let last = daemon.last_sign_of_life.as_deref().unwrap_or(&daemon.since);
    let silence = last.parse().map(|last: DateTime<Utc>| now - last).unwrap_or_default();
    if silence > LONGEST_SILENCE {
        let message = format!(
            "the daemon has not written to its log for {} minutes: nothing fires",
            silence.num_minutes()
        );
        output::warn(&message, Some("is the disk full, or the log locked? its own messages say"));
    }
    if daemon.file_sha256.as_ref().is_some_and(|sha256| *sha256 != file_sha256(&file.text)) {
        let message = "the daemon works under another text than the file here has now";
        output::warn(
            message,
            Some("its messages say why the file was not taken; `next` is of this file"),
        );
    }
}

fn tell(standing: &Standing, zone: crate::schedule::zone::Zone) -> anyhow::Result<()> {
    match &standing.daemon {
        Some(daemon) => {
            let since = history::local(&daemon.since, zone);
            let version = &daemon.version;
            output::out(&format!(
                "daemon     alive since {since}, process {}, version {version}\n",
                daemon.pid
            ))?;
            if let (Some(path), Some(sha256)) = (&daemon.file_path, &daemon.file_sha256) {
                output::out(&format!("file       {path}, sha256 {sha256}\n"))?;
            }
        }
        None => output::out("daemon     none on this log\n")?,
    }
    match standing.in_flight.len() {
        0 => output::out("in flight  nothing\n")?,
        n => {
            output::out(&format!("in flight  {n}\n"))?;
            history::lines_of_history(&standing.in_flight, zone, Format::Table)?;
        }
    }
    for (place, upcoming) in standing.next.iter().enumerate() {
        let label = if place == 0 { "next" } else { "" };
        output::out(&format!("{label:<11}{}  {}\n", upcoming.at, upcoming.rule))?;
    }
    Ok(())
}
