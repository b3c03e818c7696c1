//! What this machine last heard of the nodes, and how its copy stands to the shared log.

use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;

use crate::audit::shared::liveness::DEAD_AFTER;
use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::row::row;

/// What a node says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NodeWord {
    /// `daemon` or `fire`.
    pub writer: String,
    pub version: String,
    /// The beginning of its session, in milliseconds since 1970.
    pub since: i64,
    pub standing: Standing,
    /// How far its clock is ahead of PostgreSQL's.
    pub clock_offset_ms: i64,
    /// The last entry of its copy.
    pub entry: i64,
    /// Of what its schedules.toml means; empty before it is loaded.
    pub file_sha256: String,
}

/// What a node does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    OnDuty,
    StandingBy,
    /// Its copy is behind the shared log.
    #[default]
    CatchingUp,
    /// It is not heard of any more.
    Silent,
    /// Its copy and the shared log have different entries of the same number, or the shared log has
    /// entries that its version cannot copy.
    Diverged,
}

impl Standing {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OnDuty => "on_duty",
            Self::StandingBy => "standing_by",
            Self::CatchingUp => "catching_up",
            Self::Silent => "silent",
            Self::Diverged => "diverged",
        }
    }
}

/// How this machine's copy stands to the shared log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedLine {
    pub place: String,
    /// When the copy was last made equal, in milliseconds since 1970; `None`: never.
    pub reached_at: Option<i64>,
    /// Since when it cannot be; `None` while it can.
    pub lost_at: Option<i64>,
    pub reason: Option<String>,
    pub standing: Standing,
    /// The last entry of the shared log that was heard of.
    pub entry: i64,
}

/// A node, as this machine last heard of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeLine {
    pub session: i64,
    pub name: String,
    pub standing: Standing,
    /// When its beat last changed, by this machine's clock, in milliseconds since 1970.
    pub heard_at: i64,
    pub word: NodeWord,
}

row! {
    struct NodeRow {
        session: i64,
        name: String,
        heard_at: Millis,
        silent: i64,
        on_duty: bool,
        body: String,
    }
}

row! {
    struct SharedRow {
        place: String,
        reached_at: Option<Millis>,
        lost_at: Option<Millis>,
        reason: Option<String>,
        standing: String,
        entry: i64,
    }
}

impl AuditReader {
    /// How this machine's copy stands to the shared log; `None` if it was never shared.
    pub async fn shared(&self) -> Result<Option<SharedLine>, AuditError> {
        let row: Option<SharedRow> = sqlx::query_as(
            "SELECT place, reached_at, lost_at, reason, standing, entry FROM shared WHERE one = 1",
        )
        .fetch_optional(&mut *self.connection().await)
        .await?;
        Ok(row.map(|row| SharedLine {
            place: row.place,
            reached_at: row.reached_at.map(i64::from),
            lost_at: row.lost_at.map(i64::from),
            reason: row.reason,
            standing: standing(&row.standing),
            entry: row.entry,
        }))
    }

    /// The daemons that share the log, those on duty first, as this machine last heard of them.
    pub async fn nodes(&self) -> Result<Vec<NodeLine>, AuditError> {
        let rows: Vec<NodeRow> = sqlx::query_as(
            "SELECT session, name, heard_at, silent, on_duty, body
            FROM node
            WHERE body ->> '$.writer' = 'daemon'
            ORDER BY on_duty DESC, name, session",
        )
        .fetch_all(&mut *self.connection().await)
        .await?;
        Ok(rows.into_iter().map(NodeLine::from).collect())
    }
}

impl From<NodeRow> for NodeLine {
    fn from(row: NodeRow) -> Self {
        let word: NodeWord = serde_json::from_str(&row.body).unwrap_or_default();
        let is_silent = row.silent >= i64::try_from(DEAD_AFTER.as_millis()).unwrap_or(i64::MAX);
        let standing = match word.standing {
            _ if is_silent => Standing::Silent,
            _ if row.on_duty => Standing::OnDuty,
            Standing::OnDuty => Standing::StandingBy,
            standing => standing,
        };
        let (session, name) = (row.session, row.name);
        Self { session, name, standing, heard_at: row.heard_at.into(), word }
    }
}

fn standing(word: &str) -> Standing {
    serde_json::from_value(word.into()).unwrap_or_default()
}

/// A node as it is written down.
#[derive(Debug, Serialize)]
pub(super) struct HeardOf<'a> {
    pub(super) session: i64,
    pub(super) name: &'a str,
    /// Milliseconds.
    pub(super) silent: u64,
    pub(super) on_duty: bool,
    pub(super) body: &'a str,
}

/// Writes down who was heard of, and forgets those who are not there any more.
pub(super) async fn note_nodes(
    copy: &mut SqliteConnection,
    nodes: &[HeardOf<'_>],
    now: i64,
) -> Result<(), AuditError> {
    let nodes = serde_json::to_string(nodes).expect("nodes are plain data");
    sqlx::query(
        "INSERT INTO node (session, name, heard_at, silent, on_duty, body)
        SELECT
            value ->> '$.session', value ->> '$.name', ?2, value ->> '$.silent',
            value ->> '$.on_duty', value ->> '$.body'
        FROM json_each(?1)
        WHERE true
        ON CONFLICT (session) DO UPDATE SET
            name = excluded.name,
            heard_at = iif(excluded.silent = 0, excluded.heard_at, node.heard_at),
            silent = excluded.silent,
            on_duty = excluded.on_duty,
            body = excluded.body",
    )
    .bind(&nodes)
    .bind(now)
    .execute(&mut *copy)
    .await?;
    sqlx::query(
        "DELETE FROM node
        WHERE session NOT IN (SELECT value ->> '$.session' FROM json_each(?1))",
    )
    .bind(&nodes)
    .execute(copy)
    .await?;
    Ok(())
}

/// Writes down how the copy stands to the shared log. `lost`: why it cannot be made equal.
pub(super) async fn note_shared(
    copy: &mut SqliteConnection,
    place: &str,
    (standing, entry): (Standing, i64),
    lost: Option<&str>,
    now: i64,
) -> Result<(), AuditError> {
    sqlx::query(
        "INSERT INTO shared (one, place, reached_at, lost_at, reason, standing, entry)
        VALUES (1, ?1, iif(?2 IS NULL, ?3, NULL), iif(?2 IS NULL, NULL, ?3), ?2, ?4, ?5)
        ON CONFLICT (one) DO UPDATE SET
            place = excluded.place,
            reached_at = coalesce(excluded.reached_at, reached_at),
            lost_at = iif(excluded.lost_at IS NULL, NULL, coalesce(lost_at, excluded.lost_at)),
            reason = excluded.reason,
            standing = excluded.standing,
            entry = max(entry, excluded.entry)",
    )
    .bind(place)
    .bind(lost)
    .bind(now)
    .bind(standing.as_str())
    .bind(entry)
    .execute(copy)
    .await?;
    Ok(())
}
