//! The tables in PostgreSQL, and the rights of the role that nodes use.

use tokio::time::timeout;

use super::link::{Link, PATIENCE};
use super::shared_error::SharedError;

/// Makes the tables. Each row of `entry` is checked by the server itself: its hash covers it and the
/// hash before it, and the entry before it is there with that hash. So the chain cannot fork, skip
/// or be changed by whoever may only add to it.
pub(crate) const TABLES: &str = r"CREATE SCHEMA IF NOT EXISTS lightsout;

CREATE TABLE IF NOT EXISTS lightsout.entry (
    seq     bigint NOT NULL,
    at      bigint NOT NULL,
    session bigint NOT NULL,
    kind    text   NOT NULL,
    prev    bytea  NOT NULL,
    hash    bytea  NOT NULL,
    body    bytea  NOT NULL,
    before  bigint GENERATED ALWAYS AS (nullif(seq - 1, 0)) STORED,
    CONSTRAINT entry_number PRIMARY KEY (seq),
    CONSTRAINT entry_place UNIQUE (seq, hash),
    CONSTRAINT entry_follows FOREIGN KEY (before, prev) REFERENCES lightsout.entry (seq, hash),
    CONSTRAINT entry_begins CHECK (
        seq > 1 OR seq = 1 AND prev = decode(repeat('00', 32), 'hex')
    ),
    CONSTRAINT entry_is_hashed CHECK (
        hash = sha256(
            prev || convert_to(concat(seq, ' ', at, ' ', session, ' ', kind, ' '), 'UTF8') || body
        )
    )
);

-- What the nodes tell each other beside the log: overwritten, and proof of nothing.
CREATE TABLE IF NOT EXISTS lightsout.node (
    session bigint PRIMARY KEY,
    name    text   NOT NULL,
    beat    bigint NOT NULL,
    beat_at timestamptz NOT NULL,
    body    text   NOT NULL
);

CREATE TABLE IF NOT EXISTS lightsout.duty (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    session bigint NOT NULL,
    term    bigint NOT NULL
);

CREATE TABLE IF NOT EXISTS lightsout.fact (
    kind    text   NOT NULL,
    key     text   NOT NULL,
    body    text   NOT NULL,
    written bigint NOT NULL DEFAULT (pg_current_xact_id()::text)::bigint,
    PRIMARY KEY (kind, key)
);

CREATE INDEX IF NOT EXISTS fact_by_age ON lightsout.fact (written);
";

const ARE_THERE: &str = "SELECT count(*) = 4
    FROM pg_tables
    WHERE schemaname = 'lightsout' AND tablename IN ('entry', 'node', 'duty', 'fact')";

/// The SQL for an administrator: the tables, and a role that may add to the log and never change it.
pub(crate) fn script(role: &str) -> String {
    let role = format!("\"{}\"", role.replace('"', "\"\""));
    format!(
        "BEGIN;\n\n{TABLES}\nGRANT USAGE ON SCHEMA lightsout TO {role};\n\
         GRANT SELECT, INSERT ON lightsout.entry TO {role};\n\
         GRANT SELECT, INSERT, UPDATE, DELETE\n    ON lightsout.node, lightsout.duty, lightsout.fact TO {role};\n\n\
         COMMIT;\n"
    )
}

/// Nobody is on duty, and a log may begin here.
const BEGIN: &str = "INSERT INTO lightsout.duty (one, session, term)
    VALUES (true, 0, 0)
    ON CONFLICT DO NOTHING";

const IS_BEGUN: &str = "SELECT EXISTS (SELECT 1 FROM lightsout.duty)";

impl Link {
    /// Notes that a log begins here: the one that was put there, or a new one.
    pub(crate) async fn begin_log(&mut self) -> Result<bool, SharedError> {
        let mut connection = self.take().await?;
        let begun = timeout(PATIENCE, sqlx::query(BEGIN).execute(&mut connection)).await;
        Ok(self.give(connection, begun)?.rows_affected() > 0)
    }

    /// Whether a log was ever begun here.
    pub(crate) async fn is_begun(&mut self) -> Result<bool, SharedError> {
        let mut connection = self.take().await?;
        let is_begun = sqlx::query_scalar(IS_BEGUN).fetch_one(&mut connection);
        let is_begun = timeout(PATIENCE, is_begun).await;
        self.give(connection, is_begun)
    }

    /// Makes the tables where they are missing. Where they are there, no right to make any is needed.
    pub(crate) async fn make_tables(&mut self) -> Result<(), SharedError> {
        let mut connection = self.take().await?;
        let making = async {
            let are_there: bool = sqlx::query_scalar(ARE_THERE).fetch_one(&mut connection).await?;
            if !are_there {
                // Several statements at once go as one simple query, which is one transaction.
                sqlx::raw_sql(TABLES).execute(&mut connection).await?;
            }
            Ok(())
        };
        let made = timeout(PATIENCE, making).await;
        self.give(connection, made)
    }
}
