//! Detects that the wall clock was set back, or ran ahead while another process wrote.
//!
//! A monotonic clock tells how far the wall clock should have come. After a step back of more than
//! an hour, firings claimed ahead of time take place once more at their real time. After a smaller
//! step every claim holds, so that no request is sent twice. [`crate::audit`] keeps the records.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tracing::warn;

use crate::audit::{AuditError, AuditLog};
use crate::clock::{Clock, Moment};

/// Smaller steps are the usual work of a time server.
const WORTH_TELLING: TimeDelta = TimeDelta::seconds(10);
/// A clock further ahead than this was wrong. Claims under a smaller error hold.
const WRONG: TimeDelta = TimeDelta::hours(1);
/// The longest time between the readings of the two clocks.
const AT_ONCE: Duration = Duration::from_secs(1);

/// The last reading of the wall clock, and of the monotonic one at the same time.
#[derive(Debug, Default)]
pub struct ClockWatch {
    last: Option<(DateTime<Utc>, Moment)>,
    /// A step still to be recorded: the time that the clock should show by now, and the time that
    /// it shows.
    untold: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl ClockWatch {
    /// Reads the clock. Returns the time since the last reading, too.
    pub fn read(&mut self, clock: &dyn Clock) -> (DateTime<Utc>, Duration) {
        let (now, moment) = loop {
            let moment = clock.moment();
            let now = clock.now();
            // A pause between the two readings would look like a step.
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

    /// Records that the clock was set back, if it was. Must come before any claim.
    ///
    /// # Errors
    /// When the log cannot be written; the next call records the step.
    pub async fn record(&mut self, audit: &AuditLog) -> Result<(), AuditError> {
        if let Some((ahead_at, real_at)) = self.untold {
            note(audit, ahead_at, real_at).await?;
            self.untold = None;
        }
        Ok(())
    }
}

/// Records that earlier processes on this machine wrote under a clock ahead of `now`.
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
