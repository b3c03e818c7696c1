//! `lightsout history`: lists the outcome of each instance. `audit::query` finds the lines.

use clap::Args;
use clap::builder::{PossibleValuesParser, RangedI64ValueParser, TypedValueParser};
use clap_complete::ArgValueCandidates;

use super::instant::{self, Times};
use super::listing::{self, Columns, Format, Listing, column, optional, painted};
use super::local_time::Spoken;
use super::paint::Painted;
use super::session::{self, LogPlace};
use super::{Exit, Global, changes, completions, firings, output};
use crate::audit::{ChangeFilter, HistoryFilter, HistoryLine, Wanted};
use crate::clock::{Clock, SystemClock};
use crate::model::language::Language;
use crate::model::outcome::Outcome;
use crate::schedule::Glimpse;

const EXAMPLES: &str = "\
Examples:
  lightsout history --since yesterday
  lightsout history --server dev-api-1 -n 5
  lightsout history --firings --trouble --since monday
  lightsout history --rule dev-nightly --since 2026-11-01 -o csv --excel";

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[command(after_help = instant::with_times(EXAMPLES, instant::PAST))]
pub(super) struct History {
    /// Show what others started and stopped, as far as lightsout saw it
    #[arg(long, conflicts_with_all = ["rule", "outcome", "trouble", "firings"])]
    changes: bool,
    /// Show a line for each firing, with the sum of its outcomes
    #[arg(long)]
    firings: bool,
    /// Only this rule
    #[arg(long, add = ArgValueCandidates::new(completions::rules))]
    rule: Option<String>,
    /// Only this server: its number, or its name as it was then
    #[arg(
        long = "server",
        visible_alias = "instance",
        value_name = "SERVER",
        add = ArgValueCandidates::new(completions::servers)
    )]
    instance: Option<String>,
    /// Only these outcomes, with commas between them; `held` is what a hold kept as it was
    #[arg(long, value_name = "OUTCOME,…", value_delimiter = ',', value_parser = outcomes())]
    outcome: Vec<Wanted>,
    /// Only what needs somebody
    #[arg(long)]
    trouble: bool,
    /// Only firings that began, or changes found, at this time or later
    #[arg(long, value_name = "T")]
    since: Option<String>,
    /// Only firings that began, or changes found, at this time or earlier
    #[arg(long, value_name = "T")]
    until: Option<String>,
    /// At most this many lines
    #[arg(
        short = 'n',
        long,
        alias = "count",
        value_name = "N",
        default_value_t = 50,
        value_parser = at_least_one()
    )]
    limit: u32,
    #[command(flatten)]
    listing: Listing,
    /// Begin CSV with the mark by which Excel knows UTF-8
    #[arg(long)]
    excel: bool,
    #[command(flatten)]
    place: LogPlace,
}

impl History {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let (file, _) = self.place.glimpse(global)?;
        let now = SystemClock::new().now();
        let (zone, format) = (file.timezone, self.listing.format);
        let spoken = Spoken { zone, now };
        let times = Times::past(zone, now);
        let since = times.read("--since", self.since.as_ref())?;
        let until = times.read("--until", self.until.as_ref())?;
        listing::begin_for_excel(self.excel, format == Format::Csv)?;
        // One line more than is shown tells whether there are more.
        let limit = self.limit.saturating_add(1);
        let log = session::log(&file.log).await?;
        if self.changes {
            let filter = ChangeFilter { instance: self.instance, since, until, limit };
            let mut lines = Vec::new();
            if let Some(log) = log {
                lines = log.changes(&filter).await?;
                shorten(&mut lines, self.limit, &file);
            }
            changes::print(&lines, spoken, format)?;
            return spoken.below_table(format, lines.len()).map(|()| Exit::Ok);
        }
        let (rule, instance, mut outcomes) = (self.rule, self.instance, self.outcome);
        outcomes.extend(self.trouble.then_some(Wanted::Trouble));
        let after = None;
        let filter = HistoryFilter { rule, instance, outcomes, since, until, after, limit };
        if self.firings {
            let mut firings = Vec::new();
            if let Some(log) = log {
                firings = log.firings(&filter).await?;
                shorten(&mut firings, self.limit, &file);
            }
            firings::print(&firings, spoken, format)?;
            return spoken.below_table(format, firings.len()).map(|()| Exit::Ok);
        }
        let mut lines = Vec::new();
        if let Some(log) = log {
            lines = log.history(&filter).await?;
            shorten(&mut lines, self.limit, &file);
        }
        lines_of_history(&lines, spoken, format)?;
        spoken.below_table(format, lines.len()).map(|()| Exit::Ok)
    }
}

