//! Sends one heartbeat after each good day, so that somebody notices when none comes.
//!
//! A good day is a local day in the file's zone in which no firing failed. It is judged when (1)
//! everything that fell due in it has been dealt with and (2) every firing has ended. Only the last
//! finished day is judged: news of an earlier day helps nobody.

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::Deserialize;

use super::body::Body;
use super::event::event_of;
use crate::audit::{AuditError, AuditReader, FileLoad, NewNotice, Source};
use crate::schedule::HEARTBEAT;
use crate::time::uptime::LONGEST_ABSENCE;
use crate::time::zone::{Instants, Zone};

/// The event name in notices.
const EVENT: &str = "heartbeat";

#[derive(Debug, Default)]
pub(super) struct Heartbeat {
    /// The last day that was judged, or that has a heartbeat already.
    judged: Option<NaiveDate>,
}

impl Heartbeat {
    /// The heartbeat for the day before `now`, when that day was good and has none yet. `since` is
    /// the time at which the file first asked for heartbeats; earlier days are not judged.
    pub(super) async fn due(
        &mut self,
        reader: &AuditReader,
        (zone, now): (Zone, DateTime<Utc>),
        since: FileLoad,
    ) -> Result<Option<NewNotice>, AuditError> {
        let today = zone.local(now).date();
        let Some(day) = today.checked_sub_days(Days::new(1)) else { return Ok(None) };
        let (from, to) = (begin(zone, day), begin(zone, today));
        if self.judged == Some(day) || since.at >= to {
            return Ok(None);
        }
        let last = reader.last_notice(HEARTBEAT, EVENT).await?;
        // A clock that was years ahead may have left a heartbeat in the future. It must not block
        // ours.
        let days = day..=(now + LONGEST_ABSENCE).date_naive();
        if last.and_then(|last| day_of(&last)).is_some_and(|told| days.contains(&told)) {
            self.judged = Some(day);
            return Ok(None);
        }
        // A day is not known to be good while an account or a calendar cannot be read.
        if reader.sources().await?.iter().any(Source::is_lost) {
            return Ok(None);
        }
        let Some(outcomes) = reader.outcomes_between(from, to).await? else { return Ok(None) };
        self.judged = Some(day);
        let is_good = outcomes.iter().all(|(word, why)| event_of(*word, why.as_ref()).is_none());
        Ok(is_good.then(|| heartbeat(day, since)))
    }
}

fn heartbeat(day: NaiveDate, since: FileLoad) -> NewNotice {
    let text = format!("on {day} no firing failed");
    let body = Body { event: EVENT, text, day: Some(day.to_string()), ..Body::default() };
    NewNotice {
        target: HEARTBEAT.to_owned(),
        event: body.event,
        firing: None,
        through: since.entry,
        body: body.json(),
    }
}

fn begin(zone: Zone, day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(chrono::NaiveTime::MIN);
    match zone.instants(midnight) {
        Instants::One(at) | Instants::Two { first: at, .. } => at,
        Instants::None(gap) => gap.ends_at,
    }
}

/// The day of an earlier heartbeat.
fn day_of(body: &str) -> Option<NaiveDate> {
    #[derive(Deserialize)]
    struct Heartbeat {
        day: NaiveDate,
    }
    serde_json::from_str(body).ok().map(|Heartbeat { day }| day)
}
