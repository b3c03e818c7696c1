//! Whether the clock can be trusted about firings from before this process.
//!
//! While nobody has set the clock since the machine started, these firings wait. This lasts for
//! minutes only: on many machines nothing ever sets the clock.

use std::time::Duration;

use tracing::{info, warn};

use super::scheduler::Scheduler;
use crate::clock::{Clock, Moment};

/// The daemon waits this long for the clock of a machine that has just started.
const SET_WITHIN: Duration = Duration::from_secs(5 * 60);

/// The time between two checks.
const CHECKED_AGAIN_AFTER: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ClockTrust {
    #[default]
    Unasked,
    /// Nobody has set the clock since the machine started. The next check is at this moment.
    None(Moment),
    Full,
}

impl ClockTrust {
    /// Has the scheduler put off late firings, or do them, as the clock deserves.
    pub(super) async fn poll(&mut self, clock: &dyn Clock, scheduler: &mut Scheduler) {
        match *self {
            Self::Full => return,
            Self::None(again) if clock.moment() < again => return,
            _ => {}
        }
        let left = SET_WITHIN.saturating_sub(clock.uptime().map_or(SET_WITHIN, |up| up.length));
        if !left.is_zero() && clock.is_synchronised().await == Some(false) {
            if *self == Self::Unasked {
                scheduler.distrust(clock.now());
                let at_most = left.as_secs();
                warn!(at_most, "the clock is not synchronised yet; late firings wait, in seconds");
            }
            *self = Self::None(clock.moment() + CHECKED_AGAIN_AFTER);
            return;
        }
        if *self != Self::Unasked {
            info!("late firings wait no longer for the clock");
            scheduler.trust();
        }
        *self = Self::Full;
    }
}
