//! `lightsout status`: shows the verdict on last night and tonight, the daemon, firings under way,
//! holds, and the next firings.

mod account;
mod line;
mod standing;
mod tell;

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use standing::{CalendarLine, OverrideLine, Silenced, Standing, Upcoming, VerdictLine};

use self::line::flat;
use self::tell::{Length, tell};
use super::hold::{self, HoldLine};
use super::listing::{self, Format, Listing};
use super::local_time::Spoken;
use super::session::{self, LogPlace};
use super::{Exit, Global, output, progress};
use crate::audit::{
    AuditError, AuditReader, DaemonLife, DeferredLine, Source, SourceKind, file_sha256,
};
use crate::clock::{Clock, SystemClock};
use crate::schedule::{Glimpse, Rule, Schedules};
use crate::time::uptime::LONGEST_ABSENCE;
use crate::verdict::{Month, Present, Verdict};

/// The number of coming firings that are shown.
const UPCOMING: usize = 5;

/// The daemon may take this long to read a changed file.
const LONGEST_TO_READ: TimeDelta = TimeDelta::seconds(10);

#[derive(Debug, Args)]
pub(super) struct Status {
    /// Exit with 0 as soon as a daemon is alive on the log, whatever else is wrong
    #[arg(long)]
    alive: bool,
    /// Show every detail: process, file, accounts, the next firings, what is disabled
    #[arg(long, short)]
    verbose: bool,
    #[command(flatten)]
    listing: Listing,
    #[command(flatten)]
    place: LogPlace,
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
            about: rule.about.as_deref().map(ToOwned::to_owned),
        };
        let (mut daemon, mut looked, mut in_flight) = (None, Vec::new(), Vec::new());
        let (mut holds, mut owed, mut sources) = (Vec::new(), Vec::new(), Vec::new());
        if let Some(log) = &log {
            (daemon, in_flight) = (log.daemon().await?, log.in_flight().await?);
            // Without a daemon, nobody observes.
            if daemon.is_some() {
                (looked, sources) = (log.last_looks().await?, log.sources().await?);
            }
            holds = hold::lines(log, file.timezone, now).await?;
            holds.retain(HoldLine::is_in_force);
            owed = log.owed(now - LONGEST_ABSENCE).await?;
            // A deferred action that its rule no longer wants is never done, and stays in the log.
            let is_wanted = |owed: &DeferredLine| rules.iter().any(|rule| owed.is_wanted_by(rule));
            owed.retain(|owed| schedules.is_none() || is_wanted(owed));
        }
        let next = next.into_iter().take(UPCOMING).map(upcoming).collect();
        let disabled = schedules.iter().flat_map(Schedules::entries).map(|entry| &entry[0]);
        let disabled =
            disabled.filter(|rule| !rule.enabled).map(|rule| Silenced::of(rule)).collect();
        let overrides = schedules.iter().flat_map(Schedules::entries).map(|entry| &entry[0]);
        let overrides = overrides
            .flat_map(|rule| rule.times.overrides.iter().map(move |it| (rule, it)))
            .filter(|(rule, it)| it.is_in_force(rule.timezone, now))
            .map(|(rule, it)| OverrideLine::of(rule, it))
            .collect();
        let accounts = match daemon {
            Some(_) => account::lines(schedules.as_ref(), &sources),
            None => Vec::new(),
        };
        let calendars = calendars(schedules.as_ref(), &sources);
        let verdict = verdict(log.as_ref(), (&file, schedules.as_ref()), (&daemon, &sources), now);
        let standing = Standing {
            verdict: VerdictLine { verdict: verdict.await?, zone: file.timezone },
            daemon,
            accounts,
            calendars,
            looked,
            in_flight,
            holds,
            owed,
            next,
            disabled,
            overrides,
        };
        // A named log can be read without a file.
        let has_file = schedules.is_some() || !file.text.is_empty();
        let is_doubted = standing.daemon.as_ref().is_some_and(|daemon| {
            let path = session::config_path(global);
            // Errors of the file were printed, and no daemon will take such a file.
            let path = schedules.as_ref().map(|_| &*path);
            doubt(daemon, has_file.then_some(&file), (path, now))
        });
        let is_refused = has_file && schedules.is_none() || is_doubted;
        let exit = self.exit(&standing, is_refused);
        match self.listing.format {
            Format::Table => {
                let spoken = Spoken { zone: file.timezone, now };
                let is_long = self.verbose || is_refused;
                tell(&standing, spoken, if is_long { Length::Long } else { Length::Short })?;
            }
            Format::Json => listing::json(&[standing])?,
            Format::Csv => listing::csv(&flat(standing))?,
        }
        Ok(exit)
    }

    fn exit(&self, standing: &Standing, is_refused: bool) -> Exit {
        let is_alive = standing.daemon.is_some();
        if self.alive && is_alive {
            return Exit::Ok;
        }
        if standing.accounts.iter().any(|account| account.unreadable_since.is_some()) {
            return Exit::CloudFailed;
        }
        let is_well = is_alive && !is_refused && standing.calendars.is_empty();
        if is_well { Exit::Ok } else { Exit::Incomplete }
    }
}

