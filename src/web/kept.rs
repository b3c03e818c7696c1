//! Keeps a value that takes long to reckon. It is reckoned beside the page, one at a time, and a
//! page waits only a moment for it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tracing::warn;

use crate::audit::AuditError;
use crate::text::error_chain::chain;

/// The wait of a page for a new value; after that it shows the last one.
const LONGEST_WAIT: Duration = Duration::from_millis(60);
/// The wait of a page for the first value of all.
const FIRST_WAIT: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Kept<T> {
    /// The value, and the time of its reckoning.
    kept: Mutex<Option<(DateTime<Utc>, T)>>,
    reckoning: Arc<tokio::sync::Mutex<()>>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { kept: Mutex::default(), reckoning: Arc::default() }
    }
}

impl<T: Clone + Send + 'static> Kept<T> {
    /// The value as far as it is known; `None` while the first is reckoned. One that is older than
    /// `oldest` is reckoned anew.
    pub(super) async fn now(
        self: &Arc<Self>,
        (now, oldest): (DateTime<Utc>, TimeDelta),
        reckon: impl Future<Output = Result<T, AuditError>> + Send + 'static,
    ) -> Option<T> {
        let age = self.kept().map(|(at, _)| now - at);
        let is_fresh = age.is_some_and(|age| TimeDelta::zero() <= age && age < oldest);
        let turn = Arc::clone(&self.reckoning).try_lock_owned();
        if age.is_none() && turn.is_err() {
            // Somebody else reckons the first value.
            drop(tokio::time::timeout(FIRST_WAIT, self.reckoning.lock()).await);
        } else if let (false, Ok(turn)) = (is_fresh, turn) {
            let keeper = Arc::clone(self);
            let reckoned = tokio::spawn(async move {
                match reckon.await {
                    Ok(value) => keeper.keep((now, value)),
                    Err(error) => warn!(error = chain(&error), "the log could not be reckoned up"),
                }
                drop(turn);
            });
            let longest = if age.is_some() { LONGEST_WAIT } else { FIRST_WAIT };
            drop(tokio::time::timeout(longest, reckoned).await);
        }
        self.kept().map(|(_, value)| value)
    }

    fn kept(&self) -> Option<(DateTime<Utc>, T)> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, value: (DateTime<Utc>, T)) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    }
}
