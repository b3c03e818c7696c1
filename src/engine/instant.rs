//! Waits for the next instant at which something is due, on this node.

use std::time::Duration;

use chrono::TimeDelta;

use super::scheduler::Scheduler;
use crate::audit::AuditLog;
use crate::clock::Clock;

/// The daemon waits for an instant on its own from this many ticks before it.
const LOOK_AHEAD_TICKS: u32 = 2;
/// A node that stands by claims what is unclaimed so long after its instant. That is still on time.
const STANDS_BACK: TimeDelta = TimeDelta::seconds(5);

/// How long after an instant this node claims what fell due at it. A fast clock comes to the
/// instant too early, and waits so much longer.
pub(super) fn stands_back(audit: &AuditLog) -> TimeDelta {
    if audit.is_on_duty() { TimeDelta::zero() } else { STANDS_BACK + audit.clock_ahead() }
}

/// Waits for a near instant; for ever when the ticks suffice.
pub(super) async fn wait(clock: &dyn Clock, scheduler: &Scheduler, stands_back: TimeDelta) {
    let tick = clock.pace(Duration::from_secs(1));
    let left = scheduler.next_at().map(|at| at + stands_back - clock.now());
    match left.map(|left| left.max(TimeDelta::zero()).to_std().unwrap_or_default()) {
        Some(left) if left <= tick * LOOK_AHEAD_TICKS => clock.sleep(left.min(tick)).await,
        _ => std::future::pending().await,
    }
}
