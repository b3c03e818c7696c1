//! `lightsout status`: the daemon, what is in flight, what is held, what comes next.

mod line;

use std::fmt;

use chrono::{DateTime, Utc};
use clap::Args;
use serde::Serialize;

use self::line::flat;
use super::hold::{self, HoldLine};
use super::listing::{self, Format, Listing};
use super::session::{self, LogPlace};
use super::{Exit, Global, history, output, progress};
use crate::audit::{DaemonLife, HistoryLine, LastLook, OwedLine, file_sha256};
use crate::clock::{Clock, SystemClock};
use crate::lived::LONGEST_ABSENCE;
use crate::schedule::{Glimpse, Rule, Schedules};

/// How many firings to come are shown.
const UPCOMING: usize = 5;

#[derive(Debug, Args)]
pub(super) struct Status {
    #[command(flatten)]
    listing: Listing,
    #[command(flatten)]
    place: LogPlace,
}

/// Everything `status` knows.
#[derive(Debug, Serialize)]
struct Standing {
    daemon: Option<DaemonLife>,
    looked: Vec<LastLook>,
    in_flight: Vec<HistoryLine>,
    holds: Vec<HoldLine>,
    owed: Vec<OwedLine>,
    next: Vec<Upcoming>,
    disabled: Vec<Silenced>,
}

/// A firing to come.
#[derive(Debug, Serialize)]
struct Upcoming {
    rule: String,
    at: String,
    action: &'static str,
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

impl Status {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let (file, schedules) = self.place.glimpse(global)?;
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
            action: rule.action.as_str(),
        };
        let (mut daemon, mut looked, mut in_flight) = (None, Vec::new(), Vec::new());
        let (mut holds, mut owed) = (Vec::new(), Vec::new());
        if let Some(log) = &log {
            (daemon, in_flight) = (log.daemon().await?, log.in_flight().await?);
            // Without a daemon, nobody looks.
            if daemon.is_some() {
                looked = log.last_looks().await?;
            }
            holds = hold::lines(log, file.timezone, now).await?;
            holds.retain(HoldLine::is_in_force);
            owed = log.owed(now - LONGEST_ABSENCE).await?;
            // A debt whose rule has changed its mind is never made up, and stays in the log.
            let is_wanted = |owed: &OwedLine| rules.iter().any(|rule| owed.is_wanted_by(rule));
            owed.retain(|owed| schedules.is_none() || is_wanted(owed));
        }
        let next = next.into_iter().take(UPCOMING).map(upcoming).collect();
        let disabled = schedules.iter().flat_map(Schedules::entries).map(|entry| &entry[0]);
        let disabled =
            disabled.filter(|rule| !rule.enabled).map(|rule| Silenced::of(rule)).collect();
        let standing = Standing { daemon, looked, in_flight, holds, owed, next, disabled };
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

/// Warns where a daemon lives and does not do what one would think.
fn doubt(daemon: &DaemonLife, file: &Glimpse, now: DateTime<Utc>) {
    if let Some(silence) = daemon.silence(now) {
        let message = format!(
            "the daemon has not written to its log for {}: nothing fires",
            progress::shown(silence.to_std().unwrap_or_default())
        );
        output::warn(&message, Some("is the disk full, or the log locked? its own messages say"));
    }
    let is_other = |sha256: &String| !file.text.is_empty() && *sha256 != file_sha256(&file.text);
    if daemon.file_sha256.as_ref().is_some_and(is_other) {
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
    for (place, look) in standing.looked.iter().enumerate() {
        let label = if place == 0 { "looked" } else { "" };
        let at = history::local(&look.at, zone);
        output::out(&format!("{label:<11}{at}  account {}\n", look.account))?;
    }
    match standing.in_flight.len() {
        0 => output::out("in flight  nothing\n")?,
        n => {
            output::out(&format!("in flight  {n}\n"))?;
            history::lines_of_history(&standing.in_flight, zone, Format::Table)?;
        }
    }
    for (place, line) in standing.holds.iter().enumerate() {
        let label = if place == 0 { "held" } else { "" };
        output::out(&format!("{label:<11}{}\n", output::harmless(&line.to_string())))?;
    }
    for (place, owed) in standing.owed.iter().enumerate() {
        let label = if place == 0 { "owed" } else { "" };
        let due = owed.due_at.as_ref().map(|due| history::local(due, zone)).unwrap_or_default();
        let what = format!("{due}  {}", hold::in_words(owed));
        output::out(&format!("{label:<11}{}\n", output::harmless(&what)))?;
    }
    for (place, upcoming) in standing.next.iter().enumerate() {
        let label = if place == 0 { "next" } else { "" };
        let Upcoming { rule, at, action } = upcoming;
        output::out(&format!("{label:<11}{at}  {rule} ({action})\n"))?;
    }
    for (place, silenced) in standing.disabled.iter().enumerate() {
        let label = if place == 0 { "disabled" } else { "" };
        output::out(&format!("{label:<11}{}\n", output::harmless(&silenced.to_string())))?;
    }
    Ok(())
}
