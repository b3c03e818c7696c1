//! Reads an instance's states around a time, changes by others, deferred actions, and the daemon's
//! uptime: one statement each.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::SqliteConnection;

use super::firings::Span;
use super::lines::{DeferredAround, SeenLine};
use crate::audit::instance::external_change::ChangeLine;
use crate::audit::store::millis::Millis;
use crate::audit::store::record::json;
use crate::audit::store::seq_range;
use crate::model::known_instance::KnownInstance;
use crate::time::uptime::Stretch;

/// The most changes by others that are read.
const CHANGES: i64 = 20;

/// The last state by a time.
pub(crate) async fn seen_by(
    connection: &mut SqliteConnection,
    instance: &KnownInstance,
    at: DateTime<Utc>,
) -> Result<Option<SeenLine>, sqlx::Error> {
    sqlx::query_as(
        "SELECT seq, status, seen_at, region, instance_name
        FROM seen
        WHERE account = ?1 AND instance_no = ?2 AND seen_at <= ?3 AND seq < ?4
        ORDER BY seq DESC
        LIMIT 1",
    )
    .bind(instance.account.as_str())
    .bind(instance.no.as_str())
    .bind(Millis::from(at))
    .bind(seq_range::number_after(connection, at).await?)
    .fetch_optional(connection)
    .await
}

/// The last state by a time, and the next other one.
pub(crate) async fn sightings(
    connection: &mut SqliteConnection,
    instance: &KnownInstance,
    at: DateTime<Utc>,
) -> Result<(Option<SeenLine>, Option<SeenLine>), sqlx::Error> {
    let before = seen_by(&mut *connection, instance, at).await?;
    let after = sqlx::query_as(
        "SELECT seq, status, seen_at, region, instance_name
        FROM seen
        WHERE account = ?1 AND instance_no = ?2 AND seq > ?3 AND status <> ?4
        ORDER BY seq
        LIMIT 1",
    )
    .bind(instance.account.as_str())
    .bind(instance.no.as_str())
    .bind(before.as_ref().map_or(0, |seen| seen.seq))
    .bind(before.as_ref().map_or("", |seen| &seen.status))
    .fetch_optional(connection)
    .await?;
    Ok((before, after))
}

/// The newest observation of all.
pub(crate) async fn looked_at(
    connection: &mut SqliteConnection,
    instance: &KnownInstance,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let at: Option<Millis> =
        sqlx::query_scalar("SELECT looked_at FROM look WHERE account = ?1 AND instance_no = ?2")
            .bind(instance.account.as_str())
            .bind(instance.no.as_str())
            .fetch_optional(connection)
            .await?;
    Ok(at.map(DateTime::from))
}

/// Changes by others, the oldest first.
pub(crate) async fn changes(
    connection: &mut SqliteConnection,
    instance: &KnownInstance,
    span: &Span,
) -> Result<Vec<ChangeLine>, sqlx::Error> {
    let mut changes: Vec<ChangeLine> = sqlx::query_as(
        "SELECT
            seq AS change,
            strftime('%Y-%m-%dT%H:%M:%fZ', unseen_since / 1000.0, 'unixepoch') AS unseen_since,
            strftime('%Y-%m-%dT%H:%M:%fZ', seen_at / 1000.0, 'unixepoch') AS seen_at,
            account, region, instance_no, instance_name, status_before, status_after
        FROM change
        WHERE account = ?1 AND instance_no = ?2 AND unseen_since <= ?3 AND seq < ?4
        ORDER BY seq DESC
        LIMIT ?5",
    )
    .bind(instance.account.as_str())
    .bind(instance.no.as_str())
    .bind(Millis::from(span.until))
    .bind(span.end)
    .bind(CHANGES)
    .fetch_all(connection)
    .await?;
    changes.reverse();
    Ok(changes)
}

/// The actions that these firings deferred.
pub(crate) async fn owed(
    connection: &mut SqliteConnection,
    instance: &KnownInstance,
    firings: &[i64],
) -> Result<Vec<DeferredAround>, sqlx::Error> {
    sqlx::query_as(
        "SELECT
            owed.rule,
            owed.action,
            owed.wanted_at,
            coalesce(owed.due_at, min(hold.until, ifnull(released.at, hold.until)), owed.wanted_at)
                AS falls_due,
            makeup.firing AS made_up_by
        FROM owed
        LEFT JOIN hold ON hold.seq = owed.hold
        LEFT JOIN hold_end ON hold_end.hold = owed.hold
        LEFT JOIN entry AS released ON released.seq = hold_end.seq
        LEFT JOIN makeup ON makeup.owed = owed.seq
        WHERE owed.firing IN (SELECT value FROM json_each(?1))
            AND owed.account = ?2
            AND owed.instance_no = ?3
        ORDER BY owed.seq",
    )
    .bind(json(&firings))
    .bind(instance.account.as_str())
    .bind(instance.no.as_str())
    .fetch_all(connection)
    .await
}

/// The uptime of daemons, with a month on each side, so that times next to the span are seen.
pub(crate) async fn lived(
    connection: &mut SqliteConnection,
    span: &Span,
) -> Result<Vec<Stretch>, sqlx::Error> {
    let month = TimeDelta::days(31);
    let rows: Vec<(Millis, Millis)> = sqlx::query_as(
        "SELECT lived_from, lived_until
        FROM lived
        WHERE lived_until >= ?1 AND lived_from <= ?2",
    )
    .bind(Millis::from(span.from - month))
    .bind(Millis::from(span.until + month))
    .fetch_all(connection)
    .await?;
    let stretch =
        |(from, until): (Millis, Millis)| Stretch { from: from.into(), until: until.into() };
    Ok(rows.into_iter().map(stretch).collect())
}

/// The time of the oldest entry that no prune has touched.
pub(crate) async fn pruned_before(
    connection: &mut SqliteConnection,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let at: Option<Millis> = sqlx::query_scalar(
        "SELECT entry.at
        FROM entry
        WHERE entry.seq >= (SELECT max(below) FROM prune)
        ORDER BY entry.seq
        LIMIT 1",
    )
    .fetch_optional(connection)
    .await?;
    Ok(at.map(DateTime::from))
}
