//! Reads entries with their bodies, in bulk and in order, and trusts nothing about them.
//!
//! One row of `entry` should have one row of `body`. Each may be missing or there several times;
//! all are handed on. [`super::checker`] judges them.

use sqlx::SqliteConnection;

use crate::audit::store::entry_hash::{EntryHash, Said};
use crate::audit::store::millis::Millis;

/// The number of entries in one read.
const CHUNK: i64 = 10_000;

/// A row of `entry`, a body, or both.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) seq: i64,
    pub(crate) entry: Option<Entry>,
    pub(crate) body: Option<Vec<u8>>,
}

/// A row of `entry` without its number.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) at: Millis,
    pub(crate) session: i64,
    pub(crate) kind: String,
    /// `None` when the table holds something that is no hash.
    pub(crate) hash: Option<EntryHash>,
}

/// Reads the rows of a range of numbers, some thousand at a time.
#[derive(Debug)]
pub(crate) struct Rows {
    next: Option<i64>,
    end: i64,
}

type RawRow = (i64, Option<Millis>, Option<i64>, Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>);

impl Rows {
    /// The rows from `first` to before `end`.
    pub(crate) fn between(first: i64, end: i64) -> Self {
        Self { next: (first < end).then_some(first), end }
    }

    /// The next rows, in order; `None` after the last.
    pub(crate) async fn next(
        &mut self,
        connection: &mut SqliteConnection,
    ) -> Result<Option<Vec<Row>>, sqlx::Error> {
        let Some(first) = self.next else { return Ok(None) };
        let (entries, last): (i64, Option<i64>) = sqlx::query_as(
            "SELECT count(*), max(seq)
            FROM (
                SELECT seq
                FROM entry
                WHERE seq >= ?1 AND seq < ?2
                ORDER BY seq
                LIMIT ?3
            )",
        )
        .bind(first)
        .bind(self.end)
        .bind(CHUNK)
        .fetch_one(&mut *connection)
        .await?;
        // The last read also looks for bodies beyond the last entry.
        let end = last.filter(|_| entries == CHUNK).map_or(self.end, |last| last + 1);
        self.next = (end < self.end).then_some(end);
        let mut rows = said(connection, first, end).await?;
        let whole = rows.iter().filter(|row| row.entry.is_some()).count();
        if i64::try_from(whole) != Ok(entries) {
            rows.extend(unsaid(connection, first, end).await?);
        }
        rows.sort_by_key(|row| row.seq);
        Ok(Some(rows))
    }
}

/// All bodies, each with its entry if there is one. Read table by table, because SQLite takes
/// longer to merge the tables of the view than to sort the few runs here.
async fn said(
    connection: &mut SqliteConnection,
    first: i64,
    end: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    let rows: Vec<RawRow> = sqlx::query_as(
        "SELECT body.seq, entry.at, entry.session, entry.kind, entry.hash, body.text
        FROM body
        LEFT JOIN entry ON entry.seq = body.seq
        WHERE body.seq >= ?1 AND body.seq < ?2",
    )
    .bind(first)
    .bind(end)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Row::from).collect())
}

async fn unsaid(
    connection: &mut SqliteConnection,
    first: i64,
    end: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    let rows: Vec<RawRow> = sqlx::query_as(
        "SELECT seq, at, session, kind, hash, NULL
        FROM entry
        WHERE seq >= ?1 AND seq < ?2
            AND seq NOT IN (SELECT seq FROM body WHERE seq >= ?1 AND seq < ?2)",
    )
    .bind(first)
    .bind(end)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Row::from).collect())
}

impl From<RawRow> for Row {
    fn from((seq, at, session, kind, hash, body): RawRow) -> Self {
        let entry =
            at.zip(session).zip(kind).zip(hash).map(|(((at, session), kind), hash)| Entry {
                at,
                session,
                kind: String::from_utf8_lossy(&kind).into_owned(),
                hash: EntryHash::from_bytes(&hash),
            });
        Self { seq, entry, body }
    }
}

impl Entry {
    pub(crate) fn said<'a>(&'a self, seq: i64, body: &'a [u8]) -> Said<'a> {
        Said { seq, at: self.at, session: self.session, kind: &self.kind, body }
    }
}
