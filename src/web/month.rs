//! Keeps what this month saved. The sum takes seconds for a big log, so it is reckoned at most once
//! a minute, and a page waits only a moment for it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tracing::warn;

use crate::audit::{AuditError, AuditReader};
use crate::schedule::prices::Prices;
use crate::text::error_chain::chain;
use crate::time::zone::Zone;
use crate::verdict::Month;

/// A sum may be this old.
const OLDEST: TimeDelta = TimeDelta::minutes(1);
/// The wait of a page for a new sum; after that it shows the last one.
const LONGEST_WAIT: Duration = Duration::from_millis(60);
/// The wait of a page for the first sum of all.
const FIRST_WAIT: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(super) struct MonthKept {
    kept: Mutex<Option<Month>>,
    reckoning: Arc<tokio::sync::Mutex<()>>,
}

/// The log, the prices, and the time at which the sum is asked for.
pub(super) type Asked = (PathBuf, Option<Prices>, (DateTime<Utc>, Zone));

impl MonthKept {
    /// The sum of this month as far as it is known; `None` while the first is reckoned.
    pub(super) async fn now(self: &Arc<Self>, asked: Asked) -> Option<Month> {
        let (now, _) = asked.2;
        let age = self.kept().map(|month| now - month.span.until);
        let is_fresh = age.is_some_and(|age| TimeDelta::zero() <= age && age < OLDEST);
        let turn = Arc::clone(&self.reckoning).try_lock_owned();
        if let (false, Ok(turn)) = (is_fresh, turn) {
            let keeper = Arc::clone(self);
            let reckoned = tokio::spawn(async move {
                match reckon(asked).await {
                    Ok(month) => keeper.keep(month),
                    Err(error) => warn!(error = chain(&error), "the month cannot be reckoned"),
                }
                drop(turn);
            });
            let longest = if age.is_some() { LONGEST_WAIT } else { FIRST_WAIT };
            drop(tokio::time::timeout(longest, reckoned).await);
        }
        self.kept()
    }

    fn kept(&self) -> Option<Month> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, month: Month) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(month);
    }
}

async fn reckon((log, prices, at): Asked) -> Result<Month, AuditError> {
    let log = AuditReader::open(&log).await?;
    let month = Month::read(&log, prices, at).await;
    drop(log.close().await);
    month
}
