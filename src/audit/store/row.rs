//! Turns the rows of a query into structs.
//!
//! A column that does not fit its type is an error that names the column.

use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

/// Defines a struct for a query: each field is the column with its name.
///
/// `field: Type = json` reads JSON text, `field: Type = flat` the columns of another such struct.
/// `row!(impl Name { field, … })` does so for an existing struct.
macro_rules! row {
    (@read $row:ident $field:ident) => { sqlx::Row::try_get($row, stringify!($field))? };
    (@read $row:ident $field:ident json) => { $crate::audit::store::row::json($row, stringify!($field))? };
    (@read $row:ident $field:ident flat) => { sqlx::FromRow::from_row($row)? };
    (impl $name:ident { $($field:ident $(= $how:ident)?),* $(,)? }) => {
        impl sqlx::FromRow<'_, sqlx::sqlite::SqliteRow> for $name {
            fn from_row(row: &sqlx::sqlite::SqliteRow) -> sqlx::Result<Self> {
                Ok(Self { $($field: row!(@read row $field $($how)?),)* })
            }
        }
    };
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $($(#[$doc:meta])* $of:vis $field:ident: $type:ty $(= $how:ident)?),* $(,)?
        }
    ) => {
        $(#[$meta])*
        $vis struct $name { $($(#[$doc])* $of $field: $type,)* }
        row!(impl $name { $($field $(= $how)?),* });
    };
}

pub(crate) use row;

pub(crate) fn json<T: DeserializeOwned>(row: &SqliteRow, column: &str) -> sqlx::Result<T> {
    serde_json::from_str(row.try_get(column)?).map_err(|error| sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source: error.into(),
    })
}
