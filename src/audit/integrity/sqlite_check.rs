//! Runs SQLite's own check of the file: pages, tables and indexes.

use sqlx::SqliteConnection;

use crate::audit::store::finding::Finding;

/// The damage of the file itself; empty when the file is sound.
pub(crate) async fn damages(
    connection: &mut SqliteConnection,
) -> Result<Vec<Finding>, sqlx::Error> {
    let said: Vec<String> =
        sqlx::query_scalar("PRAGMA integrity_check(100)").fetch_all(&mut *connection).await?;
    // One row may hold several lines, with a head first.
    let lines = said.iter().flat_map(|text| text.lines());
    let lines = lines.filter(|line| *line != "ok" && !line.starts_with("*** in database"));
    let mut findings = Vec::new();
    for line in lines {
        let what = match root(line) {
            Some(root) => format!("{line} ({})", object(connection, root).await?),
            None => line.to_owned(),
        };
        findings.push(Finding::of_damage(what));
    }
    Ok(findings)
}

/// The root page of the table or index in a line: `Tree 12 page 34: …`.
fn root(line: &str) -> Option<i64> {
    line.strip_prefix("Tree ")?.split(' ').next()?.parse().ok()
}

async fn object(connection: &mut SqliteConnection, root: i64) -> Result<String, sqlx::Error> {
    let name: Option<String> = sqlx::query_scalar(
        "SELECT type || ' ' || name
        FROM sqlite_schema
        WHERE rootpage = ?1",
    )
    .bind(root)
    .fetch_optional(connection)
    .await?;
    Ok(name.unwrap_or_else(|| "no table or index".to_owned()))
}
