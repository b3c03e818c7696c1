//! `lightsout status`: shows the verdict on last night and tonight, the daemon, firings under way,
//! holds, and the next firings.

mod account;
mod coming;
mod line;
mod nodes;
mod standing;
mod tell;

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
pub(super) use standing::Standing;
use standing::{CalendarLine, DoubtLine, OverrideLine, Silenced, Upcoming, VerdictLine};

use self::coming::ComingLine;
use self::line::flat;
use self::tell::{Length, tell};
use super::hold::{self, HoldLine};
use super::listing::{self, Format, Listing};
use super::local_time::Spoken;
use super::session::{self, LogPlace};
use super::{Exit, Global, config_place, output, progress};
use crate::agenda::{Agenda, AgendaFacts, Coming, coming_restarts};
use crate::audit::{
    AuditError, AuditReader, DaemonLife, DeferredLine, Source, SourceKind, file_sha256,
};
use crate::clock::{Clock, SystemClock};
use crate::hold::HoldEntry;
use crate::schedule::{Glimpse, Rule, Schedules};
use crate::time::uptime::LONGEST_ABSENCE;
use crate::verdict::{Doubt, FileNow, Month, Present, Verdict};

/// The number of coming firings that are shown.
const UPCOMING: usize = 5;

/// The daemon may take this long to read a changed file.
const LONGEST_TO_READ: TimeDelta = TimeDelta::seconds(10);

