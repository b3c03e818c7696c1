//! `lightsout demo`: shows a night in seconds. Cloud, keys and clock are invented; the scheduler,
//! the stopper, the client and the log are the real ones.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;

use super::listing::Format;
use super::{Exit, history, output, session};
use crate::audit::{AuditLog, AuditReader, HistoryFilter, HistoryLine, Writer};
use crate::clock::{Clock, RehearsalClock};
use crate::cloud::Environment;
use crate::cloud::rehearsal::{Fleet, RehearsalCloud};
use crate::engine::daemon::{self, DaemonError};
use crate::engine::dispatch::{ActiveConfig, Dispatch};
use crate::lifecycle::{Shutdown, ShutdownSwitch};
use crate::schedule::Schedules;

const FLEET: &str = include_str!("fleet.toml");
const SCHEDULES: &str = include_str!("schedules.toml");

/// One minute of the night per second, or less on a machine that is too busy for that.
const SPEED: u32 = 60;

/// Monday evening in Seoul.
const EVENING: &str = "2026-11-23T19:59:40+09:00";

/// The daemon starts this long before the evening, since a slow machine needs some time.
const BEFORE: TimeDelta = TimeDelta::minutes(10);

/// This much of the night around each firing takes place, or more until the firing has ended; the
/// rest is skipped.
const AROUND_A_FIRING: Duration = Duration::from_secs(165);

/// No firing of the demo takes as long.
const LONGEST_FIRING: Duration = Duration::from_secs(3_600);

#[derive(Debug, Args)]
pub(super) struct Demo {}

/// A folder that is gone when the demo is.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

impl Demo {
    pub(super) async fn run(self) -> anyhow::Result<Exit> {
        let folder =
            Folder(std::env::temp_dir().join(format!("lightsout-demo-{}", std::process::id())));
        fs::create_dir_all(&folder.0)?;
        let evening: DateTime<Utc> = EVENING.parse()?;
        let (clock, _passing) = RehearsalClock::patient(evening - BEFORE, SPEED);
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let fleet = Fleet::parse(FLEET)?;
        let cloud =
            RehearsalCloud::serve(fleet, Arc::clone(&clock) as Arc<dyn Clock>, listen).await?;
        let (schedules, _) = Schedules::parse(&folder.0.join("schedules.toml"), SCHEDULES)
            .expect("the demo's file is checked by a test");
        output::out(
            "Eight servers on a cloud that lives in this process, and this schedules.toml:\n\n",
        )?;
        for line in SCHEDULES.trim().lines() {
            output::out(&format!("{}\n", format!("    {line}").trim_end()))?;
        }
        let log = schedules.audit.path.clone();
        let zone = schedules.timezone;
        let (switch, shutdown) = ShutdownSwitch::new();
        let night = start(schedules, &cloud, &clock, shutdown).await?;
        clock.skip((evening - clock.now()).to_std().unwrap_or_default());
        tell(&clock, zone, "the night begins", &cloud)?;
        pass_a_firing(&clock, &log, 1).await?;
        tell(&clock, zone, "dev-nightly has fired, and was followed to the end", &cloud)?;
        let morning = evening + TimeDelta::hours(12);
        clock.skip((morning - clock.now()).to_std().unwrap_or_default());
        pass_a_firing(&clock, &log, 2).await?;
        tell(&clock, zone, "dev-morning has fired", &cloud)?;
        switch.throw();
        night.await??;
        output::out("\nWhat the audit log says, newest first (`lightsout history`):\n\n")?;
        let reader = AuditReader::open(&log).await?;
        let lines = reader.history(&HistoryFilter::default()).await?;
        history::lines_of_history(&lines, zone, Format::Table)?;
        output::out("\n")?;
        for lines in lines.chunk_by(|one, other| one.firing == other.firing).rev() {
            output::out(&format!("{:<11}  {}\n", lines[0].rule, HistoryLine::sum(lines)))?;
        }
        output::out(
            "\nNext: `lightsout check` reads your schedules.toml, `lightsout plan` shows what it\n\
             would do now and sends nothing, `lightsout run` does it every night.\n",
        )?;
        Ok(Exit::Ok)
    }
}

/// Lets time pass until so many firings have ended, and the servers have changed.
async fn pass_a_firing(clock: &RehearsalClock, log: &Path, which: usize) -> anyhow::Result<()> {
    let until = clock.moment() + LONGEST_FIRING;
    clock.sleep(AROUND_A_FIRING).await;
    let reader = AuditReader::open(log).await?;
    loop {
        let lines = reader.history(&HistoryFilter::default()).await?;
        let is_open = lines.iter().any(|line| line.outcome.is_none());
        let firings = lines.chunk_by(|one, other| one.firing == other.firing).count();
        if (firings == which && !is_open) || clock.moment() > until {
            return Ok(());
        }
        clock.sleep(Duration::from_secs(15)).await;
    }
}

/// Starts the real daemon on the invented cloud and clock.
async fn start(
    schedules: Schedules,
    cloud: &RehearsalCloud,
    clock: &Arc<RehearsalClock>,
    shutdown: Shutdown,
) -> anyhow::Result<tokio::task::JoinHandle<Result<(), DaemonError>>> {
    let clock: Arc<dyn Clock> = Arc::clone(clock) as Arc<dyn Clock>;
    let environment = Environment::from(cloud.variables());
    let clouds = session::connect(&schedules, &environment, &clock)?;
    let audit = AuditLog::open(&schedules.audit, Writer::Daemon, Arc::clone(&clock)).await?;
    let file = audit.load_file(&schedules).await?;
    let mut timetable =
        crate::engine::left_off::where_the_last_one_left_off(&audit, &schedules, clock.now())
            .await?;
    let dispatch = Dispatch::new(Arc::new(audit), clock, shutdown);
    let mut in_use =
        ActiveConfig { schedules: Arc::new(schedules), file, clouds: Arc::new(clouds) };
    Ok(tokio::spawn(async move {
        daemon::run(dispatch, &mut in_use, &mut timetable, &mut crate::engine::reload::NeverReload)
            .await
    }))
}

fn tell(
    clock: &RehearsalClock,
    zone: crate::time::zone::Zone,
    what: &str,
    cloud: &RehearsalCloud,
) -> anyhow::Result<()> {
    let now = zone.show(clock.now()).format("%a %H:%M");
    output::out(&format!("\n{now}  {what}\n"))?;
    for server in cloud.servers() {
        let operation = if server.operation.is_none() { "" } else { server.operation.code() };
        output::out(&format!("           {:<6}{operation:<7}{}\n", server.status, server.name))?;
    }
    Ok(())
}
