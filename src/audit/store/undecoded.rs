//! Finds the row that cannot be decoded: the error of a query names only a column.
//!
//! After such an error, every row of every table is examined.

use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row, SqliteConnection, ValueRef};

use super::at::At;
use super::error::AuditError;
use super::reader::AuditReader;

/// The numbers that are examined together.
const CHUNK: i64 = 20_000;

/// A column: its table, its name, its type, and whether it is never null.
type Column = (String, String, String, bool);

impl AuditReader {
    /// An error that names the first row which cannot be decoded: (1) a text that is not UTF-8, or
    /// (2) a value of another type than the column's. `None` when there is no such row.
    pub async fn undecoded(&self) -> Result<Option<AuditError>, AuditError> {
        let first = first(&mut *self.connection().await).await?;
        Ok(first.map(AuditError::from))
    }
}

async fn first(connection: &mut SqliteConnection) -> Result<Option<At>, sqlx::Error> {
    let columns: Vec<Column> = sqlx::query_as(
        "SELECT one.name, of.name, of.type, of.\"notnull\" OR of.pk
        FROM sqlite_schema AS one
        JOIN pragma_table_info(one.name) AS of
        WHERE one.type = 'table' AND one.sql LIKE '%STRICT%'
        ORDER BY one.rowid, of.cid",
    )
    .fetch_all(&mut *connection)
    .await?;
    let last: Option<i64> =
        sqlx::query_scalar("SELECT max(seq) FROM entry").fetch_one(&mut *connection).await?;
    for columns in columns.chunk_by(|one, next| one.0 == next.0) {
        let (table, number, kind, _) = &columns[0];
        // A table that does not begin with a number is outside the chain, and small.
        let (condition, end) = match kind.as_str() {
            "INTEGER" => (format!("{number} >= ?1 AND {number} < ?2"), last.unwrap_or_default()),
            _ => ("?1 < ?2".to_owned(), 0),
        };
        let rows = format!("SELECT * FROM \"{table}\" WHERE {condition}");
        let mut first = 0;
        while first <= end {
            if let Some(odd) = odd(connection, &rows, first, columns).await? {
                return Ok(Some(At(table.clone().into(), odd)));
            }
            first += CHUNK;
        }
    }
    Ok(None)
}

/// The number of the first of these rows that cannot be decoded.
async fn odd(
    connection: &mut SqliteConnection,
    rows: &str,
    first: i64,
    columns: &[Column],
) -> Result<Option<i64>, sqlx::Error> {
    let rows = sqlx::query(AssertSqlSafe(rows)).bind(first).bind(first + CHUNK);
    let rows = rows.fetch_all(connection).await?;
    let odd = rows.iter().position(|row| !is_decoded(row, columns));
    // A row without a number is named by its place.
    Ok(odd.map(|place| {
        let place_as_number = i64::try_from(place).unwrap_or_default() + 1;
        rows[place].try_get(0).unwrap_or(place_as_number)
    }))
}

fn is_decoded(row: &SqliteRow, columns: &[Column]) -> bool {
    columns.iter().enumerate().all(|(place, (_, _, kind, is_needed))| {
        let is_null = row.try_get_raw(place).is_ok_and(|value| value.is_null());
        let is_read = match kind.as_str() {
            "TEXT" => row.try_get::<Option<String>, _>(place).is_ok(),
            "INTEGER" => row.try_get::<Option<i64>, _>(place).is_ok(),
            _ => row.try_get::<Option<Vec<u8>>, _>(place).is_ok(),
        };
        is_read && !(is_null && *is_needed)
    })
}
