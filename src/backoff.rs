//! Owns the growing pauses between the attempts at one thing.
//!
//! `cloud` and `notice` know how long the first and the longest pause are.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

use crate::clock::Clock;

/// Pauses without end, each twice as long as the one before, up to `longest`. Jitter adds up to the
/// same length.
pub(crate) fn pauses(
    clock: &dyn Clock,
    (first, longest): (Duration, Duration),
) -> impl Iterator<Item = Duration> + Send + use<> {
    // The microseconds of the wall clock are random enough to keep several daemons out of step.
    let seed = u64::try_from(clock.now().timestamp_micros()).unwrap_or_default();
    ExponentialBuilder::new()
        .with_min_delay(first)
        .with_max_delay(longest)
        .with_jitter()
        .with_jitter_seed(seed)
        .without_max_times()
        .build()
}
