//! Rows that cannot be decoded: they become an error that names them, and are never dropped
//! silently.
//!
//! Readers fail on the first one. A daemon must go on with its night: it logs each one once, and
//! goes on without it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row};
use tracing::error;

use super::error::AuditError;
use super::reader::AuditReader;

/// A row: its table and its number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At(pub(crate) Cow<'static, str>, pub(crate) i64);

static SAID: Mutex<BTreeSet<At>> = Mutex::new(BTreeSet::new());

impl At {
    pub(crate) fn of(table: &'static str, seq: i64) -> Self {
        Self(Cow::Borrowed(table), seq)
    }

    /// The value of a column of the row.
    pub(crate) fn read<T, E>(&self, column: Result<T, E>) -> Result<T, AuditError> {
        column.map_err(|_| self.damaged())
    }

    /// The value of a column with one of a few words.
    pub(crate) fn word<T>(&self, column: Option<T>) -> Result<T, AuditError> {
        column.ok_or_else(|| self.damaged())
    }

    pub(crate) fn damaged(&self) -> AuditError {
        AuditError::Damaged { table: self.0.clone(), seq: self.1 }
    }
}

/// Each of these rows as a struct. `seq` is the number of its entry.
pub(crate) fn decoded<T: for<'r> FromRow<'r, SqliteRow>>(
    table: &'static str,
    rows: Vec<SqliteRow>,
) -> impl Iterator<Item = Result<T, AuditError>> {
    rows.into_iter().map(move |row| {
        T::from_row(&row).map_err(|error| match row.try_get("seq") {
            Ok(seq) => At::of(table, seq).damaged(),
            Err(_) => error.into(),
        })
    })
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
