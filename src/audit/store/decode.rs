//! Decodes columns that stand for something else, and names rows that cannot be decoded.

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::at::At;

/// Adds the row to an error that names none yet.
pub(crate) fn named(
    error: sqlx::Error,
    row: &SqliteRow,
    table: &'static str,
    seq: &str,
) -> sqlx::Error {
    match row.try_get(seq) {
        Ok(seq) if At::in_error(&error).is_none() => At::of(table, seq).into(),
        _ => error,
    }
}

/// A column with a number that stands for something else.
pub(crate) fn of_number<T: OfNumber>(row: &SqliteRow, column: &str) -> sqlx::Result<T> {
    let number: Option<i64> = row.try_get(column)?;
    let wrong_number = || wrong(column, format!("{number:?} is out of range").into());
    T::of(number).ok_or_else(wrong_number)
}

/// A type that a number, or a NULL, stands for.
pub(crate) trait OfNumber: Sized {
    fn of(number: Option<i64>) -> Option<Self>;
}

impl OfNumber for DateTime<Utc> {
    fn of(number: Option<i64>) -> Option<Self> {
        Self::from_timestamp_millis(number?)
    }
}

impl OfNumber for u64 {
    fn of(number: Option<i64>) -> Option<Self> {
        Self::try_from(number?).ok()
    }
}

impl OfNumber for usize {
    fn of(number: Option<i64>) -> Option<Self> {
        Self::try_from(number?).ok()
    }
}

impl<T: OfNumber> OfNumber for Option<T> {
    fn of(number: Option<i64>) -> Option<Self> {
        if number.is_none() { Some(None) } else { T::of(number).map(Some) }
    }
}

fn wrong(column: &str, source: sqlx::error::BoxDynError) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source }
}

pub(crate) fn json<T: DeserializeOwned>(row: &SqliteRow, column: &str) -> sqlx::Result<T> {
    serde_json::from_str(row.try_get(column)?).map_err(|error| wrong(column, error.into()))
}
