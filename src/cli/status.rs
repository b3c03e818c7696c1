//! `lightsout status`: the daemon, what is in flight, what comes next.

use std::fmt;

use chrono::{DateTime, Utc};
use clap::Args;
use serde::Serialize;

use super::listing::{self, Format, Line, Listing};
use super::{Exit, Global, history, output, progress, session};
use crate::audit::{DaemonLife, HistoryLine, file_sha256};
use crate::clock::{Clock, SystemClock};
use crate::schedule::{Glimpse, Rule};

/// How many firings to come are shown.
const UPCOMING: usize = 5;

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
    disabled: Vec<Silenced>,
}

/// A firing to come.
#[derive(Debug, Serialize)]
struct Upcoming {
    rule: String,
    at: String,
}

/// A rule that does not fire.
#[derive(Debug, Serialize)]
struct Silenced {
    rule: String,
    since: Option<String>,
    because: Option<String>,
}

/// `dev-nightly since 2026-11-23 (release week)`, as far as it is known.
impl fmt::Display for Silenced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rule)?;
        if let Some(since) = &self.since {
            write!(f, "  since {since}")?;
        }
        match &self.because {
            Some(because) => write!(f, " ({because})"),
            None => Ok(()),
        }
    }
}

impl Silenced {
    fn of(rule: &Rule) -> Self {
        Self {
            rule: rule.name.to_string(),
            since: rule.disabled.since.map(|since| since.to_string()),
            because: rule.disabled.because.clone(),
        }
    }
}

/// One thing of all that, as a line of CSV.
#[derive(Debug, Default, Serialize)]
struct StatusLine {
    /// `daemon`, `in_flight`, `next` or `disabled`.
    what: &'static str,
    /// Since when the daemon lives, when the firing began, when the next one is due, since which
    /// day the rule is disabled.
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
    because: Option<String>,
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
        "because",
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
            .filter_map(|rule| Some((rule.next_after(now)?.at, rule)))
            .collect();
        next.sort_by_key(|(at, _)| *at);
        let upcoming = |(at, rule): (DateTime<Utc>, &Rule)| Upcoming {
            rule: rule.name.to_string(),
            at: rule.timezone.show(at).to_rfc3339(),
        };
        let (daemon, in_flight) = match &log {
            Some(log) => (log.daemon().await?, log.in_flight().await?),
            None => (None, Vec::new()),
        };
        let next = next.into_iter().take(UPCOMING).map(upcoming).collect();
        let disabled = rules.iter().filter(|rule| !rule.enabled);
        let disabled = disabled.map(|rule| Silenced::of(rule)).collect();
        let standing = Standing { daemon, in_flight, next, disabled };
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
    let disabled = standing.disabled.into_iter().map(|silenced| StatusLine {
        what: "disabled",
        at: silenced.since.unwrap_or_default(),
        rule: Some(silenced.rule),
        because: silenced.because,
        ..StatusLine::default()
    });
    daemon.chain(in_flight).chain(next).chain(disabled).collect()
}

/// Warns where a daemon lives and does not do what one would think.
fn doubt(daemon: &DaemonLife, file: &Glimpse, now: DateTime<Utc>) {
    if let Some(silence) = daemon.silence(now) {
        let message = format!(
            "the daemon has not written to its log for {}: nothing fires",
            progress::shown(silence.to_std().unwrap_or_default())
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
    for (place, silenced) in standing.disabled.iter().enumerate() {
        let label = if place == 0 { "disabled" } else { "" };
        output::out(&format!("{label:<11}{}\n", output::harmless(&silenced.to_string())))?;
    }
    Ok(())
}
