//! `lightsout audit`: proves that the log is as it was written, hands it on, shortens it.

mod verify;

use clap::Subcommand;

use super::{Exit, Global};

#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Compute the log's chain of hashes anew and say where anything was changed
    Verify(verify::Verify),
}

impl Audit {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        match self {
            Self::Verify(verify) => verify.run(global).await,
        }
    }
}
