//! Someone who can write to the file of a log.

use proptest::prelude::*;
use proptest::sample::Index;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

use super::World;

/// Every table that the chain covers, with its columns.
const TABLES: [(&str, &[&str]); 25] = [
    ("entry", &["seq", "at", "session", "kind", "hash"]),
    ("session", &["seq", "writer", "version", "pid", "host"]),
    ("session_end", &["seq", "reason"]),
    ("file_text", &["seq", "sha256", "text"]),
    ("file_load", &["seq", "file", "path"]),
    (
        "firing",
        &[
            "seq",
            "rule",
            "action",
            "account",
            "trigger",
            "scheduled_at",
            "take",
            "file",
            "patience",
            "dry_run",
        ],
    ),
    ("firing_end", &["seq", "firing"]),
    ("target", &["seq", "firing", "region", "instance_no", "instance_name", "status_before"]),
    ("request", &["seq", "firing", "region", "action"]),
    ("request_instance", &["request", "account", "instance_no"]),
    ("answer", &["seq", "request", "result", "http_status", "return_code", "return_message"]),
    ("seen", &["seq", "account", "region", "instance_name", "status", "booted_at", "seen_at"]),
    ("outcome", &["seq", "firing", "region", "instance_no", "outcome", "reason", "status_after"]),
    ("takeover", &["seq", "firing", "take"]),
    ("notice", &["seq", "target", "event", "firing", "through", "body"]),
    ("notice_end", &["seq", "notice", "result", "detail"]),
    ("hold", &["seq", "what", "subject", "until", "skip", "why", "who", "via", "instance_no"]),
    ("hold_end", &["seq", "hold", "who"]),
    ("owed", &["seq", "firing", "rule", "action", "instance_no", "wanted_at", "hold", "due_at"]),
    ("makeup", &["seq", "firing", "owed"]),
    ("product", &["seq", "product_code", "spec_code", "server_type"]),
    ("change", &["seq", "region", "instance_name", "status_before", "status_after", "seen_at"]),
    ("budget", &["seq", "instance_no", "against", "reached_before", "reached", "spent"]),
    ("prune", &["seq", "below", "anchor", "kept"]),
    ("kind", &["name", "meaning"]),
];

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
        let (table, columns) = TABLES[table.index(TABLES.len())];
        let key = columns[0];
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
                let column = columns[column.index(columns.len())];
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
        for (table, columns) in TABLES {
            let texts: Vec<_> = columns.iter().map(|name| format!("quote({name})")).collect();
            let sql = format!("SELECT {} FROM {table} ORDER BY 1", texts.join(" || ',' || "));
            let rows = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut self.0);
            dump.extend::<Vec<String>>(rows.await.unwrap());
        }
        dump
    }
}