/// Cuts the list to the wanted length, and says what is left out.
fn shorten<T>(lines: &mut Vec<T>, limit: u32, file: &Glimpse) {
    if lines.is_empty() {
        output::say(&format!("no line of {} matches", file.log.display()));
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if lines.len() > limit {
        lines.truncate(limit);
        let shown = if limit == 1 { "line" } else { "lines" };
        output::say(&format!("the newest {limit} {shown}; there are more"));
        output::hint("`--limit N` shows more of them, `--since` and `--rule` choose");
    }
}

/// All outcomes, so that a mistake is answered with the list.
fn outcomes() -> impl TypedValueParser<Value = Wanted> {
    let words = Outcome::ALL.map(Outcome::as_str).into_iter().chain(Wanted::WORDS);
    PossibleValuesParser::new(words).try_map(|word| word.parse::<Wanted>())
}

fn at_least_one() -> RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..)
}

/// Prints lines of the history; in a table, times as people say them.
pub(super) fn lines_of_history(
    lines: &[HistoryLine],
    spoken: Spoken,
    format: Format,
) -> anyhow::Result<()> {
    listing::print(format, lines, &columns(spoken))
}

/// The columns of the history.
pub(super) fn columns<'c>(spoken: Spoken) -> Columns<'c, HistoryLine> {
    let at =
        move |line: &HistoryLine| spoken.of(line.scheduled_at.as_ref().unwrap_or(&line.started_at));
    let mut columns = vec![vec![
        column("firing", |line: &HistoryLine| line.firing.to_string()),
        column("when", at),
        column("rule", |line: &HistoryLine| line.rule.clone()),
        column("action", |line: &HistoryLine| line.action.clone()),
    ]];
    columns.extend(of_instance());
    columns
}

/// Ends a listing of one firing with its sum by outcome.
pub(super) fn tell_sum(lines: &[HistoryLine], format: Format) -> anyhow::Result<()> {
    listing::sum(&HistoryLine::sum(lines).to_string(), format)
}

/// The columns about an instance.
pub(super) fn of_instance<'c>() -> Columns<'c, HistoryLine> {
    let region = |line: &HistoryLine| line.region.as_ref().map(|region| format!("region {region}"));
    let number = move |line: &HistoryLine| line.instance_no.clone().or_else(|| region(line));
    let outcome =
        |line: &HistoryLine| line.outcome.clone().unwrap_or_else(|| "in progress".to_owned());
    let texts = HistoryLine::TEXTS.map(|it| {
        column(it.key, move |line: &HistoryLine| {
            (it.text)(line, Language::English).unwrap_or_default()
        })
    });
    vec![
        vec![
            column("instance", move |line: &HistoryLine| number(line).unwrap_or_default()),
            optional("name", |line: &HistoryLine| line.instance_name.as_ref()),
            optional("before", |line: &HistoryLine| line.status_before.as_ref()),
            optional("after", |line: &HistoryLine| line.status_after.as_ref()),
            painted("outcome", move |line: &HistoryLine| {
                Painted::marked(line.mark(), &outcome(line))
            }),
        ],
        texts.into(),
    ]
}
