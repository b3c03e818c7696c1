//! Reckons what takes seconds for a big log, and is kept: what this month saved, and the servers to
//! be started before a limit.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::state::WebState;
use crate::agenda::coming_restarts;
use crate::audit::{AuditError, AuditReader};
use crate::schedule::Schedules;
use crate::schedule::budget::AtLimit;
use crate::stop_limit::Restart;
use crate::time::zone::Zone;
use crate::verdict::Month;

/// The sum of a month may be this old.
const OLDEST_MONTH: TimeDelta = TimeDelta::minutes(1);
/// The daemon looks for servers to start as often.
const OLDEST_RESTARTS: TimeDelta = TimeDelta::hours(1);

/// Reckons before anybody asks, so that the first page need not wait.
pub(super) async fn ahead(state: &WebState) {
    let Ok(log) = state.open().await else { return };
    let now = state.clock.now();
    let known = async {
        let daemon = log.daemon().await?;
        state.rules.now(Some(&log), daemon.as_ref()).await
    };
    let known = known.await;
    drop(log.close().await);
    let Ok(rules) = known else { return };
    let schedules = rules.in_use.as_ref().ok();
    month(state, schedules, (now, rules.zone)).await;
    if let Some(schedules) = schedules {
        restarts(state, schedules, now).await;
    }
}

/// The sum of this month as far as it is known.
pub(super) async fn month(
    state: &WebState,
    schedules: Option<&Arc<Schedules>>,
    (now, zone): (DateTime<Utc>, Zone),
) -> Option<Month> {
    let reckon = reckon_month(state.log.clone(), schedules.cloned(), (now, zone));
    state.month.now((now, OLDEST_MONTH), reckon).await
}

async fn reckon_month(
    log: PathBuf,
    schedules: Option<Arc<Schedules>>,
    at: (DateTime<Utc>, Zone),
) -> Result<Month, AuditError> {
    let log = AuditReader::open(&log).await?;
    let month = Month::read(&log, schedules.as_deref(), at).await;
    drop(log.close().await);
    month
}

/// The servers to be started within a day, as far as they are known.
pub(super) async fn restarts(
    state: &WebState,
    schedules: &Arc<Schedules>,
    now: DateTime<Utc>,
) -> Vec<Restart> {
    if schedules.budget.at_limit != AtLimit::Start {
        return Vec::new();
    }
    let reckon = reckon_restarts(state.log.clone(), Arc::clone(schedules), now);
    state.restarts.now((now, OLDEST_RESTARTS), reckon).await.unwrap_or_default()
}

async fn reckon_restarts(
    log: PathBuf,
    file: Arc<Schedules>,
    now: DateTime<Utc>,
) -> Result<Vec<Restart>, AuditError> {
    let log = AuditReader::open(&log).await?;
    let restarts = coming_restarts(&log, &file, now).await;
    drop(log.close().await);
    restarts
}
