//! Notices: people hear about the night, and the log proves that they did.
//!
//! One firing, or several of one account that end close together, give one digest. Each target of
//! `[[notify]]` that asked for its events is sent it. A target can also receive reports at its own
//! times.
//!
//! 1. `plan` finds news in the audit log and records each notice there.
//! 2. `delivery` sends each notice, and records the result: at least once, also after a restart.
//!
//! All of this runs in tasks of its own, so a target that cannot be reached delays nothing.
//! `event` says which outcome is whose event. docs/notices.md has the forms.

mod alarm;
pub mod body;
mod brief;
mod clocks;
mod command;
mod cursor;
mod delivery;
mod delivery_error;
pub mod digest;
mod ended;
pub(crate) mod event;
mod foretold;
mod form;
mod gathered;
mod heartbeat;
mod http;
mod near_limit;
mod plan;
mod planner;
mod queue;
mod reach;
mod report;
mod reports;
mod restarted;
mod sentence;
mod together;
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
pub use foretold::{Foretold, ForetoldServer};
pub use report::of_test as test_report;
pub use transport::NoticeTarget;

/// Tells the targets of schedules.toml the news of the log, until it is ended.
#[derive(Debug)]
pub struct Notices {
    words: mpsc::UnboundedSender<QueueEvent>,
    task: JoinHandle<()>,
}

/// Takes in news that the log alone cannot show. Notices do not end before this is dropped.
#[derive(Debug)]
pub struct NoticeSender(mpsc::UnboundedSender<QueueEvent>);

impl NoticeSender {
    /// Reports that somebody started servers that a rule had stopped. Each target is told once.
    pub fn restarted(&self, rule: &Rule, restarts: Vec<Restart>) {
        if !restarts.is_empty() {
            let told = Restarted { rule: rule.name.clone(), zone: rule.timezone, restarts };
            // Sending fails only when the task is gone, and `end` logs that.
            let _ = self.0.send(QueueEvent::Restarted(told));
        }
    }
}

impl NoticeSender {
    /// Reports whom a stop will mean. Each target is told once.
    pub fn foretold(&self, foretold: Vec<Foretold>) {
        let _ = self.0.send(QueueEvent::Foretold(foretold));
    }

    /// Reports to the targets of `log` that the log may not be whole, or was not.
    pub fn doubt_log(&self, why: String) {
        let _ = self.0.send(QueueEvent::LogDoubted(why));
    }
}

impl Notices {
    /// Starts with the notices that the log still owes. Of a firing, `told` gives its remarks.
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

    /// Announces possible news in the log, such as the end of a firing.
    pub fn look(&self) {
        self.enqueue(QueueEvent::Look);
    }

    /// A handle for news from elsewhere.
    pub fn notice_sender(&self) -> NoticeSender {
        NoticeSender(self.words.clone())
    }

    /// Takes another file into use. The log must have that file already.
    pub fn use_file(&self, schedules: &Arc<Schedules>) {
        self.enqueue(QueueEvent::File(Arc::clone(schedules)));
    }

    /// Reports to the targets of `log` that the log could not be written.
    pub fn log_failed(&self, error: &AuditError) {
        self.log_failed_since(chain(error));
    }

    /// The same, in words.
    pub fn log_failed_since(&self, why: String) {
        self.enqueue(QueueEvent::LogFailed(why));
    }

    /// Looks once more, tries to deliver the rest for a few seconds, and ends.
    pub async fn end(self) {
        let Self { words, task } = self;
        drop(words);
        if let Err(error) = task.await {
            error!(%error, "notices ended badly");
        }
    }

    fn enqueue(&self, word: QueueEvent) {
        // Sending fails only when the task is gone, and `end` logs that.
        let _ = self.words.send(word);
    }
}
