//! The state that all answers share: the log, schedules.toml, the clock, and turns to read.

use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hyper::HeaderMap;
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};

use super::WebOptions;
use super::csrf::FormTokens;
use super::forms::{DoneAbout, FormDone, Forms, FormsClosed, TypedHold};
use super::host_check::HostCheck;
use super::kept::Kept;
use super::metrics::Metrics;
use super::rules::Rules;
use super::sender::Sender;
use super::sent::SentForms;
use super::wrong_tokens::WrongTokens;
use crate::audit::{AuditError, AuditReader, may_write};
use crate::clock::Clock;
use crate::schedule::web::Proxies;
use crate::servers::KeptLimits;
use crate::stop_limit::Restart;
use crate::verdict::Month;

/// The most requests that read the log or the file at once: the machine has other work.
const MOST_READING: usize = 4;
/// The longest wait for a turn to read.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct WebState {
    pub(super) host_check: HostCheck,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) rules: Arc<Rules>,
    pub(super) metrics: Mutex<Metrics>,
    /// See [`super::reckoned`].
    pub(super) month: Arc<Kept<Month>>,
    pub(super) restarts: Arc<Kept<Vec<Restart>>>,
    pub(super) limits: KeptLimits,
    pub(super) wrong_tokens: Arc<WrongTokens>,
    pub(super) seal: FormTokens,
    pub(super) sent: SentForms,
    pub(super) log: PathBuf,
    is_read_only: bool,
    /// The proxies that say who is there.
    proxies: Option<Proxies>,
    turns: Semaphore,
}

impl WebState {
    /// Fails when the system gives no random bytes.
    pub(super) fn new(options: WebOptions, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let wrong_tokens = WrongTokens::new();
        let proxies = options.proxies.filter(|_| options.token.is_some());
        Ok(Self {
            proxies,
            host_check: HostCheck::new(options.listen.ip(), &options.hosts, options.token),
            clock,
            rules: Arc::new(Rules::new(options.schedules)),
            month: Arc::default(),
            restarts: Arc::default(),
            limits: KeptLimits::default(),
            metrics: Mutex::new(Metrics::new(&wrong_tokens.counter)),
            wrong_tokens: Arc::new(wrong_tokens),
            seal: FormTokens::new()?,
            sent: SentForms::default(),
            log: options.log,
            is_read_only: options.is_read_only,
            turns: Semaphore::new(MOST_READING),
        })
    }

    /// Makes the counters begin after the newest entry.
    pub(super) async fn begin_to_count(&self) {
        let Ok(reader) = self.open().await else { return };
        if let Ok(newest) = reader.newest().await {
            self.metrics.lock().await.begin_after(newest);
        }
        drop(reader.close().await);
    }

    /// A turn to read; `None` when the wait was too long.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        let turn = tokio::time::timeout(LONGEST_WAIT, self.turns.acquire()).await;
        turn.ok().and_then(Result::ok)
    }

    /// Opens the log as it is now.
    pub(super) async fn open(&self) -> Result<AuditReader, AuditError> {
        AuditReader::open(&self.log).await
    }

    /// Why nothing can be written; `None` when it can, as far as file modes tell.
    pub(super) fn closed(&self) -> Option<FormsClosed> {
        if self.is_read_only {
            return Some(FormsClosed::ReadOnly);
        }
        (!may_write(&self.log)).then_some(FormsClosed::Log)
    }

    pub(super) fn sender(&self, headers: &HeaderMap, peer: IpAddr) -> Sender {
        Sender::of(headers, peer, self.proxies.as_ref())
    }

    /// The forms of a page that answers a request: empty but for the sender's name.
    pub(super) fn forms(&self, headers: &HeaderMap, sender: Sender, query: &str) -> Forms {
        Forms {
            closed: self.closed(),
            seal: self.seal.of(headers, self.clock.now()),
            user: sender.user,
            typed: TypedHold { who: sender.remembered, ..TypedHold::default() },
            wrong: None,
            done: FormDone::read(query),
            about: DoneAbout::default(),
        }
    }
}