/// Reads the three lines. The file stands in for the text of the daemon.
async fn verdict(
    log: Option<&AuditReader>,
    (file, schedules): (&Glimpse, Option<&Schedules>),
    (daemon, sources): (&Option<DaemonLife>, &[Source]),
    now: DateTime<Utc>,
) -> Result<Verdict, AuditError> {
    let zone = file.timezone;
    let (mut holds, mut month) = (Vec::new(), None);
    if let Some(log) = log {
        holds = log.holds(Some(now)).await?;
        let prices = schedules.and_then(|schedules| schedules.prices.clone());
        month = Some(Month::read(log, prices, (now, zone)).await?);
    }
    let present = Present {
        now,
        zone,
        has_log: log.is_some(),
        schedules,
        daemon: daemon.as_ref(),
        sources,
        holds: &holds,
    };
    Verdict::read(log, present, month).await
}

/// The calendars that the daemon cannot read.
fn calendars(schedules: Option<&Schedules>, sources: &[Source]) -> Vec<CalendarLine> {
    let lost = sources.iter().filter(|it| it.kind == SourceKind::Calendar && it.is_lost());
    let line = |source: &Source| CalendarLine {
        calendar: source.name.clone(),
        unreadable_since: source.lost_at.clone().unwrap_or_default(),
        reason: source.reason.clone().unwrap_or_default(),
        rules: schedules.map(|it| it.looking_at(&source.name)).unwrap_or_default(),
    };
    lost.map(line).collect()
}

/// Warns when a living daemon does not do what one expects. Returns whether it has refused the
/// present file. `path` is that of a file that a daemon may still take.
fn doubt(
    daemon: &DaemonLife,
    file: Option<&Glimpse>,
    (path, now): (Option<&Path>, DateTime<Utc>),
) -> bool {
    if let Some(silence) = daemon.silence(now) {
        let message = format!(
            "the daemon has not written to its log for {}: nothing fires",
            progress::shown(silence.to_std().unwrap_or_default())
        );
        output::warn(&message, Some("is the disk full, or the log locked? its own messages say"));
    }
    let (Some(file), Some(used)) = (file, &daemon.file_sha256) else { return false };
    if *used == file_sha256(&file.text) {
        return false;
    }
    if path.and_then(changed_at).is_some_and(|at| now - at < LONGEST_TO_READ) {
        output::say("the file here is not yet read by the daemon: it was changed just now");
        return false;
    }
    let message = "the daemon works under another text than the file here has now";
    let hint = "its messages say why the file was not taken; `next` is of this file";
    output::warn(message, Some(hint));
    true
}

/// The time at which a file was last changed or replaced.
fn changed_at(path: &Path) -> Option<DateTime<Utc>> {
    let data = fs::metadata(path).ok()?;
    DateTime::from_timestamp(data.mtime().max(data.ctime()), 0)
}
