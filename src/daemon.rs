//! The daemon: ticks, claims what is due at its instant, gives signs of life, and ends when told.
//!
//! The tick comes from tokio-cron-scheduler, whose loop reads the wall clock twice a second and
//! so notices suspend and stepped clocks; everything else about it is left unused. When the
//! wall clock goes back it stands still, so a metronome that is silent is replaced.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono::TimeDelta;
use tokio::sync::mpsc;
use tokio_cron_scheduler::{Job, JobScheduler};
use tracing::{error, info, warn};

use crate::clock::{Clock, Moment};
use crate::dispatch::{Dispatch, InUse, chain};
use crate::scheduler::Scheduler;
use crate::upkeep::Upkeep;

/// How far ahead of an instant the daemon begins to wait for it on its own, in ticks.
const LOOK_AHEAD_TICKS: u32 = 2;
/// How long a metronome may be silent before it is replaced.
const SILENCE: Duration = Duration::from_secs(3);
/// How often a sign of life is given.
const SIGN_OF_LIFE: Duration = Duration::from_secs(60);

/// The source of ticks.
struct Metronome {
    scheduler: JobScheduler,
    ticks: mpsc::Receiver<()>,
}

impl Metronome {
    async fn start() -> anyhow::Result<Self> {
        let (sender, ticks) = mpsc::channel(1);
        let scheduler = JobScheduler::new().await?;
        let job = Job::new("* * * * * *", move |_, _| {
            // A full channel means that the last tick has not been taken yet: one is enough.
            let _ = sender.try_send(());
        })?;
        scheduler.add(job).await?;
        scheduler.start().await?;
        Ok(Self { scheduler, ticks })
    }

    async fn replace(&mut self) -> anyhow::Result<()> {
        let fresh = Self::start().await?;
        let mut silent = std::mem::replace(self, fresh);
        silent.scheduler.shutdown().await?;
        Ok(())
    }
}

/// Whatever may hand the daemon a new schedules.toml.
pub trait Reload: Send {
    /// The file as it is now, where it is another than the one in use and without error.
    fn changed(&mut self) -> impl Future<Output = Option<InUse>> + Send;
}

/// A file that stays as it is.
#[derive(Clone, Copy, Debug)]
pub struct NeverReload;

impl Reload for NeverReload {
    async fn changed(&mut self) -> Option<InUse> {
        None
    }
}

/// Runs until told to end. `mark` is the instant up to which everything has been dealt with.
///
/// # Errors
/// When the metronome cannot be started, or the log be written at the start.
pub async fn run(
    dispatch: Dispatch,
    mut in_use: InUse,
    mut scheduler: Scheduler,
    mut reload: impl Reload,
) -> anyhow::Result<()> {
    let clock = Arc::clone(&dispatch.clock);
    let mut shutdown = dispatch.shutdown.clone();
    let mut metronome = Metronome::start().await.context("could not start the metronome")?;
    let mut running = dispatch.recover(&in_use).await?;
    let mut last_sign: Option<Moment> = None;
    let mut upkeep = Upkeep::new(clock.moment());
    let mut due = Vec::new();
    info!(rules = in_use.schedules.rules.len(), "daemon started");
    sd_notify::notify(&[sd_notify::NotifyState::Ready]).ok();
    while !shutdown.is_due() {
        due.extend(scheduler.due(clock.now()));
        if !due.is_empty() {
            match dispatch.claim(&due, &in_use).await {
                Ok(firings) => {
                    due.clear();
                    let (dispatch, in_use) = (dispatch.clone(), in_use.clone());
                    running.spawn(async move {
                        dispatch.carry_out(firings, &in_use).await;
                    });
                }
                // Kept, and tried again at the next tick.
                Err(error) => error!(error = chain(&error), "nothing fired: no record, no request"),
            }
        }
        while running.try_join_next().is_some() {}
        let now = clock.moment();
        if last_sign.is_none_or(|last| now.since(last) >= SIGN_OF_LIFE) {
            if let Err(error) = dispatch.audit.sign_of_life(Some(scheduler.mark())).await {
                error!(error = chain(&error), "no sign of life could be given");
            }
            last_sign = Some(now);
        }
        upkeep.tend(&dispatch, &in_use, &mut running);
        if let Some(fresh) = reload.changed().await {
            scheduler = Scheduler::new(&fresh.schedules, scheduler.mark());
            info!(rules = fresh.schedules.rules.len(), "schedules.toml reloaded");
            in_use = fresh;
        }
        tokio::select! {
            () = shutdown.due() => {}
            () = wait(&*clock, &scheduler) => {}
            tick = metronome.ticks.recv() => {
                if tick.is_some() {
                    sd_notify::notify(&[sd_notify::NotifyState::Watchdog]).ok();
                }
            }
            () = clock.sleep(clock.pace(SILENCE)) => {
                warn!("no tick for a while; the clock may have been set back");
                metronome.replace().await.context("could not restart the metronome")?;
            }
        }
    }
    info!("ending: no new firings, waiting for answers under way");
    sd_notify::notify(&[sd_notify::NotifyState::Stopping]).ok();
    while running.join_next().await.is_some() {}
    if let Err(error) = dispatch.audit.sign_of_life(Some(scheduler.mark())).await {
        error!(error = chain(&error), "the last sign of life could not be given");
    }
    metronome.scheduler.shutdown().await.ok();
    Ok(())
}

/// Waits for the next instant where it is near; for ever where the ticks will do.
async fn wait(clock: &dyn Clock, scheduler: &Scheduler) {
    let tick = clock.pace(Duration::from_secs(1));
    let left = scheduler.next_at().map(|at| at - clock.now());
    match left.map(|left| left.max(TimeDelta::zero()).to_std().unwrap_or_default()) {
        Some(left) if left <= tick * LOOK_AHEAD_TICKS => clock.sleep(left.min(tick)).await,
        _ => std::future::pending().await,
    }
}
