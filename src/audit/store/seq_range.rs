//! Bounds a search by numbers: finds the number that the log had reached by a time.
//!
//! Numbers follow the order of writing. A wall clock that was stepped has another order. A step of
//! a day is allowed for; if the firings around a time show a larger one, no number is a bound.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::SqliteConnection;

use super::millis::Millis;

/// The largest step of a clock that is allowed for.
const MARGIN: TimeDelta = TimeDelta::days(1);

/// All entries below this number were written by that time; 0 when there was no firing yet.
pub(crate) async fn number_before(
    connection: &mut SqliteConnection,
    at: DateTime<Utc>,
) -> Result<i64, sqlx::Error> {
    let earlier = at.checked_sub_signed(MARGIN).unwrap_or(at);
    let number = last_by(connection, earlier).await?;
    let next = first_after(connection, at).await?;
    let is_in_order = |number: &i64| next.is_none_or(|next| *number < next);
    Ok(number.filter(is_in_order).unwrap_or(0))
}

/// All entries from this number on were written after that time; the greatest number when there was
/// no firing since.
pub(crate) async fn number_after(
    connection: &mut SqliteConnection,
    at: DateTime<Utc>,
) -> Result<i64, sqlx::Error> {
    let later = at.checked_add_signed(MARGIN).unwrap_or(at);
    let number = first_after(connection, later).await?;
    let last = last_by(connection, at).await?;
    let is_in_order = |number: &i64| last.is_none_or(|last| last < *number);
    Ok(number.filter(is_in_order).unwrap_or(i64::MAX))
}

/// The number of the last firing by a time.
pub(crate) async fn last_by(
    connection: &mut SqliteConnection,
    at: DateTime<Utc>,
) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT seq
        FROM entry
        WHERE kind = 'firing' AND at <= ?1
        ORDER BY at DESC, seq DESC
        LIMIT 1",
    )
    .bind(Millis::from(at))
    .fetch_optional(connection)
    .await
}

/// The number of the first firing after a time.
async fn first_after(
    connection: &mut SqliteConnection,
    at: DateTime<Utc>,
) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT seq
        FROM entry
        WHERE kind = 'firing' AND at > ?1
        ORDER BY at, seq
        LIMIT 1",
    )
    .bind(Millis::from(at))
    .fetch_optional(connection)
    .await
}

#[cfg(test)]
mod tests {
    use sqlx::Connection;

    use super::*;

    fn on(day: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(day)
    }

    /// Entries of firings on these days, in this order, from number 1 on.
    async fn firings(days: &[i64]) -> SqliteConnection {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let table = "CREATE TABLE entry (seq INTEGER PRIMARY KEY, at INTEGER, kind TEXT)";
        sqlx::query(table).execute(&mut connection).await.unwrap();
        for day in days {
            sqlx::query("INSERT INTO entry (at, kind) VALUES (?1, 'firing')")
                .bind(Millis::from(on(*day)))
                .execute(&mut connection)
                .await
                .unwrap();
        }
        connection
    }

    #[tokio::test]
    async fn what_was_written_by_a_time_lies_between_its_numbers_whatever_the_clock_did() {
        for (days, at, expected) in [
            (&[][..], 5, (0, i64::MAX)),
            (&[10, 11, 12, 13, 14, 15], 1, (0, 1)),
            (&[10, 11, 12, 13, 14, 15], 12, (2, 5)),
            (&[10, 11, 12, 13, 14, 15], 30, (6, i64::MAX)),
            // The clock is set back by a day at the fourth entry.
            (&[10, 11, 12, 11, 12, 13, 14], 12, (4, 7)),
            // The third is years ahead: up to that time there is no order.
            (&[10, 11, 900, 12, 13], 13, (0, i64::MAX)),
            (&[10, 11, 900, 12, 13], 10, (0, 4)),
            // The third is years behind: since that time, no firing is the first.
            (&[10, 11, 0, 12, 13], 5, (0, i64::MAX)),
            (&[10, 11, 0, 12, 13], 12, (2, i64::MAX)),
        ] {
            let mut log = firings(days).await;
            let before = number_before(&mut log, on(at)).await.unwrap();
            let after = number_after(&mut log, on(at)).await.unwrap();
            assert_eq!((before, after), expected, "{days:?} at {at}");
        }
    }
}
