//! `lightsout report`: sums a period from the log alone: promised and come true.
//!
//! `budget` shows the stop budget instead. `span` reads the period. [`crate::report`] counts, and
//! makes all forms but the terminal's `table` and `csv`.

mod budget;
mod csv;
mod span;
mod table;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};

pub(super) use self::budget::BudgetLine;
use self::span::Times;
use super::session::{self, LogPlace};
use super::{Exit, Global, instant, listing, output};
use crate::clock::{Clock, SystemClock};
use crate::model::language::Language;
use crate::report::html::{self, Origin};
use crate::report::{self, lines, markdown};
use crate::schedule::{Glimpse, Schedules};

const EXAMPLES: &str = "\
Examples:
  lightsout report
  lightsout report --month 2026-11 -o html
  lightsout report --since 7d --by rule -o csv --excel";

#[derive(Debug, Args)]
#[command(
    after_help = instant::with_times(EXAMPLES, instant::PAST),
    args_conflicts_with_subcommands = true
)]
pub(super) struct Report {
    #[command(subcommand)]
    of: Option<Of>,
    #[command(flatten)]
    times: Times,
    /// What the lines of `csv` are about
    #[arg(long, value_enum, default_value_t = By::Instance, hide_default_value = true)]
    by: By,
    /// Print as `table`, `json` (one object a line), `csv`, `html` (one file that needs nothing
    /// else) or `markdown` [default: table]
    #[arg(
        short = 'o',
        long,
        alias = "output",
        value_enum,
        default_value_t = Format::Table,
        hide_possible_values = true,
        hide_default_value = true
    )]
    format: Format,
    /// Begin CSV with the mark by which Excel knows UTF-8
    #[arg(long)]
    excel: bool,
    #[command(flatten)]
    place: LogPlace,
}

/// What else there are reports of.
#[derive(Debug, Subcommand)]
enum Of {
    /// Say for how long servers were stopped, and when that passes what NAVER Cloud allows
    ///
    /// Days stopped in a row now and in the last 365 days, those nearest their limit first, and the
    /// day on which the present rules pass it. NAVER Cloud is believed to return what was stopped
    /// for longer; neither the limits nor how days are counted is confirmed: `[budget]` sets both.
    /// Days are `unknown` where nobody saw all of the time, with what they are at least.
    Budget(budget::Budget),
}

/// How a report is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal, the sentence that matters first
    Table,
    /// JSON Lines: one object a line, each with its `kind`
    Json,
    /// Comma-separated, with a head line
    Csv,
    /// A page with plots, for a browser or a printer
    Html,
    /// For a wiki or a chat
    Markdown,
}

/// What the lines of CSV are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum By {
    /// A line for each server
    Instance,
    /// A line for each rule
    Rule,
}

impl Report {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        if let Some(Of::Budget(budget)) = self.of {
            return budget.run(global).await;
        }
        let (file, schedules) = self.place.glimpse(global)?;
        let now = SystemClock::new().now();
        listing::begin_for_excel(self.excel, self.format == Format::Csv)?;
        let report = self.report((&file, schedules.as_ref()), now).await?;
        match self.format {
            Format::Table => {
                let (text, left_out) = table::text(&report);
                output::out(&text)?;
                if !left_out.is_empty() {
                    output::hint(&format!(
                        "this terminal has no room for: {}; `--format csv` has every column",
                        left_out.join(", ")
                    ));
                }
            }
            Format::Markdown => output::out(&markdown::text(&report, Language::English))?,
            Format::Html => {
                let log = file.log.display().to_string();
                let pages = schedules.as_ref().and_then(|file| file.web.url.as_ref());
                let pages = pages.map(url::Url::as_str);
                let page = html::page(
                    &report,
                    &Origin { log: &log, made_at: now, language: Language::English, pages },
                );
                output::out(&format!("{page}\n"))?;
            }
            Format::Json => listing::json(&lines::all(&report))?,
            Format::Csv => output::raw(&csv::bytes(&report, self.by == By::Rule)?).map(|_| ())?,
        }
        Ok(Exit::Ok)
    }

    async fn report(
        &self,
        (file, schedules): (&Glimpse, Option<&Schedules>),
        now: DateTime<Utc>,
    ) -> anyhow::Result<report::Report> {
        let span = self.times.span(file.timezone, now)?;
        let log = session::needed_log(&file.log).await?;
        let facts = log.report_facts(span, now).await?;
        log.close().await?;
        let prices = schedules.and_then(|file| file.prices.as_ref());
        Ok(report::Report::of(facts, file.timezone, prices))
    }
}
