//! Whether an instance that was turned on or off was turned by this log's requests or by
//! somebody else.
//!
//! Only settled states count: `RUN` and `NSTOP` with nothing in progress. What happens twice
//! between two looks is not seen at all. In doubt it was a request of ours: what became of one
//! may be unknown, and what is unknown is never guessed to be somebody else's doing. An account
//! that is named twice counts as two.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use sqlx::{FromRow, SqliteConnection};

use super::millis::Millis;
use super::record::{SeenRecord, json};
use crate::cloud::LISTS_LAG;
use crate::instance::{Action, Status};

/// How long a reading may take until it is recorded; one that is older still shows that the
/// clock was set back.
const LONGEST_READING: TimeDelta = TimeDelta::seconds(60);

/// What is to be made of seeing an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sighting {
    /// It is as it was.
    Known,
    /// It is new, or other than it was.
    News,
    /// Somebody else turned it on or off.
    Changed { status_before: String, unseen_since: Millis },
    /// It contradicts what was seen at the same time or later. The next look will tell.
    Doubtful,
}

/// How an instance was seen before.
#[derive(Clone, Debug, Default, FromRow)]
pub(super) struct Before {
    is_news: bool,
    last_status: Option<String>,
    /// Until when it was seen like that.
    last_at: Option<Millis>,
    /// The last sighting that showed it settled, and since when.
    settled: Option<i64>,
    settled_status: Option<String>,
    settled_at: Option<Millis>,
}

/// Who turned an instance one way last.
#[derive(Clone, Debug, Default, FromRow)]
pub(super) struct Turns {
    /// The last request for it that may have had its effect.
    pub(super) request: Option<i64>,
    /// When that was answered, or sent.
    requested_at: Option<Millis>,
    /// Whether its firing is still being followed.
    is_followed: Option<bool>,
    /// The last change by somebody else.
    pub(super) change: Option<i64>,
    pub(super) unseen_since: Option<Millis>,
    pub(super) seen_at: Option<Millis>,
}

/// An instance, and which way it was turned.
#[derive(Serialize)]
pub(super) struct Turned<'a> {
    pub(super) account: &'a str,
    pub(super) instance_no: &'a str,
    pub(super) action: &'static str,
    pub(super) status: &'static str,
}

impl<'a> Turned<'a> {
    pub(super) fn by(action: Action, seen: &'a SeenRecord) -> Self {
        let status = match action {
            Action::Stop => "NSTOP",
            Action::Start => "RUN",
        };
        let (account, instance_no) = (&seen.account, &seen.instance_no);
        Self { account, instance_no, action: action.as_str(), status }
    }
}

impl Before {
    /// Whether it was last seen settled in that status.
    pub(super) fn was_settled_in(&self, status: &Status) -> bool {
        self.settled_status.as_deref() == Some(status.code())
    }

    /// The action that has turned it since it was last seen settled; `None` where it is as it
    /// was, is not settled, or never was.
    pub(super) fn turned_by(&self, seen: &SeenRecord) -> Option<Action> {
        let settled = self.settled_status.as_ref()?;
        let action = goal(seen)?;
        (*settled != seen.status).then_some(action)
    }

    /// Until when it was seen in the status in which it was last settled.
    pub(super) fn unseen_since(&self) -> Option<Millis> {
        let is_same = self.last_status == self.settled_status;
        self.last_at.filter(|_| is_same).or(self.settled_at)
    }

    /// What is to be made of seeing it now; `turns`: who turned it to where it is.
    fn judge(&self, seen: &SeenRecord, turns: &Turns) -> Sighting {
        let now = DateTime::<Utc>::from(seen.seen_at);
        let age = self.last_at.map(|last| DateTime::<Utc>::from(last) - now);
        if self.is_news && age.is_some_and(|age| age > TimeDelta::zero() && age < LONGEST_READING) {
            return Sighting::Doubtful;
        }
        let turned = self.turned_by(seen).is_some() && !turns.explain(self, seen.seen_at);
        match (&self.settled_status, self.unseen_since(), self.settled_at) {
            (Some(before), Some(unseen_since), Some(settled_at)) if turned => {
                let apart = (now - DateTime::<Utc>::from(settled_at)).abs();
                if apart.to_std().is_ok_and(|apart| apart <= LISTS_LAG) {
                    return Sighting::Doubtful;
                }
                Sighting::Changed { status_before: before.clone(), unseen_since }
            }
            _ if self.is_news => Sighting::News,
            _ => Sighting::Known,
        }
    }
}

impl Turns {
    /// Whether a request of ours explains that it is no longer as it was last seen settled.
    pub(super) fn explain(&self, before: &Before, seen_at: Millis) -> bool {
        let (Some(request), Some(at)) = (self.request, self.requested_at) else { return false };
        let (at, seen_at) = (DateTime::<Utc>::from(at), DateTime::<Utc>::from(seen_at));
        // A list that was read after the request may have shown the state from before it. What
        // claims to be from the future was written by a clock that was wrong.
        let is_as_new = |settled: Millis| at >= DateTime::<Utc>::from(settled) - LISTS_LAG;
        self.is_followed == Some(true)
            || before.settled.is_none_or(|settled| request > settled)
            || before.settled_at.is_none_or(is_as_new) && at <= seen_at + LISTS_LAG
    }
}

