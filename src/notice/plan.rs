//! Finds in the log the notices that each target is still owed, records them, and rings the queues.
//!
//! Everything is read from the log and nothing is remembered. So any process's firing is told, and
//! a daemon that died in between owes nobody a notice. [`super::delivery`] sends them.

use std::collections::HashMap;
use std::sync::Arc;

use tracing::{error, info, warn};

use super::cursor::{Subscription, asked_since};
use super::delivery::{DeliveryContext, DeliveryQueue};
use super::ended::{Digests, awaits_trouble};
use super::heartbeat::Heartbeat;
use super::planner::{LastTold, NoticePlanner, notice};
use super::reach::{LOOKED_BACK_AT, Reach};
use super::transport::NoticeTarget;
use super::words::NoticeWords;
use super::{clocks, digest, near_limit};
use crate::audit::{AuditError, AuditLog, AuditReader, NewNotice, NoticeResult, Through};
use crate::clock::Clock;
use crate::schedule::notify::Notify;
use crate::schedule::{HEARTBEAT, Schedules};
use crate::select::unmatched::Told;
use crate::text::error_chain::chain;
use crate::time::zone::Zone;

impl NoticePlanner {
    /// Opens the log for reading. Nobody is told yet.
    pub(super) async fn new(
        audit: Arc<AuditLog>,
        clock: Arc<dyn Clock>,
        remarks: Told,
    ) -> Result<Self, AuditError> {
        let reader = Arc::new(AuditReader::open(audit.path()).await?);
        Ok(Self {
            context: DeliveryContext { audit, reader, clock },
            remarks,
            schedules: None,
            queues: Vec::new(),
            may_have_strays: false,
            since: HashMap::new(),
            told: HashMap::new(),
            is_last: false,
            reported: HashMap::new(),
            heartbeat: Heartbeat::default(),
            unreadable: LastTold::default(),
        })
    }

    /// Takes a file into use, unless it is in use already, and begins to deliver the notices that
    /// its targets are owed. Queues of unchanged targets go on as they are.
    pub(super) async fn take(&mut self, schedules: &Arc<Schedules>) -> Result<(), AuditError> {
        if self.schedules.as_ref().is_some_and(|known| Arc::ptr_eq(known, schedules)) {
            return Ok(());
        }
        // Whoever waits was told under the file before.
        self.tell_waiting().await?;
        self.since = asked_since(&self.context.reader, schedules).await?;
        let heartbeat = std::mem::take(&mut self.heartbeat);
        self.forget();
        self.heartbeat = heartbeat;
        let mut before = std::mem::take(&mut self.queues);
        for target in NoticeTarget::all(schedules) {
            let kept = before.iter().position(|queue| queue.target == target);
            let queue = if let Some(at) = kept {
                before.swap_remove(at)
            } else {
                if let Err(error) = target.check() {
                    warn!(target_name = target.name, %error, "nothing can be delivered yet");
                }
                DeliveryQueue::open(target, self.context.clone())
            };
            self.queues.push(queue);
        }
        for queue in before {
            queue.drop_now().await;
        }
        self.may_have_strays = true;
        self.schedules = Some(Arc::clone(schedules));
        Ok(())
    }

    /// Forgets how far everybody was told; the log knows.
    pub(super) fn forget(&mut self) {
        self.told.clear();
        self.unreadable = LastTold::default();
        self.reported.clear();
        self.heartbeat = Heartbeat::default();
    }

    /// Gives up the open notices of targets that the file no longer names. While another node works
    /// under another file, they stay: that file may name them.
    async fn give_up_strays(&mut self) -> Result<(), AuditError> {
        let DeliveryContext { audit, reader, .. } = &self.context;
        if !self.may_have_strays || audit.is_of_two_files(reader).await? {
            return Ok(());
        }
        for notice in self.context.reader.open_notices().await? {
            if !self.queues.iter().any(|queue| queue.target.name == notice.target) {
                let why = "schedules.toml no longer names this target";
                let end = self.context.audit.end_notice(notice.id, NoticeResult::GivenUp, why);
                end.await?;
            }
        }
        self.may_have_strays = false;
        Ok(())
    }

