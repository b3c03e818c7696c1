//! Notices that the wall clock was set back, or had been ahead while another process wrote.
//!
//! A monotonic clock says how far the wall clock should have come. What was claimed while it was
//! ahead by more than an hour takes place once more at its real time; after a smaller step every
//! claim holds, so that nothing is asked twice.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tracing::warn;

use crate::audit::{AuditError, AuditLog};
use crate::clock::{Clock, Moment};

/// A smaller step is a time server's usual business, and nobody's worry.
const WORTH_TELLING: TimeDelta = TimeDelta::seconds(10);
/// A clock that was ahead by more than this was wrong; claims of one that was not hold.
const WRONG: TimeDelta = TimeDelta::hours(1);
/// How far the two clocks may be read apart.
const AT_ONCE: Duration = Duration::from_secs(1);

/// What the wall clock showed last, and when by the monotonic one.
#[derive(Debug, Default)]
pub struct ClockWatch {
    last: Option<(DateTime<Utc>, Moment)>,
    /// What is still to be recorded: what the clock showed, or would by then, and what it was.
    untold: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl ClockWatch {
    /// Reads the clock, and says how much time has passed since it was last read.
    pub fn read(&mut self, clock: &dyn Clock) -> (DateTime<Utc>, Duration) {
        let (now, moment) = loop {
            let moment = clock.moment();
            let now = clock.now();
            // Whoever is held up in between would take that for a step.
            if clock.moment().since(moment) < AT_ONCE {
                break (now, moment);
            }
        };
        let Some((then, before)) = self.last.replace((now, moment)) else {
            return (now, Duration::ZERO);
        };
        let passed = moment.since(before);
        let length = TimeDelta::from_std(passed).unwrap_or(TimeDelta::MAX);
        let expected = then.checked_add_signed(length).unwrap_or(then);
        if expected - now >= WORTH_TELLING {
            let ahead_at = self.untold.map_or(expected, |(ahead_at, _)| ahead_at.max(expected));
            self.untold = Some((ahead_at, now));
        }
        (now, passed)
    }

    /// Records that the clock was set back, if it was. Nothing may be claimed before that.
    ///
    /// # Errors
    /// When the log cannot be written; it is recorded the next time.
    pub async fn record(&mut self, audit: &AuditLog) -> Result<(), AuditError> {
        if let Some((ahead_at, real_at)) = self.untold {
            note(audit, ahead_at, real_at).await?;
            self.untold = None;
        }
        Ok(())
    }
}

/// Records where earlier processes on this machine wrote by a clock that was ahead of `now`.
pub async fn heed_the_past(audit: &AuditLog, now: DateTime<Utc>) -> Result<(), AuditError> {
    match audit.written_ahead(now).await? {
        Some(ahead_at) if ahead_at - now >= WORTH_TELLING => note(audit, ahead_at, now).await,
        _ => Ok(()),
    }
}

async fn note(
    audit: &AuditLog,
    ahead_at: DateTime<Utc>,
    real_at: DateTime<Utc>,
) -> Result<(), AuditError> {
    let ahead = ahead_at - real_at;
    let noted = audit.note_clock(ahead_at, real_at, ahead > WRONG).await?;
    let (had_shown, now) = (ahead_at.to_rfc3339(), real_at.to_rfc3339());
    let claims = noted.claims;
    if noted.are_void {
        warn!(%had_shown, %now, claims, "the clock was wrong: what it claimed too early takes place once more");
    } else {
        warn!(%had_shown, %now, "the clock was set back; what was claimed holds and is not done twice");
    }
    Ok(())
}
