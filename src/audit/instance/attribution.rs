//! Decides who started or stopped an instance: a request of this log, or somebody else.
//!
//! Only settled states count: running and stopped, with nothing under way. Two changes between two
//! observations stay unseen. In doubt our request was the cause: its result may be unknown, and an
//! unknown cause is never taken for somebody else. An account with two names counts as two.
//! [`super::attribution_rows`] reads the evidence.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::SqliteConnection;

use super::attribution_rows::{Before, Turned, Turns, before, turns};
use crate::audit::store::millis::Millis;
use crate::audit::store::record::SeenRecord;
use crate::cloud::{codes, longest_lists_lag};
use crate::model::instance::{Action, PowerState};

/// The longest time from a reading to its record. An older reading still shows that the clock was
/// set back.
pub(crate) const LONGEST_READING: TimeDelta = TimeDelta::minutes(10);

/// The conclusion from an observation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Attribution {
    Known,
    /// The instance is new, or has changed.
    News,
    /// Somebody else started or stopped it.
    Changed {
        status_before: String,
        unseen_since: Millis,
    },
    /// The observation contradicts one of the same time or later. The next one will tell.
    Doubtful,
}

impl Before {
    /// Whether the last settled state was this.
    pub(crate) fn was_settled_in(&self, power: PowerState) -> bool {
        self.settled_status.as_deref().is_some_and(|code| codes::power(code) == power)
    }

    /// The action that has turned the instance since its last settled state; `None` when it has not
    /// changed, is not settled, or never was.
    pub(crate) fn turned_by(&self, seen: &SeenRecord) -> Option<Action> {
        let settled = self.settled_status.as_ref()?;
        let action = goal(seen)?;
        (*settled != seen.status).then_some(action)
    }

    /// The last time at which it was seen in its last settled status.
    pub(crate) fn unseen_since(&self) -> Option<Millis> {
        let is_same = self.last_status == self.settled_status;
        self.last_at.filter(|_| is_same).or(self.settled_at)
    }

    /// The conclusion from this observation. `turns`: who turned the instance to its present state.
    fn judge(&self, seen: &SeenRecord, turns: &Turns) -> Attribution {
        let now = DateTime::<Utc>::from(seen.seen_at);
        let age = self.last_at.map(|last| DateTime::<Utc>::from(last) - now);
        if self.is_news && age.is_some_and(|age| age > TimeDelta::zero() && age < LONGEST_READING) {
            return Attribution::Doubtful;
        }
        let turned = self.turned_by(seen).is_some() && !turns.explain(self, seen.seen_at);
        match (&self.settled_status, self.unseen_since(), self.settled_at) {
            (Some(before), Some(unseen_since), Some(settled_at)) if turned => {
                let apart = (now - DateTime::<Utc>::from(settled_at)).abs();
                if apart.to_std().is_ok_and(|apart| apart <= longest_lists_lag()) {
                    return Attribution::Doubtful;
                }
                Attribution::Changed { status_before: before.clone(), unseen_since }
            }
            _ if self.is_news => Attribution::News,
            _ => Attribution::Known,
        }
    }
}

impl Turns {
    /// Whether a request of ours explains the change from the last settled state.
    pub(crate) fn explain(&self, before: &Before, seen_at: Millis) -> bool {
        let (Some(request), Some(at)) = (self.request, self.requested_at) else { return false };
        let (at, seen_at) = (DateTime::<Utc>::from(at), DateTime::<Utc>::from(seen_at));
        // A list read after the request may still show the state before it. An entry from the
        // future was written under a wrong clock.
        let is_as_new =
            |settled: Millis| at >= DateTime::<Utc>::from(settled) - longest_lists_lag();
        self.is_followed == Some(true)
            || before.settled.is_none_or(|settled| request > settled)
            || before.settled_at.is_none_or(is_as_new) && at <= seen_at + longest_lists_lag()
    }
}

/// The action that leads to this settled state; `None` when it is not settled.
fn goal(seen: &SeenRecord) -> Option<Action> {
    let is_settled = codes::is_no_operation(&seen.operation);
    Action::leading_to(codes::power(&seen.status)).filter(|_| is_settled)
}

/// The conclusions from these observations, in order.
pub(crate) async fn judge(
    connection: &mut SqliteConnection,
    seen: &[SeenRecord],
) -> Result<Vec<Attribution>, sqlx::Error> {
    let before = before(connection, seen).await?;
    let known = || seen.iter().zip(&before);
    let turned = known()
        .filter_map(|(seen, before)| before.turned_by(seen).map(|action| Turned::by(action, seen)));
    let turned: Vec<Turned<'_>> = turned.collect();
    let mut turns = turns(connection, &turned).await?.into_iter();
    let judged = known().map(|(seen, before)| {
        let is_turned = before.turned_by(seen).is_some();
        let turns = if is_turned { turns.next() } else { None };
        before.judge(seen, &turns.unwrap_or_default())
    });
    Ok(judged.collect())
}
