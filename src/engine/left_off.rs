//! Where the last daemon on a log left off, so that the next one goes on there.

use chrono::{DateTime, Utc};

use super::clock_steps;
use super::deferred::AllDeferred;
use super::scheduler::Scheduler;
use crate::audit::{AuditError, AuditLog};
use crate::schedule::Schedules;
use crate::time::uptime::LONGEST_ABSENCE;

/// What is said of an audit log whose debts are damaged.
pub(super) const OWED: &str = "what is owed cannot be read";

/// A scheduler that goes on where the last daemon on this log left off, with the rules of
/// `schedules`.
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
    // A night is worth more than what went by before it.
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

/// What is to be made up, as far back as anybody looks.
pub(super) async fn all_owed(
    audit: &AuditLog,
    now: DateTime<Utc>,
) -> Result<AllDeferred, AuditError> {
    Ok(AllDeferred::new(audit.owed(now - LONGEST_ABSENCE).await?))
}
