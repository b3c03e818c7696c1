//! One firing, from what its rule means to what became of each instance.
//!
//! The action is a parameter: a start is a stop in the mirror. Knows a `Cloud`, a `Clock` and the
//! audit log. Records before it sends, looks before it asks again, and calls what it does not know
//! unknown.
//!
//! - `firing`: what the stopper is told. `late`: for whom, and what speaks against it by now.
//! - `execution`: the loop over one `execution`, which holds the state of a firing on its way.
//! - `admission` lets the instances of a region in. `holding` says which of them are held,
//!   `exclusions` which are left for what was done before.
//! - `submit` sends requests, `poll` reads states, `rights` says what follows from a missing right.
//! - `target`: what is known of one instance. `settle`: what became of it.

mod admission;
mod admitted;
mod advance;
mod exclusions;
mod execution;
mod firing;
mod holding;
mod late;
mod poll;
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
use crate::model::settlement::Settlement;

pub use firing::{Firing, Over, Report, Resumable};
pub use late::{FallenDue, Late, Opposed, Rival, Rivals, Wanted};
pub use shared::Stopper;
pub use times::times;

impl Stopper {
    /// Carries a firing out: in the regions that were read by then, and in each of the others
    /// as soon as it can be read.
    ///
    /// # Errors
    /// When the audit log cannot be written. What was asked by then stays open in the log.
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
                let failed = Settlement::of_firing(Outcome::CloudFailed, error.to_string());
                return self.finish(firing, vec![failed]).await;
            }
        }
        self.follow(firing, execution).await
    }

    /// Goes on with a firing that another process began. Every state is read, and judged anew,
    /// before anything is asked; what the other process had not come to is read too.
    pub async fn resume(&self, firing: &Firing, left: Resumable<'_>) -> Result<Report, AuditError> {
        let clock = Arc::clone(&self.clock);
        let inventory = if firing.deadline > clock.moment() {
            let far = (Arc::clone(&self.cloud), clock);
            Inventory::begin(far, firing.all_questions(), firing.deadline, BTreeSet::new())
        } else {
            Inventory::of_nothing(clock)
        };
        self.follow(firing, Execution::resumed(self, firing, left, inventory)).await
    }

    /// Advances what is open and ends the firing, if nothing is left.
    async fn follow(
        &self,
        firing: &Firing,
        execution: Execution<'_>,
    ) -> Result<Report, AuditError> {
        let report = execution.run().await?;
        if report.open == 0 {
            self.audit.end_firing(firing.id).await?;
            info!(rule = %firing.rule.name, firing = i64::from(firing.id), "firing ended");
        } else {
            info!(rule = %firing.rule.name, firing = i64::from(firing.id), "firing left open");
        }
        Ok(report)
    }

    /// Settles a firing in which nothing (more) is sent.
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
