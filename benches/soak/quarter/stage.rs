//! What the soak happens in: a clock, a cloud, a log, and the daemon that is alive, if one is.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use chrono::{DateTime, Utc};
use lightsout::audit::{AuditError, AuditLog, Writer};
use lightsout::clock::Clock;
use lightsout::cloud::rehearsal::{Fleet, RehearsalCloud};
use lightsout::cloud::{self, Environment};
use lightsout::engine::daemon::{self, DaemonError};
use lightsout::engine::dispatch::{ActiveConfig, Clouds, Dispatch};
use lightsout::engine::reload::NeverReload;
use lightsout::lifecycle::ShutdownSwitch;
use lightsout::schedule::Schedules;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use super::clock::LeapingClock;
use super::company;

pub(crate) struct Stage {
    pub(crate) clock: Arc<LeapingClock>,
    pub(crate) cloud: RehearsalCloud,
    pub(crate) schedules: Schedules,
    environment: Environment,
    daemon: Option<Daemon>,
    _folder: tempfile::TempDir,
}

/// A daemon in a runtime of its own, so that everything it began dies with it, as in a process.
struct Daemon {
    runtime: Runtime,
    switch: ShutdownSwitch,
    running: JoinHandle<Result<(), DaemonError>>,
}

impl Stage {
    pub(crate) async fn set(
        begin: DateTime<Utc>,
        servers: usize,
        seed: u64,
    ) -> anyhow::Result<Self> {
        let clock = LeapingClock::new(begin);
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("schedules.toml");
        let (schedules, _) = Schedules::parse(&path, &company::rules()?)
            .map_err(|problems| anyhow!("{problems:#?}"))?;
        let fleet = Fleet::parse(&company::fleet(servers, seed)?)?;
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let time: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
        let cloud = RehearsalCloud::serve(fleet, time, listen).await?;
        let gateway = cloud.base_url();
        let environment = Environment::from([
            ("NCLOUD_API_GW", gateway.as_str()),
            ("NCLOUD_ACCESS_KEY", cloud.access_key()),
            ("NCLOUD_SECRET_KEY", cloud.secret_key()),
        ]);
        Ok(Self { clock, cloud, schedules, environment, daemon: None, _folder: folder })
    }

    pub(crate) fn log(&self) -> &PathBuf {
        &self.schedules.audit.path
    }

    /// Starts a daemon, with nothing but the log and the file to go by.
    pub(crate) async fn start(&mut self) -> anyhow::Result<()> {
        let clock: Arc<dyn Clock> = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let schedules = self.schedules.clone();
        let audit = Arc::new(self.open(&clock).await?);
        let mut timetable = lightsout::engine::left_off::where_the_last_one_left_off(
            &audit,
            &schedules,
            clock.now(),
        )
        .await?;
        let file = audit.load_file(&schedules).await?;
        let mut clouds = Clouds::new();
        for (name, account) in &schedules.accounts {
            clouds.insert(
                name.clone(),
                cloud::connect(account, &self.environment, Arc::clone(&clock))?,
            );
        }
        let (switch, shutdown) = ShutdownSwitch::new();
        let dispatch = Dispatch::new(audit, clock, shutdown);
        let mut in_use =
            ActiveConfig { schedules: Arc::new(schedules), file, clouds: Arc::new(clouds) };
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let running = runtime.spawn(async move {
            daemon::run(dispatch, &mut in_use, &mut timetable, &mut NeverReload).await
        });
        self.daemon = Some(Daemon { runtime, switch, running });
        Ok(())
    }

    /// Opens the log as soon as the last thread of a daemon that was killed has let go of it.
    async fn open(&self, clock: &Arc<dyn Clock>) -> Result<AuditLog, AuditError> {
        loop {
            match AuditLog::open(&self.schedules.audit, Writer::Daemon, Arc::clone(clock)).await {
                Err(AuditError::AnotherDaemon { .. }) => self.clock.quiet().await,
                opened => return opened,
            }
        }
    }

    /// Ends the daemon as `kill -9` does: nothing is written any more, and its locks fall.
    pub(crate) async fn kill(&mut self) {
        if let Some(daemon) = self.daemon.take() {
            daemon.running.abort();
            daemon.runtime.shutdown_background();
            drop(daemon.running.await);
        }
    }

    /// Ends the daemon as SIGTERM does.
    pub(crate) async fn end(&mut self) -> anyhow::Result<()> {
        let mut daemon = self.daemon.take().context("there is a daemon")?;
        daemon.switch.throw();
        loop {
            tokio::select! {
                ended = &mut daemon.running => {
                    daemon.runtime.shutdown_background();
                    return Ok(ended??);
                }
                () = self.clock.quiet() => {
                    self.clock.leap(self.clock.next_wake().unwrap_or_default());
                }
            }
        }
    }

    /// An error where the daemon ended by itself, as none may.
    pub(crate) async fn check_alive(&mut self) -> anyhow::Result<()> {
        if self.daemon.as_ref().is_some_and(|daemon| daemon.running.is_finished()) {
            self.end().await?;
            anyhow::bail!("the daemon ended by itself");
        }
        Ok(())
    }
}
