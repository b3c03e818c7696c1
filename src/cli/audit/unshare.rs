//! `lightsout audit unshare`: goes back to one machine.

use clap::Args;

use super::share::shared_of;
use crate::audit;
use crate::cli::{Exit, Global, output, session};
use crate::clock::SystemClock;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lightsout audit unshare")]
pub(in super::super) struct Unshare {}

impl Unshare {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let schedules = session::read(global)?;
        let shared = shared_of(&schedules)?;
        let entry = audit::unshare(&schedules.audit, shared, SystemClock::new()).await?;
        let log = schedules.audit.path.display();
        output::say(&format!("{log} has everything up to entry {entry}, and is a log of its own"));
        output::say("take `shared` out of schedules.toml before you start the daemon");
        Ok(Exit::Ok)
    }
}
