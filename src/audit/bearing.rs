//! Which firings bear on an instance around a time: those that had it, and those of rules that
//! could have had it.
//!
//! The clock may have been stepped: the order of the numbers is not that of the times.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{FromRow, SqliteConnection};

use super::known::KnownInstance;
use super::millis::Millis;
use super::record::json;
use crate::instance::Action;
use crate::lived::LONGEST_ABSENCE;

/// A night is always looked at as a whole, before the time and after it.
const NIGHT: TimeDelta = TimeDelta::days(1);
/// Of how many of its last firings the rules are taken.
const LATELY: i64 = 50;
/// More firings than one page needs.
const MOST: i64 = 500;

/// The time that is looked at, and the firings in which it was the last and the next.
#[derive(Debug)]
pub(super) struct Span {
    pub(super) from: DateTime<Utc>,
    pub(super) until: DateTime<Utc>,
    told: Vec<i64>,
}

/// A firing, as its own row has it.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Bearing {
    /// Its number.
    pub firing: i64,
    /// Its rule.
    pub rule: String,
    /// `stop` or `start`.
    pub action: String,
    begun_at: Millis,
    scheduled_at: Option<Millis>,
    /// Whether it was to send nothing.
    pub dry_run: bool,
}

impl Bearing {
    /// When it was due; those by hand: when they began.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.scheduled_at.unwrap_or(self.begun_at).into()
    }

    /// When it began, or was found to have been missed.
    #[must_use]
    pub fn begun_at(&self) -> DateTime<Utc> {
        self.begun_at.into()
    }
}

/// The rules whose firings matched an instance of late.
pub(super) async fn matched(
    connection: &mut SqliteConnection,
    instance: &KnownInstance,
) -> Result<Vec<(String, Action)>, sqlx::Error> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT DISTINCT rule, action
        FROM (
            SELECT firing.rule, firing.action
            FROM target
            CROSS JOIN firing ON firing.seq = target.firing
            WHERE target.instance_no = ?1 AND firing.account = ?2
            ORDER BY target.firing DESC
            LIMIT ?3
        )",
    )
    .bind(instance.no.as_str())
    .bind(instance.account.as_str())
    .bind(LATELY)
    .fetch_all(connection)
    .await?;
    let known = |(rule, action): (String, String)| Some((rule, Action::from_word(&action)?));
    Ok(rows.into_iter().filter_map(known).collect())
}

/// From the last firing that had the instance, that turned it and that each rule had, but a night
/// before the time at least and a month at most; to the next firing that has it.
pub(super) async fn span(
    connection: &mut SqliteConnection,
    instance: &KnownInstance,
    at: DateTime<Utc>,
    rules: &[(String, Action)],
) -> Result<Span, sqlx::Error> {
    let last = had(connection, instance, at, LAST).await?;
    let turned = had(connection, instance, at, TURNED).await?;
    let next = had(connection, instance, at, NEXT).await?;
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
    .fetch_one(connection)
    .await?;
    let earliest = at.checked_sub_signed(LONGEST_ABSENCE).unwrap_or(at);
    let begins = [last.map(|it| it.1), turned.map(|it| it.1), due, Some((at - NIGHT).into())];
    let from = begins.into_iter().flatten().map(DateTime::from).filter(|it| *it >= earliest).min();
    let until = next.map_or(at + NIGHT, |it| DateTime::from(it.1)).min(at + NIGHT);
    let told = [last, turned, next].into_iter().flatten().map(|it| it.0).collect();
    Ok(Span { from: from.unwrap_or(at), until, told })
}

const LAST: &str = "
SELECT target.firing, begun.at
FROM target
CROSS JOIN entry AS begun ON begun.seq = target.firing
CROSS JOIN firing ON firing.seq = target.firing
WHERE target.instance_no = ?1 AND firing.account = ?2 AND begun.at <= ?3
ORDER BY target.firing DESC
LIMIT 1";

const TURNED: &str = "
SELECT target.firing, begun.at
FROM target
CROSS JOIN outcome
    ON outcome.firing = target.firing AND outcome.instance_no = target.instance_no
CROSS JOIN entry AS begun ON begun.seq = target.firing
CROSS JOIN firing ON firing.seq = target.firing
WHERE target.instance_no = ?1
    AND firing.account = ?2
    AND begun.at <= ?3
    AND outcome.outcome IN ('stopped', 'started')
ORDER BY target.firing DESC
LIMIT 1";

// Looked for from the last firing of all that began by then.
const NEXT: &str = "
SELECT firing, at
FROM (
    SELECT target.firing, begun.at
    FROM target
    CROSS JOIN entry AS begun ON begun.seq = target.firing
    CROSS JOIN firing ON firing.seq = target.firing
    WHERE target.instance_no = ?1
        AND firing.account = ?2
        AND target.firing > (
            SELECT coalesce(max(seq), 0)
            FROM (
                SELECT seq
                FROM entry
                WHERE kind = 'firing' AND at <= ?3
                ORDER BY at DESC
                LIMIT 1
            )
        )
    ORDER BY target.firing
    LIMIT 1
)
WHERE at > ?3";

async fn had(
    connection: &mut SqliteConnection,
    instance: &KnownInstance,
    at: DateTime<Utc>,
    statement: &'static str,
) -> Result<Option<(i64, Millis)>, sqlx::Error> {
    sqlx::query_as(statement)
        .bind(instance.no.as_str())
        .bind(instance.account.as_str())
        .bind(Millis::from(at))
        .fetch_optional(connection)
        .await
}

/// The firings that bear on an instance, in the order they were due.
pub(super) async fn of(
    connection: &mut SqliteConnection,
    instance: &KnownInstance,
    span: &Span,
    rules: &[(String, Action)],
) -> Result<Vec<Bearing>, sqlx::Error> {
    let mut bearings: Vec<Bearing> = sqlx::query_as(
        "WITH bearing (firing) AS (
            SELECT value FROM json_each(?1)
            UNION
            SELECT target.firing
            FROM target
            CROSS JOIN entry AS begun ON begun.seq = target.firing
            WHERE target.instance_no = ?2 AND begun.at >= ?4 AND begun.at <= ?5
            UNION
            SELECT firing.seq
            FROM json_each(?3) AS rule
            CROSS JOIN firing
                ON firing.rule = rule.value ->> 0
                AND firing.action = rule.value ->> 1
                AND firing.scheduled_at >= ?4
                AND firing.scheduled_at <= ?5
            UNION
            SELECT firing.seq
            FROM json_each(?3) AS rule
            CROSS JOIN firing
                ON firing.rule = rule.value ->> 0
                AND firing.action = rule.value ->> 1
                AND firing.scheduled_at IS NULL
            CROSS JOIN entry AS begun ON begun.seq = firing.seq
            WHERE begun.at >= ?4 AND begun.at <= ?5
        )
        SELECT
            firing.seq AS firing,
            firing.rule,
            firing.action,
            begun.at AS begun_at,
            firing.scheduled_at,
            firing.dry_run
        FROM bearing
        CROSS JOIN firing ON firing.seq = bearing.firing
        CROSS JOIN entry AS begun ON begun.seq = firing.seq
        WHERE firing.account = ?6
        ORDER BY firing.seq DESC
        LIMIT ?7",
    )
    .bind(json(&span.told))
    .bind(instance.no.as_str())
    .bind(json(&rules))
    .bind(Millis::from(span.from))
    .bind(Millis::from(span.until))
    .bind(instance.account.as_str())
    .bind(MOST)
    .fetch_all(connection)
    .await?;
    bearings.sort_by_key(|bearing| (bearing.at(), bearing.firing));
    Ok(bearings)
}