    /// Records all notices that are due by now.
    pub(super) async fn look(&mut self) -> Result<(), AuditError> {
        let Some(schedules) = self.schedules.clone() else { return Ok(()) };
        self.give_up_strays().await?;
        // The next look handles every entry that is written from here on.
        let newest = self.context.reader.newest().await?;
        let mut digests = HashMap::new();
        for notify in &schedules.notify {
            let Some(since) = self.since.get(&Subscription::events(notify)) else { continue };
            let mut told = match self.told.get(&notify.name) {
                Some(told) => told.clone(),
                None => self.reach(notify, since.entry).await?,
            };
            if told.is_at(newest) {
                continue;
            }
            let owed = self.owed((notify, schedules.timezone), (&mut told, newest), &mut digests);
            let owed = owed.await?;
            self.send(&notify.name, owed).await?;
            self.told.insert(notify.name.clone(), told);
        }
        if let Some(since) = self.since.get(&Subscription::Heartbeat).copied() {
            let when = (schedules.timezone, self.context.clock.now());
            let due = self.heartbeat.due(&self.context.reader, when, since).await?;
            self.send(HEARTBEAT, due.into_iter().collect()).await?;
        }
        self.tell_unreadable(&schedules).await?;
        self.tell_reports(&schedules).await
    }

    /// How far a target has been told, as the log says.
    async fn reach(&self, notify: &Notify, since: Through) -> Result<Reach, AuditError> {
        let reader = &self.context.reader;
        let through = reader.told_through(&notify.name).await?;
        let mut notices = reader.firing_notices(&notify.name, LOOKED_BACK_AT).await?;
        if !awaits_trouble(notify) {
            // Nothing is more urgent than the rest.
            for it in &mut notices {
                it.is_trouble = true;
            }
        }
        Ok(Reach::of(through, &notices, since))
    }

    /// The notices that a target is owed about the entries up to `newest`. `reach` says how far it
    /// was told, and learns how far it will have been.
    async fn owed(
        &self,
        (notify, zone): (&Notify, Zone),
        (reach, newest): (&mut Reach, Through),
        digests: &mut Digests,
    ) -> Result<Vec<NewNotice>, AuditError> {
        let reader = &self.context.reader;
        let page = self.schedules.as_ref().and_then(|schedules| schedules.web.url.as_ref());
        let words = NoticeWords(notify.language);
        let told = reach.through;
        let mut owed = self.owed_firings((notify, zone), (reach, newest), digests).await?;
        let missed = reader.missed_between(told, newest).await?;
        if let (Some(digest), Some(last)) = (digest::of_missed(words, &missed, zone), missed.last())
        {
            owed.extend(notice((notify, page), &digest, (None, last.entry)));
        }
        let wrong = reader.clocks_between(told, newest).await?;
        if let (Some(digest), Some(last)) = (clocks::digest(words, &wrong, zone), wrong.last()) {
            owed.extend(notice((notify, page), &digest, (None, last.entry)));
        }
        let risen = reader.risen_between(told, newest).await?;
        if let (Some(digest), Some(last)) = (near_limit::digest(words, &risen), risen.last()) {
            owed.extend(notice((notify, page), &digest, (None, last.entry)));
        }
        Ok(owed)
    }

    /// Records notices for a target, and rings its queue.
    pub(super) async fn send(
        &self,
        target: &str,
        notices: Vec<NewNotice>,
    ) -> Result<(), AuditError> {
        if notices.is_empty() {
            return Ok(());
        }
        info!(target_name = target, count = notices.len(), "notices recorded");
        self.context.audit.notices(notices).await?;
        for queue in self.queues.iter().filter(|queue| queue.target.name == target) {
            queue.ring();
        }
        Ok(())
    }

    /// Looks at once at whatever waits to be told together.
    async fn tell_waiting(&mut self) -> Result<(), AuditError> {
        self.is_last = true;
        let looked = self.look().await;
        self.is_last = false;
        looked
    }

    /// Looks once more, and gives every queue a short time for the rest.
    pub(super) async fn end(mut self) {
        match self.tell_waiting().await {
            // The node on duty tells them.
            Ok(()) | Err(AuditError::OffDuty) => {}
            Err(error) => error!(error = chain(&error), "the last notices wait for the next start"),
        }
        let closing: Vec<_> =
            self.queues.into_iter().map(|queue| tokio::spawn(queue.close())).collect();
        for closed in closing {
            let _ = closed.await;
        }
    }
}
