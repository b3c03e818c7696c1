//! What the daemon does for its log once a day: it says the head in the log stream, so that a
//! log that was cut or computed anew can be told, and prunes.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tracing::{error, info};

use crate::audit::{AuditError, AuditLog};
use crate::clock::Moment;
use crate::dispatch::{Dispatch, InUse, chain};

const DAY: Duration = Duration::from_secs(86_400);
/// How long a daemon lives before it prunes. A machine may start with a clock that is years
/// ahead, by which everything is old; within an hour it is usually set right.
const FIRST_PRUNE: Duration = Duration::from_secs(3_600);

/// When each was done last.
#[derive(Debug)]
pub struct Upkeep {
    head_due: Moment,
    prune_due: Moment,
}

impl Upkeep {
    /// The upkeep of a daemon that starts now.
    #[must_use]
    pub fn new(now: Moment) -> Self {
        Self { head_due: now, prune_due: now + FIRST_PRUNE }
    }

    /// Does what is due, beside everything else.
    pub fn tend(&mut self, dispatch: &Dispatch, in_use: &InUse, running: &mut JoinSet<()>) {
        let now = dispatch.clock.moment();
        if now >= self.head_due {
            self.head_due = now + DAY;
            let audit = Arc::clone(&dispatch.audit);
            running.spawn(async move { say_head(&audit).await });
        }
        if now >= self.prune_due {
            self.prune_due = now + DAY;
            let Some(keep) = in_use.schedules.audit.keep else { return };
            let since = dispatch.clock.now() - keep;
            let (audit, mut shutdown) = (Arc::clone(&dispatch.audit), dispatch.shutdown.clone());
            running.spawn(async move {
                tokio::select! {
                    pruned = audit.prune(since) => match pruned {
                        Ok(pruned) => info!(
                            removed = pruned.removed,
                            kept = pruned.kept,
                            below = pruned.below,
                            "audit log pruned"
                        ),
                        Err(error) => complain(&error, "the audit log could not be pruned"),
                    },
                    () = shutdown.due() => {}
                }
            });
        }
    }
}

async fn say_head(audit: &AuditLog) {
    match audit.head().await {
        Ok((seq, head)) => info!(seq, %head, "head of the audit log"),
        Err(error) => complain(&error, "the head of the audit log could not be read"),
    }
}

fn complain(error: &AuditError, what: &str) {
    error!(error = chain(error), "{what}");
}
