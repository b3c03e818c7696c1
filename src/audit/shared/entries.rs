//! Adds to the shared log, and reads it.
//!
//! One statement adds all entries of a write, or none. It wins or loses on the head of the chain:
//! whoever was slower is told so, and nobody waits for anybody.

use sqlx::Row;
use sqlx::postgres::PgRow;
use tokio::time::timeout;

use super::line::Line;
use super::link::{Link, PATIENCE};
use super::shared_error::SharedError;

/// The most entries that are read at once.
pub(crate) const CHUNK: usize = 2_000;

const APPEND: &str = "INSERT INTO lightsout.entry (seq, at, session, kind, prev, hash, body)
    SELECT * FROM unnest(
        $1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::bytea[], $6::bytea[], $7::bytea[])";

const FROM: &str = "SELECT seq, at, session, kind, prev, hash, body
    FROM lightsout.entry
    WHERE seq >= $1
    ORDER BY seq
    LIMIT $2";

const LAST: &str = "SELECT seq, at, session, kind, prev, hash, body
    FROM lightsout.entry
    ORDER BY seq DESC
    LIMIT 1";

impl Link {
    /// Adds entries, all or none.
    ///
    /// # Errors
    /// [`SharedError::is_out_of_place`] when the first of them is not the next one;
    /// [`SharedError::is_unknown`] when nobody knows whether they were added.
    pub(crate) async fn append(&mut self, lines: &[Line]) -> Result<(), SharedError> {
        let mut connection = self.take().await?;
        let column = |of: fn(&Line) -> i64| lines.iter().map(of).collect::<Vec<_>>();
        let bytes = |of: fn(&Line) -> &[u8]| lines.iter().map(of).collect::<Vec<_>>();
        let added = sqlx::query(APPEND)
            .bind(column(|line| line.seq))
            .bind(column(|line| line.at))
            .bind(column(|line| line.session))
            .bind(lines.iter().map(|line| line.kind.as_str()).collect::<Vec<_>>())
            .bind(bytes(|line| &line.prev))
            .bind(bytes(|line| &line.hash))
            .bind(bytes(|line| line.body.as_bytes()))
            .execute(&mut connection);
        let added = timeout(PATIENCE, added).await;
        self.give(connection, added).map(drop)
    }

    /// The next entries from a number on.
    pub(crate) async fn from(&mut self, seq: i64) -> Result<Vec<Line>, SharedError> {
        let mut connection = self.take().await?;
        let most = i64::try_from(CHUNK).unwrap_or(i64::MAX);
        let read = sqlx::query(FROM)
            .bind(seq)
            .bind(most)
            .try_map(|row: PgRow| line(&row))
            .fetch_all(&mut connection);
        let read = timeout(PATIENCE, read).await;
        self.give(connection, read)
    }

    /// The last entry; `None` in an empty log.
    pub(crate) async fn last(&mut self) -> Result<Option<Line>, SharedError> {
        let mut connection = self.take().await?;
        let read =
            sqlx::query(LAST).try_map(|row: PgRow| line(&row)).fetch_optional(&mut connection);
        let read = timeout(PATIENCE, read).await;
        self.give(connection, read)
    }
}

fn line(row: &PgRow) -> Result<Line, sqlx::Error> {
    let hash = |column: &'static str| {
        let bytes: Vec<u8> = row.try_get(column)?;
        bytes.try_into().map_err(|_| sqlx::Error::ColumnDecode {
            index: column.to_owned(),
            source: "a hash has 32 bytes".into(),
        })
    };
    let body: Vec<u8> = row.try_get("body")?;
    Ok(Line {
        seq: row.try_get("seq")?,
        at: row.try_get("at")?,
        session: row.try_get("session")?,
        kind: row.try_get("kind")?,
        prev: hash("prev")?,
        hash: hash("hash")?,
        body: String::from_utf8(body).map_err(|error| sqlx::Error::Decode(error.into()))?,
    })
}
