//! Receives signals that there may be news, and has the planner look into the log.
//!
//! [`super::plan`] finds the news.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::alarm::Alarm;
use super::foretold::Foretold;
use super::planner::NoticePlanner;
use super::restarted::Restarted;
use crate::audit::{AuditError, AuditLog};
use crate::clock::Clock;
use crate::schedule::Schedules;
use crate::select::unmatched::Told;
use crate::text::error_chain::chain;

/// The longest time between two looks without a signal. Other processes leave entries silently,
/// such as a firing by hand whose process died.
const LOOK: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) enum QueueEvent {
    /// The log may have news.
    Look,
    File(Arc<Schedules>),
    /// Somebody started servers that a rule had stopped.
    Restarted(Restarted),
    /// A stop is to come.
    Foretold(Vec<Foretold>),
    /// Why the log could not be written.
    LogFailed(String),
    /// Why the log may not be whole.
    LogDoubted(String),
}

#[derive(Debug)]
pub(super) struct NoticeQueue {
    audit: Arc<AuditLog>,
    clock: Arc<dyn Clock>,
    schedules: Arc<Schedules>,
    told: Told,
    /// Present as soon as there is a target.
    planner: Option<NoticePlanner>,
    alarm: Alarm,
    /// Stops to come that could not be recorded yet.
    foretold: Vec<Vec<Foretold>>,
}

impl NoticeQueue {
    pub(super) fn new(
        audit: &Arc<AuditLog>,
        clock: &Arc<dyn Clock>,
        schedules: &Arc<Schedules>,
        told: &Told,
    ) -> Self {
        Self {
            audit: Arc::clone(audit),
            clock: Arc::clone(clock),
            schedules: Arc::clone(schedules),
            told: told.clone(),
            planner: None,
            alarm: Alarm::new(Arc::clone(clock), schedules),
            foretold: Vec::new(),
        }
    }

    /// Listens until every sender is dropped.
    pub(super) async fn listen(mut self, mut words: mpsc::UnboundedReceiver<QueueEvent>) {
        loop {
            // The next look tries again whatever could not be read or written.
            if let Err(error) = self.look().await {
                self.fail(&error);
            }
            self.foretell().await;
            let word = tokio::select! {
                word = words.recv() => word,
                () = self.next_look() => Some(QueueEvent::Look),
            };
            match word {
                None => break,
                Some(QueueEvent::Look) => {}
                Some(QueueEvent::Restarted(told)) => {
                    // The next look at the account finds again whatever could not be recorded.
                    if let Some(planner) = &self.planner
                        && let Err(error) = planner.tell_restarted(&told).await
                    {
                        self.fail(&error);
                    }
                }
                Some(QueueEvent::Foretold(foretold)) => self.foretold.push(foretold),
                Some(QueueEvent::LogFailed(trouble)) => self.alarm.hear(&trouble),
                Some(QueueEvent::LogDoubted(why)) => self.alarm.doubt(&why),
                Some(QueueEvent::File(schedules)) => {
                    self.alarm.take(&schedules);
                    self.schedules = schedules;
                    if let Err(error) = self.tell_unmet().await {
                        self.fail(&error);
                    }
                }
            }
        }
        if let Some(planner) = self.planner {
            planner.end().await;
        }
        self.alarm.end().await;
    }

    /// Tells of stops to come. One that could not be recorded is tried again until it is due.
    async fn foretell(&mut self) {
        let Some(planner) = &self.planner else { return self.foretold.clear() };
        let now = self.clock.now();
        let mut failed = None;
        for foretold in std::mem::take(&mut self.foretold) {
            if let Err(error) = planner.tell_foretold(&foretold).await {
                let is_due = foretold.iter().all(|it| it.at <= now);
                self.foretold.extend((!is_due).then_some(foretold));
                failed = Some(error);
            }
        }
        if let Some(error) = failed {
            self.fail(&error);
        }
    }

    /// Forgets what was told: nobody knows what of it is in the log. The next look reads that anew.
    fn fail(&mut self, error: &AuditError) {
        if let Some(planner) = &mut self.planner {
            planner.forget();
        }
        if !matches!(error, AuditError::OffDuty) {
            self.alarm.hear(&chain(error));
        }
    }

    /// Looks for news, and begins to deliver it. Of several nodes only the one on duty does.
    async fn look(&mut self) -> Result<(), AuditError> {
        if !self.audit.is_on_duty() {
            if let Some(planner) = self.planner.take() {
                planner.end().await;
            }
            return Ok(());
        }
        let planner = match &mut self.planner {
            Some(planner) => planner,
            None if !has_targets(&self.schedules) => return Ok(()),
            None => {
                let (audit, clock) = (Arc::clone(&self.audit), Arc::clone(&self.clock));
                self.planner.insert(NoticePlanner::new(audit, clock, self.told.clone()).await?)
            }
        };
        planner.take(&self.schedules).await?;
        planner.look().await
    }

    /// Tells the failing expectations of a file that has just been taken into use.
    async fn tell_unmet(&mut self) -> Result<(), AuditError> {
        self.look().await?;
        match &self.planner {
            Some(planner) => planner.tell_unmet(&self.schedules).await,
            None => Ok(()),
        }
    }

    /// Waits until the next look is due; for ever when there is no target, and no notice of one.
    async fn next_look(&self) {
        let may_have_strays = self.planner.as_ref().is_some_and(|it| it.may_have_strays);
        if has_targets(&self.schedules) || may_have_strays {
            self.clock.sleep(LOOK).await;
        } else {
            std::future::pending::<()>().await;
        }
    }
}

fn has_targets(schedules: &Schedules) -> bool {
    !schedules.notify.is_empty() || schedules.heartbeat_url.is_some()
}
