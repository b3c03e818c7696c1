//! Finds the firings that have not ended.

use sqlx::SqliteConnection;

/// The firings from a number on in which something is left to do or to follow, oldest first. Both
/// sides come in order, so that SQLite walks along them once.
pub(crate) async fn open(
    connection: &mut SqliteConnection,
    from: i64,
) -> Result<Vec<i64>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT seq
        FROM firing
        WHERE seq >= ?1 AND take > 0
        EXCEPT
        SELECT firing
        FROM firing_end
        WHERE firing >= ?1
        ORDER BY 1",
    )
    .bind(from)
    .fetch_all(connection)
    .await
}
