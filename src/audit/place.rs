//! Which number the log had reached by a time.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::SqliteConnection;

use super::millis::Millis;

/// Numbers are given in the order in which entries are written, and a wall clock that was stepped
/// makes that another order than that of their times: a day of it is allowed for.
const MARGIN: TimeDelta = TimeDelta::days(1);

/// A number below which everything was written by that time: that of a firing a day before it;
/// 0 where there was none.
pub(super) async fn number_before(
    connection: &mut SqliteConnection,
    at: DateTime<Utc>,
) -> Result<i64, sqlx::Error> {
    let at = at.checked_sub_signed(MARGIN).unwrap_or(at);
    let number: Option<i64> = sqlx::query_scalar(
        "SELECT seq
        FROM entry
        WHERE kind = 'firing' AND at <= ?1
        ORDER BY at DESC
        LIMIT 1",
    )
    .bind(Millis::from(at))
    .fetch_optional(connection)
    .await?;
    Ok(number.unwrap_or(0))
}

/// A number from which on everything was written after that time: that of a firing a day after
/// it; beyond all where there was none yet.
pub(super) async fn number_after(
    connection: &mut SqliteConnection,
    at: DateTime<Utc>,
) -> Result<i64, sqlx::Error> {
    let at = at.checked_add_signed(MARGIN).unwrap_or(at);
    let number: Option<i64> = sqlx::query_scalar(
        "SELECT seq
        FROM entry
        WHERE kind = 'firing' AND at >= ?1
        ORDER BY at
        LIMIT 1",
    )
    .bind(Millis::from(at))
    .fetch_optional(connection)
    .await?;
    Ok(number.unwrap_or(i64::MAX))
}
