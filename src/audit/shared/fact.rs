//! What is overwritten and belongs to no chain, and what others need after a failover all the same:
//! when each server was last seen, which time daemons have lived through, what could be read.

use sqlx::Row;
use tokio::time::timeout;

use super::link::{Link, PATIENCE};
use super::shared_error::SharedError;

/// A fact that nodes share: the newest word about a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    pub(crate) kind: String,
    pub(crate) key: String,
    /// JSON.
    pub(crate) body: String,
}

/// Of looks and times of life the later counts, whoever sends it: a node also sends what it has of
/// others, and must not put an older time over a newer one.
const WRITE: &str = "INSERT INTO lightsout.fact (kind, key, body)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
    ON CONFLICT (kind, key) DO UPDATE
        SET body = excluded.body, written = (pg_current_xact_id()::text)::bigint
        WHERE CASE
            WHEN excluded.kind IN ('look', 'lived')
                THEN excluded.body::bigint > fact.body::bigint
            ELSE fact.body <> excluded.body
        END";

/// Everything since a transaction, and the oldest transaction that is still under way: what it
/// writes may appear later under a smaller number than what is there already.
const READ: &str = "SELECT
        kind, key, body, written,
        (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint AS until
    FROM lightsout.fact
    WHERE written >= $1
    ORDER BY written
    LIMIT $2";

/// The most facts that are read at once.
const MOST: i64 = 50_000;

impl Link {
    pub(crate) async fn write_facts(&mut self, facts: &[Fact]) -> Result<(), SharedError> {
        if facts.is_empty() {
            return Ok(());
        }
        let column = |of: fn(&Fact) -> &str| facts.iter().map(of).collect::<Vec<_>>();
        let mut connection = self.take().await?;
        let write = sqlx::query(WRITE)
            .bind(column(|fact| &fact.kind))
            .bind(column(|fact| &fact.key))
            .bind(column(|fact| &fact.body));
        let written = timeout(PATIENCE, write.execute(&mut connection)).await;
        self.give(connection, written).map(drop)
    }

    /// The facts written since a point in time, which is 0 at first, and the next such point.
    pub(crate) async fn facts_since(
        &mut self,
        since: i64,
    ) -> Result<(Vec<Fact>, i64), SharedError> {
        let mut connection = self.take().await?;
        let read = sqlx::query(READ).bind(since).bind(MOST);
        let read = timeout(PATIENCE, read.fetch_all(&mut connection)).await;
        let rows = self.give(connection, read)?;
        let is_all = i64::try_from(rows.len()).is_ok_and(|read| read < MOST);
        let mut until = since;
        let mut facts = Vec::new();
        let mut take = || {
            for row in &rows {
                until = row.try_get(if is_all { "until" } else { "written" })?;
                facts.push(Fact {
                    kind: row.try_get("kind")?,
                    key: row.try_get("key")?,
                    body: row.try_get("body")?,
                });
            }
            Ok(())
        };
        take().map_err(|error| SharedError::of(self.place(), error))?;
        Ok((facts, until))
    }
}
