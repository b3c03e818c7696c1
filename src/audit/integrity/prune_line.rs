//! Up to where a log is old: by the clock, as far as the log itself bears it out.
//!
//! Whoever goes by the clock alone removes everything on the day that it leaps ahead by years. So
//! an entry is old only where the time between the entries after it adds up to that as well. In
//! there, time that no daemon lived through counts up to a small part of what is kept: it may have
//! been a machine that was off, or a clock that leapt. What was kept too long for that goes later.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::SqliteConnection;

use super::verify;
use crate::audit::store::chain;
use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;

/// Time that nobody lived through counts up to this part of what is kept.
const PART: i32 = 7;

/// The number from which on everything stays.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) number: i64,
    /// After which entry the clock leapt, and how far, where that alone would make more old.
    leap: Option<(i64, TimeDelta)>,
}

impl Line {
    /// The number of the first entry that was written at `since` or later, or that is not so old
    /// by what lies between entries. One that claims to be from the future was written by a clock
    /// that was wrong.
    pub(super) async fn of(
        connection: &mut SqliteConnection,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Self, AuditError> {
        let pruned = verify::newest_line(connection).await?.map_or(1, |line| line.below);
        // The last entry stays: its hash is the one that the next is chained to.
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

    /// What is to be said of a clock that leapt, where it makes a difference.
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

/// The first entry that is not older than `?4`, where a gap between two entries counts as far as
/// daemons lived through it, and `?3` beyond that; one back in time takes away as much at most.
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

/// Where the clock went farthest from one entry to the next.
const WIDEST: &str = "
SELECT seq, gap
FROM (
    SELECT seq, lead(at, 1, ?2) OVER (ORDER BY seq) - at AS gap
    FROM entry
    WHERE seq >= ?1
)
ORDER BY abs(gap) DESC
LIMIT 1";
