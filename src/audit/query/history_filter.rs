//! Finds the firings that have a line for a filter of the history.
//!
//! Does not build the lines. Begins each time with the condition that leaves the fewest firings: an
//! instance was in few, and a rule has few of its own. A filter without a match is answered at
//! once. (Beside a join on the same column, SQLite uses only the lower end of a `BETWEEN`; so both
//! ends are written out.)

use sqlx::SqliteConnection;

use super::history_lines::HistoryFilter;
use crate::audit::store::millis::Millis;
use crate::audit::store::record::{json, named};
use crate::model::instance::InstanceNo;
use crate::model::outcome::Outcome;
use crate::model::reason::{Reason, Unlisted};

const OF_INSTANCE: &str = "
WITH named (firing, instance_no) AS (
    SELECT firing, instance_no
    FROM target
    WHERE instance_no = ?2 AND firing >= ?7 AND firing <= ?8
    UNION
    SELECT firing, instance_no
    FROM target
    WHERE instance_name IN (SELECT value FROM json_each(?9)) AND firing >= ?7 AND firing <= ?8
    UNION
    SELECT firing, NULL
    FROM outcome
    WHERE seq IN (SELECT value FROM json_each(?10))
)
SELECT DISTINCT named.firing
FROM named
CROSS JOIN firing ON firing.seq = named.firing
CROSS JOIN entry AS begun ON begun.seq = named.firing
WHERE (?1 IS NULL OR firing.rule = ?1)
    AND (?3 IS NULL OR named.instance_no IS NULL OR EXISTS (
        SELECT 1
        FROM outcome
        WHERE outcome.firing = named.firing
            AND outcome.instance_no = named.instance_no
            AND outcome.outcome = ?3
    ))
    AND (?4 IS NULL OR begun.at >= ?4)
    AND (?5 IS NULL OR begun.at <= ?5)
ORDER BY 1 DESC
LIMIT ?6";

const OF_RULE: &str = "
SELECT firing.seq
FROM firing
CROSS JOIN entry AS begun ON begun.seq = firing.seq
WHERE firing.rule = ?1
    AND firing.seq >= ?7 AND firing.seq <= ?8
    AND (?3 IS NULL OR EXISTS (
        SELECT 1
        FROM outcome
        WHERE outcome.outcome = ?3 AND outcome.firing = firing.seq
    ))
    AND (?4 IS NULL OR begun.at >= ?4)
    AND (?5 IS NULL OR begun.at <= ?5)
ORDER BY firing.seq DESC
LIMIT ?6";

const OF_OUTCOME: &str = "
SELECT DISTINCT outcome.firing
FROM outcome
CROSS JOIN entry AS begun ON begun.seq = outcome.firing
WHERE outcome.outcome = ?3
    AND outcome.firing >= ?7 AND outcome.firing <= ?8
    AND (?4 IS NULL OR begun.at >= ?4)
    AND (?5 IS NULL OR begun.at <= ?5)
ORDER BY outcome.firing DESC
LIMIT ?6";

const OF_ANY: &str = "
SELECT firing.seq
FROM firing
CROSS JOIN entry AS begun ON begun.seq = firing.seq
WHERE firing.seq >= ?7 AND firing.seq <= ?8
    AND (?4 IS NULL OR begun.at >= ?4)
    AND (?5 IS NULL OR begun.at <= ?5)
ORDER BY firing.seq DESC
LIMIT ?6";

/// The words about firings as a whole that may be about a server of that number.
const MISSING: &str = "
SELECT seq, reason
FROM outcome INDEXED BY outcome_without_instance
WHERE instance_no IS NULL
    AND (?2 IS NULL OR outcome = ?2)
    AND instr(reason, ?3) > 0
    AND instr(reason, ?1) > 0";

/// The words of firings about this number, which no list had.
pub(crate) async fn missing(
    connection: &mut SqliteConnection,
    filter: &HistoryFilter,
) -> Result<Vec<i64>, sqlx::Error> {
    let is_number = |text: &&str| InstanceNo::new(*text).is_ok();
    let Some(number) = filter.instance.as_deref().filter(is_number) else { return Ok(Vec::new()) };
    let rows: Vec<(i64, Reason)> = sqlx::query_as(MISSING)
        .bind(number)
        .bind(filter.outcome.map(Outcome::as_str))
        .bind(Unlisted::MARK)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().filter(|(_, reason)| reason.misses(number)).map(|(seq, _)| seq).collect())
}

/// The newest of these firings: one for each wanted line, since each has at least one line.
/// With `after`, one more: all lines of that firing may have been shown.
pub(crate) async fn firings(
    connection: &mut SqliteConnection,
    filter: &HistoryFilter,
    missing: &[i64],
) -> Result<Vec<i64>, sqlx::Error> {
    let Some((first, last)) = between(connection, filter).await? else {
        return Ok(Vec::new());
    };
    let last = filter.after.map_or(last, |after| last.min(after.firing));
    let statement = match filter {
        HistoryFilter { instance: Some(_), .. } => OF_INSTANCE,
        HistoryFilter { rule: Some(_), .. } => OF_RULE,
        HistoryFilter { outcome: Some(_), .. } => OF_OUTCOME,
        _ => OF_ANY,
    };
    sqlx::query_scalar(statement)
        .bind(filter.rule.as_deref())
        .bind(filter.instance.as_deref())
        .bind(filter.outcome.map(Outcome::as_str))
        .bind(filter.since.map(Millis::from))
        .bind(filter.until.map(Millis::from))
        .bind(i64::from(filter.limit) + i64::from(filter.after.is_some()))
        .bind(first)
        .bind(last)
        .bind(named(filter.instance.as_deref()))
        .bind(json(&missing))
        .fetch_all(connection)
        .await
}

/// The first and the last firing that began in the wanted time; `None` when there is none. Bounds
/// the search. The clock may have been stepped, so firings of other times may lie between them.
async fn between(
    connection: &mut SqliteConnection,
    filter: &HistoryFilter,
) -> Result<Option<(i64, i64)>, sqlx::Error> {
    if filter.since.is_none() && filter.until.is_none() {
        return Ok(Some((0, i64::MAX)));
    }
    let (first, last): (Option<i64>, Option<i64>) = sqlx::query_as(
        "SELECT min(seq), max(seq)
        FROM entry
        WHERE kind = 'firing'
            AND at >= coalesce(?1, 0)
            AND at <= coalesce(?2, 9223372036854775807)",
    )
    .bind(filter.since.map(Millis::from))
    .bind(filter.until.map(Millis::from))
    .fetch_one(connection)
    .await?;
    Ok(first.zip(last))
}
