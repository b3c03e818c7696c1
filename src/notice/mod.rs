//! Notices: somebody hears of what happened at night.
//!
//! One digest a firing, to each target of `[[notify]]` that asked for what became of it. What is
//! to be told is found in the audit log and recorded there before it is sent, and so is what
//! became of it: at least once, also after a restart. Everything runs in tasks of its own, so
//! that a target that cannot be reached holds nothing up.
//!
//! A target can be sent reports, too, at times of its own.
//!
//! Which outcome is whose event stands in [`digest`]; docs/notices.md has the forms.

mod alarm;
pub mod body;
mod clocks;
mod command;
mod cursor;
mod delivery;
mod delivery_error;
pub mod digest;
pub(crate) mod event;
mod form;
mod heartbeat;
mod http;
mod near_limit;
mod plan;
mod planner;
mod queue;
mod report;
mod reports;
mod restarted;
mod sentence;
mod transport;
mod unmet;
mod unreadable;
mod words;

use std::sync::Arc;

use queue::{NoticeQueue, QueueEvent};
use restarted::Restarted;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tracing::error;

use crate::audit::{AuditError, AuditLog, Restart};
use crate::clock::Clock;
use crate::schedule::{Rule, Schedules};
use crate::select::unmatched::Told;
use crate::text::error_chain::chain;

pub use delivery_error::DeliveryError;
pub use report::of_test as test_report;
pub use transport::NoticeTarget;

/// Tells whom schedules.toml names of what the log says, until it is ended.
#[derive(Debug)]
pub struct Notices {
    words: mpsc::UnboundedSender<QueueEvent>,
    task: JoinHandle<()>,
}

/// Has told what cannot be found in the log alone. Notices do not end before it is dropped.
#[derive(Debug)]
pub struct NoticeSender(mpsc::UnboundedSender<QueueEvent>);

impl NoticeSender {
    /// Says that somebody started what a rule had stopped. Who was told of it is not told again.
    pub fn restarted(&self, rule: &Rule, restarts: Vec<Restart>) {
        if !restarts.is_empty() {
            let told = Restarted { rule: rule.name.clone(), zone: rule.timezone, restarts };
            // Nobody hears it when the task is gone, which `end` tells of.
            let _ = self.0.send(QueueEvent::Restarted(told));
        }
    }
}

impl NoticeSender {
    /// Says that the log may not be whole, or was not, to those who asked to hear of the log.
    pub fn doubt_log(&self, why: String) {
        let _ = self.0.send(QueueEvent::LogDoubted(why));
    }
}

impl Notices {
    /// Starts to tell, beginning with what the log still owes; and with a firing, what it `told`
    /// of.
    pub fn start(
        audit: &Arc<AuditLog>,
        clock: &Arc<dyn Clock>,
        schedules: &Arc<Schedules>,
        told: &Told,
    ) -> Self {
        let (words, heard) = mpsc::unbounded_channel();
        let desk = NoticeQueue::new(audit, clock, schedules, told);
        Self { words, task: tokio::spawn(desk.listen(heard)) }
    }

    /// Says that there may be something new in the log, such as the end of a firing.
    pub fn look(&self) {
        self.enqueue(QueueEvent::Look);
    }

    /// Whoever holds it can have something told.
    pub fn notice_sender(&self) -> NoticeSender {
        NoticeSender(self.words.clone())
    }

    /// Takes another file into use, which the log knows already.
    pub fn use_file(&self, schedules: &Arc<Schedules>) {
        self.enqueue(QueueEvent::File(Arc::clone(schedules)));
    }

    /// Says that the log could not be written, to those who asked to hear of that.
    pub fn log_failed(&self, error: &AuditError) {
        self.enqueue(QueueEvent::LogFailed(chain(error)));
    }

    /// Looks once more, tries for a few seconds to deliver what is left, and ends.
    pub async fn end(self) {
        let Self { words, task } = self;
        drop(words);
        if let Err(error) = task.await {
            error!(%error, "notices ended badly");
        }
    }

    fn enqueue(&self, word: QueueEvent) {
        // Nobody hears it when the task is gone, which `end` tells of.
        let _ = self.words.send(word);
    }
}
