//! `lightsout audit share`: puts the log into PostgreSQL.

use clap::Args;

use crate::audit;
use crate::cli::output::{self, Misuse};
use crate::cli::{Exit, Global, session};
use crate::clock::SystemClock;
use crate::schedule::{Schedules, Shared};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lightsout audit share --print\n  lightsout audit share")]
pub(in super::super) struct Share {
    /// Print the SQL that makes the tables and gives the nodes' role its rights, and do nothing
    #[arg(long)]
    print: bool,
    /// The role that the nodes log in as, for `--print`
    #[arg(long, value_name = "ROLE", default_value = "lightsout", requires = "print")]
    role: String,
}

impl Share {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        if self.print {
            output::out(&audit::share_script(&self.role))?;
            return Ok(Exit::Ok);
        }
        let schedules = session::read(global)?;
        let shared = shared_of(&schedules)?;
        let now = audit::share(&schedules.audit, shared, SystemClock::new()).await?;
        let place = now.place;
        output::say(&match (now.added, now.entry) {
            (_, 0) if now.begun => {
                format!("no log is on this machine, so an empty one was begun at {place}")
            }
            (_, 0) => format!("the shared log at {place} is there already; it has no entry yet"),
            (0, entry) => {
                format!("the shared log at {place} is there already; this copy has entry {entry}")
            }
            (added, entry) => {
                format!("{added} entries put into the shared log at {place}, up to entry {entry}")
            }
        });
        output::say("start the daemon on each machine; `lightsout status` shows the nodes");
        Ok(Exit::Ok)
    }
}

/// Where the file says that the log is shared.
pub(super) fn shared_of(schedules: &Schedules) -> Result<&Shared, Misuse> {
    schedules.audit.shared.as_ref().ok_or_else(|| Misuse {
        message: format!("{} does not say where the log is shared", schedules.path.display()),
        hint: "`shared = \"postgres://lightsout@db.internal/lightsout\"` in `[audit]`".to_owned(),
    })
}
