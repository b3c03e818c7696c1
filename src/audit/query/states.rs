//! Reads the observations of instances for [`crate::state_history`].

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::SqliteConnection;

use crate::audit::instance::last_state::every_instance;
use crate::audit::store::at::At;
use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::record::json;
use crate::audit::store::row::row;
use crate::audit::store::seq_range;
use crate::model::instance::{AccountName, Action, InstanceNo};
use crate::state_history::{ExternalTurn, Observation, OwnRequest, Seen, Sightings, State, Watch};
use crate::time::uptime::{LONGEST_ABSENCE, Stretch};

row! {
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
    pub(crate) struct Identity {
        account: String,
        instance_no: String,
    }
}

row! {
    /// An instance with all its observations as JSON: SQLite returns millions of rows several times
    /// as fast in lists.
    struct SeenRow of "seen" {
        account: AccountName,
        instance_no: InstanceNo,
        instance_name: String,
        region: String,
        looks: String,
        asked: String,
        turned: String,
        looked_at: Option<DateTime<Utc>> = of_number,
    }
}

/// A status, the last boot, and the time of the observation.
type LookTold = (String, Option<Millis>, Millis);
/// An action, the rule, the time, and the number of the request.
type AskedTold = (String, String, Millis, i64);
/// A status, the last time of the earlier status, and the time of the observation.
type TurnedTold = (String, Millis, Millis);

impl AuditReader {
    /// The observations of every instance since a time, in order of account and number.
    pub async fn seen_since(&self, since: DateTime<Utc>) -> Result<Vec<Seen>, AuditError> {
        let mut connection = self.connection().await;
        let all: Vec<Identity> = sqlx::query_as(ALL).fetch_all(&mut *connection).await?;
        seen(&mut connection, &all, (since, None)).await
    }

