//! The column `reason`, and the code that programs have beside it.
//!
//! The code is not stored: it is told from the words, so that rows of every age have one.

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::column::column;
use crate::model::reason::Reason;

column!(text Reason);

/// The code of the column `reason`.
pub(crate) fn code(row: &SqliteRow) -> sqlx::Result<Option<&'static str>> {
    let reason: Option<Reason> = row.try_get("reason")?;
    Ok(reason.and_then(|reason| reason.code()))
}
