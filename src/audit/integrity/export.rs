//! Exports the log as text from which anyone can compute the chain anew.

use chrono::{DateTime, SecondsFormat, Utc};
use sqlx::{Connection, SqliteConnection};

use super::checker::PruneLine;
use super::entry_reader::{Row, Rows};
use super::verify;
use crate::audit::store::entry_hash::EntryHash;
use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;
use crate::audit::store::reader::AuditReader;

impl AuditReader {
    /// Passes every entry to `write`, in order, each as a line of JSON without a line break:
    /// `{"seq":…,"at":"…","session":…,"kind":"…","hash":"…","body":{…}}`. The body is the very text
    /// that was hashed.
    ///
    /// The line `{"seq":…,"hash":"…"}` is the anchor: the number and hash of the entry before the
    /// next one. Entries that a prune kept below its line come before the anchor.
    ///
    /// The export begins with the first entry written at `since` or later, and ends with the last
    /// one written at `until` or earlier.
    ///
    /// # Errors
    /// When the log cannot be read, or `write` fails.
    pub async fn export<E: From<AuditError>>(
        &self,
        since: Option<DateTime<Utc>>,
        until: Option<DateTime<Utc>>,
        mut write: impl FnMut(&str) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut guard = self.connection().await;
        let mut tx = guard.begin().await.map_err(AuditError::from)?;
        let (first, end) = span(&mut tx, since, until).await.map_err(AuditError::from)?;
        let line = verify::newest_line(&mut tx).await.map_err(AuditError::from)?;
        let below = line.map_or(1, |line| line.below);
        let kept = (first.min(below), end.min(below));
        let chained = (first.max(below), end);
        let mut anchor = Some(anchor(&mut tx, chained.0, line).await?);
        tx.commit().await.map_err(AuditError::from)?;
        for (first, end) in [kept, chained] {
            if first == chained.0
                && let Some(anchor) = anchor.take()
            {
                write(&anchor)?;
            }
            let mut rows = Rows::between(first, end);
            while let Some(rows) = next(&mut guard, &mut rows, line).await? {
                for text in rows.iter().filter_map(text) {
                    write(&text)?;
                }
            }
        }
        Ok(())
    }
}

/// The next rows, in a transaction of their own. The receiver may be slow, and one long read would
/// keep the write-ahead log from being emptied. Entries never change, so the export still shows one
/// moment, unless a prune runs meanwhile.
async fn next(
    connection: &mut SqliteConnection,
    rows: &mut Rows,
    line: Option<PruneLine>,
) -> Result<Option<Vec<Row>>, AuditError> {
    let mut tx = connection.begin().await?;
    let is_same = verify::newest_line(&mut tx).await?.map(|it| it.below) == line.map(|it| it.below);
    let read = rows.next(&mut tx).await?;
    tx.commit().await?;
    if is_same { Ok(read) } else { Err(AuditError::Pruned) }
}

/// The range of numbers from the first wanted entry to after the last.
async fn span(
    connection: &mut SqliteConnection,
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
) -> Result<(i64, i64), sqlx::Error> {
    sqlx::query_as(
        "SELECT
            coalesce(
                (SELECT seq FROM entry WHERE ?1 IS NULL OR at >= ?1 ORDER BY seq LIMIT 1),
                (SELECT max(seq) + 1 FROM entry),
                1
            ),
            coalesce(
                (SELECT seq FROM entry WHERE ?2 IS NULL OR at <= ?2 ORDER BY seq DESC LIMIT 1),
                0
            ) + 1",
    )
    .bind(since.map(Millis::from))
    .bind(until.map(Millis::from))
    .fetch_one(connection)
    .await
}

/// The line with the hash before entry `first`.
async fn anchor(
    connection: &mut SqliteConnection,
    first: i64,
    line: Option<PruneLine>,
) -> Result<String, AuditError> {
    let seq = first - 1;
    let pruned = line.filter(|line| line.below == first).map(|line| line.anchor);
    let hash = match pruned {
        Some(anchor) => anchor,
        None if seq == 0 => EntryHash::BEFORE_ALL,
        None => verify::hash_of(connection, seq).await?,
    };
    Ok(format!("{{\"seq\":{seq},\"hash\":\"{hash}\"}}"))
}

fn text(row: &Row) -> Option<String> {
    let entry = row.entry.as_ref()?;
    let at = DateTime::from(entry.at).to_rfc3339_opts(SecondsFormat::Millis, true);
    let hash = entry.hash.map(|hash| hash.to_string()).unwrap_or_default();
    let body = row.body.as_ref().map_or("null".into(), |body| String::from_utf8_lossy(body));
    Some(format!(
        "{{\"seq\":{},\"at\":\"{at}\",\"session\":{},\"kind\":{},\"hash\":\"{hash}\",\
         \"body\":{body}}}",
        row.seq,
        entry.session,
        crate::audit::store::record::json(&entry.kind),
    ))
}
