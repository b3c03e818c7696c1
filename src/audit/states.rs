//! What was seen of instances since a time, for [`crate::states`].

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, SqliteConnection};

use super::error::AuditError;
use super::millis::Millis;
use super::place;
use super::reader::AuditReader;
use super::record::json;
use super::sighting::every_instance;
use crate::instance::{AccountName, Action, InstanceNo};
use crate::lived::Stretch;
use crate::states::{Asked, Look, Seen, Sightings, State, Turned, Watch};

/// An instance by its identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, FromRow)]
pub(super) struct Identity {
    account: String,
    instance_no: String,
}

#[derive(FromRow)]
struct LookRow {
    #[sqlx(flatten)]
    of: Identity,
    instance_name: String,
    region: String,
    status: String,
    booted_at: Option<Millis>,
    seen_at: Millis,
}

#[derive(FromRow)]
struct AskedRow {
    #[sqlx(flatten)]
    of: Identity,
    action: String,
    rule: String,
    at: Millis,
}

#[derive(FromRow)]
struct TurnedRow {
    #[sqlx(flatten)]
    of: Identity,
    status_after: String,
    unseen_since: Millis,
    seen_at: Millis,
}

#[derive(FromRow)]
struct LookedAtRow {
    #[sqlx(flatten)]
    of: Identity,
    looked_at: Millis,
}

impl AuditReader {
    /// What was seen of every instance since a time, in order of account and number.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn seen_since(&self, since: DateTime<Utc>) -> Result<Vec<Seen>, AuditError> {
        let mut connection = self.connection().await;
        let all: Vec<Identity> = sqlx::query_as(ALL).fetch_all(&mut *connection).await?;
        Ok(seen(&mut connection, &all, (since, None)).await?)
    }

    /// What was seen of every instance from one time to another, with the looks just before and
    /// after; in order of account and number. What lies after that is not told.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn seen_between(
        &self,
        since: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<Seen>, AuditError> {
        let mut connection = self.connection().await;
        let all: Vec<Identity> = sqlx::query_as(ALL).fetch_all(&mut *connection).await?;
        Ok(seen(&mut connection, &all, (since, Some(until))).await?)
    }

    /// What was seen of these instances since a time.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn seen_of(
        &self,
        instances: &[(AccountName, InstanceNo)],
        since: DateTime<Utc>,
    ) -> Result<Vec<Seen>, AuditError> {
        let of = |(account, no): &(AccountName, InstanceNo)| Identity {
            account: account.to_string(),
            instance_no: no.to_string(),
        };
        let these: Vec<Identity> = instances.iter().map(of).collect();
        Ok(seen(&mut *self.connection().await, &these, (since, None)).await?)
    }

    /// When somebody was there to see, up to `now`.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn watch(&self, now: DateTime<Utc>) -> Result<Watch, AuditError> {
        let mut connection = self.connection().await;
        let rows: Vec<(Millis, Millis)> = sqlx::query_as(
            "SELECT lived_from, lived_until
            FROM lived",
        )
        .fetch_all(&mut *connection)
        .await?;
        let stretch =
            |(from, until): (Millis, Millis)| Stretch { from: from.into(), until: until.into() };
        let lived: Vec<Stretch> = rows.into_iter().map(stretch).collect();
        let pruned_before = super::around_rows::pruned_before(&mut connection).await?;
        Ok(Watch::of(&lived, pruned_before, now))
    }
}

/// Every instance there ever was.
const ALL: &str = concat!(
    every_instance!(),
    "
    SELECT account, no AS instance_no
    FROM instance
    WHERE no IS NOT NULL
    ORDER BY account, no"
);

/// From the last look before a number to the first one from another on.
const LOOKS: &str = "
SELECT
    seen.account,
    seen.instance_no,
    seen.instance_name,
    seen.region,
    seen.status,
    seen.booted_at,
    seen.seen_at
FROM json_each(?1) AS of
CROSS JOIN seen
    ON seen.account = of.value ->> 'account'
    AND seen.instance_no = of.value ->> 'instance_no'
    AND seen.seq >= coalesce(
        (
            SELECT max(before.seq)
            FROM seen AS before
            WHERE before.account = of.value ->> 'account'
                AND before.instance_no = of.value ->> 'instance_no'
                AND before.seq < ?2
        ),
        0
    )
    AND seen.seq <= coalesce(
        (
            SELECT min(after.seq)
            FROM seen AS after
            WHERE after.account = of.value ->> 'account'
                AND after.instance_no = of.value ->> 'instance_no'
                AND after.seq >= ?3
        ),
        ?3
    )
