//! Finds the firings that have a line for a filter of the history.
//!
//! Does not build the lines. Begins each time with the condition that leaves the fewest firings: an
//! instance was in few, and a rule has few of its own. A filter without a match is answered at
//! once. (Beside a join on the same column, SQLite uses only the lower end of a `BETWEEN`; so both
//! ends are written out.)

use std::collections::BTreeSet;

use sqlx::SqliteConnection;

use super::history_lines::{HistoryFilter, Wanted};
use crate::audit::store::millis::Millis;
use crate::audit::store::record::{json, named};
use crate::model::instance::InstanceNo;
use crate::model::outcome::Outcome;
use crate::model::reason::{Reason, Unlisted};

/// Whether a reason has one of the forms of a row of `wanted`, or none, as that row says.
macro_rules! has_wanted_reason {
    ($reason:literal) => {
        concat!(
            "(wanted.value ->> 1 IS NULL OR (wanted.value ->> 2) = EXISTS (
                SELECT 1
                FROM json_each(wanted.value ->> 1) AS form
                WHERE coalesce(",
            $reason,
            ", '') GLOB form.value
            ))"
        )
    };
}
pub(super) use has_wanted_reason;

const OF_INSTANCE: &str = concat!(
    "
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
        CROSS JOIN json_each(?3) AS wanted ON wanted.value ->> 0 = outcome.outcome
        WHERE outcome.firing = named.firing
            AND outcome.instance_no = named.instance_no
            AND ",
    has_wanted_reason!("outcome.reason"),
    "
    ))
    AND (?4 IS NULL OR begun.at >= ?4)
    AND (?5 IS NULL OR begun.at <= ?5)
ORDER BY 1 DESC
LIMIT ?6"
);

const OF_RULE: &str = concat!(
    "
SELECT firing.seq
FROM firing
CROSS JOIN entry AS begun ON begun.seq = firing.seq
WHERE firing.rule = ?1
    AND firing.seq >= ?7 AND firing.seq <= ?8
    AND (?3 IS NULL OR EXISTS (
        SELECT 1
        FROM json_each(?3) AS wanted
        CROSS JOIN outcome
            ON outcome.outcome = wanted.value ->> 0 AND outcome.firing = firing.seq
        WHERE ",
    has_wanted_reason!("outcome.reason"),
    "
    ))
    AND (?4 IS NULL OR begun.at >= ?4)
    AND (?5 IS NULL OR begun.at <= ?5)
ORDER BY firing.seq DESC
LIMIT ?6"
);

/// The places for forms of reasons in [`OF_OUTCOME`].
const FORMS: usize = 11;
const _: () = assert!(Reason::CHOICES.len() <= FORMS && Reason::HELD.len() <= FORMS);

/// Of one wanted outcome: `?3` is its word. With `?9`, the reason has one of the forms from `?10` on,
/// or none, as `?9` says. All rows with that word are looked at where few are wanted, so the forms
/// are no list that each row would read anew.
const OF_OUTCOME: &str = "
SELECT DISTINCT outcome.firing
FROM outcome
CROSS JOIN entry AS begun ON begun.seq = outcome.firing
WHERE outcome.outcome = ?3
    AND (?9 IS NULL OR ?9 = coalesce(
        coalesce(outcome.reason, '') GLOB ?10
        OR coalesce(outcome.reason, '') GLOB ?11
        OR coalesce(outcome.reason, '') GLOB ?12
        OR coalesce(outcome.reason, '') GLOB ?13
        OR coalesce(outcome.reason, '') GLOB ?14
        OR coalesce(outcome.reason, '') GLOB ?15
        OR coalesce(outcome.reason, '') GLOB ?16
        OR coalesce(outcome.reason, '') GLOB ?17
        OR coalesce(outcome.reason, '') GLOB ?18
        OR coalesce(outcome.reason, '') GLOB ?19
        OR coalesce(outcome.reason, '') GLOB ?20,
        0
    ))
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
    AND (?2 IS NULL OR outcome IN (SELECT value ->> 0 FROM json_each(?2)))
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
        .bind(wanted(&filter.outcomes).map(|wanted| json(&wanted)))
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
    let most = i64::from(filter.limit) + i64::from(filter.after.is_some());
    let wanted = wanted(&filter.outcomes);
    if let (HistoryFilter { instance: None, rule: None, .. }, Some(wanted)) = (filter, &wanted) {
        return of_outcomes(connection, (filter, wanted), (first, last, most)).await;
    }
    let statement = match filter {
        HistoryFilter { instance: Some(_), .. } => OF_INSTANCE,
        HistoryFilter { rule: Some(_), .. } => OF_RULE,
        _ => OF_ANY,
    };
    sqlx::query_scalar(statement)
        .bind(filter.rule.as_deref())
        .bind(filter.instance.as_deref())
        .bind(wanted.map(|wanted| json(&wanted)))
        .bind(filter.since.map(Millis::from))
        .bind(filter.until.map(Millis::from))
        .bind(most)
        .bind(first)
        .bind(last)
        .bind(named(filter.instance.as_deref()))
        .bind(json(&missing))
        .fetch_all(connection)
        .await
}

/// The newest firings with any of these outcomes. Each outcome is searched by itself, from its
/// newest firing on.
async fn of_outcomes(
    connection: &mut SqliteConnection,
    (filter, wanted): (&HistoryFilter, &[WantedRow]),
    (first, last, most): (i64, i64, i64),
) -> Result<Vec<i64>, sqlx::Error> {
    let mut found = BTreeSet::new();
    for (word, forms, has_them) in wanted {
        let mut query = sqlx::query_scalar(OF_OUTCOME)
            .bind(None::<String>)
            .bind(None::<String>)
            .bind(word)
            .bind(filter.since.map(Millis::from))
            .bind(filter.until.map(Millis::from))
            .bind(most)
            .bind(first)
            .bind(last)
            .bind(forms.map(|_| has_them));
        for place in 0..FORMS {
            query = query.bind(forms.and_then(|forms| forms.get(place)));
        }
        let firings: Vec<i64> = query.fetch_all(&mut *connection).await?;
        found.extend(firings);
    }
    Ok(found.into_iter().rev().take(usize::try_from(most).unwrap_or(usize::MAX)).collect())
}

/// The word of an outcome, forms of its reasons, and whether the reason has one of these or none.
type WantedRow = (&'static str, Option<&'static [&'static str]>, bool);

/// The wanted outcomes for a statement; `None` for all.
pub(super) fn wanted(outcomes: &[Wanted]) -> Option<Vec<WantedRow>> {
    let skipped = Outcome::Skipped.as_str();
    let mut rows = Vec::new();
    for one in outcomes {
        match one {
            Wanted::Outcome(outcome) => rows.push((outcome.as_str(), None, true)),
            Wanted::Held => rows.push((skipped, Some(&Reason::HELD[..]), true)),
            Wanted::Trouble => {
                let words = Outcome::words(|it| it.concern(None).is_some());
                rows.extend(words.into_iter().map(|word| {
                    let forms = (word == skipped).then_some(&Reason::CHOICES[..]);
                    (word, forms, false)
                }));
            }
        }
    }
    (!rows.is_empty()).then_some(rows)
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
