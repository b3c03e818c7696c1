//! `lightsout audit export`: prints the log with its chain as JSON Lines.

use std::io::{self, Write};

use clap::Args;

use crate::audit::AuditReader;
use crate::cli::session::LogPlace;
use crate::cli::{Exit, Global, instant};
use crate::clock::{Clock, SystemClock};

#[derive(Debug, Args)]
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
        let time = |text: &String| instant::parse(text, file.timezone, now);
        let since = self.since.as_ref().map(time).transpose()?;
        let until = self.until.as_ref().map(time).transpose()?;
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
