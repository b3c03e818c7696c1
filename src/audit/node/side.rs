//! What nodes need of each other outside the chain: when servers were last seen, which time daemons
//! have lived through, what could be read. The newest word counts.

use sqlx::SqliteConnection;
use tokio::sync::Mutex;

use crate::audit::shared::fact::Fact;
use crate::audit::shared::link::Link;
use crate::audit::store::error::AuditError;

/// Looks and times of life as facts: those since a time, and all sources.
const OURS: &str = "SELECT
        'look' AS kind, json_array(account, instance_no) AS key, CAST(looked_at AS TEXT) AS body
    FROM look
    WHERE looked_at >= ?1
    UNION ALL
    SELECT 'lived', json_array(session, lived_from), CAST(lived_until AS TEXT)
    FROM lived
    WHERE lived_until >= ?1
    UNION ALL
    SELECT 'source', json_array(kind, name, region), json_array(
        session, read_at, lost_at, reason, needs, regions)
    FROM source
    WHERE session = ?2";

const TAKE_LOOK: &str = "INSERT INTO look (account, instance_no, looked_at)
    SELECT value ->> '$.key[0]', value ->> '$.key[1]', value ->> '$.body'
    FROM json_each(?1)
    WHERE value ->> '$.kind' = 'look'
    ON CONFLICT (account, instance_no) DO UPDATE
        SET looked_at = max(looked_at, excluded.looked_at)";

const TAKE_LIVED: &str = "INSERT INTO lived (session, lived_from, lived_until)
    SELECT value ->> '$.key[0]', value ->> '$.key[1]', value ->> '$.body'
    FROM json_each(?1)
    WHERE value ->> '$.kind' = 'lived'
    ON CONFLICT (session, lived_from) DO UPDATE
        SET lived_until = max(lived_until, excluded.lived_until)";

const TAKE_SOURCE: &str = "INSERT INTO source (
        kind, name, region, session, read_at, lost_at, reason, needs, regions)
    SELECT
        value ->> '$.key[0]', value ->> '$.key[1]', value ->> '$.key[2]', value ->> '$.body[0]',
        value ->> '$.body[1]', value ->> '$.body[2]', value ->> '$.body[3]',
        value ->> '$.body[4]', value ->> '$.body[5]'
    FROM json_each(?1)
    WHERE value ->> '$.kind' = 'source'
    ON CONFLICT (kind, name, region) DO UPDATE SET
        session = excluded.session, read_at = excluded.read_at, lost_at = excluded.lost_at,
        reason = excluded.reason, needs = excluded.needs, regions = excluded.regions
    WHERE excluded.session <> ?2";

/// Looks and times of life older than this, before the newest that was sent, were sent before.
const OVERLAP: i64 = 120_000;

/// How far facts were sent and taken.
#[derive(Debug, Default)]
pub(crate) struct Side {
    /// The newest look or time of life that was sent, in milliseconds since 1970.
    sent: i64,
    /// See [`Link::facts_since`].
    taken: i64,
}

impl Side {
    /// Sends what is new here, and takes what is new there, in turn with other writes.
    pub(crate) async fn exchange(
        &mut self,
        (copy, turns): (&mut SqliteConnection, &Mutex<()>),
        link: &mut Link,
        (session, now): (i64, i64),
    ) -> Result<(), AuditError> {
        let ours: Vec<(String, String, String)> = sqlx::query_as(OURS)
            .bind(self.sent.saturating_sub(OVERLAP))
            .bind(session)
            .fetch_all(&mut *copy)
            .await?;
        let fact = |(kind, key, body)| Fact { kind, key, body };
        let ours: Vec<Fact> = ours.into_iter().map(fact).collect();
        link.write_facts(&ours).await?;
        self.sent = now;
        let (theirs, until) = link.facts_since(self.taken).await?;
        let theirs: Vec<Fact> = theirs.into_iter().filter(|fact| !ours.contains(fact)).collect();
        if !theirs.is_empty() {
            let _turn = turns.lock().await;
            take(copy, &theirs, session).await?;
        }
        self.taken = until;
        Ok(())
    }
}

async fn take(copy: &mut SqliteConnection, facts: &[Fact], session: i64) -> Result<(), AuditError> {
    let facts: Vec<String> = facts
        .iter()
        .map(|Fact { kind, key, body }| {
            // `key` and `body` are JSON already.
            format!(r#"{{"kind":"{kind}","key":{key},"body":{body}}}"#)
        })
        .collect();
    let facts = format!("[{}]", facts.join(","));
    for statement in [TAKE_LOOK, TAKE_LIVED] {
        sqlx::query(statement).bind(&facts).execute(&mut *copy).await?;
    }
    sqlx::query(TAKE_SOURCE).bind(&facts).bind(session).execute(copy).await?;
    Ok(())
}
