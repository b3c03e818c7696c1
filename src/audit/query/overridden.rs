//! Finds the overrides that made firings what they were: by the text of schedules.toml under which
//! each fired.

use std::collections::HashMap;
use std::path::Path;

use chrono::{DateTime, TimeDelta};
use serde::Deserialize;
use sqlx::SqliteConnection;

use crate::audit::store::error::AuditError;
use crate::audit::store::record::json;
use crate::audit::store::row::row;
use crate::schedule::Schedules;

row! {
    /// A text with overrides, and the firings under it.
    struct FileRow {
        text: String,
        path: String,
        firings: Vec<Due> = json,
    }
}

#[derive(Debug, Deserialize)]
struct Due {
    firing: i64,
    rule: String,
    action: String,
    /// The due time, in milliseconds since 1970.
    at: i64,
}

/// The overrides in words, by firing. A text that cannot be read any more tells nothing.
pub(super) async fn overrides_of(
    connection: &mut SqliteConnection,
    firings: &[i64],
) -> Result<HashMap<i64, String>, AuditError> {
    let mut found = HashMap::new();
    for file in files(connection, firings).await? {
        let Ok((schedules, _)) = Schedules::recall(Path::new(&file.path), &file.text) else {
            continue;
        };
        let words = |due: &Due| Some((due.firing, override_of(&schedules, due)?));
        found.extend(file.firings.iter().filter_map(words));
    }
    Ok(found)
}

/// The texts with overrides under which firings fell due. The plus keeps SQLite from walking
/// through all firings of a text.
async fn files(
    connection: &mut SqliteConnection,
    firings: &[i64],
) -> Result<Vec<FileRow>, AuditError> {
    let files = sqlx::query_as(
        "SELECT
            file_text.text,
            (
                SELECT path
                FROM file_load
                WHERE file_load.file = file_text.seq
                ORDER BY file_load.seq DESC
                LIMIT 1
            ) AS path,
            (
                SELECT json_group_array(json_object(
                    'firing', seq, 'rule', rule, 'action', action, 'at', scheduled_at))
                FROM firing
                WHERE +file = file_text.seq
                    AND scheduled_at IS NOT NULL
                    AND seq IN (SELECT value FROM json_each(?1))
            ) AS firings
        FROM file_text
        WHERE seq IN (SELECT file FROM firing WHERE seq IN (SELECT value FROM json_each(?1)))
            AND instr(text, 'overrides') > 0",
    )
    .bind(json(&firings))
    .fetch_all(connection)
    .await?;
    Ok(files)
}

fn override_of(schedules: &Schedules, due: &Due) -> Option<String> {
    let at = DateTime::from_timestamp_millis(due.at)?;
    let entry = schedules.entry(&due.rule)?;
    let rule = entry.iter().find(|rule| rule.action.as_str() == due.action)?;
    let found = rule.next_after(at - TimeDelta::milliseconds(1)).filter(|found| found.at == at)?;
    rule.override_of(&found).map(ToString::to_string)
}
