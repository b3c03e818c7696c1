//! Chooses the firings that concern an instance around a time: those that had it, and those of
//! rules that could have had it.
//!
//! The clock may have been stepped, so numbers and times may have different orders.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::SqliteConnection;

use crate::audit::store::millis::Millis;
use crate::audit::store::record::{json, outcomes};
use crate::audit::store::row::row;
use crate::audit::store::seq_range;
use crate::model::instance::Action;
use crate::model::known_instance::KnownInstance;
use crate::model::outcome::Outcome;
use crate::time::uptime::LONGEST_ABSENCE;

/// The search always covers a whole night before the time and after it.
const NIGHT: TimeDelta = TimeDelta::days(1);
/// The most firings of the instance up to the time, and after it.
const OF_ITS_OWN: (i64, i64) = (100, 10);
/// The most firings of one rule up to the time, of all rules together, and of each rule after it.
const OF_A_RULE: (usize, usize, i64) = (40, 500, 3);

/// The searched period, with the last and the next firing of the instance.
#[derive(Debug)]
pub(crate) struct Span {
    pub(crate) from: DateTime<Utc>,
    pub(crate) at: DateTime<Utc>,
    pub(crate) until: DateTime<Utc>,
    told: Vec<i64>,
    /// All its numbers begin here.
    begin: i64,
    pub(crate) end: i64,
    /// The same numbers with a month before them, in which most longer events begin.
    pub(crate) month: (i64, i64),
}

row! {
    /// A firing's own row.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Bearing {
        pub firing: i64,
        pub rule: String,
        /// `stop` or `start`.
        pub action: String,
        begun_at: Millis,
        scheduled_at: Option<Millis>,
        /// The text of schedules.toml under which it ran, by number.
        pub file: i64,
        /// Nothing was to be sent.
        pub dry_run: bool,
    }
}

impl Bearing {
    /// The due time; for a firing by hand, its beginning.
    pub fn at(&self) -> DateTime<Utc> {
        self.scheduled_at.unwrap_or(self.begun_at).into()
    }

    /// Its beginning, or the time of its record as missed.
    pub fn begun_at(&self) -> DateTime<Utc> {
        self.begun_at.into()
    }
}

/// Begins at the last firing that had the instance, that turned it, and that each rule had; but a
/// night before the time at least, and a month at most. Ends at the next firing that has it.
pub(crate) async fn span(
    connection: &mut SqliteConnection,
    instance: &KnownInstance,
    at: DateTime<Utc>,
    rules: &[(String, Action)],
) -> Result<Span, sqlx::Error> {
    let end = seq_range::number_after(connection, at).await?;
    let last = had(connection, instance, (at, end), LAST).await?;
    let turned = had(connection, instance, (at, end), TURNED).await?;
    let begin = seq_range::last_by(connection, at).await?.unwrap_or(0);
    let next = had(connection, instance, (at, begin), NEXT).await?;
    let due: Option<Millis> = sqlx::query_scalar(
        "SELECT min(last)
        FROM (
            SELECT (
                SELECT max(firing.scheduled_at)
                FROM firing
                WHERE firing.rule = rule.value ->> 0
                    AND firing.action = rule.value ->> 1
                    AND firing.scheduled_at <= ?2
            ) AS last
            FROM json_each(?1) AS rule
        )",
    )
    .bind(json(&rules))
    .bind(Millis::from(at))
    .fetch_one(&mut *connection)
    .await?;
    let earliest = at.checked_sub_signed(LONGEST_ABSENCE).unwrap_or(at);
    let begins = [last.map(|it| it.1), turned.map(|it| it.1), due, Some((at - NIGHT).into())];
    let from = begins.into_iter().flatten().map(DateTime::from).filter(|it| *it >= earliest).min();
    let from = from.unwrap_or(at);
    let until = next.map_or(at + NIGHT, |it| DateTime::from(it.1)).min(at + NIGHT);
    let told = [last, turned, next].into_iter().flatten().map(|it| it.0).collect();
    let begin = seq_range::number_before(connection, from).await?;
    let end = seq_range::number_after(connection, until).await?;
    let month = from.checked_sub_signed(LONGEST_ABSENCE).unwrap_or(from);
    let month = (seq_range::number_before(connection, month).await?, end);
    Ok(Span { from, at, until, told, begin, end, month })
}

const LAST: &str = "
SELECT target.firing, begun.at
FROM target
CROSS JOIN entry AS begun ON begun.seq = target.firing
CROSS JOIN firing ON firing.seq = target.firing
WHERE target.instance_no = ?1
    AND firing.account = ?2
    AND begun.at <= ?3
    AND target.firing < ?4
ORDER BY target.firing DESC
LIMIT 1";

// A request turned it. Thousands of later firings may have found it so already.
const TURNED: &str = "
SELECT request.firing, begun.at
FROM (
    SELECT request
    FROM request_instance
    WHERE account = ?2 AND instance_no = ?1 AND request < ?4
    ORDER BY request DESC
    LIMIT 1000
) AS named
CROSS JOIN request ON request.seq = named.request
CROSS JOIN outcome ON outcome.firing = request.firing AND outcome.instance_no = ?1
CROSS JOIN entry AS begun ON begun.seq = request.firing
WHERE begun.at <= ?3 AND +outcome.outcome IN (SELECT value FROM json_each(?5))
ORDER BY named.request DESC
LIMIT 1";

