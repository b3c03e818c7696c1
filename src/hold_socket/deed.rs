//! Does what a question asks for, if `lightsout hold` would let it be held.
//!
//! The cloud is not asked: a server that the log has never seen is refused.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tracing::{info, warn};

use super::message::{Held, NewHold, Question, Reply};
use crate::audit::{AuditError, AuditLog, AuditReader, Writer};
use crate::clock::Clock;
use crate::hold::{Hold, end_time};
use crate::model::ids::HoldId;
use crate::model::subject::Subject;
use crate::schedule::{AuditFile, Schedules};
use crate::text::error_chain::chain;

/// The most letters in a reason. Every server that the hold keeps from being stopped repeats it.
const LONGEST_WHY: usize = 200;

/// The log, and the file that says what may be held.
#[derive(Debug)]
pub(super) struct Deed {
    pub(super) audit: AuditFile,
    pub(super) schedules: PathBuf,
    pub(super) clock: Arc<dyn Clock>,
}

/// The reasons why nothing was done.
enum Undone {
    Refused { message: String, hint: String },
    Failed(AuditError),
}

impl From<AuditError> for Undone {
    fn from(error: AuditError) -> Self {
        Self::Failed(error)
    }
}

impl Deed {
    pub(super) async fn answer(&self, question: Question, who: &str) -> Reply {
        let done = match question {
            Question::Hold(new) => self.hold(new, who).await.map(Reply::Held),
            Question::Release(holds) => self.release(&holds, who).await.map(Reply::Released),
        };
        match done {
            Ok(reply) => reply,
            Err(Undone::Refused { message, hint }) => Reply::Refused { message, hint },
            Err(Undone::Failed(error)) => {
                let error = chain(&error);
                warn!(error, who, "the hold was not written");
                Reply::Failed(error)
            }
        }
    }

    async fn hold(&self, new: NewHold, who: &str) -> Result<i64, Undone> {
        let schedules = self.read()?;
        let now = self.clock.now();
        let subject = self.subject(new.subject, &schedules).await?;
        let hold = Hold {
            subject,
            until: until(new.until, &schedules, now)?,
            skip: new.skip,
            why: new.why.map(why).transpose()?,
            who: who.to_owned(),
        };
        let audit = self.join().await?;
        let recorded = audit.hold(&hold).await;
        audit.end("done").await?;
        let id = recorded?;
        info!(hold = %id, subject = %hold.subject, who, "held by the socket");
        Ok(id.into())
    }

    async fn release(&self, holds: &[i64], who: &str) -> Result<Vec<i64>, Undone> {
        let holds: Vec<HoldId> = holds.iter().copied().map(HoldId::from).collect();
        let audit = self.join().await?;
        let released = audit.release(&holds, who).await;
        audit.end("done").await?;
        let released = released?;
        for hold in &released {
            info!(%hold, who, "released by the socket");
        }
        Ok(released.into_iter().map(i64::from).collect())
    }

    /// The file as it is now.
    fn read(&self) -> Result<Schedules, Undone> {
        let read = Schedules::read_to_act(&self.schedules).map(|(schedules, _)| schedules);
        read.map_err(|error| Undone::Refused {
            message: format!("nobody can tell what may be held: {}", chain(&error)),
            hint: "`lightsout check` shows what is wrong".to_owned(),
        })
    }

    async fn subject(&self, held: Held, schedules: &Schedules) -> Result<Subject, Undone> {
        match held {
            Held::Rule(name) if schedules.entry(&name).is_some() => Ok(Subject::Rule(name)),
            Held::Rule(name) => Err(Undone::Refused {
                message: format!("there is no rule `{name}` in the file of the daemon"),
                hint: "`lightsout rules` lists the rules".to_owned(),
            }),
            Held::Instance(name) => {
                let log = AuditReader::open(&self.audit.path).await?;
                let known = log.directory().await;
                log.close().await?;
                if known?.count(&name) > 0 {
                    return Ok(Subject::Instance(name));
                }
                Err(Undone::Refused {
                    message: format!("the log has never seen a server `{name}`"),
                    hint: "`lightsout servers` lists those that it has".to_owned(),
                })
            }
        }
    }

    async fn join(&self) -> Result<AuditLog, AuditError> {
        AuditLog::join(&self.audit, Writer::Hold, Arc::clone(&self.clock)).await
    }
}

fn until(
    until: DateTime<Utc>,
    schedules: &Schedules,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, Undone> {
    match end_time::judge(until, schedules, now) {
        Ok(()) => Ok(until),
        Err(error) => Err(Undone::Refused { message: error.to_string(), hint: error.hint() }),
    }
}

fn why(why: String) -> Result<String, Undone> {
    if why.chars().count() <= LONGEST_WHY && !why.contains(char::is_control) {
        return Ok(why);
    }
    Err(Undone::Refused {
        message: "that is no reason for a hold".to_owned(),
        hint: format!("one line of at most {LONGEST_WHY} letters"),
    })
}
