//! Every kind of entry has the same fields in its record, its table and its body.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

use super::*;
use crate::audit::store::migrations::MIGRATIONS;

/// A log of this version with a row of this kind, in which no column is NULL.
async fn with_a_row_of(kind: &str) -> SqliteConnection {
    let mut log = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    for (_, _, migration) in MIGRATIONS {
        sqlx::raw_sql(migration).execute(&mut log).await.unwrap();
    }
    let values: Vec<String> = sqlx::query_scalar(
        "SELECT iif(name = 'seq', '1', iif(type = 'TEXT', '''x''', '2')) FROM pragma_table_info(?1)",
    )
    .bind(kind)
    .fetch_all(&mut log)
    .await
    .unwrap();
    let row = format!(
        "PRAGMA foreign_keys = OFF;
        PRAGMA ignore_check_constraints = ON;
        INSERT INTO entry VALUES (1, 5, 1, '{kind}', zeroblob(32));
        INSERT INTO {kind} VALUES ({})",
        values.join(", ")
    );
    sqlx::raw_sql(AssertSqlSafe(row)).execute(&mut log).await.unwrap();
    log
}

#[tokio::test]
async fn a_record_its_table_and_its_body_have_the_same_fields() {
    for Kind { name: kind, columns, body, .. } in KINDS {
        let log = &mut with_a_row_of(kind).await;
        let there: Vec<String> =
            sqlx::query_scalar("SELECT name FROM pragma_table_info(?1) WHERE name <> 'seq'")
                .bind(kind)
                .fetch_all(&mut *log)
                .await
                .unwrap();
        let sorted: BTreeSet<&str> = there.iter().map(String::as_str).collect();
        assert_eq!(sorted, columns.iter().copied().collect(), "the table {kind}");
        let hashed: Vec<String> =
            sqlx::query_scalar("SELECT key FROM body, json_each(body.text) WHERE seq = 1")
                .fetch_all(log)
                .await
                .unwrap();
        assert_eq!(hashed, body, "the body of {kind}");
    }
}

#[tokio::test]
async fn every_kind_there_is_has_a_record() {
    let log = &mut with_a_row_of("session").await;
    let kinds: BTreeSet<String> = sqlx::query_scalar("SELECT name FROM kind")
        .fetch_all(log)
        .await
        .unwrap()
        .into_iter()
        .collect();
    assert_eq!(kinds, KINDS.map(|kind| kind.name.to_owned()).into());
}
