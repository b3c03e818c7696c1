//! Someone who can write to the file of a log.

use proptest::prelude::*;
use proptest::sample::Index;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

use super::World;

/// Every table that the chain covers, with its columns; the first of them is its key.
async fn tables(log: &mut SqliteConnection) -> Vec<(String, Vec<String>)> {
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT one.name, of.name
        FROM sqlite_schema AS one
        JOIN pragma_table_info(one.name) AS of
        WHERE one.type = 'table'
            AND one.name NOT IN ('life', 'lived', 'look', 'source', '_sqlx_migrations')
        ORDER BY one.rowid, of.cid",
    )
    .fetch_all(log)
    .await
    .unwrap();
    let table = |columns: &[(String, String)]| {
        (columns[0].0.clone(), columns.iter().map(|(_, name)| name.clone()).collect())
    };
    columns.chunk_by(|one, next| one.0 == next.0).map(table).collect()
}

/// One change of one row, or of two.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mutation {
    Change(Index),
    Remove,
    Insert,
    Swap(Index),
}

pub(super) fn mutations() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        4 => any::<Index>().prop_map(Mutation::Change),
        1 => Just(Mutation::Remove),
        1 => Just(Mutation::Insert),
        2 => any::<Index>().prop_map(Mutation::Swap),
    ]
}

/// Someone who can write to the file, and takes care to leave every trigger as it was.
pub(super) struct Attacker(pub(super) SqliteConnection);

impl Attacker {
    pub(super) async fn of(world: &World) -> Self {
        let mut connection = world.raw().await;
        sqlx::query("PRAGMA ignore_check_constraints = ON").execute(&mut connection).await.unwrap();
        sqlx::query("PRAGMA foreign_keys = OFF").execute(&mut connection).await.unwrap();
        Self(connection)
    }

    /// Runs statements without triggers in their way; what SQLite itself refuses is not done.
    pub(super) async fn run(&mut self, statements: &[String]) -> bool {
        let triggers: Vec<(String, String)> =
            sqlx::query_as("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
                .fetch_all(&mut self.0)
                .await
                .unwrap();
        let mut tx = self.0.begin().await.unwrap();
        for (name, _) in &triggers {
            let drop = format!("DROP TRIGGER {name}");
            sqlx::query(AssertSqlSafe(drop)).execute(&mut *tx).await.unwrap();
        }
        let mut changed = 0;
        for statement in statements {
            let done = sqlx::query(AssertSqlSafe(statement.clone())).execute(&mut *tx).await;
            let Ok(done) = done else { return false };
            changed += done.rows_affected();
        }
        for (_, sql) in triggers {
            sqlx::query(AssertSqlSafe(sql)).execute(&mut *tx).await.unwrap();
        }
        tx.commit().await.unwrap();
        changed > 0
    }

    /// Does one change to some row of some table; whether SQLite let it happen.
    pub(super) async fn mutate(&mut self, table: Index, row: Index, mutation: Mutation) -> bool {
        let tables = tables(&mut self.0).await;
        let (table, columns) = table.get(&tables);
        let key = columns[0].as_str();
        let keys: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!(
            "SELECT CAST({key} AS TEXT) FROM {table} ORDER BY {key}"
        )))
        .fetch_all(&mut self.0)
        .await
        .unwrap();
        if keys.is_empty() {
            return false;
        }
        let at = |index: Index| keys[index.index(keys.len())].clone();
        let (one, all) = (at(row), columns.join(", "));
        let statements = match mutation {
            Mutation::Change(column) => {
                let column = column.get(columns);
                vec![format!(
                    "UPDATE {table} SET {column} = CASE typeof({column})
                        WHEN 'integer' THEN {column} + 1000
                        WHEN 'blob' THEN randomblob(32)
                        WHEN 'null' THEN 7
                        ELSE {column} || '7' END
                    WHERE {key} = '{one}'"
                )]
            }
            Mutation::Remove => vec![format!("DELETE FROM {table} WHERE {key} = '{one}'")],
            Mutation::Insert => {
                let rest = columns[1..].join(", ");
                let fresh = if key == "name" { "'new'" } else { "5000" };
                vec![format!(
                    "INSERT INTO {table} ({all}) SELECT {fresh}, {rest} FROM {table}
                    WHERE {key} = '{one}'"
                )]
            }
            Mutation::Swap(other) => {
                let (other, aside) = (at(other), if key == "name" { "'-'" } else { "-1" });
                let set = |from: &str, to: &str| {
                    format!("UPDATE {table} SET {key} = {to} WHERE {key} = {from}")
                };
                let (one, other) = (format!("'{one}'"), format!("'{other}'"));
                vec![set(&one, aside), set(&other, &one), set(aside, &other)]
            }
        };
        self.run(&statements).await
    }

    /// All that is in the tables, to tell a change from none.
    pub(super) async fn dump(&mut self) -> Vec<String> {
        let mut dump = Vec::new();
        for (table, columns) in tables(&mut self.0).await {
            let texts: Vec<_> = columns.iter().map(|name| format!("quote({name})")).collect();
            let sql = format!("SELECT {} FROM {table} ORDER BY 1", texts.join(" || ',' || "));
            let rows = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut self.0);
            dump.extend::<Vec<String>>(rows.await.unwrap());
        }
        dump
    }
}
