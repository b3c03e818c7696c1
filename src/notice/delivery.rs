//! Delivers the notices of one target, the oldest first, until each is confirmed or a day old.
//!
//! Delivery is at least once. When the process dies or the log fails before a delivery is recorded,
//! the next process delivers that notice again. One single attempt is made by [`super::transport`].

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tracing::{info, warn};

use super::delivery_error::DeliveryError;
use super::transport::NoticeTarget;
use crate::audit::{AuditError, AuditLog, AuditReader, NoticeResult, OpenNotice};
use crate::backoff;
use crate::clock::{Clock, Moment};
use crate::model::ids::NoticeId;
use crate::text::error_chain::chain;

/// The first pause after a failure. Each further pause is twice as long. Jitter adds up to as much
/// again.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause, before jitter.
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);
/// The oldest notice that is still worth sending. Even an older one is tried for a while first:
/// after a long sleep the network needs time.
pub(super) const WORTH_TELLING: TimeDelta = TimeDelta::hours(24);
const A_WHILE: Duration = Duration::from_secs(3_600);
/// The longest last round of a queue that must end, in the machine's own time.
const LAST_ROUND: Duration = Duration::from_secs(5);

#[derive(Clone, Debug)]
pub(super) struct DeliveryContext {
    pub(super) audit: Arc<AuditLog>,
    pub(super) reader: Arc<AuditReader>,
    pub(super) clock: Arc<dyn Clock>,
}

/// The notices of one target, delivered by a task of their own.
#[derive(Debug)]
pub(super) struct DeliveryQueue {
    pub(super) target: NoticeTarget,
    bell: mpsc::Sender<()>,
    task: JoinHandle<()>,
}

impl DeliveryQueue {
    pub(super) fn open(target: NoticeTarget, context: DeliveryContext) -> Self {
        let (bell, rings) = mpsc::channel(1);
        let rounds = DeliveryTask {
            target: target.clone(),
            context,
            unrecorded: HashMap::new(),
            tried_since: HashMap::new(),
        };
        Self { target, bell, task: tokio::spawn(rounds.keep_going(rings)) }
    }

    /// Announces a new notice.
    pub(super) fn ring(&self) {
        // A full channel holds a ring that the task has not read yet, and one ring is enough.
        let _ = self.bell.try_send(());
    }

    /// Ends at once. Another queue delivers the rest, or nobody does.
    pub(super) async fn drop_now(self) {
        self.task.abort();
        let _ = self.task.await;
    }

    /// Tries the rest once more for a short time, and ends.
    pub(super) async fn close(self) {
        let Self { bell, mut task, .. } = self;
        drop(bell);
        if tokio::time::timeout(LAST_ROUND, &mut task).await.is_err() {
            task.abort();
            let _ = task.await;
        }
    }
}

struct DeliveryTask {
    target: NoticeTarget,
    context: DeliveryContext,
    /// Confirmed notices that could not be recorded yet, with the other side's answer.
    unrecorded: HashMap<NoticeId, String>,
    /// The start of this process's attempts, for each notice that failed so far.
    tried_since: HashMap<NoticeId, Moment>,
}

impl DeliveryTask {
    async fn keep_going(mut self, mut rings: mpsc::Receiver<()>) {
        let clock = Arc::clone(&self.context.clock);
        let mut delays = pauses(&*clock);
        let mut is_last = false;
        loop {
            let pause = match self.round().await {
                Ok(None) => {
                    delays = pauses(&*clock);
                    None
                }
                Ok(Some(asked_for)) => Some(asked_for),
                Err(error) => {
                    warn!(target_name = self.target.name, error = chain(&error), "notices wait");
                    Some(Duration::ZERO)
                }
            };
            if is_last {
                return;
            }
            let pause = pause.map(|asked| asked.max(delays.next().unwrap_or(LONGEST_PAUSE)));
            tokio::select! {
                ring = rings.recv() => is_last = ring.is_none(),
                () = rest(&*clock, pause) => {}
            }
        }
    }

    /// Tries every open notice once. Returns `None` when nothing is left, else the pause that the
    /// target asks for.
    async fn round(&mut self) -> Result<Option<Duration>, AuditError> {
        let open = self.context.reader.open_notices().await?;
        let mut down: Option<DeliveryError> = None;
        let mut left = None;
        for notice in &open {
            if notice.target != self.target.name {
                continue;
            }
            let failure = match &down {
                Some(failure) => failure.clone(),
                None => match self.deliver(notice).await {
                    Ok(()) => {
                        self.record(notice).await?;
                        continue;
                    }
                    Err(failure) => failure,
                },
            };
            if self.is_stale(notice) {
                self.give_up(notice, &failure).await?;
            } else {
                left = left.max(Some(failure.retry_after().min(LONGEST_PAUSE)));
            }
            down = failure.is_of_the_target().then_some(failure);
        }
        Ok(left)
    }

    /// A notice is stale when it is too old and has been tried for long enough.
    fn is_stale(&mut self, notice: &OpenNotice) -> bool {
        let clock = &self.context.clock;
        let now = clock.moment();
        let since = *self.tried_since.entry(notice.id).or_insert(now);
        clock.now() - notice.at >= WORTH_TELLING && now.since(since) >= A_WHILE
    }

    async fn deliver(&mut self, notice: &OpenNotice) -> Result<(), DeliveryError> {
        if self.unrecorded.contains_key(&notice.id) {
            return Ok(());
        }
        let number = i64::from(notice.id);
        match self.target.deliver(Some(number), &notice.body).await {
            Ok(said) => {
                info!(target_name = self.target.name, notice = number, said, "notice delivered");
                self.unrecorded.insert(notice.id, said);
                Ok(())
            }
            Err(error) => {
                warn!(target_name = self.target.name, notice = number, %error, "not delivered");
                Err(error)
            }
        }
    }

    async fn record(&mut self, notice: &OpenNotice) -> Result<(), AuditError> {
        if let Some(said) = self.unrecorded.get(&notice.id) {
            self.context.audit.end_notice(notice.id, NoticeResult::Delivered, said).await?;
            self.unrecorded.remove(&notice.id);
            self.tried_since.remove(&notice.id);
        }
        Ok(())
    }

    async fn give_up(
        &mut self,
        notice: &OpenNotice,
        why: &DeliveryError,
    ) -> Result<(), AuditError> {
        self.tried_since.remove(&notice.id);
        let number = i64::from(notice.id);
        warn!(target_name = self.target.name, notice = number, error = %why, "notice given up");
        self.context.audit.end_notice(notice.id, NoticeResult::GivenUp, &why.to_string()).await
    }
}

async fn rest(clock: &dyn Clock, pause: Option<Duration>) {
    match pause {
        Some(pause) => clock.sleep(pause).await,
        None => std::future::pending().await,
    }
}

pub(super) fn pauses(clock: &dyn Clock) -> impl Iterator<Item = Duration> + Send + use<> {
    backoff::pauses(clock, (FIRST_PAUSE, LONGEST_PAUSE))
}