const EXAMPLES: &str = "\
Examples:
  lightsout status
  lightsout status -v
  lightsout status --alive -q";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Status {
    /// Exit with 0 as soon as a daemon is alive on the log, whatever else is wrong
    #[arg(long)]
    alive: bool,
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
        let mut in_force = Vec::new();
        let (mut daemon, mut looked, mut in_flight) = (None, Vec::new(), Vec::new());
        let (mut holds, mut owed, mut sources) = (Vec::new(), Vec::new(), Vec::new());
        let mut cluster = None;
        if let Some(log) = &log {
            (daemon, in_flight) = (log.daemon().await?, log.in_flight().await?);
            // Without a daemon, nobody observes.
            if daemon.is_some() {
                (looked, sources) = (log.last_looks().await?, log.sources().await?);
            }
            cluster = log.cluster(now).await?;
            in_force = log.holds(Some(now)).await?;
            holds = hold::lines(log, file.timezone, now).await?;
            holds.retain(HoldLine::is_in_force);
            owed = log.owed(now - LONGEST_ABSENCE).await?;
            // A deferred action that its rule no longer wants is never done, and stays in the log.
            let is_wanted = |owed: &DeferredLine| rules.iter().any(|rule| owed.is_wanted_by(rule));
            owed.retain(|owed| schedules.is_none() || is_wanted(owed));
        }
        let next = upcoming(rules, now);
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
        // A named log can be read without a file.
        let has_file = schedules.is_some() || !file.text.is_empty();
        // Errors of the file were printed, and no daemon will take such a file.
        let problem = (has_file && schedules.is_none()).then_some("");
        let path = config_place::config_path(global);
        let path = schedules.as_ref().map(|_| &*path);
        let differs =
            has_file && daemon.as_ref().is_some_and(|daemon| differs(daemon, &file, path, now));
        let present = Present {
            now,
            zone: file.timezone,
            has_log: log.is_some(),
            schedules: schedules.as_ref(),
            daemon: daemon.as_ref(),
            sources: &sources,
            holds: &in_force,
            cluster: cluster.as_ref(),
        };
        let coming = coming(log.as_ref(), schedules.as_ref(), (&in_force, now)).await?;
        let spoken = Spoken { zone: file.timezone, now };
        let coming = coming.iter().map(|it| ComingLine::of(it, spoken)).collect();
        let newest_at = match &log {
            Some(log) => log.newest_at().await?,
            None => None,
        };
        let doubts = Doubt::all(present, FileNow { problem, differs }, newest_at);
        let month = match &log {
            Some(log) => Some(Month::read(log, schedules.as_ref(), (now, file.timezone)).await?),
            None => None,
        };
        let verdict = Verdict::read(log.as_ref(), present, month).await?;
        let doubts = doubts.into_iter().map(|doubt| DoubtLine::of(doubt, file.timezone, now));
        let standing = Standing {
            verdict: VerdictLine { verdict, zone: file.timezone },
            doubts: doubts.collect(),
            daemon,
            shared_log: cluster.as_ref().map(nodes::shared),
            nodes: cluster.as_ref().map(nodes::nodes).unwrap_or_default(),
            accounts,
            calendars,
            looked,
            in_flight,
            holds,
            owed,
            next,
            coming,
            disabled,
            overrides,
        };
        warn(&standing, differs, now);
        let is_refused = problem.is_some() || differs;
        let exit = self.exit(&standing, is_refused);
        match self.listing.format {
            Format::Table => {
                let is_long = global.verbose || is_refused;
                tell(&standing, spoken, if is_long { Length::Long } else { Length::Short })?;
            }
            Format::Json => listing::json(&[standing])?,
            Format::Csv => listing::csv(&flat(standing))?,
        }
        Ok(exit)
    }

    fn exit(&self, standing: &Standing, is_refused: bool) -> Exit {
        let is_alive = standing.is_alive();
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

/// The rules that fire next.
fn upcoming(rules: &[Arc<Rule>], now: DateTime<Utc>) -> Vec<Upcoming> {
    let enabled = rules.iter().filter(|rule| rule.enabled);
    let mut next: Vec<_> =
        enabled.filter_map(|rule| Some((rule.next_after(now)?.at, rule))).collect();
    next.sort_by_key(|(at, _)| *at);
    let upcoming = |(at, rule): (DateTime<Utc>, &Arc<Rule>)| Upcoming {
        rule: rule.name.to_string(),
        at: rule.timezone.show(at).to_rfc3339(),
        action: rule.action.as_str(),
        about: rule.about.as_deref().map(ToOwned::to_owned),
    };
    next.into_iter().take(UPCOMING).map(upcoming).collect()
}

/// Everything that comes within a day.
async fn coming(
    log: Option<&AuditReader>,
    schedules: Option<&Schedules>,
    (holds, now): (&[HoldEntry], DateTime<Utc>),
) -> Result<Vec<Coming>, AuditError> {
    let Some(file) = schedules else { return Ok(Vec::new()) };
    let facts = match log {
        Some(log) => {
            let restarts = coming_restarts(log, file, now).await?;
            AgendaFacts::read(log, file, (holds.to_vec(), restarts), now).await?
        }
        None => AgendaFacts::default(),
    };
    Ok(Agenda::of(file, &facts, now).coming)
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

/// Whether the daemon has refused the file here. `path` is that of a file that a daemon may still
/// take.
fn differs(daemon: &DaemonLife, file: &Glimpse, path: Option<&Path>, now: DateTime<Utc>) -> bool {
    let Some(used) = &daemon.file_sha256 else { return false };
    if *used == file_sha256(&file.text) {
        return false;
    }
    if path.and_then(changed_at).is_some_and(|at| now - at < LONGEST_TO_READ) {
        output::say("the file here is not yet read by the daemon: it was changed just now");
        return false;
    }
    true
}

/// Warns of what the lines of the table do not tell.
fn warn(standing: &Standing, differs: bool, now: DateTime<Utc>) {
    for doubt in &standing.doubts {
        let message = match doubt.kind {
            "daemon_silent" => {
                let silence = standing.daemon.as_ref().and_then(|daemon| daemon.silence(now));
                let silence = silence.unwrap_or_default().to_std().unwrap_or_default();
                format!(
                    "the daemon has not written to its log for {}: nothing fires",
                    progress::shown(silence)
                )
            }
            "file_differs" | "file_refused" if differs => {
                "the daemon works under another text than the file here has now".to_owned()
            }
            "clock" => doubt.sentence.clone(),
            _ => continue,
        };
        output::warn(&message, Some(&format!("{}: `{}`", doubt.next_step, doubt.command)));
    }
}

/// The time at which a file was last changed or replaced.
fn changed_at(path: &Path) -> Option<DateTime<Utc>> {
    let data = fs::metadata(path).ok()?;
    DateTime::from_timestamp(data.mtime().max(data.ctime()), 0)
}
