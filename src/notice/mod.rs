//! Notices: somebody hears of what happened at night.
//!
//! One digest a firing, to each target of `[[notify]]` that asked for what became of it. What is
//! to be told is found in the audit log and recorded there before it is sent, and so is what
//! became of it: at least once, also after a restart. Everything runs in tasks of its own, so
//! that a target that cannot be reached holds nothing up.
//!
//! Which outcome is whose event stands in [`digest`]; docs/notices.md has the forms.

mod alarm;
mod command;
mod courier;
pub mod digest;
mod form;
mod heartbeat;
mod http;
mod mailbox;
mod since;
mod teller;
mod words;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tracing::error;

pub use courier::{DeliveryError, Target};

use crate::audit::{AuditError, AuditLog};
use crate::clock::Clock;
use crate::dispatch::chain;
use crate::schedule::Schedules;
use alarm::Alarm;
use teller::Teller;

/// How often the log is looked at without anybody saying that there is something new, such as
/// a firing by hand that another process left behind.
const LOOK: Duration = Duration::from_secs(5);

/// Tells whom schedules.toml names of what the log says, until it is ended.
#[derive(Debug)]
pub struct Notices {
    words: mpsc::UnboundedSender<Word>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
enum Word {
    Look,
    File(Arc<Schedules>),
    /// Why the log could not be written.
    LogFailed(String),
}

impl Notices {
    /// Starts to tell, beginning with what the log still owes.
    #[must_use]
    pub fn start(
        audit: &Arc<AuditLog>,
        clock: &Arc<dyn Clock>,
        schedules: &Arc<Schedules>,
    ) -> Self {
        let (words, heard) = mpsc::unbounded_channel();
        let desk = Desk {
            audit: Arc::clone(audit),
            clock: Arc::clone(clock),
            schedules: Arc::clone(schedules),
            teller: None,
            alarm: Alarm::new(Arc::clone(clock), schedules),
        };
        Self { words, task: tokio::spawn(desk.run(heard)) }
    }

    /// Says that there may be something new in the log, such as the end of a firing.
    pub fn look(&self) {
        self.say(Word::Look);
    }

    /// Takes another file into use, which the log knows already.
    pub fn use_file(&self, schedules: &Arc<Schedules>) {
        self.say(Word::File(Arc::clone(schedules)));
    }

    /// Says that the log could not be written, to those who asked to hear of that.
    pub fn log_failed(&self, error: &AuditError) {
        self.say(Word::LogFailed(chain(error)));
    }

    /// Looks once more, tries for a few seconds to deliver what is left, and ends.
    pub async fn end(self) {
        let Self { words, task } = self;
        drop(words);
        if let Err(error) = task.await {
            error!(%error, "notices ended badly");
        }
    }

    fn say(&self, word: Word) {
        // Nobody hears it when the task is gone, which `end` tells of.
        let _ = self.words.send(word);
    }
}

/// Where words arrive.
struct Desk {
    audit: Arc<AuditLog>,
    clock: Arc<dyn Clock>,
    schedules: Arc<Schedules>,
    /// There is one as soon as there is somebody to be told.
    teller: Option<Teller>,
    alarm: Alarm,
}

impl Desk {
    async fn run(mut self, mut heard: mpsc::UnboundedReceiver<Word>) {
        loop {
            let looked = self.look().await;
            self.hear_of_log(&looked);
            let word = tokio::select! {
                word = heard.recv() => word,
                () = wait(&*self.clock, self.has_targets()) => Some(Word::Look),
            };
            match word {
                None => break,
                Some(Word::Look) => {}
                Some(Word::LogFailed(trouble)) => self.alarm.hear(&trouble),
                Some(Word::File(schedules)) => {
                    let taken = self.take(schedules).await;
                    self.hear_of_log(&taken);
                }
            }
        }
        if let Some(teller) = self.teller {
            teller.end().await;
        }
        self.alarm.end().await;
    }

    fn has_targets(&self) -> bool {
        !self.schedules.notify.is_empty() || self.schedules.heartbeat_url.is_some()
    }

    async fn look(&mut self) -> Result<(), AuditError> {
        if self.teller.is_none() && self.has_targets() {
            let (audit, clock) = (Arc::clone(&self.audit), Arc::clone(&self.clock));
            self.teller = Some(Teller::of(audit, clock, Arc::clone(&self.schedules)).await?);
        }
        match &mut self.teller {
            Some(teller) => teller.look().await,
            None => Ok(()),
        }
    }

    async fn take(&mut self, schedules: Arc<Schedules>) -> Result<(), AuditError> {
        self.schedules = Arc::clone(&schedules);
        self.alarm.take(&schedules);
        match &mut self.teller {
            Some(teller) => teller.take(schedules).await,
            None => Ok(()),
        }
    }

    fn hear_of_log(&mut self, looked: &Result<(), AuditError>) {
        if let Err(error) = looked {
            self.alarm.hear(&chain(error));
        }
    }
}

async fn wait(clock: &dyn Clock, has_targets: bool) {
    if !has_targets {
        std::future::pending::<()>().await;
    }
    clock.sleep(LOOK).await;
}
