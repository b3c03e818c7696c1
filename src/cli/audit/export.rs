//! `lightsout audit export`: prints the log with its chain as JSON Lines.

use std::io::{self, Write};

use clap::Args;

use crate::audit::AuditReader;
use crate::cli::instant::{self, Times};
use crate::cli::session::LogPlace;
use crate::cli::{Exit, Global};
use crate::clock::{Clock, SystemClock};

const EXAMPLES: &str = "\
Examples:
  lightsout audit export
  lightsout audit export --since 2026-11-01 --until 2026-12-01";

#[derive(Debug, Args)]
#[command(after_help = instant::with_times(EXAMPLES, instant::PAST))]
pub(in super::super) struct Export {
    /// From this time on
    #[arg(long, value_name = "T")]
    since: Option<String>,
    /// Up to this time
    #[arg(long, value_name = "T")]
    until: Option<String>,
    #[command(flatten)]
    place: LogPlace,
}

impl Export {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let (file, _) = self.place.glimpse(global)?;
        let now = SystemClock::new().now();
        let times = Times::past(file.timezone, now);
        let since = times.read("--since", self.since.as_ref())?;
        let until = times.read("--until", self.until.as_ref())?;
        let reader = AuditReader::open(&file.log).await?;
        let mut out = io::BufWriter::new(io::stdout());
        let exported = reader
            .export(since, until, |line| writeln!(out, "{line}").map_err(anyhow::Error::from))
            .await
            .and_then(|()| Ok(out.flush()?));
        match exported {
            // The reader has seen enough, as `head` does.
            Err(error) if is_broken_pipe(&error) => Ok(Exit::Ok),
            exported => exported.map(|()| Exit::Ok),
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
