//! Records which instances have reached another share of a limit. `notice` tells it.

use chrono::{DateTime, TimeDelta, Utc};

use crate::audit::{AuditError, AuditReader, Step};
use crate::engine::dispatch::Dispatch;
use crate::schedule::Schedules;
use crate::schedule::budget::spent::Spent;
use crate::schedule::budget::{Counting, LOOK_BACK, Limit};
use crate::schedule::prices::is_paid_in_full;
use crate::state_history::Seen;
use crate::stop_limit::standing;

/// The shares of a limit that are recorded, in percent, the largest first.
const SHARES: [u32; 2] = [90, 75];

/// An instance must fall this far below a share before it counts as reaching the share again. As
/// weekends move, the same nights make a day or two more or less in 12 months.
const AWAY: TimeDelta = TimeDelta::days(3);

/// Records how near instances have come to their limits, if that changed.
pub(crate) async fn take(dispatch: &Dispatch, schedules: &Schedules) -> Result<(), AuditError> {
    let reader = AuditReader::open(dispatch.audit.path()).await?;
    let steps = steps(&reader, schedules, dispatch.clock.now()).await;
    reader.close().await?;
    dispatch.audit.budget(&steps?).await
}

async fn steps(
    reader: &AuditReader,
    schedules: &Schedules,
    now: DateTime<Utc>,
) -> Result<Vec<Step>, AuditError> {
    let budget = &schedules.budget;
    let counting = Counting::new(budget.count, schedules.timezone);
    let before = reader.budget_reached().await?;
    let watch = reader.watch(now).await?;
    let sold = reader.sold().await?;
    let has_no_limit = |seen: &Seen| {
        let product = sold.get(&(seen.account.clone(), seen.no.clone()));
        product.is_some_and(|it| is_paid_in_full(it, schedules.platform(&seen.account)))
    };
    let mut steps = Vec::new();
    for seen in reader.seen_since(now - LOOK_BACK).await? {
        if !schedules.accounts.contains_key(&seen.account) || has_no_limit(&seen) {
            continue;
        }
        let standing = standing(&seen, &watch, counting, now);
        for limit in Limit::ALL {
            let against = (seen.account.clone(), seen.no.clone(), limit);
            let reached_before = before.get(&against).copied().unwrap_or(0);
            let (spent, allowed) = (standing.of(limit), budget.allows(limit));
            let reached = reached(spent, allowed, reached_before);
            if reached != reached_before {
                let (region, name) = (seen.region.clone(), seen.name.clone());
                steps.push(Step { against, region, name, reached_before, reached, spent, allowed });
            }
        }
    }
    Ok(steps)
}

/// The largest share that is reached, or 0. A reached share stays until it is known to be left, by
/// a margin.
fn reached(spent: Spent, allowed: TimeDelta, before: u32) -> u32 {
    let away = AWAY.min(allowed / 20);
    let is_reached = |share: &u32| {
        let needed = allowed * i32::try_from(*share).unwrap_or(i32::MAX) / 100;
        let stays = || *share <= before && spent.known().is_none_or(|spent| spent > needed - away);
        spent.at_least() >= needed || stays()
    };
    SHARES.into_iter().find(is_reached).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_reached_once_and_left_behind_by_a_margin() {
        let days = |tenths: i64| TimeDelta::hours(24 * tenths) / 10;
        let known = |tenths| Spent::Known(days(tenths));
        let at_least = |tenths| Spent::Unknown { at_least: days(tenths) };
        for (spent, before, expected) in [
            (known(0), 0, 0),
            (known(674), 0, 0),
            (known(675), 0, 75),
            (known(809), 75, 75),
            (known(810), 75, 90),
            (known(810), 0, 90),
            (known(2000), 90, 90),
            // The margin is three days of ninety.
            (known(781), 90, 90),
            (known(780), 90, 75),
            (known(646), 75, 75),
            (known(645), 75, 0),
            (known(0), 90, 0),
            // Unknown time may have been stopped.
            (at_least(675), 0, 75),
            (at_least(0), 75, 75),
            (at_least(0), 0, 0),
            (at_least(700), 90, 90),
        ] {
            let found = reached(spent, TimeDelta::days(90), before);
            assert_eq!(found, expected, "{spent:?} after {before}");
        }
        // The margin of a short limit is a twentieth.
        assert_eq!(reached(known(14), TimeDelta::days(2), 75), 0);
    }
}
