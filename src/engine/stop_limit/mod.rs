//! What a daemon does about the stop budget.
//!
//! - `steps`: writes down how near instances have come to a limit; notices tell of it.
//! - `restart_due`: starts what has been off for too long.
//!
//! [`stop_limit`](crate::stop_limit) counts the days, and says which stops would overrun a limit.

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

/// How long a daemon lives before it takes stock: by then it has looked at its accounts.
const FIRST: Duration = Duration::from_secs(10 * 60);
/// How often it says how near instances have come to a limit.
const DAY: Duration = Duration::from_secs(86_400);
/// How often it looks for what has been off for too long.
const HOUR: Duration = Duration::from_secs(3_600);

/// When each is due, and what was found to be overdue.
#[derive(Debug)]
pub struct Spending {
    steps_due: Moment,
    starts_due: Moment,
    /// It is found beside everything else, and claimed where all firings are.
    found: mpsc::UnboundedReceiver<Overdue>,
    finds: mpsc::UnboundedSender<Overdue>,
}

impl Spending {
    /// The spending of a daemon that starts now.
    pub fn new(now: Moment) -> Self {
        let (finds, found) = mpsc::unbounded_channel();
        Self { steps_due: now + FIRST, starts_due: now + FIRST, found, finds }
    }

    /// Fires for what was found to be overdue, and looks anew when it is time to.
    ///
    /// # Errors
    /// When the log cannot be written; what was found is found again.
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
                    // Nobody is left to hear it only when the daemon ends.
                    Ok(overdue) => overdue.into_iter().for_each(|it| drop(finds.send(it))),
                    Err(error) => {
                        error!(error = chain(&error), "what was off too long could not be found");
                    }
                }
            });
        }
        Ok(())
    }

    /// Fires for each account of which something was found.
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
