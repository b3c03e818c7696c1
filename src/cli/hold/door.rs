//! The way to the log: written by this process, or asked of the daemon where this process may not
//! write.

use std::path::PathBuf;
use std::sync::Arc;

use crate::audit::{AuditLog, Writer, may_write};
use crate::cli::output::Misuse;
use crate::clock::Clock;
use crate::hold::Hold;
use crate::hold_socket::author;
use crate::hold_socket::client::{AskFailed, ask};
use crate::hold_socket::message::{Held, NewHold, Question, Reply};
use crate::model::ids::HoldId;
use crate::model::subject::Subject;
use crate::schedule::Schedules;

#[derive(Debug)]
pub(super) enum Door {
    Log,
    /// `[holds] socket`.
    Socket(PathBuf),
}

impl Door {
    pub(super) fn of(schedules: &Schedules) -> Self {
        let log = &schedules.audit.path;
        let is_closed = log.exists() && !may_write(log);
        match &schedules.holds.socket {
            Some(socket) if is_closed => Self::Socket(socket.clone()),
            _ => Self::Log,
        }
    }

    /// Records a hold. The daemon finds the author out by itself.
    pub(super) async fn hold(
        self,
        hold: &Hold,
        schedules: &Schedules,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<HoldId> {
        let Self::Socket(socket) = self else {
            let audit = AuditLog::open(&schedules.audit, Writer::Hold, clock).await?;
            let recorded = audit.hold(hold).await;
            let ended = audit.end("done").await;
            let id = recorded?;
            ended?;
            return Ok(id);
        };
        let subject = match &hold.subject {
            Subject::Rule(name) => Held::Rule(name.clone()),
            Subject::Instance(name) | Subject::Tagged { name, .. } => Held::Instance(name.clone()),
        };
        let new = NewHold { subject, until: hold.until, skip: hold.skip, why: hold.why.clone() };
        match ask(&socket, &Question::Hold(new)).await? {
            Reply::Held(id) => Ok(id.into()),
            other => Err(undone(other, socket)),
        }
    }

    /// Releases holds. Returns those that were still in force.
    pub(super) async fn release(
        self,
        holds: &[HoldId],
        schedules: &Schedules,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Vec<HoldId>> {
        let Self::Socket(socket) = self else {
            let audit = AuditLog::open(&schedules.audit, Writer::Hold, clock).await?;
            let released = audit.release(holds, &author::of_this_process()).await;
            let ended = audit.end("done").await;
            let released = released?;
            ended?;
            return Ok(released);
        };
        let numbers = holds.iter().copied().map(i64::from).collect();
        match ask(&socket, &Question::Release(numbers)).await? {
            Reply::Released(holds) => Ok(holds.into_iter().map(HoldId::from).collect()),
            other => Err(undone(other, socket)),
        }
    }
}

fn undone(reply: Reply, socket: PathBuf) -> anyhow::Error {
    match reply {
        Reply::Refused { message, hint } => Misuse { message, hint }.into(),
        Reply::Failed(error) => AskFailed::Log(error).into(),
        Reply::Held(_) | Reply::Released(_) => AskFailed::Silent(socket).into(),
    }
}
