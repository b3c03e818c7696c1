//! How fast one account asks: a token bucket that makes callers wait and never fails them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::{Clock, Moment};

/// How often a token comes back: ten a second. NAVER publishes no limit; this is far below
/// what its own tools send.
const INTERVAL: Duration = Duration::from_millis(100);

/// How many calls may leave at once after a pause.
const BURST: u32 = 20;

/// A bucket of tokens, one a call.
///
/// Kept as the instant at which it would be full again: a caller takes its place by moving that
/// instant, so that callers leave in the order they came in. Whoever gives up waiting has used
/// its token.
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
