//! Looks after the log for the daemon.
//!
//! - Once a day, logs the head, so that a log that was cut or rewritten can be recognised. Then
//!   prunes.
//! - At the start and once an hour, moves the write-ahead log into the file.
//! - Rebuilds damaged indexes.
//!
//! The operations themselves are `audit`'s.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tracing::{error, info, warn};

use crate::audit::{AuditError, AuditLog};
use crate::clock::Moment;
use crate::engine::dispatch::{ActiveConfig, Dispatch};
use crate::notice::NoticeSender;
use crate::text::error_chain::chain;

const HOUR: Duration = Duration::from_secs(3_600);
/// A write-ahead log of this size that cannot be emptied is worth a warning.
const LARGE: u64 = 64 << 20;
const DAY: Duration = Duration::from_secs(86_400);
/// The daemon's age before the first prune. A machine may start with a clock that is years ahead,
/// so that everything looks old. Within an hour the clock is usually right.
const FIRST_PRUNE: Duration = Duration::from_secs(3_600);

#[derive(Debug)]
pub struct Maintenance {
    head: Moment,
    prune: Moment,
    checkpoint: Moment,
    mending: Moment,
}

impl Maintenance {
    pub fn new(now: Moment) -> Self {
        let prune = now + FIRST_PRUNE;
        Self { head: now, prune, checkpoint: now, mending: now }
    }

    /// Starts the work that is due, beside everything else.
    pub fn poll(&mut self, dispatch: &Dispatch, in_use: &ActiveConfig, running: &mut JoinSet<()>) {
        let now = dispatch.clock.moment();
        if now >= self.head {
            self.head = now + DAY;
            let audit = Arc::clone(&dispatch.audit);
            running.spawn(async move { say_head(&audit).await });
        }
        if now >= self.checkpoint {
            self.checkpoint = now + HOUR;
            let audit = Arc::clone(&dispatch.audit);
            running.spawn(async move { checkpoint(&audit).await });
        }
        if now >= self.prune {
            self.prune = now + DAY;
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

impl Maintenance {
    /// Rebuilds the indexes after damage, once an hour at most.
    pub fn mend(
        &mut self,
        dispatch: &Dispatch,
        notice_sender: NoticeSender,
        running: &mut JoinSet<()>,
    ) {
        let now = dispatch.clock.moment();
        if now < self.mending || !dispatch.audit.has_met_damage() {
            return;
        }
        self.mending = now + HOUR;
        let audit = Arc::clone(&dispatch.audit);
        running.spawn(async move {
            match audit.mend_indexes().await {
                Ok(()) => notice_sender.doubt_log(
                    "indexes were damaged, and have been made anew; `lightsout audit verify` says \
                     whether all is well, and the disk may be failing"
                        .to_owned(),
                ),
                Err(error) => {
                    complain(&error, "the audit log is damaged beyond its indexes: docs/log.md");
                    notice_sender.doubt_log(format!("it is damaged: {}", chain(&error)));
                }
            }
        });
    }
}

async fn checkpoint(audit: &AuditLog) {
    match audit.checkpoint().await {
        Ok(bytes) if bytes > LARGE => {
            let mebibytes = bytes >> 20;
            warn!(
                mebibytes,
                "somebody reads the audit log without end, so that its -wal file only grows"
            );
        }
        Ok(_) => {}
        Err(error) => complain(&error, "the write-ahead log could not be emptied"),
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
