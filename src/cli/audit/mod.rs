//! `lightsout audit`: proves that the log is as it was written, hands it on, shortens it.

mod export;
mod prune;
mod verify;

use clap::Subcommand;

use super::{Exit, Global};

#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Compute the log's chain of hashes anew and say where anything was changed
    Verify(verify::Verify),
    /// Print every entry as JSON Lines, with what it takes to compute the chain anew
    Export(export::Export),
    /// Remove what is old and no longer needed, so that the rest can still be verified
    Prune(prune::Prune),
}

impl Audit {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        match self {
            Self::Verify(verify) => verify.run(global).await,
            Self::Export(export) => export.run(global).await,
            Self::Prune(prune) => prune.run(global).await,
        }
    }
}
