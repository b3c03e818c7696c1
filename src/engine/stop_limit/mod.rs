//! Acts on the stop budget for the daemon.
//!
//! - `steps` records how near instances have come to a limit; notices tell it.
//! - `restart_due` starts instances that have been off for too long.
//!
//! [`stop_limit`](crate::stop_limit) counts the days, and keeps firings from stops beyond a limit.

mod restart_due;
mod steps;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tracing::error;

use self::restart_due::Overdue;
use crate::audit::AuditError;
use crate::clock::Moment;
use crate::engine::dispatch::{ActiveConfig, Dispatch};
use crate::schedule::budget::AtLimit;
use crate::text::error_chain::chain;

/// The daemon's age before the first count: by then it has observed its accounts.
const FIRST: Duration = Duration::from_secs(10 * 60);
/// The time between two records of how near instances are to a limit.
const DAY: Duration = Duration::from_secs(86_400);
/// The time between two searches for instances that were off for too long.
const HOUR: Duration = Duration::from_secs(3_600);

#[derive(Debug)]
pub struct Spending {
    steps_due: Moment,
    starts_due: Moment,
    /// The search runs beside everything else; its results are claimed with all other firings.
    found: mpsc::UnboundedReceiver<Overdue>,
    finds: mpsc::UnboundedSender<Overdue>,
}

impl Spending {
    pub fn new(now: Moment) -> Self {
        let (finds, found) = mpsc::unbounded_channel();
        Self { steps_due: now + FIRST, starts_due: now + FIRST, found, finds }
    }

    /// Fires for the results of a search, and starts a new search when one is due.
    ///
    /// # Errors
    /// When the log cannot be written; the next search finds the same again.
    pub async fn poll(
        &mut self,
        dispatch: &Dispatch,
        in_use: &ActiveConfig,
        running: &mut JoinSet<()>,
    ) -> Result<(), AuditError> {
        self.start_overdue(dispatch, in_use, running).await?;
        let now = dispatch.clock.moment();
        if now >= self.steps_due {
            self.steps_due = now + DAY;
            let (dispatch, in_use) = (dispatch.clone(), in_use.clone());
            running.spawn(async move {
                if let Err(error) = steps::take(&dispatch, &in_use.schedules).await {
                    error!(error = chain(&error), "the stop budget could not be reckoned up");
                }
            });
        }
        if now >= self.starts_due && in_use.schedules.budget.at_limit == AtLimit::Start {
            self.starts_due = now + HOUR;
            let (dispatch, in_use) = (dispatch.clone(), in_use.clone());
            let finds = self.finds.clone();
            running.spawn(async move {
                match restart_due::find(&dispatch, &in_use.schedules).await {
                    // Nobody receives it only when the daemon ends.
                    Ok(overdue) => overdue.into_iter().for_each(|it| drop(finds.send(it))),
                    Err(error) => {
                        error!(error = chain(&error), "what was off too long could not be found");
                    }
                }
            });
        }
        Ok(())
    }

    /// Fires for each account with results.
    async fn start_overdue(
        &mut self,
        dispatch: &Dispatch,
        in_use: &ActiveConfig,
        running: &mut JoinSet<()>,
    ) -> Result<(), AuditError> {
        let mut at = dispatch.clock.now();
        while let Ok(Overdue { account, instances }) = self.found.try_recv() {
            if !in_use.clouds.contains_key(&account) {
                continue;
            }
            let rule = Arc::new(in_use.schedules.stop_budget(&account, instances));
            if !rule.enabled {
                continue;
            }
            let claimed = dispatch.claim_at(&rule, at, in_use).await?;
            // The log tells firings of one rule apart by their instants.
            at += TimeDelta::milliseconds(1);
            let Some(firing) = claimed else { continue };
            let (dispatch, in_use) = (dispatch.clone(), in_use.clone());
            running.spawn(async move {
                dispatch.work_off(vec![firing], &in_use, |_, _| {}).await;
            });
        }
        Ok(())
    }
}
