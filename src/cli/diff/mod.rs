//! `lightsout diff`: shows the effect of another text of schedules.toml.
//!
//! `line` describes one difference. `live` asks the cloud for the instances concerned. The
//! comparison itself is `schedule`'s business.

mod line;
mod live;

use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;

pub(super) use self::line::DiffLine;
use self::line::{Change, Part};
use super::listing::{self, Format, Listing};
use super::output::{self, Misuse};
use super::session::LogPlace;
use super::{Exit, Global, config_place, instant};
use crate::audit::AuditReader;
use crate::clock::{Clock, SystemClock};
use crate::schedule::diff::{Difference, diff};
use crate::schedule::{Glimpse, ReadError, Schedules};

/// The days whose firings are compared unless another number is asked for.
const USUAL_DAYS: u16 = 14;

/// Stands for the text that the daemon last took into use.
const RUNNING: &str = "@running";

const EXAMPLES: &str = "\
Examples:
  lightsout diff @running
  lightsout diff old.toml schedules.toml --days 30
  lightsout diff schedules.toml new.toml --live --exit-code";

#[derive(Debug, Args)]
#[command(after_help = instant::with_times(EXAMPLES, instant::COMING))]
pub(super) struct Diff {
    /// The file as it was, or `@running` for the text that the daemon last took into use
    old: PathBuf,
    /// The file as it is to be [default: the one that the other commands read]
    new: Option<PathBuf>,
    /// Compare firings from this time on, instead of from now
    #[arg(long, value_name = "T")]
    from: Option<String>,
    /// Compare the firings of so many days
    #[arg(
        long,
        value_name = "DAYS",
        default_value_t = USUAL_DAYS,
        value_parser = clap::value_parser!(u16).range(1..=366)
    )]
    days: u16,
    /// Ask the cloud which servers are newly matched, or no longer
    #[arg(long)]
    live: bool,
    /// Exit 1 when there is a difference
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    listing: Listing,
    #[command(flatten)]
    place: LogPlace,
}

impl Diff {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let path = self.new.clone().unwrap_or_else(|| config_place::config_path(global));
        let (mut new, warnings) = Schedules::read(&path)?;
        self.place.apply(&mut new);
        global.mean(&new.audit.path);
        output::problems(&warnings);
        let old = old(&self.old, &new).await?;
        let now = SystemClock::new().now();
        let times = instant::Times::coming(new.timezone, now);
        let from = times.read("--from", self.from.as_ref())?.unwrap_or(now);
        let until = from + TimeDelta::days(self.days.into());
        let difference = diff(&old, &new, from, until);
        let mut lines = line::lines_of(&difference);
        let mut exit = Exit::Ok;
        if self.live {
            exit = live::instances(&old, &new, &difference, &mut lines).await?;
        }
        match self.listing.format {
            Format::Table => output::out(&tables(&lines))?,
            Format::Json => listing::json(&lines)?,
            Format::Csv => listing::csv(&lines)?,
        }
        say(&difference, &new, until);
        let differs = self.exit_code && !lines.is_empty();
        Ok(exit.max(if differs { Exit::Incomplete } else { Exit::Ok }))
    }
}

/// Shows how another text differs, over the usual number of days.
pub(super) fn show(old: &Schedules, new: &Schedules, now: DateTime<Utc>) -> anyhow::Result<()> {
    let until = now + TimeDelta::days(USUAL_DAYS.into());
    let difference = diff(old, new, now, until);
    output::out(&tables(&line::lines_of(&difference)))?;
    say(&difference, new, until);
    Ok(())
}

