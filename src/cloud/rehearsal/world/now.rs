//! Owns the time of a world, and its speed.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::clock::{Clock, Moment};

/// The time of one question, on both clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    pub(crate) wall: DateTime<Utc>,
    pub(crate) moment: Moment,
}

impl Now {
    /// The time of a clock that is so much behind another.
    pub(crate) fn behind(clock: &dyn Clock, length: Duration) -> Self {
        Self { wall: clock.now() - length, moment: clock.moment() }
    }
}
