//! What all answers are made from: the log, schedules.toml, the time, and turns to read in.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore, SemaphorePermit};

use super::gate::Gate;
use super::metrics::Metrics;
use super::rules::Rules;
use crate::audit::{AuditError, AuditReader};
use crate::clock::Clock;

/// How many may read the log or the file at a time: the machine has other things to do.
const MOST_READING: usize = 4;
/// How long a request waits for its turn to read.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Everything there is to make answers from.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) gate: Gate,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) rules: Arc<Rules>,
    pub(super) metrics: Mutex<Metrics>,
    log: PathBuf,
    turns: Semaphore,
}

impl Site {
    pub(super) fn new(gate: Gate, log: PathBuf, schedules: PathBuf, clock: Arc<dyn Clock>) -> Self {
        Self {
            gate,
            clock,
            rules: Arc::new(Rules::new(schedules)),
            metrics: Mutex::default(),
            log,
            turns: Semaphore::new(MOST_READING),
        }
    }

    /// Leaves what the log holds by now out of what is counted.
    pub(super) async fn begin_to_count(&self) {
        let Ok(reader) = self.open().await else { return };
        if let Ok(newest) = reader.newest().await {
            self.metrics.lock().await.begin_after(newest);
        }
        drop(reader.close().await);
    }

    /// A turn to read; `None` when too many are waiting.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        let turn = tokio::time::timeout(LONGEST_WAIT, self.turns.acquire()).await;
        turn.ok().and_then(Result::ok)
    }

    /// The log as it is now.
    pub(super) async fn open(&self) -> Result<AuditReader, AuditError> {
        AuditReader::open(&self.log).await
    }
}
