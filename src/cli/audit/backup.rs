//! `lightsout audit backup`: copies the whole log while others use it. `audit::integrity` copies.

use std::path::PathBuf;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use crate::audit::{AuditReader, BackupError};
use crate::cli::output::{self, Misuse};
use crate::cli::session::LogPlace;
use crate::cli::{Exit, Global};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lightsout audit backup lightsout-2026-11.db")]
pub(in super::super) struct Backup {
    /// Where the copy goes; no such file may be there yet
    file: PathBuf,
    #[command(flatten)]
    place: LogPlace,
}

impl Backup {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let (file, _) = self.place.glimpse(global)?;
        let reader = AuditReader::open_any(&file.log).await?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let copied = tokio::select! {
            copied = reader.backup(&self.file) => copied,
            // Dropping the future removes the unfinished copy.
            _ = terminate.recv() => return Ok(told_to_end()),
            _ = interrupt.recv() => return Ok(told_to_end()),
        };
        let copied = copied.map_err(|error| match error {
            BackupError::Exists(_) => Misuse {
                message: format!("{error}, and is left as it is"),
                hint: "name a file that is not there yet, such as one with the date in it"
                    .to_owned(),
            }
            .into(),
            error => anyhow::Error::from(error),
        })?;
        let file = self.file.display();
        output::say(&format!(
            "copied to {file}: {} bytes, up to entry {}, head {}",
            copied.bytes, copied.last, copied.head
        ));
        output::hint(&format!("`lightsout audit verify --log {file}` proves that it is whole"));
        Ok(Exit::Ok)
    }
}

fn told_to_end() -> Exit {
    output::say("told to end: no copy was made");
    Exit::Incomplete
}