/// The old text, read as if it were in the new one's folder, so that a relative path means the same
/// wherever the copy lies. Calendar files beside the copy are the copy's own.
async fn old(path: &Path, new: &Schedules) -> anyhow::Result<Schedules> {
    let in_folder = |text: &str, name: &str| {
        let parsed = Schedules::recall(&new.path.with_file_name(name), text);
        parsed.map(|(schedules, _)| schedules).map_err(ReadError::Invalid)
    };
    if path == Path::new(RUNNING) {
        return Ok(in_folder(&running(new).await?, RUNNING)?);
    }
    let text = Glimpse::read(path)?.text;
    let (old, _) = Schedules::recall(path, &text).map_err(ReadError::Invalid)?;
    if old.path.parent() == new.path.parent() {
        return Ok(old);
    }
    let name = old.path.file_name().unwrap_or_default();
    let folder = old.path.parent().unwrap_or(Path::new(""));
    let parsed = Schedules::recall_from(&new.path.with_file_name(name), &old.text, folder);
    Ok(parsed.map_err(ReadError::Invalid)?.0)
}

/// The last text that a daemon took into use, from the log.
async fn running(new: &Schedules) -> anyhow::Result<String> {
    let log = AuditReader::open(&new.audit.path)
        .await
        .with_context(|| format!("could not look up `{RUNNING}`"))?;
    let Some(load) = log.daemon_loads().await?.into_iter().next() else {
        let misuse = Misuse {
            message: format!("no daemon has ever run on {}", new.audit.path.display()),
            hint: "name a file instead of `@running`".to_owned(),
        };
        return Err(misuse.into());
    };
    if log.daemon().await?.is_none() {
        let since = new.timezone.show(load.at).to_rfc3339();
        let message = format!("no daemon is alive; the last one took its file at {since}");
        output::warn(&message, Some("that text is compared"));
    }
    let text = log.file_text(load.file).await?;
    log.close().await?;
    Ok(text)
}

/// The differences in words, then of firings, then of instances, with an empty line between.
fn tables(lines: &[DiffLine]) -> String {
    let mut sections = Vec::new();
    for part in line::PARTS {
        let rows = of_part(lines, &part);
        sections.push(listing::as_table(&rows, &(part.columns)()));
    }
    sections.retain(|section| !section.is_empty());
    sections.join("\n")
}

/// The lines of one table. Of a rule's firings, the first few and the number of the rest.
fn of_part(lines: &[DiffLine], part: &Part) -> Vec<DiffLine> {
    let lines: Vec<&DiffLine> =
        lines.iter().filter(|line| part.what.contains(&line.what)).collect();
    let mut rows = Vec::new();
    for of_rule in lines.chunk_by(|one, next| one.rule == next.rule) {
        let most = part.most_of_a_rule.unwrap_or(usize::MAX);
        rows.extend(of_rule.iter().take(most).copied().cloned());
        if of_rule.len() > most {
            rows.push(of_rule[0].and_more(of_rule.len() - most));
        }
    }
    rows
}

/// Says how much differs.
fn say(difference: &Difference<'_>, new: &Schedules, until: DateTime<Utc>) {
    if difference.is_empty() {
        output::say("no difference: both mean the same");
        return;
    }
    let firings = || difference.rules.iter().flat_map(|rule| &rule.firings);
    let count =
        |change: Change| firings().filter(|(_, firing)| Change::of(*firing) == change).count();
    let until = new.timezone.show(until).format("%Y-%m-%d %H:%M%:z");
    let rules = match difference.rules.len() {
        0 => "only what holds for all rules differs".to_owned(),
        1 => "1 rule differs".to_owned(),
        n => format!("{n} rules differ"),
    };
    output::say(&format!(
        "{rules}; firings until {until}: {} added, {} moved, {} removed",
        count(Change::Added),
        count(Change::Moved),
        count(Change::Removed),
    ));
    let cut = difference.rules.iter().filter_map(|rule| Some((rule, rule.compared_until?)));
    for (rule, end) in cut {
        let name = rule.change.name();
        let end = new.timezone.show(end).to_rfc3339();
        output::say(&format!("rule `{name}` fires so often that it was compared until {end}"));
    }
}
