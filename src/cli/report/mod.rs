//! `lightsout report`: what was promised and what came true between two times; from the log alone.
//!
//! `budget` is about the stop budget instead; `span` knows which times are meant, `lines` what is printed for programs, `table` and
//! `markdown` what is printed for people; what is counted, and how, is [`crate::report`]'s.

mod budget;
mod lines;
mod span;

use clap::{Args, Subcommand, ValueEnum};

use self::span::Times;
use super::output::Misuse;
use super::{Exit, Global, listing, output, session};
use crate::clock::{Clock, SystemClock};
use crate::report;

#[derive(Debug, Args)]
#[command(after_help = super::TIMES, args_conflicts_with_subcommands = true)]
pub(super) struct Report {
    #[command(subcommand)]
    of: Option<Of>,
    #[command(flatten)]
    times: Times,
    /// What the lines of `csv` are about
    #[arg(long, value_enum, default_value_t = By::Instance, hide_default_value = true)]
    by: By,
    /// Print as `table`, `json` (one object a line), `csv` or `markdown` [default: table]
    #[arg(
        long,
        value_enum,
        default_value_t = Format::Table,
        hide_possible_values = true,
        hide_default_value = true
    )]
    format: Format,
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
        let report = self.report(global).await?;
        match self.format {
            Format::Table | Format::Markdown => output::out(&format!("{}\n", report.sentence()))?,
            Format::Json => listing::json(&lines::all(&report))?,
            Format::Csv => output::raw(&lines::csv(&report, self.by == By::Rule)?).map(|_| ())?,
        }
        Ok(Exit::Ok)
    }

    /// What the log has to say.
    async fn report(&self, global: &Global) -> anyhow::Result<report::Report> {
        let (file, schedules) = session::glimpse(global)?;
        let now = SystemClock::new().now();
        let span = self.times.span(file.timezone, now)?;
        let log = session::log(&file.log).await?.ok_or_else(|| no_log(&file.log))?;
        let facts = log.report_facts(span, now).await?;
        log.close().await?;
        let prices = schedules.as_ref().and_then(|file| file.prices.as_ref());
        Ok(report::Report::of(facts, file.timezone, prices))
    }
}

fn no_log(path: &std::path::Path) -> Misuse {
    Misuse {
        message: format!("nothing is known: there is no {}", path.display()),
        hint: "`lightsout run` or `fire` begins one".to_owned(),
    }
}
