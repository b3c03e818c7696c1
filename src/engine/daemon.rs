//! The daemon's loop: claims each firing at its instant, writes heartbeats, and ends when told.
//!
//! Replaces a ticker that falls silent, as one does when the wall clock goes back.
//! [`super::scheduler`] says what is due; [`super::dispatch`] carries it out.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::task::JoinSet;
use tokio_cron_scheduler::JobSchedulerError;
use tracing::{error, info, warn};

use super::instant::{stands_back, wait};
use super::left_off::{OWED, all_owed};
use super::reload::{Reload, tell_changes, tell_start};
use crate::audit::AuditError;
use crate::clock::Moment;
use crate::engine::ahead::Foretelling;
use crate::engine::clock_steps::ClockWatch;
use crate::engine::clock_trust::ClockTrust;
use crate::engine::dispatch::{ActiveConfig, Dispatch};
use crate::engine::maintenance::Maintenance;
use crate::engine::observe::Observer;
use crate::engine::scheduler::{Due, Scheduler};
use crate::engine::stop_limit::Spending;
use crate::notice::Notices;
use crate::text::error_chain::chain;
use crate::ticker::Ticker;
use crate::time::uptime::Uptime;

/// A ticker that is silent for longer is replaced.
const SILENCE: Duration = Duration::from_secs(3);
/// The time between two heartbeats.
const SIGN_OF_LIFE: Duration = Duration::from_secs(60);
/// The pause after a failed write to the log.
const TRIED_AGAIN_AFTER: Duration = Duration::from_secs(5);
/// The longest wait for answers at the end: a minute, less the time for the work after them.
const TIME_TO_END: Duration = Duration::from_secs(50);

/// The reasons why a daemon ends by itself.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// The log was deleted or replaced.
    #[error(transparent)]
    LogGone(AuditError),
    #[error("could not start the ticker")]
    Ticker(#[from] JobSchedulerError),
}

struct Daemon<'a> {
    dispatch: Dispatch,
    in_use: &'a mut ActiveConfig,
    scheduler: &'a mut Scheduler,
    running: JoinSet<()>,
    notices: Notices,
    /// The time of the next heartbeat; `None`: at once.
    sign_due: Option<Moment>,
    /// The last claims may have been written all the same.
    claims_failed: bool,
    /// The last logged trouble with the log.
    trouble: Option<String>,
    upkeep: Maintenance,
    spending: Spending,
    observer: Observer,
    foretelling: Foretelling,
    /// The log has the accounts and calendars of the file in use.
    knows_sources: bool,
    steadiness: ClockWatch,
    trust: ClockTrust,
}

/// Runs until told to end, with a scheduler that knows the past.
///
/// # Errors
/// When the ticker cannot be started, or the log was deleted or replaced. A log that cannot be
/// written is waited for.
pub async fn run(
    dispatch: Dispatch,
    in_use: &mut ActiveConfig,
    scheduler: &mut Scheduler,
    reload: &mut impl Reload,
) -> Result<(), DaemonError> {
    let clock = Arc::clone(&dispatch.clock);
    let dispatch = dispatch.with_sights();
    let mut ticker = Ticker::start().await?;
    let mut daemon = Daemon {
        running: JoinSet::new(),
        notices: Notices::start(&dispatch.audit, &clock, &in_use.schedules, dispatch.told()),
        dispatch,
        in_use,
        scheduler,
        sign_due: None,
        claims_failed: false,
        trouble: None,
        upkeep: Maintenance::new(clock.moment()),
        spending: Spending::new(clock.moment()),
        observer: Observer::default(),
        foretelling: Foretelling::default(),
        knows_sources: false,
        steadiness: ClockWatch::default(),
        trust: ClockTrust::default(),
    };
    for doubt in daemon.dispatch.audit.doubts() {
        warn!(doubt, "the audit log may not be whole: docs/log.md");
        daemon.notices.notice_sender().doubt_log(doubt.clone());
    }
    tell_start(&daemon.in_use.schedules, clock.now());
    sd_notify::notify(&[sd_notify::NotifyState::Ready]).ok();
    let served = daemon.serve(&mut ticker, reload).await;
    ticker.stop().await;
    served?;
    daemon.end().await;
    Ok(())
}

