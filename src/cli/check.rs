//! `lightsout check`: reads the file as `run` does, prints its problems and failing expectations,
//! and reads the rules back. `schedule` has the checks.

use std::path::PathBuf;

use clap::Args;

use super::listing::{self, Format, Listing};
use super::{Exit, Global, config_place, output};
use crate::clock::{Clock, SystemClock};
use crate::cloud::{self, Environment};
use crate::schedule::readback::read_back;
use crate::schedule::{Problem, ReadError, Schedules};
use crate::time::zone::database;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lightsout check\n  lightsout check new.toml -o json")]
pub(super) struct Check {
    /// Check this file instead of the one that the other commands read
    file: Option<PathBuf>,
    #[command(flatten)]
    listing: Listing,
}

impl Check {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let path = self.file.unwrap_or_else(|| config_place::config_path(global));
        let format = self.listing.format;
        match Schedules::read(&path) {
            Ok((schedules, mut warnings)) => {
                let now = SystemClock::new().now();
                warnings.extend(schedules.ending_calendars(now));
                warnings.extend(schedules.ended_overrides(now));
                warnings.extend(schedules.overspending());
                let failing = schedules.failing_expectations();
                let exit = if failing.is_empty() { Exit::Ok } else { Exit::Incomplete };
                warnings.extend(failing.iter().cloned());
                warnings.sort_by_key(|warning| (warning.line, warning.column));
                report(format, &warnings)?;
                let rules = schedules.entries().map(|entry| &entry[0]);
                for rule in rules.filter(|rule| !rule.enabled) {
                    let disabled = output::harmless(&rule.disabled.to_string());
                    output::say(&format!("note: rule `{}` is {disabled}", rule.name));
                }
                let rules = match schedules.entries().count() {
                    1 => "1 rule".to_owned(),
                    n => format!("{n} rules"),
                };
                let warned = match warnings.iter().map(|warning| warning.stands_for).sum() {
                    0 => String::new(),
                    1 => ", 1 warning".to_owned(),
                    n => format!(", {n} warnings"),
                };
                let zones = database::in_use().newest();
                output::say(&format!("{}: {rules}{warned} (tz data {zones})", path.display()));
                doubt_gateways(&schedules);
                for entry in schedules.entries() {
                    output::say(&read_back(entry));
                }
                Ok(exit)
            }
            Err(ReadError::Invalid(problems)) => {
                report(format, &problems)?;
                let errors = Problem::errors_in(&problems);
                let errors =
                    if errors == 1 { "1 error".to_owned() } else { format!("{errors} errors") };
                output::say(&format!("{}: {errors}", path.display()));
                Ok(Exit::Usage)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Warns of gateways that `run` would refuse. They come from the environment or a profile, so the
/// file itself is still good.
fn doubt_gateways(schedules: &Schedules) {
    let environment = Environment::of_process();
    for account in schedules.accounts.values() {
        if let Err(error) = cloud::find_hosts(account, &environment) {
            let message = format!("account `{}` cannot be used here: {error}", account.name);
            output::warn(&message, Some(error.hint()));
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
