//! `lightsout status`: the daemon, what is in flight, what comes next.

use clap::Args;
use serde::Serialize;

use super::{Exit, Global, Listing, history, output, session};
use crate::audit::{AuditReader, DaemonLife, HistoryLine};
use crate::clock::{Clock, SystemClock};

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
}

/// A firing to come.
#[derive(Debug, Serialize)]
struct Upcoming {
    rule: String,
    at: String,
}

impl Status {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let schedules = session::read(global)?;
        let reader = AuditReader::open(&schedules.audit.path).await?;
        let now = SystemClock::new().now();
        let mut next: Vec<_> = schedules
            .rules
            .iter()
            .filter(|rule| rule.enabled)
            .filter_map(|rule| Some((rule.cron.next_after(rule.timezone, now)?.at, rule)))
            .collect();
        next.sort_by_key(|(at, _)| *at);
        let upcoming = |(at, rule): (chrono::DateTime<chrono::Utc>, &crate::schedule::Rule)| {
            Upcoming { rule: rule.name.to_string(), at: rule.timezone.show(at).to_rfc3339() }
        };
        let standing = Standing {
            daemon: reader.daemon().await?,
            in_flight: reader.in_flight().await?,
            next: next.into_iter().take(UPCOMING).map(upcoming).collect(),
        };
        if self.listing.format == output::Format::Table {
            tell(&standing, schedules.timezone)?;
        } else {
            output::listing(output::Format::Json, &[standing], &[], |_| Vec::new())?;
        }
        Ok(Exit::Ok)
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
            history::lines_of_history(&standing.in_flight, zone, output::Format::Table)?;
        }
    }
    for (place, upcoming) in standing.next.iter().enumerate() {
        let label = if place == 0 { "next" } else { "" };
        output::out(&format!("{label:<11}{}  {}\n", upcoming.at, upcoming.rule))?;
    }
    Ok(())
}
