//! Has firings wait for their turn: for their delay (`jitter`), then for the servers of the rule
//! that comes first (`after`).
//!
//! The log says whether those were seen running, so they may be of another account.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tracing::info;

use super::{ActiveConfig, Dispatch, leave_open};
use crate::audit::{AuditError, LastStart};
use crate::engine::stopper::{Firing, Report, Turn};
use crate::model::reason::Reason;

/// The pause between two looks into the log.
const PAUSE: Duration = Duration::from_secs(5);
/// The most servers that a reason names.
const MOST_NAMED: usize = 3;

type Reported = Pin<Box<dyn Future<Output = Result<Report, AuditError>> + Send>>;

impl Dispatch {
    /// Waits for the turn of a firing, and then carries it out. A firing that still waits when the
    /// process must end stays open.
    pub(super) fn in_its_turn(self, mut firing: Firing, in_use: ActiveConfig) -> Reported {
        Box::pin(async move {
            let mut shutdown = self.shutdown.clone();
            let turn = tokio::select! {
                turn = self.turn_of(&firing) => turn,
                () = shutdown.due() => {
                    info!(rule = %firing.rule.name, firing = i64::from(firing.id), "firing left open");
                    return Ok(Report { open: 1, ..Report::default() });
                }
            };
            match turn {
                Ok(turn) => firing.turn = turn,
                Err(error) => {
                    self.audit.heed(&error);
                    leave_open(firing.id, &error);
                    return Err(error);
                }
            }
            let mut reports = self.carry_out(vec![firing], &in_use).await;
            reports.pop().expect("each firing has a report")
        })
    }

    async fn turn_of(&self, firing: &Firing) -> Result<Turn, AuditError> {
        let pace = &firing.rule.pace;
        // What is late already waits no longer, and whoever fires by hand means now.
        if let Some(due_at) = firing.due_at.filter(|_| firing.late.is_none()) {
            let begins = self.moment_of(due_at + pace.delay(&firing.rule.name, due_at));
            let begins = firing.ends.map_or(begins, |ends| ends.min(begins));
            self.clock.sleep(begins.since(self.clock.moment())).await;
        }
        let Some(first) = &pace.after else { return Ok(Turn::Now) };
        let ends = self.clock.moment() + firing.patience;
        let ends = firing.ends.map_or(ends, |end| end.min(ends));
        let mut told = None;
        loop {
            let why = match self.audit.last_start(first).await? {
                LastStart::Over { not_running } if not_running.is_empty() => return Ok(Turn::Now),
                LastStart::Over { not_running } => not_seen_running(&not_running),
                LastStart::Failed(outcome) => format!("it ended with {outcome}"),
                LastStart::UnderWay => "it was not over".to_owned(),
                LastStart::Never => "it has not fired".to_owned(),
            };
            let now = self.clock.moment();
            if now >= ends {
                return Ok(Turn::Missed(Reason::After { rule: first.clone(), why }));
            }
            if told.as_ref() != Some(&why) {
                let (rule, number) = (&firing.rule.name, i64::from(firing.id));
                info!(%rule, firing = number, after = %first, why, "waits for its turn");
                told = Some(why);
            }
            self.clock.sleep(ends.since(now).min(PAUSE)).await;
        }
    }
}

/// `db-1, db-2 not seen running`.
fn not_seen_running(names: &[String]) -> String {
    let first = names.iter().take(MOST_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST_NAMED) {
        0 => format!("{first} not seen running"),
        more => format!("{first} and {more} more not seen running"),
    }
}
