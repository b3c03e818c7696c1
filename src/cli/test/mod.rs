//! `lightsout test`: checks whether the rules of schedules.toml lead where its expectations say.
//! Needs neither the cloud nor the log.
//!
//! `line` describes an expectation, `junit` writes the form for CI servers. `select::simulate`
//! follows the rules.

mod junit;
mod line;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

pub(super) use self::line::TestLine;
use super::{Exit, Global, config_place, listing, output};
use crate::schedule::Schedules;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lightsout test\n  lightsout test new.toml -o junit")]
pub(super) struct Test {
    /// Test this file instead of the one that the other commands read
    file: Option<PathBuf>,
    /// Print as `table` (only what does not hold), as `json` (one object a line), as `csv` or as
    /// `junit` [default: table]
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
}

/// How the results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// What does not hold, in columns that fit the terminal
    Table,
    /// JSON Lines: one object a line
    Json,
    /// Comma-separated, with a head line
    Csv,
    /// XML, as CI servers read it
    Junit,
}

impl Test {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let path = self.file.unwrap_or_else(|| config_place::config_path(global));
        let (schedules, warnings) = Schedules::read(&path)?;
        output::problems(&warnings);
        let lines = schedules.foresee(|expected, seen| TestLine::of(expected, &seen, &schedules));
        let failed: Vec<&TestLine> = lines.iter().filter(|line| !line.holds).collect();
        match self.format {
            Format::Table => {
                output::out(&listing::as_table(&failed, &line::columns()))?;
            }
            Format::Json => listing::json(&lines)?,
            Format::Csv => listing::csv(&lines)?,
            Format::Junit => output::out(&junit::report(&schedules.path, &lines)?)?,
        }
        say_how_many(&schedules, lines.len(), failed.len());
        Ok(if failed.is_empty() { Exit::Ok } else { Exit::Incomplete })
    }
}

fn say_how_many(schedules: &Schedules, all: usize, failed: usize) {
    let path = schedules.path.display();
    let said = match (all, failed) {
        (0, _) => "no `[[expect]]`, so nothing was tested".to_owned(),
        (1, 0) => "1 expectation holds".to_owned(),
        (_, 0) => format!("all {all} expectations hold"),
        (1, _) => "1 expectation does not hold".to_owned(),
        (_, 1) => format!("1 of {all} expectations does not hold"),
        _ => format!("{failed} of {all} expectations do not hold"),
    };
    output::say(&format!("{path}: {said}"));
    if all == 0 {
        output::hint("an expectation is `[[expect]]` and below it `at`, `instance` and `state`");
    }
}
