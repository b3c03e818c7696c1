//! `lightsout cloud`: serves the embedded cloud until it is told to end.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::{Exit, output};
use crate::clock::SystemClock;
use crate::cloud::rehearsal::{Fleet, RehearsalCloud};
use crate::shutdown::ShutdownSwitch;

#[derive(Debug, Args)]
pub(super) struct Cloud {
    /// Where to listen; port 0 lets the system choose
    #[arg(long, value_name = "ADDR")]
    listen: SocketAddr,
    /// The servers and faults (TOML) [default: a small fleet]
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
        output::out(&format!(
            "export NCLOUD_API_GW={}\nexport NCLOUD_ACCESS_KEY={}\nexport NCLOUD_SECRET_KEY={}\n",
            cloud.base_url(),
            cloud.access_key(),
            cloud.secret_key()
        ))?;
        output::say("serving until Ctrl-C; the lines above point lightsout at it");
        let (switch, mut shutdown) = ShutdownSwitch::new();
        super::run::end_on_signal(switch)?;
        shutdown.due().await;
        Ok(Exit::Ok)
    }
}