impl Daemon<'_> {
    /// Fires, writes heartbeats and reloads until told to end.
    async fn serve(
        &mut self,
        ticker: &mut Ticker,
        reload: &mut impl Reload,
    ) -> Result<(), DaemonError> {
        let clock = Arc::clone(&self.dispatch.clock);
        let mut shutdown = self.dispatch.shutdown.clone();
        while !shutdown.is_due() {
            self.fire().await?;
            self.heartbeat().await?;
            self.upkeep.mend(&self.dispatch, self.notices.notice_sender(), &mut self.running);
            if self.dispatch.audit.is_on_duty() {
                self.observer.poll(&self.dispatch, self.in_use, &self.notices, &mut self.running);
                let (dispatch, in_use) = (&self.dispatch, &*self.in_use);
                self.foretelling.poll(dispatch, in_use, &self.notices, &mut self.running);
            }
            if let Some(fresh) = reload.changed().await {
                self.load(fresh);
            }
            tokio::select! {
                () = shutdown.due() => {}
                () = wait(&*clock, self.scheduler, stands_back(&self.dispatch.audit)) => {}
                () = ticker.tick() => {
                    sd_notify::notify(&[sd_notify::NotifyState::Watchdog]).ok();
                }
                () = clock.sleep(clock.pace(SILENCE)) => {
                    warn!("no tick for a while; the clock may have been set back");
                    ticker.replace().await?;
                }
            }
        }
        Ok(())
    }

    /// Claims the due firings and starts them. A firing that cannot be recorded stays due until the
    /// next tick.
    async fn fire(&mut self) -> Result<(), DaemonError> {
        let Dispatch { clock, audit, .. } = &self.dispatch;
        let (now, passed) = self.steadiness.read(&**clock);
        self.scheduler.attend(now, passed);
        if let Err(error) = self.steadiness.record(audit).await {
            return self.on_log_error(
                error,
                "nothing fires: the clock was set back; no record, no request",
            );
        }
        self.trust.poll(&**clock, self.scheduler).await;
        let now = now - stands_back(audit);
        // Deferred actions that are due but not read yet belong to the same firing.
        if self.scheduler.owes(now)
            && let Err(error) = self.read_deferred().await
        {
            return self.on_log_error(error, "what is owed could not be read");
        }
        let due = self.due(now).await;
        match self.dispatch.claim(&due, self.in_use).await {
            Ok(firings) => {
                self.scheduler.dealt_with(now);
                if std::mem::take(&mut self.claims_failed) {
                    // A shared log may have taken the earlier ones without saying so: they are open
                    // firings, to be taken up at once.
                    self.sign_due = None;
                }
                if !due.is_empty() {
                    self.on_log_ok();
                }
                if !firings.is_empty() {
                    let (dispatch, in_use) = (self.dispatch.clone(), self.in_use.clone());
                    self.running.spawn(async move {
                        dispatch.work_off(firings, &in_use, |_, _| {}).await;
                    });
                }
                Ok(())
            }
            Err(error) => {
                self.claims_failed = true;
                self.on_log_error(error, "nothing fires: no record, no request")
            }
        }
    }

    /// The due firings. After a long absence this takes time, so it runs beside everything else.
    async fn due(&mut self, now: DateTime<Utc>) -> Vec<Due> {
        if !self.scheduler.is_far_behind(now) {
            return self.scheduler.due(now);
        }
        let stand_in = Scheduler::after(None, Uptime::default());
        let mut scheduler = std::mem::replace(self.scheduler, stand_in);
        let counted = tokio::task::spawn_blocking(move || {
            let due = scheduler.due(now);
            (scheduler, due)
        });
        let due;
        (*self.scheduler, due) = counted.await.expect("to count does not fail");
        due
    }

    /// Logs an error of the log once and goes on. Fails when the log is gone.
    fn on_log_error(&mut self, error: AuditError, what: &str) -> Result<(), DaemonError> {
        self.dispatch.audit.heed(&error);
        if self.dispatch.audit.had_duty() {
            self.notices.log_failed(&error);
        }
        if matches!(error, AuditError::Gone(_)) {
            return Err(DaemonError::LogGone(error));
        }
        let trouble = chain(&error);
        if self.trouble.as_ref() != Some(&trouble) {
            error!(error = trouble, "{what}");
            self.trouble = Some(trouble);
        }
        Ok(())
    }

    fn on_log_ok(&mut self) {
        if self.trouble.take().is_some() {
            info!("the audit log can be written again");
        }
    }

    /// Once a minute writes a heartbeat and takes up open firings.
    async fn heartbeat(&mut self) -> Result<(), DaemonError> {
        while let Some(ended) = self.running.try_join_next() {
            self.notices.look();
            // The change may have left something to be caught up soon.
            self.sign_due = None;
            if let Err(error) = ended {
                error!(%error, "a firing broke down; it is taken up again");
            }
        }
        if let Some(trouble) = self.dispatch.audit.shared_trouble() {
            // Nothing need fall due for somebody to hear of it.
            self.notices.log_failed_since(trouble);
        }
        let now = self.dispatch.clock.moment();
        if self.dispatch.audit.has_heard_of_a_death() {
            self.sign_due = None;
        }
        if let Err(error) = self.dispatch.audit.copy_is_in_place() {
            return self.on_log_error(error, "this machine's copy is gone");
        }
        if self.sign_due.is_some_and(|due| now < due) {
            return Ok(());
        }
        self.sign_due = Some(now + TRIED_AGAIN_AFTER);
        if let Err(error) = self.dispatch.audit.sign_of_life(self.scheduler.lived()).await {
            return self.on_log_error(error, "no sign of life could be given");
        }
        if !self.knows_sources {
            if let Some(health) = self.dispatch.health.clone()
                && let Err(error) = health.take(&self.in_use.schedules).await
            {
                return self.on_log_error(error, "what is to be read could not be noted");
            }
            self.knows_sources = true;
        }
        if let Err(error) = self.read_deferred().await {
            return self.on_log_error(error, "what is owed could not be read");
        }
        match self.dispatch.recover(self.in_use, &mut self.running).await {
            Ok(is_all) => {
                self.on_log_ok();
                // A large rest is taken up at the next tick.
                self.sign_due = is_all.then(|| now + SIGN_OF_LIFE);
                self.upkeep.poll(&self.dispatch, self.in_use, &mut self.running);
            }
            Err(error) => {
                return self.on_log_error(error, "what was left open could not be taken up");
            }
        }
        if !self.dispatch.audit.is_on_duty() {
            return Ok(());
        }
        let polled = self.spending.poll(&self.dispatch, self.in_use, &mut self.running).await;
        polled
            .or_else(|error| self.on_log_error(error, "what is off too long could not be started"))
    }

    /// Reads the deferred actions from the log.
    async fn read_deferred(&mut self) -> Result<(), AuditError> {
        let Dispatch { audit, clock, .. } = &self.dispatch;
        match all_owed(audit, clock.now()).await {
            Ok(owed) => self.scheduler.set_deferred(owed),
            // Known ones stay, and the rest of the daemon goes on.
            Err(error) => audit.without_the_damaged(error, OWED)?,
        }
        Ok(())
    }

    fn load(&mut self, fresh: ActiveConfig) {
        let now = self.dispatch.clock.now();
        tell_changes(&self.in_use.schedules, &fresh.schedules, now);
        self.scheduler.load(&fresh.schedules, now);
        self.notices.use_file(&fresh.schedules);
        *self.in_use = fresh;
        self.observer.begin_anew();
        self.foretelling.begin_anew();
        self.knows_sources = false;
        // The log must have the time of the change.
        self.sign_due = None;
    }

    /// Waits for firings under way, which send nothing new and read the state once more. Whatever
    /// is still open when time is up stays open for the next process.
    async fn end(mut self) {
        info!("ending: no new firings, waiting for answers under way");
        sd_notify::notify(&[sd_notify::NotifyState::Stopping]).ok();
        let clock = Arc::clone(&self.dispatch.clock);
        let ended = async { while self.running.join_next().await.is_some() {} };
        tokio::select! {
            () = ended => {}
            () = clock.sleep(clock.pace(TIME_TO_END)) => {
                warn!("answers under way took too long: left open for the next `lightsout run`");
            }
        }
        self.running.shutdown().await;
        self.notices.end().await;
        if let Err(error) = self.dispatch.audit.sign_of_life(self.scheduler.lived()).await {
            error!(error = chain(&error), "the last sign of life could not be given");
        }
    }
}
