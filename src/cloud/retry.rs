//! Repeats calls that only read.
//!
//! Changes never come here. The stopper keeps the record of a change and decides on a repeat.

use std::future::Future;
use std::time::Duration;

use tracing::debug;

use super::error::CloudError;
use crate::backoff;
use crate::clock::{Clock, Moment};

/// The target of the events which say that a call failed for now.
pub const TARGET: &str = module_path!();

/// The first pause, before jitter of up to the same length. Each later pause is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// The longest pause, before jitter.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Attempts a call until one of these: (1) success; (2) a failure that will not pass; (3) the next
/// attempt would begin after `until`. There is always one attempt. The last one may end after
/// `until`, by the time that a request may take. If the cloud gives a time to wait, no attempt
/// comes earlier.
///
/// # Errors
/// The failure of the last attempt.
pub async fn repeat<T, F>(
    clock: &dyn Clock,
    until: Moment,
    mut attempt: impl FnMut() -> F,
) -> Result<T, CloudError>
where
    F: Future<Output = Result<T, CloudError>>,
{
    let mut pauses = pauses(clock);
    loop {
        let error = match attempt().await {
            Ok(answer) => return Ok(answer),
            Err(error) if error.may_pass() => error,
            Err(error) => return Err(error),
        };
        let asked_for = match &error {
            CloudError::Throttled { retry_after, .. } => retry_after.unwrap_or_default(),
            _ => Duration::ZERO,
        };
        let pause = pauses.next().unwrap_or(LONGEST_PAUSE).max(asked_for);
        if until.since(clock.moment()) < pause {
            return Err(error);
        }
        debug!(%error, "tried again");
        clock.sleep(pause).await;
    }
}

fn pauses(clock: &dyn Clock) -> impl Iterator<Item = Duration> {
    backoff::pauses(clock, (FIRST_PAUSE, LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::RehearsalClock;
    use crate::cloud::error::{Meaning, Refusal};
    use chrono::DateTime;
    use std::cell::RefCell;

    fn throttled(seconds: u64) -> CloudError {
        let retry_after = Some(Duration::from_secs(seconds));
        CloudError::Throttled { refusal: Refusal::default(), retry_after }
    }

    /// Runs `failures` against a clock that is a million times as fast. Returns the begin of each
    /// attempt.
    async fn attempts(failures: &[CloudError], until: u64) -> (Result<(), CloudError>, Vec<u64>) {
        let clock = RehearsalClock::new(DateTime::UNIX_EPOCH, 1_000);
        let start = clock.moment();
        let begun = RefCell::new(Vec::new());
        let outcome = repeat(&*clock, start + Duration::from_secs(until), || async {
            begun.borrow_mut().push(clock.moment().since(start).as_secs());
            failures.get(begun.borrow().len() - 1).cloned().map_or(Ok(()), Err)
        })
        .await;
        (outcome, begun.into_inner())
    }

    #[tokio::test]
    async fn a_failure_that_may_pass_is_repeated_and_one_that_may_not_is_not() {
        let gone = CloudError::NotSent("refused".to_owned());
        let no = CloudError::Refused { refusal: Refusal::default(), meaning: Meaning::Unknown };
        let (outcome, begun) = attempts(&[gone.clone(), gone.clone()], 3_600).await;
        assert_eq!((outcome, begun.len()), (Ok(()), 3));
        let (outcome, begun) = attempts(&[gone, no.clone()], 3_600).await;
        assert_eq!((outcome, begun.len()), (Err(no), 2));
    }

    #[tokio::test]
    async fn there_is_one_attempt_even_when_the_time_is_up() {
        let gone = CloudError::NotSent("refused".to_owned());
        let (outcome, begun) = attempts(&[gone.clone(), gone.clone()], 0).await;
        assert_eq!((outcome, begun.len()), (Err(gone), 1));
    }

    #[tokio::test]
    async fn retry_after_is_waited_for_and_not_begun_when_it_ends_too_late() {
        let (outcome, begun) = attempts(&[throttled(300), throttled(900)], 800).await;
        assert_eq!((outcome, begun.len()), (Err(throttled(900)), 2));
        assert!(begun[1] >= 300, "{begun:?}");
    }

    #[test]
    fn pauses_grow_to_a_ceiling_and_differ_between_two_callers() {
        let at = |seconds| RehearsalClock::new(DateTime::from_timestamp_secs(seconds).unwrap(), 0);
        let first: Vec<_> = pauses(&*at(0)).take(40).collect();
        assert!(first.iter().all(|pause| *pause >= FIRST_PAUSE && *pause <= LONGEST_PAUSE * 2));
        assert!(first[39] >= LONGEST_PAUSE, "{first:?}");
        assert_ne!(first, pauses(&*at(1)).take(40).collect::<Vec<_>>());
    }
}
