//! `lightsout audit`: copies, verifies, exports and prunes the log. `audit::integrity` does the
//! work.

mod backup;
mod export;
mod prune;
mod share;
mod unshare;
mod verify;

use clap::Subcommand;

use super::{Exit, Global};

pub(super) const EXAMPLES: &str = "\
Examples:
  lightsout audit verify
  lightsout audit backup lightsout-2026-11.db
  lightsout audit prune --keep 400d";

#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Copy the whole log into a new file while everything runs
    ///
    /// The copy is a log like any other: `audit verify --log FILE` proves that it is whole. It can
    /// be read by its owner alone, and gets its name when all of it is on the disk.
    Backup(backup::Backup),
    /// Compute the log's chain of hashes anew and say where anything was changed
    ///
    /// Asks SQLite as well whether the file is damaged, and names the remedy.
    Verify(verify::Verify),
    /// Print every entry as JSON Lines, with what it takes to compute the chain anew
    Export(export::Export),
    /// Remove what is old and no longer needed, so that the rest can still be verified
    Prune(prune::Prune),
    /// Put the log into PostgreSQL, where several machines share it
    ///
    /// Makes the tables at `[audit] shared` where they are missing, and puts this machine's log into
    /// them. On every further machine it makes a copy of what is there.
    Share(share::Share),
    /// Go back to one machine: take the last entries into this machine's log
    Unshare(unshare::Unshare),
}

impl Audit {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        match self {
            Self::Backup(backup) => backup.run(global).await,
            Self::Verify(verify) => verify.run(global).await,
            Self::Export(export) => export.run(global).await,
            Self::Prune(prune) => prune.run(global).await,
            Self::Share(share) => share.run(global).await,
            Self::Unshare(unshare) => unshare.run(global).await,
        }
    }
}
