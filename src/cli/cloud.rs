//! `lightsout cloud`: serves the rehearsal cloud until it is told to end.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::signals::end_on_signal;
use super::{Exit, output};
use crate::clock::SystemClock;
use crate::cloud::rehearsal::{Fleet, RehearsalCloud};
use crate::lifecycle::ShutdownSwitch;

const EXAMPLES: &str = "\
Examples:
  lightsout cloud --listen 127.0.0.1:8080
  lightsout cloud --listen 127.0.0.1:0 --fleet fleet.toml";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Cloud {
    /// Where to listen, such as 127.0.0.1:8080; port 0 lets the system choose
    #[arg(long, value_name = "ADDR")]
    listen: SocketAddr,
    /// The servers and faults to serve, a TOML file [default: a small fleet]
    #[arg(long, value_name = "FILE")]
    fleet: Option<PathBuf>,
}

impl Cloud {
    pub(super) async fn run(self) -> anyhow::Result<Exit> {
        let fleet = match &self.fleet {
            Some(path) => Fleet::load(path)?,
            None => Fleet::default(),
        };
        let cloud = RehearsalCloud::serve(fleet, SystemClock::new(), self.listen)
            .await
            .with_context(|| format!("could not listen on {}", self.listen))?;
        // The reader of this output may end the process at once.
        let (switch, mut shutdown) = ShutdownSwitch::new();
        end_on_signal(switch)?;
        let variables = cloud.variables().map(|(name, value)| format!("{name}={value}"));
        output::out(&(variables.join("\n") + "\n"))?;
        output::say(&format!(
            "serving until Ctrl-C; in another shell:\n\nexport {}\n",
            variables.join(" ")
        ));
        shutdown.due().await;
        Ok(Exit::Ok)
    }
}
