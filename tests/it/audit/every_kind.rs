//! Entries of every kind that a log knows, whatever its version, made from its tables alone.

use sqlx::{AssertSqlSafe, SqliteConnection};

/// Writes two entries of every kind: one that says all there is to say, and one with a NULL
/// wherever its table lets it. The connection must not check what is in a column.
pub(super) async fn write_every_kind(log: &mut SqliteConnection) {
    let kinds: Vec<String> =
        sqlx::query_scalar("SELECT name FROM kind").fetch_all(&mut *log).await.unwrap();
    let mut seq: i64 = sqlx::query_scalar("SELECT coalesce(max(seq), 0) FROM entry")
        .fetch_one(&mut *log)
        .await
        .unwrap();
    for kind in kinds {
        for has_nulls in [false, true] {
            seq += 1;
            // Each number is the row's own, so that what must be unique is; and none that would
            // let a prune remove anything.
            let values: Vec<String> = sqlx::query_scalar(
                "SELECT CASE
                    WHEN name = 'seq' THEN ?2
                    WHEN ?3 AND NOT \"notnull\" THEN 'NULL'
                    WHEN type = 'TEXT' THEN quote(name || ?2)
                    ELSE '-' || ?2
                END
                FROM pragma_table_info(?1)",
            )
            .bind(&kind)
            .bind(seq.to_string())
            .bind(has_nulls)
            .fetch_all(&mut *log)
            .await
            .unwrap();
            let row = format!(
                "INSERT INTO entry VALUES ({seq}, 5, 1, '{kind}', zeroblob(32));
                INSERT INTO {kind} VALUES ({})",
                values.join(", ")
            );
            sqlx::raw_sql(AssertSqlSafe(row)).execute(&mut *log).await.unwrap();
        }
    }
}
