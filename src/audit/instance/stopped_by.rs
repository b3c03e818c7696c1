//! Finds who stopped an instance that a rule would start.
//!
//! [`super::attribution`] has the rules of evidence.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

use super::attribution_rows::{self, Before, Turned, Turns};
use super::observe::records;
use crate::audit::store::error::AuditError;
use crate::audit::store::record::SeenRecord;
use crate::model::instance::{AccountName, Action, Instance, InstanceNo, PowerState};
use crate::model::reason::Reason;
use crate::time::zone::Zone;

/// Who stopped an instance, as far as the log knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoppedBy {
    /// A request of lightsout, certain or possible.
    Us,
    Others {
        /// The last observation of it running.
        unseen_since: DateTime<Utc>,
        /// The first observation of it stopped.
        seen_at: DateTime<Utc>,
    },
    /// The log does not tell.
    Unknown,
}

impl StoppedBy {
    /// The reason why a rule that starts only lightsout's servers leaves it; `None` when it starts
    /// it.
    pub fn reason(self, zone: Zone) -> Option<Reason> {
        match self {
            Self::Us => None,
            Self::Others { unseen_since, seen_at } => {
                let between = zone.between(unseen_since, seen_at);
                Some(Reason::StoppedByOthers { between })
            }
            Self::Unknown => Some(Reason::StopNotRecorded),
        }
    }
}

/// Who stopped each of these, which were seen stopped at `seen_at`. The answer is the same before
/// and after [`AuditLog::seen`](crate::audit::AuditLog::seen) has recorded them.
pub(crate) async fn stopped_by(
    connection: &mut SqliteConnection,
    account: &AccountName,
    instances: &[&Instance],
    seen_at: DateTime<Utc>,
) -> Result<HashMap<InstanceNo, StoppedBy>, AuditError> {
    let seen = records(account, instances, seen_at);
    let before = attribution_rows::before(connection, &seen).await?;
    let stops: Vec<_> = seen.iter().map(|seen| Turned::by(Action::Stop, seen)).collect();
    let turns = attribution_rows::turns(connection, &stops).await?;
    let judged = instances.iter().zip(&seen).zip(before.iter().zip(&turns));
    Ok(judged
        .map(|((instance, seen), (before, stop))| (instance.no.clone(), judge(seen, before, stop)))
        .collect())
}

fn judge(seen: &SeenRecord, before: &Before, stop: &Turns) -> StoppedBy {
    // It was running when last settled, so whatever stopped it is newer.
    if before.was_settled_in(PowerState::Running) {
        return match before.unseen_since() {
            _ if stop.explain(before, seen.seen_at) => StoppedBy::Us,
            Some(since) if before.turned_by(seen) == Some(Action::Stop) => {
                StoppedBy::Others { unseen_since: since.into(), seen_at: seen.seen_at.into() }
            }
            _ => StoppedBy::Unknown,
        };
    }
    match (stop.request, stop.change, stop.unseen_since, stop.seen_at) {
        (request, Some(change), Some(since), Some(seen_at)) if request < Some(change) => {
            StoppedBy::Others { unseen_since: since.into(), seen_at: seen_at.into() }
        }
        (Some(_), ..) => StoppedBy::Us,
        _ => StoppedBy::Unknown,
    }
}
