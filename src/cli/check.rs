//! `lightsout check`: reads the file as `run` does, and prints every problem.

use std::path::PathBuf;

use clap::Args;

use super::listing::{self, Format, Line, Listing};
use super::{Exit, Global, output, session};
use crate::schedule::zone::database;
use crate::schedule::{Problem, ReadError, Schedules};

#[derive(Debug, Args)]
pub(super) struct Check {
    /// Check this file instead of the one that the other commands read
    file: Option<PathBuf>,
    #[command(flatten)]
    listing: Listing,
}

impl Line for Problem {
    const KEYS: &'static [&'static str] =
        &["severity", "path", "line", "column", "message", "hint", "source"];
}

impl Check {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let path = self.file.unwrap_or_else(|| session::config_path(global));
        let format = self.listing.format;
        match Schedules::read(&path) {
            Ok((schedules, warnings)) => {
                report(format, &warnings)?;
                for rule in schedules.rules.iter().filter(|rule| !rule.enabled) {
                    let disabled = output::harmless(&rule.disabled.to_string());
                    output::say(&format!("note: rule `{}` is {disabled}", rule.name));
                }
                let rules = match schedules.rules.len() {
                    1 => "1 rule".to_owned(),
                    n => format!("{n} rules"),
                };
                let warned = match warnings.len() {
                    0 => String::new(),
                    1 => ", 1 warning".to_owned(),
                    n => format!(", {n} warnings"),
                };
                let zones = database::in_use().newest();
                output::say(&format!("{}: {rules}{warned} (tz data {zones})", path.display()));
                Ok(Exit::Ok)
            }
            Err(ReadError::Invalid(problems)) => {
                report(format, &problems)?;
                let errors = problems.iter().filter(|problem| problem.is_error()).count();
                let errors =
                    if errors == 1 { "1 error".to_owned() } else { format!("{errors} errors") };
                output::say(&format!("{}: {errors}", path.display()));
                Ok(Exit::Usage)
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn report(format: Format, problems: &[Problem]) -> anyhow::Result<()> {
    match format {
        Format::Table => output::problems(problems),
        Format::Json => listing::json(problems)?,
        Format::Csv => listing::csv(problems)?,
    }
    Ok(())
}
