//! Reads the evidence about an instance from before an observation: its earlier state, and who
//! turned it last. [`super::attribution`] draws the conclusion.

use serde::Serialize;
use sqlx::SqliteConnection;

use crate::audit::store::millis::Millis;
use crate::audit::store::record::{SeenRecord, json};
use crate::audit::store::row::row;
use crate::cloud::codes;
use crate::model::instance::Action;

row! {
    /// The earlier state of an instance.
    #[derive(Clone, Debug, Default)]
    pub(crate) struct Before {
        pub(crate) is_news: bool,
        pub(crate) last_status: Option<String>,
        /// The last time at which it was seen in this state.
        pub(crate) last_at: Option<Millis>,
        /// The last observation of a settled state.
        pub(crate) settled: Option<i64>,
        pub(crate) settled_status: Option<String>,
        pub(crate) settled_at: Option<Millis>,
    }
}

row! {
    /// The last ones to turn an instance one way.
    #[derive(Clone, Debug, Default)]
    pub(crate) struct Turns {
        /// The last request that may have had its effect.
        pub(crate) request: Option<i64>,
        /// The time of its answer, or of its sending.
        pub(crate) requested_at: Option<Millis>,
        /// Its firing is still under way.
        pub(crate) is_followed: Option<bool>,
        /// The last change by somebody else.
        pub(crate) change: Option<i64>,
        pub(crate) unseen_since: Option<Millis>,
        pub(crate) seen_at: Option<Millis>,
    }
}

/// An instance, and the way that it was turned.
#[derive(Serialize)]
pub(crate) struct Turned<'a> {
    pub(crate) account: &'a str,
    pub(crate) instance_no: &'a str,
    pub(crate) action: &'static str,
    /// The codes of where it was turned to.
    pub(crate) statuses: Vec<&'static str>,
}

impl<'a> Turned<'a> {
    pub(crate) fn by(action: Action, seen: &'a SeenRecord) -> Self {
        let statuses = codes::of(&[action.goal()]);
        let (account, instance_no) = (&seen.account, &seen.instance_no);
        Self { account, instance_no, action: action.as_str(), statuses }
    }
}

/// The earlier states of these instances, in order.
pub(crate) async fn before(
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
                AND last.status IN (SELECT value FROM json_each(?2))
                AND last.operation IN (SELECT value FROM json_each(?3))
            ORDER BY last.seq DESC
            LIMIT 1
        )
        ORDER BY now.key",
    )
    .bind(json(&seen))
    .bind(json(&codes::settled()))
    .bind(json(&codes::no_operation()))
    .fetch_all(connection)
    .await
}

/// The last ones to turn these instances, in order. A request that was refused with others may have
/// turned some of them. A request that was refused alone has turned nothing, and shows that the one
/// before it, with others, turned nothing either.
pub(crate) async fn turns(
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
                    ) AND NOT EXISTS (
                        SELECT 1
                        FROM request_instance AS again
                        JOIN request AS repeated ON repeated.seq = again.request
                        JOIN answer AS no ON no.request = again.request
                        WHERE again.account = named.account
                            AND again.instance_no = named.instance_no
                            AND again.request > named.request
                            AND repeated.firing = asked.firing
                            AND no.result = 'refused'
                            AND NOT EXISTS (
                                SELECT 1
                                FROM request_instance AS beside
                                WHERE beside.request = again.request
                                    AND beside.instance_no <> again.instance_no
                            )
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
                AND found.status_after IN (
                    SELECT value FROM json_each(turned.value, '$.statuses')
                )
            ORDER BY found.seq DESC
            LIMIT 1
        )
        ORDER BY turned.key",
    )
    .bind(json(&turned))
    .fetch_all(connection)
    .await
}