// The search begins at the last firing that began by then.
const NEXT: &str = "
SELECT firing, at
FROM (
    SELECT target.firing, begun.at
    FROM target
    CROSS JOIN entry AS begun ON begun.seq = target.firing
    CROSS JOIN firing ON firing.seq = target.firing
    WHERE target.instance_no = ?1 AND firing.account = ?2 AND target.firing > ?4
    ORDER BY target.firing
    LIMIT 1
)
WHERE at > ?3";

async fn had(
    connection: &mut SqliteConnection,
    instance: &KnownInstance,
    (at, number): (DateTime<Utc>, i64),
    statement: &'static str,
) -> Result<Option<(i64, Millis)>, sqlx::Error> {
    sqlx::query_as(statement)
        .bind(instance.no.as_str())
        .bind(instance.account.as_str())
        .bind(Millis::from(at))
        .bind(number)
        .bind(outcomes(Outcome::is_done))
        .fetch_optional(connection)
        .await
}

/// The firings about an instance nearest to the time, in the order of their due times.
pub(crate) async fn of(
    connection: &mut SqliteConnection,
    instance: &KnownInstance,
    span: &Span,
    rules: &[(String, Action)],
) -> Result<Vec<Bearing>, sqlx::Error> {
    let (most, of_all, after) = OF_A_RULE;
    let share = (of_all / rules.len().max(1)).clamp(1, most);
    let mut bearings: Vec<Bearing> = sqlx::query_as(BEARINGS)
        .bind(json(&span.told))
        .bind(instance.no.as_str())
        .bind(json(&rules))
        .bind(Millis::from(span.from))
        .bind(Millis::from(span.at))
        .bind(Millis::from(span.until))
        .bind(instance.account.as_str())
        .bind(span.begin)
        .bind(span.end)
        .bind(OF_ITS_OWN.0)
        .bind(OF_ITS_OWN.1)
        .bind(i64::try_from(share).unwrap_or(1))
        .bind(after)
        .fetch_all(connection)
        .await?;
    bearings.sort_by_key(|bearing| (bearing.at(), bearing.firing));
    Ok(bearings)
}

/// The firings that are always included; those that had the instance, up to the time and after it;
/// those that each rule had scheduled, up to the time and after it; and those fired by hand.
const BEARINGS: &str = "
WITH bearing (firing) AS (
    SELECT value FROM json_each(?1)
    UNION
    SELECT firing FROM (
        SELECT target.firing
        FROM target
        CROSS JOIN entry AS begun ON begun.seq = target.firing
        WHERE target.instance_no = ?2
            AND target.firing >= ?8
            AND target.firing < ?9
            AND begun.at >= ?4
            AND begun.at <= ?5
        ORDER BY target.firing DESC
        LIMIT ?10
    )
    UNION
    SELECT firing FROM (
        SELECT target.firing
        FROM target
        CROSS JOIN entry AS begun ON begun.seq = target.firing
        WHERE target.instance_no = ?2
            AND target.firing >= ?8
            AND target.firing < ?9
            AND begun.at > ?5
            AND begun.at <= ?6
        ORDER BY target.firing
        LIMIT ?11
    )
    UNION
    SELECT firing.seq
    FROM json_each(?3) AS rule
    CROSS JOIN firing ON firing.seq IN (
        SELECT due.seq
        FROM firing AS due
        WHERE due.rule = rule.value ->> 0
            AND due.action = rule.value ->> 1
            AND due.scheduled_at >= ?4
            AND due.scheduled_at <= ?5
        ORDER BY due.scheduled_at DESC
        LIMIT ?12
    )
    UNION
    SELECT firing.seq
    FROM json_each(?3) AS rule
    CROSS JOIN firing ON firing.seq IN (
        SELECT due.seq
        FROM firing AS due
        WHERE due.rule = rule.value ->> 0
            AND due.action = rule.value ->> 1
            AND due.scheduled_at > ?5
            AND due.scheduled_at <= ?6
        ORDER BY due.scheduled_at
        LIMIT ?13
    )
    UNION
    SELECT firing.seq
    FROM json_each(?3) AS rule
    CROSS JOIN firing ON firing.seq IN (
        SELECT by_hand.seq
        FROM firing AS by_hand
        CROSS JOIN entry AS begun ON begun.seq = by_hand.seq
        WHERE by_hand.rule = rule.value ->> 0
            AND by_hand.action = rule.value ->> 1
            AND by_hand.scheduled_at IS NULL
            AND by_hand.take > 0
            AND by_hand.seq >= ?8
            AND by_hand.seq < ?9
            AND begun.at >= ?4
            AND begun.at <= ?6
        ORDER BY by_hand.seq DESC
        LIMIT ?12
    )
)
SELECT
    firing.seq AS firing,
    firing.rule,
    firing.action,
    begun.at AS begun_at,
    firing.scheduled_at,
    firing.file,
    firing.dry_run
FROM bearing
CROSS JOIN firing ON firing.seq = bearing.firing
CROSS JOIN entry AS begun ON begun.seq = firing.seq
WHERE firing.account = ?7
ORDER BY firing.seq";
