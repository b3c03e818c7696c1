//! Owns the time of a world, and its speed.

use chrono::{DateTime, Utc};

use crate::clock::{Clock, Moment};

/// The time of one question, on both clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    pub(crate) wall: DateTime<Utc>,
    pub(crate) moment: Moment,
}

impl Now {
    pub(crate) fn of(clock: &dyn Clock) -> Self {
        Self { wall: clock.now(), moment: clock.moment() }
    }
}
