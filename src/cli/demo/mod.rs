//! `lightsout demo`: shows a night in seconds. Cloud, keys and clock are invented; the scheduler,
//! the stopper, the client and the log are the real ones. `page` keeps the page up afterwards.

mod page;

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use tokio::task::JoinSet;

use super::local_time::Spoken;
use super::signals::end_on_signal;
use super::{Exit, history, listing, output, session, table};
use crate::audit::{AuditLog, AuditReader, HistoryFilter, HistoryLine, Writer};
use crate::clock::{Clock, Passing, RehearsalClock};
use crate::cloud::Environment;
use crate::cloud::rehearsal::{Fleet, RehearsalCloud};
use crate::engine::daemon::{self, DaemonError};
use crate::engine::dispatch::{ActiveConfig, Dispatch};
use crate::lifecycle::{Shutdown, ShutdownSwitch};
use crate::schedule::Schedules;
use crate::time::zone::Zone;

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

/// The width where there is no terminal.
const WIDTH: usize = 80;

/// The next steps, each with what it does.
const NEXT: [(&str, &str); 4] = [
    ("lightsout demo --web", "the same night on the page, in a browser"),
    ("lightsout check", "reads your schedules.toml, and prints every problem"),
    ("lightsout plan", "says what it would do now, and sends nothing"),
    ("lightsout run", "does it each night; `--web 127.0.0.1:8787` has the page"),
];

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lightsout demo\n  lightsout demo --web")]
pub(super) struct Demo {
    /// Keep the page up afterwards, on the night that was shown, until Ctrl-C
    #[arg(long)]
    web: bool,
}

/// A folder that is gone when the demo is.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// The morning after: the daemon and the cloud still live.
struct Morning {
    clock: Arc<RehearsalClock>,
    /// Time passes as long as this is kept.
    _passing: Passing,
    /// It serves as long as this is kept.
    _cloud: RehearsalCloud,
    daemon: JoinSet<Result<(), DaemonError>>,
    log: PathBuf,
    file: PathBuf,
    zone: Zone,
}

impl Demo {
    pub(super) async fn run(self) -> anyhow::Result<Exit> {
        let folder =
            Folder(std::env::temp_dir().join(format!("lightsout-demo-{}", std::process::id())));
        fs::create_dir_all(&folder.0)?;
        let (switch, shutdown) = ShutdownSwitch::new();
        let (told, mut ended) = ShutdownSwitch::new();
        end_on_signal(told)?;
        let mut morning = tokio::select! {
            () = ended.due() => return Ok(Exit::Incomplete),
            morning = night(&folder.0, shutdown) => morning?,
        };
        output::out("\nWhat the audit log says, newest first (`lightsout history`):\n\n")?;
        let now = morning.clock.now();
        show(&morning.log, Spoken { zone: morning.zone, now }).await?;
        if self.web {
            let places = (morning.log.clone(), morning.file.clone());
            page::keep_up(places, &morning.clock, morning.zone, ended).await?;
        }
        switch.throw();
        while let Some(ended) = morning.daemon.join_next().await {
            ended??;
        }
        if !self.web {
            output::out("\nWhat to open next:\n\n")?;
            for (command, what) in NEXT {
                output::out(&format!("  {command:<22}{what}\n"))?;
            }
        }
        Ok(Exit::Ok)
    }
}

/// Lets the night go by, and tells of it.
async fn night(folder: &Path, shutdown: Shutdown) -> anyhow::Result<Morning> {
    let evening: DateTime<Utc> = EVENING.parse()?;
    let (clock, passing) = RehearsalClock::patient(evening - BEFORE, SPEED);
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let fleet = Fleet::parse(FLEET)?;
    let cloud = RehearsalCloud::serve(fleet, Arc::clone(&clock) as Arc<dyn Clock>, listen).await?;
    let file = folder.join("schedules.toml");
    fs::write(&file, SCHEDULES)?;
    let (schedules, _) =
        Schedules::parse(&file, SCHEDULES).expect("the demo's file is checked by a test");
    output::out(
        "Eight servers on a cloud that lives in this process, and this schedules.toml:\n\n",
    )?;
    for line in SCHEDULES.trim().lines() {
        output::out(&format!("{}\n", format!("    {line}").trim_end()))?;
    }
    let log = schedules.audit.path.clone();
    let zone = schedules.timezone;
    let daemon = start(schedules, &cloud, &clock, shutdown).await?;
    clock.skip((evening - clock.now()).to_std().unwrap_or_default());
    tell(&clock, zone, "the night begins", &cloud)?;
    pass_a_firing(&clock, &log, 1).await?;
    tell(&clock, zone, "dev-nightly has fired, and was followed to the end", &cloud)?;
    let morning = evening + TimeDelta::hours(12);
    clock.skip((morning - clock.now()).to_std().unwrap_or_default());
    pass_a_firing(&clock, &log, 2).await?;
    tell(&clock, zone, "dev-morning has fired", &cloud)?;
    Ok(Morning { clock, _passing: passing, _cloud: cloud, daemon, log, file, zone })
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
) -> anyhow::Result<JoinSet<Result<(), DaemonError>>> {
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
    let mut daemon = JoinSet::new();
    daemon.spawn(async move {
        daemon::run(dispatch, &mut in_use, &mut timetable, &mut crate::engine::reload::NeverReload)
            .await
    });
    Ok(daemon)
}

fn tell(
    clock: &RehearsalClock,
    zone: Zone,
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

/// Shows the log: each server, and the sum of each firing.
async fn show(log: &Path, spoken: Spoken) -> anyhow::Result<()> {
    let lines = AuditReader::open(log).await?.history(&HistoryFilter::default()).await?;
    let width = table::width().unwrap_or(WIDTH);
    output::out(&listing::as_table_within(&lines, &history::columns(spoken), Some(width)))?;
    output::out("\n")?;
    for lines in lines.chunk_by(|one, other| one.firing == other.firing).rev() {
        output::out(&format!("{:<11}  {}\n", lines[0].rule, HistoryLine::sum(lines)))?;
    }
    Ok(())
}
