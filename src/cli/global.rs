//! The options that every command takes.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use clap::Args;

#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Global {
    /// Read this schedules.toml [default: `$LIGHTSOUT_CONFIG`, else ./schedules.toml,
    /// else /etc/lightsout/schedules.toml]
    #[arg(short, long, global = true, value_name = "PATH", help_heading = "Global options")]
    pub(super) config: Option<PathBuf>,
    /// Write logs to stderr as `plain` text or as `json`, one object a line [default: plain]
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "FORM",
        hide_possible_values = true,
        help_heading = "Global options"
    )]
    pub(super) log_format: Option<LogFormat>,
    /// The schedules.toml that the command means, once that is known.
    #[arg(skip)]
    pub(super) file: OnceLock<PathBuf>,
    /// Print data, warnings and errors alone
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Global options")]
    pub(super) quiet: bool,
    /// Log more to stderr; `status` shows every detail. `$RUST_LOG` says which levels exactly
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(super) verbose: bool,
    /// The log that the command means, once that is known.
    #[arg(skip)]
    pub(super) log: OnceLock<PathBuf>,
}

impl Global {
    /// Notes which log the command means.
    pub(super) fn mean(&self, log: &Path) {
        self.log.get_or_init(|| log.to_owned());
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Plain,
    /// One JSON object a line
    Json,
}
