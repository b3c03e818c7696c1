//! Owns the rate of one account: a token bucket that makes callers wait and never fails them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::{Clock, Moment};

/// The time for one token: ten a second. NAVER publishes no limit; its own tools send far more.
const INTERVAL: Duration = Duration::from_millis(100);

/// The number of calls that may leave at once after a pause.
const BURST: u32 = 20;

/// A bucket with one token for each call.
///
/// The state is the instant at which the bucket would be full again. A caller takes a place by
/// moving this instant, so callers leave in the order in which they came. A caller that gives up
/// waiting has still used its token.
#[derive(Debug)]
pub struct Rate {
    clock: Arc<dyn Clock>,
    origin: Moment,
    full_at: Mutex<Duration>,
}

impl Rate {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let origin = clock.moment();
        Self { clock, origin, full_at: Mutex::new(Duration::ZERO) }
    }

    pub async fn take(&self) {
        let wait = self.book();
        if !wait.is_zero() {
            self.clock.sleep(wait).await;
        }
    }

    fn book(&self) -> Duration {
        let now = self.clock.moment().since(self.origin);
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        *full_at = (*full_at).max(now) + INTERVAL;
        full_at.saturating_sub(now + INTERVAL * BURST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::RehearsalClock;
    use chrono::DateTime;

    #[tokio::test]
    async fn a_burst_leaves_at_once_and_the_rest_ten_a_second_in_order() {
        let clock = RehearsalClock::new(DateTime::UNIX_EPOCH, 0);
        let rate = Rate::new(clock.clone());
        let waits: Vec<_> = (0..23).map(|_| rate.book()).collect();
        let mut expected = vec![Duration::ZERO; 20];
        expected.extend([1, 2, 3].map(|n| INTERVAL * n));
        assert_eq!(waits, expected);

        clock.skip(Duration::from_millis(300));
        assert_eq!(rate.book(), INTERVAL, "the three that came late have used what came back");
        clock.skip(Duration::from_secs(3600));
        let waits: Vec<_> = (0..21).map(|_| rate.book()).collect();
        assert_eq!(waits[19..], [Duration::ZERO, INTERVAL], "a long pause fills it once");
    }

    #[tokio::test]
    async fn a_caller_over_the_rate_waits_on_the_clock() {
        let clock = RehearsalClock::new(DateTime::UNIX_EPOCH, 0);
        let rate = Rate::new(clock.clone());
        for _ in 0..BURST {
            rate.take().await;
        }
        let mut late = Box::pin(rate.take());
        assert!(tokio::time::timeout(Duration::ZERO, &mut late).await.is_err());
        clock.skip(INTERVAL);
        late.await;
    }
}