ORDER BY seen.seen_at, seen.seq";

const ASKED: &str = "
SELECT
    request_instance.account,
    request_instance.instance_no,
    request.action,
    firing.rule,
    entry.at
FROM json_each(?1) AS of
CROSS JOIN request_instance
    ON request_instance.account = of.value ->> 'account'
    AND request_instance.instance_no = of.value ->> 'instance_no'
    AND request_instance.request BETWEEN ?2 AND ?3
CROSS JOIN request ON request.seq = request_instance.request
CROSS JOIN firing ON firing.seq = request.firing
CROSS JOIN entry ON entry.seq = request.seq
ORDER BY entry.at, entry.seq";

const TURNED: &str = "
SELECT
    change.account,
    change.instance_no,
    change.status_after,
    change.unseen_since,
    change.seen_at
FROM json_each(?1) AS of
CROSS JOIN change
    ON change.account = of.value ->> 'account'
    AND change.instance_no = of.value ->> 'instance_no'
    AND change.seq BETWEEN ?2 AND ?3
ORDER BY change.seen_at, change.seq";

const LOOKED_AT: &str = "
SELECT look.account, look.instance_no, look.looked_at
FROM json_each(?1) AS of
CROSS JOIN look
    ON look.account = of.value ->> 'account'
    AND look.instance_no = of.value ->> 'instance_no'";

/// What was seen of instances from a time on, and up to another where one is given; of each the
/// looks before and after that too.
async fn seen(
    connection: &mut SqliteConnection,
    instances: &[Identity],
    (since, until): (DateTime<Utc>, Option<DateTime<Utc>>),
) -> Result<Vec<Seen>, sqlx::Error> {
    let of = json(&instances);
    let first = place::number_before(connection, since).await?;
    let last = match until {
        Some(until) => place::number_after(connection, until).await?,
        None => i64::MAX,
    };
    let mut seen: BTreeMap<Identity, Seen> = BTreeMap::new();
    let looks: Vec<LookRow> =
        sqlx::query_as(LOOKS).bind(&of).bind(first).bind(last).fetch_all(&mut *connection).await?;
    for row in looks {
        let look = Look {
            at: row.seen_at.into(),
            state: State::of(&row.status),
            booted_at: row.booted_at.map(DateTime::from),
        };
        if let Some(known) = seen.get_mut(&row.of) {
            (known.name, known.region) = (row.instance_name, row.region);
            known.sightings.looks.push(look);
        } else if let Some(new) = row.of.seen(row.instance_name, row.region, look) {
            seen.insert(row.of, new);
        }
    }
    let asked: Vec<AskedRow> =
        sqlx::query_as(ASKED).bind(&of).bind(first).bind(last).fetch_all(&mut *connection).await?;
    for row in asked {
        let Some(known) = seen.get_mut(&row.of) else { continue };
        let Some(action) = Action::from_word(&row.action) else { continue };
        known.sightings.asked.push(Asked { at: row.at.into(), action, rule: row.rule });
    }
    let turned: Vec<TurnedRow> =
        sqlx::query_as(TURNED).bind(&of).bind(first).bind(last).fetch_all(&mut *connection).await?;
    for row in turned {
        let Some(known) = seen.get_mut(&row.of) else { continue };
        let Some(action) = State::of(&row.status_after).led_to_by() else { continue };
        let (unseen_since, seen_at) = (row.unseen_since.into(), row.seen_at.into());
        known.sightings.turned.push(Turned { unseen_since, seen_at, action });
    }
    let looked_at: Vec<LookedAtRow> =
        sqlx::query_as(LOOKED_AT).bind(&of).fetch_all(&mut *connection).await?;
    for row in looked_at {
        let Some(known) = seen.get_mut(&row.of) else { continue };
        known.sightings.looked_at = Some(row.looked_at.into());
    }
    Ok(seen.into_values().collect())
}

impl Identity {
    /// What was first seen of it; `None` where it is none.
    fn seen(&self, name: String, region: String, look: Look) -> Option<Seen> {
        let account = AccountName::new(self.account.clone()).ok()?;
        let no = InstanceNo::new(self.instance_no.clone()).ok()?;
        let sightings = Sightings { looks: vec![look], ..Sightings::default() };
        Some(Seen { account, no, name, region, sightings })
    }
}
