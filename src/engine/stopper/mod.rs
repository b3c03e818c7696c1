//! Carries out one firing, from its inventory to the outcome of each instance.
//!
//! The action is a parameter: a start mirrors a stop. The stopper knows a `Cloud`, a `Clock` and
//! the audit log. Each request is recorded before it is sent. The state is read before a request is
//! repeated. An unknown result is called unknown.
//!
//! - `firing` has the orders. `late` has the wishes of later firings.
//! - `advance` is the loop over one `execution`, the state of a firing under way.
//! - `admission` admits the instances of a region. `holding` finds the held ones, `exclusions`
//!   those that earlier actions exclude.
//! - `asking` asks a program before requests, and `approval` is its answer.
//! - `submit` sends requests, `poll` reads states, `rights` draws conclusions from a missing right.
//! - `target` is one instance under way. `settle` gives it its outcome.
//!
//! `dispatch` claims firings and hands them over. `select` judges instances.

mod admission;
mod admitted;
mod advance;
mod approval;
mod asking;
mod exclusions;
mod execution;
mod firing;
mod holding;
mod late;
mod poll;
mod questions;
mod rights;
mod settle;
mod shared;
mod submit;
mod target;
mod times;

use std::collections::BTreeSet;
use std::sync::Arc;

use tracing::{info, warn};

use self::execution::Execution;
use crate::audit::AuditError;
use crate::inventory::Inventory;
use crate::model::outcome::Outcome;
use crate::model::reason::Reason;
use crate::model::settlement::Settlement;

pub use firing::{Firing, Over, Report, Resumable, Turn};
pub use late::{FallenDue, Late, Opposed, Rival, Rivals, Wanted};
pub use questions::Question;
pub use shared::Stopper;
pub use times::times;

impl Stopper {
    /// Carries out a firing in every region, as soon as the region can be read.
    ///
    /// # Errors
    /// When the audit log cannot be written. Requests that were sent stay open in the log.
    pub async fn run(
        &self,
        firing: &Firing,
        mut inventory: Inventory,
    ) -> Result<Report, AuditError> {
        let began = self.clock.moment();
        let mut shutdown = self.shutdown.clone();
        let first = tokio::select! {
            first = inventory.first(firing.deadline) => first,
            () = shutdown.due() => {
                info!(rule = %firing.rule.name, firing = i64::from(firing.id), "firing left open");
                return Ok(Report { open: 1, ..Report::default() });
            }
        };
        let mut execution = Execution::new(self, firing, inventory, began);
        match first {
            Ok(reading) => execution.admit(&reading).await?,
            Err(error) => {
                warn!(rule = %firing.rule.name, firing = i64::from(firing.id), %error, "cloud failed");
                let failed =
                    Settlement::of_firing(Outcome::CloudFailed, Reason::Other(error.to_string()));
                return self.finish(firing, vec![failed]).await;
            }
        }
        self.follow(firing, execution).await
    }

    /// Goes on with a firing that another process began. Reads and judges every instance anew
    /// before any request, and reads regions that the other process had not read.
    pub async fn resume(&self, firing: &Firing, left: Resumable<'_>) -> Result<Report, AuditError> {
        let clock = Arc::clone(&self.clock);
        let inventory = if firing.deadline > clock.moment() {
            let far = (&firing.rule.account, Arc::clone(&self.cloud), clock);
            Inventory::begin(far, firing.all_questions(), firing.deadline, BTreeSet::new())
        } else {
            Inventory::of_nothing(clock)
        };
        self.follow(firing, Execution::resumed(self, firing, left, inventory)).await
    }

    /// Advances the open targets, and ends the firing when none is left.
    async fn follow(
        &self,
        firing: &Firing,
        execution: Execution<'_>,
    ) -> Result<Report, AuditError> {
        let report = execution.run().await?;
        if report.open == 0 {
            self.audit.end_firing(firing.id).await?;
            let sum = report.sum();
            info!(rule = %firing.rule.name, firing = i64::from(firing.id), %sum, "firing ended");
        } else {
            info!(rule = %firing.rule.name, firing = i64::from(firing.id), "firing left open");
        }
        Ok(report)
    }

    /// Settles a firing that sends nothing (more).
    pub async fn finish(
        &self,
        firing: &Firing,
        settlements: Vec<Settlement>,
    ) -> Result<Report, AuditError> {
        self.audit.settle(firing.id, &settlements).await?;
        self.audit.end_firing(firing.id).await?;
        Ok(Report { settlements, ..Report::default() })
    }
}
