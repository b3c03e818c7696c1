//! Computes the chain anew, and says where the log differs from it.

use sqlx::{Connection, SqliteConnection};

use super::checker::{Checker, PruneLine};
use super::entry_reader::Rows;
use super::sqlite_check;
use super::verification::{Verification, damage};
use crate::audit::store::entry_hash::EntryHash;
use crate::audit::store::error::AuditError;
use crate::audit::store::finding::{Finding, Flaw};
use crate::audit::store::reader::AuditReader;
use crate::audit::store::schema_check;

impl AuditReader {
    /// Verifies the whole log. `sought` is a hash that the log once had. When it is not in the
    /// chain, the tail was cut off or the chain was computed anew.
    pub async fn verify(&self, sought: Option<EntryHash>) -> Result<Verification, AuditError> {
        let mut guard = self.connection().await;
        // One transaction, so that all of it is of one moment.
        let connection = &mut *guard.begin().await?;
        // SQLite's findings come first, so that they are there even when the rest cannot be read.
        let mut damages = match sqlite_check::damages(connection).await {
            Ok(damages) => damages,
            Err(error) => vec![damage(error.into())?],
        };
        match follow(connection, sought, &damages).await {
            Err(error) => {
                let met = damage(error)?;
                if !damages.contains(&met) {
                    damages.push(met);
                }
            }
            followed => return followed,
        }
        Ok(Verification::of_damaged(damages, sought))
    }
}

/// Follows the chain from the first entry to the last.
async fn follow(
    connection: &mut SqliteConnection,
    sought: Option<EntryHash>,
    damages: &[Finding],
) -> Result<Verification, AuditError> {
    let deviations = schema_check::deviations(connection).await?;
    let line = if deviations.unreadable { None } else { newest_line(connection).await? };
    let mut checker = Checker::new(line, sought);
    for finding in damages.iter().cloned().chain(deviations.findings) {
        checker.find(finding);
    }
    if deviations.unreadable {
        return Ok(checker.finish());
    }
    let mut rows = Rows::between(i64::MIN, i64::MAX);
    let mut read = rows.next(connection).await?;
    while let Some(chunk) = read {
        // The next rows are read while these are hashed.
        let hashing = tokio::task::spawn_blocking(move || {
            for row in &chunk {
                checker.take(row);
            }
            checker
        });
        read = rows.next(connection).await?;
        checker = hashing.await.expect("taking rows does not panic");
    }
    for finding in stray_instances(connection).await? {
        checker.find(finding);
    }
    Ok(checker.finish())
}

/// The newest prune of a log, genuine or not.
pub(crate) async fn newest_line(
    connection: &mut SqliteConnection,
) -> Result<Option<PruneLine>, sqlx::Error> {
    let line: Option<(i64, String, String)> = sqlx::query_as(
        "SELECT below, anchor, kept
        FROM prune
        ORDER BY below DESC, seq DESC
        LIMIT 1",
    )
    .fetch_optional(connection)
    .await?;
    // A text that is no hash was not written by us, and no row fits the stand-in.
    let hash = |text: String| text.parse().unwrap_or(EntryHash::BEFORE_ALL);
    Ok(line.map(|(below, anchor, kept)| PruneLine {
        below,
        anchor: hash(anchor),
        kept: hash(kept),
    }))
}

/// The hash of an entry that must be there.
pub(crate) async fn hash_of(
    connection: &mut SqliteConnection,
    seq: i64,
) -> Result<EntryHash, AuditError> {
    let hash: Option<Vec<u8>> = sqlx::query_scalar("SELECT hash FROM entry WHERE seq = ?1")
        .bind(seq)
        .fetch_optional(connection)
        .await?;
    let hash = hash.and_then(|hash| EntryHash::from_bytes(&hash));
    let missing = || Finding::at(seq + 1, None, Flaw::Gap { from: seq });
    hash.ok_or_else(|| AuditError::Unsound(missing().into()))
}

/// The instances of requests that the view `body` cannot show.
pub(crate) async fn stray_instances(
    connection: &mut SqliteConnection,
) -> Result<Vec<Finding>, sqlx::Error> {
    let stray: Vec<(i64, bool)> = sqlx::query_as(
        "SELECT named.request, request.seq IS NULL
        FROM request_instance AS named
        LEFT JOIN request ON request.seq = named.request
        GROUP BY named.request
        HAVING request.seq IS NULL OR min(named.account) <> max(named.account)
        ORDER BY named.request",
    )
    .fetch_all(connection)
    .await?;
    let finding = |(request, is_lost)| {
        let flaw = if is_lost { Flaw::NoRequest } else { Flaw::SeveralAccounts };
        Finding::at(request, Some("request"), flaw)
    };
    Ok(stray.into_iter().map(finding).collect())
}
