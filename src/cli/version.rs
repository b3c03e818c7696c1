//! `lightsout version`: prints the version of the program and of its time zone data.

use std::path::PathBuf;
use std::sync::LazyLock;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::listing::{self, Format, Listing};
use super::{Exit, output};
use crate::time::zone::database;

/// Uses the machine's zone data: `$TZDIR`, else the usual folder.
pub(super) fn consider_the_machine() {
    let folder = std::env::var_os("TZDIR").map(PathBuf::from);
    database::consider(&folder.unwrap_or_else(|| PathBuf::from(database::USUAL_FOLDER)));
}

/// The line of `--version`.
pub(super) fn short() -> &'static str {
    static SHORT: LazyLock<String> = LazyLock::new(|| {
        format!("{} (tz data {})", env!("CARGO_PKG_VERSION"), database::in_use().newest())
    });
    &SHORT
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lightsout version\n  lightsout version -o json")]
pub(super) struct Version {
    #[command(flatten)]
    listing: Listing,
}

/// The version, and the time zone data in use.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct VersionLine {
    /// The version of lightsout.
    version: &'static str,
    /// The time zone data in use, such as `2026f, built in`.
    tz_data: String,
    /// Other zone data that was found, with commas between; null where there is none.
    older_tz_data: Option<String>,
}

impl Version {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        let (version, zones) = (env!("CARGO_PKG_VERSION"), database::in_use());
        let older: Vec<String> = zones.older().iter().map(ToString::to_string).collect();
        let line = VersionLine {
            version,
            tz_data: zones.newest().to_string(),
            older_tz_data: (!older.is_empty()).then(|| older.join(", ")),
        };
        match self.listing.format {
            Format::Table => {
                output::out(&format!("lightsout {version}\ntz data   {}\n", line.tz_data))?;
                for older in older {
                    output::out(&format!("older     {older}\n"))?;
                }
            }
            Format::Json => listing::json(&[line])?,
            Format::Csv => listing::csv(&[line])?,
        }
        Ok(Exit::Ok)
    }
}
