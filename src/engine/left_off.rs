//! Restores the scheduler from the log, so that a new daemon goes on where the last one stopped.

use chrono::{DateTime, Utc};

use super::clock_steps;
use super::deferred::AllDeferred;
use super::scheduler::Scheduler;
use crate::audit::{AuditError, AuditLog};
use crate::schedule::Schedules;
use crate::time::uptime::LONGEST_ABSENCE;

/// The message when the deferred actions in the log are damaged.
pub(super) const OWED: &str = "what is owed cannot be read";

/// A scheduler that knows the past of this log and the rules of `schedules`.
pub async fn where_the_last_one_left_off(
    audit: &AuditLog,
    schedules: &Schedules,
    now: DateTime<Utc>,
) -> Result<Scheduler, AuditError> {
    audit.mending(async || clock_steps::heed_the_past(audit, now).await).await.or_else(
        |error| {
            audit.without_the_damaged(error, "what was claimed by a wrong clock cannot be told")
        },
    )?;
    // The coming night is worth more than a damaged past.
    let past = audit
        .mending(async || audit.past().await)
        .await
        .or_else(|error| audit.without_the_damaged(error, "what went by unseen cannot be read"))?;
    let before = past.file_text.and_then(|text| Schedules::recall(&schedules.path, &text).ok());
    let mut timetable = Scheduler::after(before.as_ref().map(|(before, _)| before), past.lived);
    timetable.load(schedules, now);
    let owed = audit.mending(async || all_owed(audit, now).await).await;
    timetable.set_deferred(owed.or_else(|error| audit.without_the_damaged(error, OWED))?);
    Ok(timetable)
}

/// The deferred actions, as far back as anybody looks.
pub(super) async fn all_owed(
    audit: &AuditLog,
    now: DateTime<Utc>,
) -> Result<AllDeferred, AuditError> {
    Ok(AllDeferred::new(audit.owed(now - LONGEST_ABSENCE).await?))
}
