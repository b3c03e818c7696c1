//! The last check before a request leaves. A process that was frozen or suspended between the record
//! and the request must not send it: another node may have taken its firing over.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::node_lines::{NodeLine, Standing};
use crate::audit::shared::shared_log::SharedLog;
use crate::audit::store::audit_log::AuditLog;
use crate::audit::store::error::AuditError;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::session;
use crate::audit::store::session_id::SessionId;
use crate::clock::{Moment, SinceBoot};

/// A request leaves within this time of its record, or not at all. Together with the client's own
/// timeout it stays below the time that whoever takes over waits for a request without an answer.
const SENT_WITHIN: Duration = Duration::from_secs(5);

/// The time just before a request is recorded, by every clock there is: the monotonic one stands
/// still while a machine sleeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    moment: Moment,
    up: Option<SinceBoot>,
    now: DateTime<Utc>,
}

impl AuditLog {
    /// Whether a session's process is alive. A lock on this machine proves life. Only silence proves
    /// death where the log is shared: a copied disk has the lock's file, and not the process. A
    /// process that was frozen has not listened since, and knows of no death.
    pub(crate) fn is_alive(&self, session: SessionId) -> bool {
        let may_live =
            |shared: &SharedLog| !shared.is_heard() || !shared.liveness().is_dead(session.0);
        session::is_alive(&self.path, session) || self.shared.as_deref().is_some_and(may_live)
    }

    /// Whether this process does what only one of those that share the log shall do.
    pub fn is_on_duty(&self) -> bool {
        self.shared.as_ref().is_none_or(|shared| shared.is_on_duty())
    }

    /// How far this machine's clock is ahead of that of the shared log; zero if it is not.
    pub fn clock_ahead(&self) -> TimeDelta {
        self.shared.as_ref().map_or(TimeDelta::zero(), |shared| shared.clock_ahead())
    }

    /// Why this process cannot follow the shared log, if it was on duty when it last could.
    pub fn shared_trouble(&self) -> Option<String> {
        self.shared.as_ref().filter(|shared| shared.had_duty())?.trouble()
    }

    /// Whether this process was on duty when it last heard of the others: it alone tells people that
    /// the shared log is away.
    pub fn had_duty(&self) -> bool {
        self.shared.as_ref().is_none_or(|shared| shared.had_duty())
    }

    /// Whether another node has died since the last call, so that its firings are to be taken over.
    pub fn has_heard_of_a_death(&self) -> bool {
        self.shared.as_ref().is_some_and(|shared| shared.liveness().has_died())
    }

    /// Whether a node that is heard of works under another schedules.toml than this process.
    pub async fn is_of_two_files(&self, reader: &AuditReader) -> Result<bool, AuditError> {
        let Some(shared) = &self.shared else { return Ok(false) };
        let own = shared.file_in_use();
        let differs = |node: &NodeLine| {
            node.session != self.session.0
                && node.standing != Standing::Silent
                && !node.file_sha256.is_empty()
                && node.file_sha256 != own
        };
        let cluster = reader.cluster(self.clock.now()).await?;
        Ok(cluster.is_some_and(|cluster| cluster.nodes.iter().any(differs)))
    }

    /// Whether other machines write the log, too.
    pub fn is_shared(&self) -> bool {
        self.shared.is_some()
    }

    /// Begins to record a request; `None` for a log that is not shared: nobody else takes anything
    /// over while this process lives.
    pub(crate) fn recording(&self) -> Option<Recording> {
        let clock = &self.clock;
        let now = || Recording { moment: clock.moment(), up: clock.uptime(), now: clock.now() };
        self.shared.as_ref().map(|_| now())
    }

    /// The reason why a recorded request must not be sent any more, if there is one.
    pub fn too_late_to_send(&self, recording: &Recording) -> Option<&'static str> {
        let shared = self.shared.as_ref()?;
        let clock = &self.clock;
        let passed = clock.moment().since(recording.moment);
        let (up, was_up) = (clock.uptime(), recording.up.as_ref());
        let slept = up.zip(was_up).and_then(|(up, was)| up.since(&was.boot, was.milliseconds()));
        let by_wall = (clock.now() - recording.now).abs().to_std().unwrap_or(Duration::MAX);
        let passed = passed.max(slept.unwrap_or_default()).max(by_wall);
        if passed > SENT_WITHIN {
            return Some("too long after its record: this process was frozen, or asleep");
        }
        (!shared.is_heard()).then_some("the other nodes may take this process for dead")
    }
}