    /// The observations of every instance in a period, with the ones just before and after, in
    /// order of account and number. Later ones are left out.
    pub async fn seen_between(
        &self,
        since: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<Seen>, AuditError> {
        let mut connection = self.connection().await;
        let all: Vec<Identity> = sqlx::query_as(ALL).fetch_all(&mut *connection).await?;
        seen(&mut connection, &all, (since, Some(until))).await
    }

    /// The observations of these instances since a time.
    pub async fn seen_of(
        &self,
        instances: &[(AccountName, InstanceNo)],
        since: DateTime<Utc>,
    ) -> Result<Vec<Seen>, AuditError> {
        seen_of(&mut *self.connection().await, instances, since).await
    }

    /// The times with a daemon, up to `now`.
    pub async fn watch(&self, now: DateTime<Utc>) -> Result<Watch, AuditError> {
        watch(&mut *self.connection().await, now).await
    }
}

pub(super) async fn seen_of(
    connection: &mut SqliteConnection,
    instances: &[(AccountName, InstanceNo)],
    since: DateTime<Utc>,
) -> Result<Vec<Seen>, AuditError> {
    let of = |(account, no): &(AccountName, InstanceNo)| Identity {
        account: account.to_string(),
        instance_no: no.to_string(),
    };
    let these: Vec<Identity> = instances.iter().map(of).collect();
    seen(connection, &these, (since, None)).await
}

pub(super) async fn watch(
    connection: &mut SqliteConnection,
    now: DateTime<Utc>,
) -> Result<Watch, AuditError> {
    let rows: Vec<(Millis, Millis)> = sqlx::query_as(
        "SELECT lived_from, lived_until
        FROM lived",
    )
    .fetch_all(&mut *connection)
    .await?;
    let stretch =
        |(from, until): (Millis, Millis)| Stretch { from: from.into(), until: until.into() };
    let lived: Vec<Stretch> = rows.into_iter().map(stretch).collect();
    let pruned_before = super::why::rows::pruned_before(connection).await?;
    Ok(Watch::of(&lived, pruned_before, now))
}

const ALL: &str = concat!(
    every_instance!(),
    "
    SELECT account, no AS instance_no
    FROM instance
    WHERE no IS NOT NULL
    ORDER BY account, no"
);

/// For each instance (`?1`), the observations from the last before a number (`?2`) to the first
/// from another number on (`?3`), with the requests and changes between.
const SEEN: &str = "
SELECT
    last.seq,
    last.account,
    last.instance_no,
    last.instance_name,
    last.region,
    (
        SELECT json_group_array(json_array(seen.status, seen.booted_at, seen.seen_at))
        FROM seen
        WHERE seen.account = last.account
            AND seen.instance_no = last.instance_no
            AND seen.seq <= last.seq
            AND seen.seq >= coalesce(
                (
                    SELECT max(before.seq)
                    FROM seen AS before
                    WHERE before.account = last.account
                        AND before.instance_no = last.instance_no
                        AND before.seq < ?2
                ),
                0
            )
    ) AS looks,
    (
        SELECT json_group_array(json_array(request.action, firing.rule, entry.at, request.seq))
        FROM request_instance
        CROSS JOIN request ON request.seq = request_instance.request
        CROSS JOIN firing ON firing.seq = request.firing
        CROSS JOIN entry ON entry.seq = request.seq
        WHERE request_instance.account = last.account
            AND request_instance.instance_no = last.instance_no
            AND request_instance.request BETWEEN ?2 AND ?3
    ) AS asked,
    (
        SELECT json_group_array(
            json_array(change.status_after, change.unseen_since, change.seen_at))
        FROM change
        WHERE change.account = last.account
            AND change.instance_no = last.instance_no
            AND change.seq BETWEEN ?2 AND ?3
    ) AS turned,
    look.looked_at
FROM json_each(?1) AS of
CROSS JOIN seen AS last ON last.seq = coalesce(
    (
        SELECT min(after.seq)
        FROM seen AS after
        WHERE after.account = of.value ->> 'account'
            AND after.instance_no = of.value ->> 'instance_no'
            AND after.seq >= ?3
    ),
    (
        SELECT max(every.seq)
        FROM seen AS every
        WHERE every.account = of.value ->> 'account'
            AND every.instance_no = of.value ->> 'instance_no'
    )
)
LEFT JOIN look ON look.account = last.account AND look.instance_no = last.instance_no
ORDER BY of.key";

/// The observations from a time on, and up to another time if given, with the ones just before and
/// after.
async fn seen(
    connection: &mut SqliteConnection,
    instances: &[Identity],
    (since, until): (DateTime<Utc>, Option<DateTime<Utc>>),
) -> Result<Vec<Seen>, AuditError> {
    let first = seq_range::number_before(connection, since).await?;
    let last = match until {
        Some(until) => seq_range::number_after(connection, until).await?,
        None => i64::MAX,
    };
    let rows = sqlx::query_as(SEEN).bind(json(&instances)).bind(first).bind(last);
    let rows: Vec<SeenRow> = rows.fetch_all(connection).await?;
    rows.into_iter().map(SeenRow::seen).collect()
}

impl SeenRow {
    fn seen(self) -> Result<Seen, AuditError> {
        let sightings = Sightings {
            looks: looks(&self.looks)?,
            looked_at: self.looked_at,
            asked: asked(&self.asked)?,
            turned: turned(&self.turned)?,
        };
        let (account, no) = (self.account, self.instance_no);
        let (name, region) = (self.instance_name, self.region);
        Ok(Seen { account, no, name, region, sightings })
    }
}

fn looks(text: &str) -> Result<Vec<Observation>, sqlx::Error> {
    let told: Vec<LookTold> = read(text)?;
    let look = |(status, booted_at, at): LookTold| Observation {
        at: at.into(),
        state: State::of(&status),
        booted_at: booted_at.map(DateTime::from),
    };
    let mut looks: Vec<Observation> = told.into_iter().map(look).collect();
    set_right(&mut looks);
    looks.sort_by_key(|look| look.at);
    Ok(looks)
}

/// An entry written under a clock that was ahead gets the time of the next entry at most, so the
/// order of writing stays. (An entry more than a month ahead of the next is trusted:
/// the next clock was rather behind. The last entry is always trusted.)
fn set_right(looks: &mut [Observation]) {
    // The rows come by number, in the order of the index.
    let Some(newest) = looks.last().map(|look| look.at) else { return };
    let mut next = newest;
    for look in looks.iter_mut().rev() {
        look.at = look.at.min(newest);
        if look.at > next && look.at - next <= LONGEST_ABSENCE {
            look.at = next;
        }
        next = look.at;
    }
}

fn asked(text: &str) -> Result<Vec<OwnRequest>, AuditError> {
    let told: Vec<AskedTold> = read(text)?;
    let asked = told.into_iter().map(|(action, rule, at, seq)| {
        let action = Action::from_word(&action).ok_or(At::of("request", seq))?;
        Ok(OwnRequest { at: at.into(), action, rule })
    });
    let mut asked: Vec<OwnRequest> = asked.collect::<Result<_, AuditError>>()?;
    asked.sort_by_key(|asked| asked.at);
    Ok(asked)
}

fn turned(text: &str) -> Result<Vec<ExternalTurn>, sqlx::Error> {
    let told: Vec<TurnedTold> = read(text)?;
    let turned = told.into_iter().filter_map(|(status_after, unseen_since, seen_at)| {
        let action = State::of(&status_after).led_to_by()?;
        Some(ExternalTurn { unseen_since: unseen_since.into(), seen_at: seen_at.into(), action })
    });
    let mut turned: Vec<ExternalTurn> = turned.collect();
    turned.sort_by_key(|turned| turned.seen_at);
    Ok(turned)
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, sqlx::Error> {
    serde_json::from_str(text).map_err(|error| sqlx::Error::Decode(error.into()))
}
