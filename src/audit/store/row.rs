//! Turns the rows of a query into structs.
//!
//! A column that does not fit its type is an error. It names the row, if the struct names its
//! table, and the column otherwise.

/// Defines a struct for a query: each field is the column with its name.
///
/// `field: Type = absent` is no column and begins as its default.
/// `field: Type = json` reads JSON text, `field: Type = flat` the columns of another such struct,
/// `field: Type = code` the code of the column `reason`.
/// `= of_number` reads an instant, or a number that is never negative.
/// `struct Name of "table"` names its table: an error then carries the number of the row, from the
/// column `seq`, or from another with `of "table" as column`.
/// `row!(impl Name { field, … })` does so for an existing struct.
macro_rules! row {
    (@read $row:ident $field:ident) => { sqlx::Row::try_get($row, stringify!($field))? };
    (@read $row:ident $field:ident json) => { $crate::audit::store::decode::json($row, stringify!($field))? };
    (@read $row:ident $field:ident code) => { $crate::audit::store::reason::code($row)? };
    (@read $row:ident $field:ident absent) => { Default::default() };
    (@read $row:ident $field:ident flat) => { sqlx::FromRow::from_row($row)? };
    (@read $row:ident $field:ident of_number) => { $crate::audit::store::decode::of_number($row, stringify!($field))? };
    (@named $error:ident $row:ident) => { $error };
    (@named $error:ident $row:ident $table:literal) => { row!(@named $error $row $table seq) };
    (@named $error:ident $row:ident $table:literal $seq:ident) => {
        $crate::audit::store::decode::named($error, $row, $table, stringify!($seq))
    };
    (impl $name:ident $(of $table:literal $(as $seq:ident)?)? { $($field:ident $(= $how:ident)?),* $(,)? }) => {
        impl sqlx::FromRow<'_, sqlx::sqlite::SqliteRow> for $name {
            fn from_row(row: &sqlx::sqlite::SqliteRow) -> sqlx::Result<Self> {
                let read = || Ok(Self { $($field: row!(@read row $field $($how)?),)* });
                read().map_err(|error: sqlx::Error| row!(@named error row $($table $($seq)?)?))
            }
        }
    };
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident $(of $table:literal $(as $seq:ident)?)? {
            $($(#[$doc:meta])* $of:vis $field:ident: $type:ty $(= $how:ident)?),* $(,)?
        }
    ) => {
        $(#[$meta])*
        $vis struct $name { $($(#[$doc])* $of $field: $type,)* }
        row!(impl $name $(of $table $(as $seq)?)? { $($field $(= $how)?),* });
    };
}

pub(crate) use row;
