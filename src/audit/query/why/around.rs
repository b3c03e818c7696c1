//! Collects the log's facts about one instance around a time, for `lightsout why`.
//!
//! Every statement begins at an index for the instance, a rule or a time. So the cost is that of a
//! few nights, whatever the length of the log. `firings` chooses the firings.

use chrono::{DateTime, Utc};
use sqlx::{Connection, SqliteConnection};

use super::firings::{self, Bearing, Span};
use super::lines::{DeferredAround, SeenLine};
use super::matched::matched;
use super::rows;
use crate::audit::hold::hold_rows;
use crate::audit::instance::external_change::ChangeLine;
use crate::audit::query::firing_detail::{self, RequestLine};
use crate::audit::query::history::HistoryLine;
use crate::audit::store::error::AuditError;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::record::json;
use crate::hold::HoldEntry;
use crate::model::instance::Action;
use crate::model::known_instance::KnownInstance;
use crate::model::outcome::Outcome;
use crate::time::uptime::Stretch;

#[derive(Clone, Debug)]
pub struct Around {
    pub at: DateTime<Utc>,
    /// The beginning of the searched period.
    pub from: DateTime<Utc>,
    /// The end of it, after the time that is asked about.
    pub until: DateTime<Utc>,
    /// The last state by that time.
    pub before: Option<SeenLine>,
    /// The next other state.
    pub after: Option<SeenLine>,
    /// The newest observation of all.
    pub looked_at: Option<DateTime<Utc>>,
    /// The firings about it, in the order of their beginning.
    pub firings: Vec<FiringAround>,
    /// Changes by others, the oldest first.
    pub changes: Vec<ChangeLine>,
    /// The holds of that time; most are about others.
    pub holds: Vec<HoldEntry>,
    /// The deferred actions.
    pub owed: Vec<DeferredAround>,
    /// The uptime of daemons near that time, in no order.
    pub lived: Vec<Stretch>,
    /// The rules that matched it around then, each with its action.
    pub matched: Vec<(String, Action)>,
    /// The log is complete from this time on; `None`: it was never pruned.
    pub pruned_before: Option<DateTime<Utc>>,
}

/// A firing that had the instance, or should have had it.
#[derive(Clone, Debug)]
pub struct FiringAround {
    /// The line of the instance or of the whole firing; `None`: it did not match the instance.
    pub line: Option<HistoryLine>,
    pub bearing: Bearing,
    /// The requests that named the instance.
    pub requests: Vec<RequestLine>,
    /// The firing caught up on a deferred action.
    pub makes_up: bool,
}

impl AuditReader {
    /// An instance under its last name by a time. Before its first observation, the name stays as
    /// given.
    pub async fn as_named_at(
        &self,
        instance: KnownInstance,
        at: DateTime<Utc>,
    ) -> Result<KnownInstance, AuditError> {
        let seen = rows::seen_by(&mut *self.connection().await, &instance, at).await?;
        let name = seen.map_or_else(|| instance.name.clone(), |seen| seen.instance_name);
        Ok(KnownInstance { name, ..instance })
    }

    /// The log's facts about an instance around a time. `rules` are those that mean it by its name
    /// or number.
    pub async fn around(
        &self,
        instance: &KnownInstance,
        at: DateTime<Utc>,
        rules: &[(String, Action)],
    ) -> Result<Around, AuditError> {
        // One transaction, so that all of it is of one moment.
        let mut guard = self.connection().await;
        let connection = &mut *guard.begin().await?;
        let matched = matched(connection, instance, at).await?;
        let mut wanted = rules.to_vec();
        wanted.extend(matched.iter().filter(|rule| !rules.contains(rule)).cloned());
        let span = firings::span(connection, instance, at, &wanted).await?;
        let (before, after) = rows::sightings(connection, instance, at).await?;
        let region = before.as_ref().or(after.as_ref()).map(|seen| seen.region.as_str());
        let firings = firings(connection, (instance, region), &span, &wanted).await?;
        let numbers: Vec<i64> = firings.iter().map(|firing| firing.bearing.firing).collect();
        Ok(Around {
            at,
            from: span.from,
            until: span.until,
            before,
            after,
            looked_at: rows::looked_at(connection, instance).await?,
            changes: rows::changes(connection, instance, &span).await?,
            holds: hold_rows::between(connection, span.month).await?,
            owed: rows::owed(connection, instance, &numbers).await?,
            lived: rows::lived(connection, &span).await?,
            pruned_before: rows::pruned_before(connection).await?,
            firings,
            matched,
        })
    }
}

async fn firings(
    connection: &mut SqliteConnection,
    (instance, region): (&KnownInstance, Option<&str>),
    span: &Span,
    rules: &[(String, Action)],
) -> Result<Vec<FiringAround>, AuditError> {
    let bearings = firings::of(connection, instance, span, rules).await?;
    let numbers: Vec<i64> = bearings.iter().map(|bearing| bearing.firing).collect();
    let mut lines: Vec<HistoryLine> = sqlx::query_as(OWN_LINES)
        .bind(json(&numbers))
        .bind(instance.no.as_str())
        .fetch_all(&mut *connection)
        .await?;
    // The instance's own line says more than the firing's.
    let has_own = |number: &&i64| lines.iter().any(|line| line.firing == **number);
    let others: Vec<&i64> = numbers.iter().filter(|number| !has_own(number)).collect();
    let of_all: Vec<HistoryLine> = sqlx::query_as(OF_ALL)
        .bind(json(&others))
        .bind(region)
        .bind(Outcome::Skipped)
        .fetch_all(&mut *connection)
        .await?;
    lines.extend(of_all);
    let makes_up: Vec<i64> =
        sqlx::query_scalar(MAKES_UP).bind(json(&numbers)).fetch_all(&mut *connection).await?;
    let mut firings = Vec::new();
    for bearing in bearings {
        let own = lines.iter().position(|line| line.firing == bearing.firing);
        let line = own.map(|place| lines.remove(place));
        let mut requests = Vec::new();
        if line.as_ref().is_some_and(|line| line.requested_at.is_some()) {
            requests = firing_detail::requests(connection, bearing.firing.into()).await?;
            requests
                .retain(|request| request.instances.iter().any(|no| no == instance.no.as_str()));
        }
        let makes_up = makes_up.contains(&bearing.firing);
        firings.push(FiringAround { line, bearing, requests, makes_up });
    }
    Ok(firings)
}

const OWN_LINES: &str = "
SELECT *
FROM history
WHERE firing IN (SELECT value FROM json_each(?1)) AND instance_no = ?2";

// Lines about entries that match nothing stand beside the outcomes of the other servers.
const OF_ALL: &str = "
SELECT *
FROM history
WHERE firing IN (SELECT value FROM json_each(?1))
    AND instance_no IS NULL
    AND (region IS NULL OR ?2 IS NULL OR region = ?2)
    AND outcome IS NOT ?3
ORDER BY firing, line";

const MAKES_UP: &str = "
SELECT DISTINCT firing
FROM makeup
WHERE firing IN (SELECT value FROM json_each(?1))";
