//! What all answers are made from: the log, schedules.toml, the time, and turns to read in.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hyper::HeaderMap;
use rustix::fs::{Access, access};
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};

use super::WebOptions;
use super::csrf::FormTokens;
use super::forms::{FormDone, Forms, FormsClosed, TypedHold};
use super::host_check::HostCheck;
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
pub(super) struct WebState {
    pub(super) host_check: HostCheck,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) rules: Arc<Rules>,
    pub(super) metrics: Mutex<Metrics>,
    pub(super) seal: FormTokens,
    pub(super) log: PathBuf,
    is_read_only: bool,
    turns: Semaphore,
}

impl WebState {
    /// Everything that `options` name; fails where the system has no chance to give.
    pub(super) fn new(options: WebOptions, clock: Arc<dyn Clock>) -> io::Result<Self> {
        Ok(Self {
            host_check: HostCheck::new(options.listen.ip(), &options.hosts, options.token),
            clock,
            rules: Arc::new(Rules::new(options.schedules)),
            metrics: Mutex::default(),
            seal: FormTokens::new()?,
            log: options.log,
            is_read_only: options.is_read_only,
            turns: Semaphore::new(MOST_READING),
        })
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

    /// Why nothing can be written; `None` where it can, as far as modes tell.
    pub(super) fn closed(&self) -> Option<FormsClosed> {
        if self.is_read_only {
            return Some(FormsClosed::ReadOnly);
        }
        (!may_write(&self.log)).then_some(FormsClosed::Log)
    }

    /// The forms of a page that is shown in answer to a request, as nobody has typed into them.
    pub(super) fn forms(&self, headers: &HeaderMap, query: &str) -> Forms {
        Forms {
            closed: self.closed(),
            seal: self.seal.of(headers, self.clock.now()),
            typed: TypedHold::default(),
            wrong: None,
            done: FormDone::read(query),
        }
    }
}

/// Whether this process may write a log that is there. SQLite keeps side files next to it, so the
/// folder counts, too. A log without any write bit is kept from everybody, root included.
fn may_write(log: &Path) -> bool {
    let Ok(log) = fs::canonicalize(log) else { return false };
    let is_kept = log.metadata().is_ok_and(|data| data.permissions().readonly());
    let folder = log.parent().unwrap_or(&log);
    !is_kept
        && access(&log, Access::WRITE_OK).is_ok()
        && access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}
