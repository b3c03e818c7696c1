//! Rows that cannot be decoded: they become an error that names them, and are never dropped
//! silently.
//!
//! Readers fail on the first one. A daemon must go on with its night: it logs each one once, and
//! goes on without it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use sqlx::FromRow;
use sqlx::sqlite::SqliteRow;
use tracing::error;

use super::at::At;
use super::decode;
use super::error::AuditError;
use super::reader::AuditReader;
use crate::model::instance::InstanceNo;

static SAID: Mutex<BTreeSet<At>> = Mutex::new(BTreeSet::new());

impl At {
    /// The value of a column of the row.
    pub(crate) fn read<T, E>(&self, column: Result<T, E>) -> Result<T, AuditError> {
        column.map_err(|_| self.clone().into())
    }
}

/// Each of these rows as a struct or a tuple. `seq` is the number of its entry.
pub(crate) fn decoded<T: for<'r> FromRow<'r, SqliteRow>>(
    table: &'static str,
    rows: Vec<SqliteRow>,
) -> impl Iterator<Item = Result<T, AuditError>> {
    rows.into_iter().map(move |row| {
        T::from_row(&row).map_err(|error| decode::named(error, &row, table, "seq").into())
    })
}

/// The instance numbers in the second column of these rows; the first is `seq`.
pub(crate) fn instances(
    table: &'static str,
    rows: Vec<SqliteRow>,
) -> impl Iterator<Item = Result<InstanceNo, AuditError>> {
    decoded::<(i64, InstanceNo)>(table, rows).map(|row| row.map(|(_, no)| no))
}

/// Logs which row of a log cannot be decoded, if any.
pub(crate) async fn say_undecoded(log: PathBuf) {
    let Ok(reader) = AuditReader::open(&log).await else { return };
    if let Ok(Some(row)) = reader.undecoded().await {
        or_say::<()>(Err(row));
    }
}

/// The value of a row. An undecodable one gives nothing, and is logged once.
pub(crate) fn or_say<T>(row: Result<T, AuditError>) -> Option<T> {
    let error = match row {
        Ok(row) => return Some(row),
        Err(error) => error,
    };
    let is_new = match &error {
        AuditError::Damaged { table, seq } => {
            SAID.lock().unwrap_or_else(PoisonError::into_inner).insert(At(table.clone(), *seq))
        }
        _ => true,
    };
    if is_new {
        error!(%error, "left out; `lightsout audit verify` says what else is damaged");
    }
    None
}
