//! Rows that cannot be decoded: an error that names them, never silently left out.
//!
//! Readers fail on the first one. A daemon has the night to go on with: it says each once, and
//! goes on without it.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use tracing::error;

use super::error::AuditError;

/// A row: its table and its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At(pub(crate) &'static str, pub(crate) i64);

/// What was said already.
static SAID: Mutex<BTreeSet<At>> = Mutex::new(BTreeSet::new());

impl At {
    /// What a column of the row says.
    pub(crate) fn read<T, E>(self, column: Result<T, E>) -> Result<T, AuditError> {
        column.map_err(|_| self.damaged())
    }

    /// The same of a column with one of a few words.
    pub(crate) fn word<T>(self, column: Option<T>) -> Result<T, AuditError> {
        column.ok_or_else(|| self.damaged())
    }

    fn damaged(self) -> AuditError {
        AuditError::Damaged { table: self.0, seq: self.1 }
    }
}

/// What a row says; of one that cannot be decoded nothing, which is said once.
pub(crate) fn or_say<T>(row: Result<T, AuditError>) -> Option<T> {
    let error = match row {
        Ok(row) => return Some(row),
        Err(error) => error,
    };
    let is_new = match &error {
        AuditError::Damaged { table, seq } => {
            SAID.lock().unwrap_or_else(PoisonError::into_inner).insert(At(table, *seq))
        }
        _ => true,
    };
    if is_new {
        error!(%error, "left out; `lightsout audit verify` says what else is damaged");
    }
    None
}