/// The action that leads to where an instance is settled; `None` where it is not.
fn goal(seen: &SeenRecord) -> Option<Action> {
    match (seen.status.as_str(), seen.operation.as_str()) {
        ("RUN", "NULL") => Some(Action::Start),
        ("NSTOP", "NULL") => Some(Action::Stop),
        _ => None,
    }
}

/// What is to be made of seeing these, one by one.
pub(super) async fn judge(
    connection: &mut SqliteConnection,
    seen: &[SeenRecord],
) -> Result<Vec<Sighting>, sqlx::Error> {
    let before = before(connection, seen).await?;
    let known = || seen.iter().zip(&before);
    let turned = known()
        .filter_map(|(seen, before)| before.turned_by(seen).map(|action| Turned::by(action, seen)));
    let turned: Vec<Turned<'_>> = turned.collect();
    let mut turns = turns(connection, &turned).await?.into_iter();
    let judged = known().map(|(seen, before)| {
        let is_turned = before.turned_by(seen).is_some();
        let turns = if is_turned { turns.next() } else { None };
        before.judge(seen, &turns.unwrap_or_default())
    });
    Ok(judged.collect())
}

/// How these were seen before, one by one.
pub(super) async fn before(
    connection: &mut SqliteConnection,
    seen: &[SeenRecord],
) -> Result<Vec<Before>, sqlx::Error> {
    sqlx::query_as(
        "SELECT
            seen.seq IS NULL
                OR seen.region <> now.value ->> '$.region'
                OR seen.instance_name <> now.value ->> '$.instance_name'
                OR seen.status <> now.value ->> '$.status'
                OR seen.operation <> now.value ->> '$.operation'
                OR seen.booted_at IS NOT now.value ->> '$.booted_at' AS is_news,
            seen.status AS last_status,
            coalesce(look.looked_at, seen.seen_at) AS last_at,
            settled.seq AS settled,
            settled.status AS settled_status,
            settled.seen_at AS settled_at
        FROM json_each(?1) AS now
        LEFT JOIN seen ON seen.seq = (
            SELECT max(last.seq)
            FROM seen AS last
            WHERE last.account = now.value ->> '$.account'
                AND last.instance_no = now.value ->> '$.instance_no'
        )
        LEFT JOIN look
            ON look.account = now.value ->> '$.account'
            AND look.instance_no = now.value ->> '$.instance_no'
        LEFT JOIN seen AS settled ON settled.seq = (
            SELECT last.seq
            FROM seen AS last
            WHERE last.account = now.value ->> '$.account'
                AND last.instance_no = now.value ->> '$.instance_no'
                AND last.status IN ('RUN', 'NSTOP')
                AND last.operation = 'NULL'
            ORDER BY last.seq DESC
            LIMIT 1
        )
        ORDER BY now.key",
    )
    .bind(json(&seen))
    .fetch_all(connection)
    .await
}

/// Who turned these last, one by one. A request that was refused together with others may have
/// had its effect on some of them; one that was refused alone has had none.
pub(super) async fn turns(
    connection: &mut SqliteConnection,
    turned: &[Turned<'_>],
) -> Result<Vec<Turns>, sqlx::Error> {
    if turned.is_empty() {
        return Ok(Vec::new());
    }
    sqlx::query_as(
        "SELECT
            request.seq AS request,
            last.at AS requested_at,
            NOT EXISTS (
                SELECT 1 FROM firing_end WHERE firing_end.firing = request.firing
            ) AS is_followed,
            change.seq AS change,
            change.unseen_since,
            change.seen_at
        FROM json_each(?1) AS turned
        LEFT JOIN request ON request.seq = (
            SELECT named.request
            FROM request_instance AS named
            JOIN request AS asked ON asked.seq = named.request
            LEFT JOIN answer AS answered ON answered.request = asked.seq
            WHERE named.account = turned.value ->> '$.account'
                AND named.instance_no = turned.value ->> '$.instance_no'
                AND asked.action = turned.value ->> '$.action'
                AND (
                    coalesce(answered.result, 'unanswered')
                        IN ('accepted', 'unanswered', 'unreadable')
                    OR answered.result = 'refused' AND EXISTS (
                        SELECT 1
                        FROM request_instance AS other
                        WHERE other.request = named.request
                            AND other.instance_no <> named.instance_no
                    )
                )
            ORDER BY named.request DESC
            LIMIT 1
        )
        LEFT JOIN answer ON answer.request = request.seq
        LEFT JOIN entry AS last ON last.seq = coalesce(answer.seq, request.seq)
        LEFT JOIN change ON change.seq = (
            SELECT found.seq
            FROM change AS found
            WHERE found.account = turned.value ->> '$.account'
                AND found.instance_no = turned.value ->> '$.instance_no'
                AND found.status_after = turned.value ->> '$.status'
            ORDER BY found.seq DESC
            LIMIT 1
        )
        ORDER BY turned.key",
    )
    .bind(json(&turned))
    .fetch_all(connection)
    .await
}
