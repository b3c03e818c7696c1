//! Finds the line below which a log is old, by the clock and by the log itself.
//!
//! With the clock alone, a leap by years would remove everything. So an entry is old only when the
//! time between the later entries adds up to its age, too. In that sum, time without a daemon
//! counts only up to a small part of the kept time: a machine was off, or a clock leapt. Entries
//! kept too long for that reason go later. [`super::prune`] removes the rows.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::SqliteConnection;

use super::verify;
use crate::audit::store::chain;
use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;

/// Time without a daemon counts up to this part of the kept time.
const PART: i32 = 7;

/// The number from which on everything stays.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) number: i64,
    /// The entry after which the clock leapt, and how far, if the leap alone would make more
    /// entries old.
    leap: Option<(i64, TimeDelta)>,
}

impl Line {
    /// The first entry that must stay: written at `since` or later, or not old enough by the time
    /// between entries. An entry from the future was written under a wrong clock.
    pub(super) async fn of(
        connection: &mut SqliteConnection,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Self, AuditError> {
        let pruned = verify::newest_line(connection).await?.map_or(1, |line| line.below);
        // The last entry stays, since the next one is chained to its hash.
        let last = chain::head(connection).await?.0.max(pruned);
        let by_clock: Option<i64> = sqlx::query_scalar(
            "SELECT seq
            FROM entry
            WHERE seq >= ?1 AND at >= ?2 AND at <= ?3
            ORDER BY seq
            LIMIT 1",
        )
        .bind(pruned)
        .bind(Millis::from(since))
        .bind(Millis::from(now))
        .fetch_optional(&mut *connection)
        .await?;
        let by_clock = by_clock.unwrap_or(last);
        let keep = now - since;
        let unlived = (keep / PART).max(TimeDelta::days(1));
        let by_age: Option<i64> = sqlx::query_scalar(BY_AGE)
            .bind(pruned)
            .bind(Millis::from(now))
            .bind(unlived.num_milliseconds())
            .bind(keep.num_milliseconds())
            .fetch_one(&mut *connection)
            .await?;
        let number = by_age.unwrap_or(last).min(by_clock);
        let mut leap = None;
        if number < by_clock {
            let widest: Option<(i64, i64)> = sqlx::query_as(WIDEST)
                .bind(pruned)
                .bind(Millis::from(now))
                .fetch_optional(connection)
                .await?;
            leap = widest.map(|(seq, gap)| (seq, TimeDelta::milliseconds(gap)));
        }
        Ok(Self { number, leap })
    }

    /// A warning about a leap of the clock that makes a difference.
    pub(super) fn doubt(&self) -> Option<String> {
        let (seq, leap) = self.leap?;
        let (days, way) =
            (leap.num_days().abs(), if leap > TimeDelta::zero() { "on" } else { "back" });
        Some(format!(
            "after entry {seq} the clock went {way} by {days} days that no daemon lived through: \
             that alone makes nothing old, and more is kept"
        ))
    }
}

/// The first entry not older than `?4`. A gap between two entries counts as far as daemons lived in
/// it, and beyond that by `?3` at most. A step back in time subtracts `?3` at most.
const BY_AGE: &str = "
WITH apart (seq, at, gap) AS (
    SELECT seq, at, lead(at, 1, ?2) OVER (ORDER BY seq) - at
    FROM entry
    WHERE seq >= ?1
),
counted (seq, gap) AS (
    SELECT
        seq,
        CASE
            WHEN abs(gap) <= ?3 THEN gap
            WHEN gap < 0 THEN -?3
            ELSE min(gap, ?3 + coalesce(
                (
                    SELECT sum(max(0, min(lived_until, at + gap) - max(lived_from, at)))
                    FROM lived
                ),
                0
            ))
        END
    FROM apart
),
aged (seq, age) AS (
    SELECT seq, sum(gap) OVER (ORDER BY seq DESC ROWS UNBOUNDED PRECEDING)
    FROM counted
)
SELECT min(seq)
FROM aged
WHERE age <= ?4";

/// The largest step of the clock between two entries.
const WIDEST: &str = "
SELECT seq, gap
FROM (
    SELECT seq, lead(at, 1, ?2) OVER (ORDER BY seq) - at AS gap
    FROM entry
    WHERE seq >= ?1
)
ORDER BY abs(gap) DESC
LIMIT 1";
