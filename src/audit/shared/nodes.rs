//! The beats of the nodes, and which of them is on duty.

use sqlx::Row;
use sqlx::postgres::PgRow;
use tokio::time::timeout;

use super::link::{Link, PATIENCE};
use super::shared_error::SharedError;

/// A node beats, and reads in the same round trip who else does, who is on duty, and the server's
/// clock. Rows of sessions that were silent for a day are removed.
const BEAT: &str = "WITH
    mine AS (
        INSERT INTO lightsout.node (session, name, beat, beat_at, body)
        VALUES ($1, $2, 1, clock_timestamp(), $3)
        ON CONFLICT (session) DO UPDATE
            SET beat = node.beat + 1, beat_at = clock_timestamp(), body = excluded.body
    ),
    gone AS (
        DELETE FROM lightsout.node WHERE beat_at < clock_timestamp() - interval '1 day'
    )
    SELECT
        node.session, node.name, node.beat, node.body,
        (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS server_now,
        (SELECT session FROM lightsout.duty) AS on_duty,
        (SELECT term FROM lightsout.duty) AS term
    FROM lightsout.node
    UNION ALL
    SELECT
        0, '', 0, '', (extract(epoch FROM clock_timestamp()) * 1000)::bigint,
        (SELECT session FROM lightsout.duty), (SELECT term FROM lightsout.duty)";

const NODES: &str = "SELECT session, name, beat, body FROM lightsout.node";

const TAKE_DUTY: &str = "INSERT INTO lightsout.duty (one, session, term)
    VALUES (true, $1, 1)
    ON CONFLICT (one) DO UPDATE
        SET session = excluded.session, term = duty.term + 1
        WHERE duty.session = $2 AND duty.term = $3";

const GIVE_DUTY: &str = "UPDATE lightsout.duty SET session = 0, term = term + 1 WHERE session = $1";

const SAY: &str = "UPDATE lightsout.node SET body = $2 WHERE session = $1";

const LEAVE: &str = "WITH gone AS (DELETE FROM lightsout.node WHERE session = $1)
    UPDATE lightsout.duty SET session = 0, term = term + 1 WHERE session = $1";

/// What one beat showed.
#[derive(Clone, Debug)]
pub(crate) struct Readout {
    /// The other nodes and this one, as before this beat.
    pub(crate) nodes: Vec<NodeRow>,
    /// The server's clock, in milliseconds since 1970, UTC.
    pub(crate) server_now: i64,
    pub(crate) duty: Duty,
}

/// Which session is on duty, and the number of that duty. Session 0: none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Duty {
    pub(crate) session: i64,
    pub(crate) term: i64,
}

#[derive(Clone, Debug)]
pub(crate) struct NodeRow {
    pub(crate) session: i64,
    pub(crate) name: String,
    pub(crate) beat: i64,
    /// What the node says of itself, as JSON.
    pub(crate) body: String,
}

impl Link {
    /// Beats, and reads the others.
    pub(crate) async fn beat(
        &mut self,
        session: i64,
        name: &str,
        body: &str,
    ) -> Result<Readout, SharedError> {
        let mut connection = self.take().await?;
        let beat = sqlx::query(BEAT).bind(session).bind(name).bind(body);
        let read = timeout(PATIENCE, beat.fetch_all(&mut connection)).await;
        let rows = self.give(connection, read)?;
        readout(&rows).map_err(|error| SharedError::of(self.place(), error))
    }

    /// The nodes with their beats.
    pub(crate) async fn nodes(&mut self) -> Result<Vec<NodeRow>, SharedError> {
        let mut connection = self.take().await?;
        let read = timeout(PATIENCE, sqlx::query(NODES).fetch_all(&mut connection)).await;
        let rows = self.give(connection, read)?;
        let nodes: Result<Vec<NodeRow>, sqlx::Error> = rows.iter().map(node).collect();
        nodes.map_err(|error| SharedError::of(self.place(), error))
    }

    /// Takes the duty from whom it was seen with. Returns whether it was still there.
    pub(crate) async fn take_duty(
        &mut self,
        session: i64,
        from: Duty,
    ) -> Result<bool, SharedError> {
        let mut connection = self.take().await?;
        let take = sqlx::query(TAKE_DUTY).bind(session).bind(from.session).bind(from.term);
        let taken = timeout(PATIENCE, take.execute(&mut connection)).await;
        Ok(self.give(connection, taken)?.rows_affected() > 0)
    }

    /// Leaves the duty to others.
    pub(crate) async fn give_duty(&mut self, session: i64) -> Result<(), SharedError> {
        let mut connection = self.take().await?;
        let give = sqlx::query(GIVE_DUTY).bind(session);
        let given = timeout(PATIENCE, give.execute(&mut connection)).await;
        self.give(connection, given).map(drop)
    }

    /// Says something of the own node without a beat: the others are to take it for dead, and may
    /// know why.
    pub(crate) async fn say(&mut self, session: i64, body: &str) -> Result<(), SharedError> {
        let mut connection = self.take().await?;
        let say = sqlx::query(SAY).bind(session).bind(body);
        let said = timeout(PATIENCE, say.execute(&mut connection)).await;
        self.give(connection, said).map(drop)
    }

    /// Ends in good order: leaves the duty to others, and takes the own beat away.
    pub(crate) async fn leave(&mut self, session: i64) -> Result<(), SharedError> {
        let mut connection = self.take().await?;
        let leave = sqlx::query(LEAVE).bind(session);
        let left = timeout(PATIENCE, leave.execute(&mut connection)).await;
        self.give(connection, left).map(drop)
    }
}

fn readout(rows: &[PgRow]) -> Result<Readout, sqlx::Error> {
    let mut readout = Readout { nodes: Vec::new(), server_now: 0, duty: Duty::default() };
    for row in rows {
        readout.server_now = row.try_get("server_now")?;
        readout.duty = Duty {
            session: row.try_get::<Option<i64>, _>("on_duty")?.unwrap_or_default(),
            term: row.try_get::<Option<i64>, _>("term")?.unwrap_or_default(),
        };
        let node = node(row)?;
        if node.session != 0 {
            readout.nodes.push(node);
        }
    }
    Ok(readout)
}

fn node(row: &PgRow) -> Result<NodeRow, sqlx::Error> {
    Ok(NodeRow {
        session: row.try_get("session")?,
        name: row.try_get("name")?,
        beat: row.try_get("beat")?,
        body: row.try_get("body")?,
    })
}
