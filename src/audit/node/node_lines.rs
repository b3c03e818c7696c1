//! What this machine last heard of the nodes, and how its copy stands to the shared log.

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;

use crate::audit::shared::liveness::DEAD_AFTER;
use crate::audit::store::chain;
use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::row::row;
use crate::audit::store::session::living_daemon;

/// A node whose beat has not changed for so many milliseconds is silent.
#[expect(clippy::cast_possible_truncation, reason = "15 seconds")]
const SILENT: i64 = DEAD_AFTER.as_millis() as i64;

/// A daemon on this machine writes down every few seconds whom it hears.
const LISTENED_WITHIN: TimeDelta = TimeDelta::seconds(30);

/// What a node says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct NodeWord {
    /// `daemon` or `fire`.
    pub(super) writer: String,
    pub(super) version: String,
    /// The beginning of its session, in milliseconds since 1970.
    pub(super) since: i64,
    pub(super) standing: Standing,
    /// How far its clock is ahead of PostgreSQL's, once it is measured.
    pub(super) clock_offset_ms: Option<i64>,
    /// The last entry of its copy.
    pub(super) entry: i64,
    /// Of what its schedules.toml means; empty before it is loaded.
    pub(super) file_sha256: String,
}

/// What a node does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "standing", extend("x-open" = true))]
pub enum Standing {
    /// It fires the rules.
    OnDuty,
    /// It is ready to go on duty.
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

/// The machines that share the log, and how this one's copy stands to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    pub place: String,
    /// When the copy was last made equal; `None`: never.
    pub reached_at: Option<DateTime<Utc>>,
    /// Since when it cannot be; `None` while it can.
    pub lost_at: Option<DateTime<Utc>>,
    pub reason: Option<String>,
    /// This machine's standing.
    pub standing: Standing,
    /// The last entry of the shared log that was heard of, and that of the copy.
    pub entries: (i64, i64),
    /// The daemons, the one on duty first.
    pub nodes: Vec<NodeLine>,
}

impl Cluster {
    /// Whether a node that is heard of is on duty.
    pub fn has_duty(&self) -> bool {
        self.nodes.iter().any(|node| node.standing == Standing::OnDuty)
    }

    /// By how many entries the copy is behind.
    pub fn behind(&self) -> i64 {
        (self.entries.0 - self.entries.1).max(0)
    }
}

impl NodeLine {
    /// How far its clock is ahead of PostgreSQL's, in seconds.
    pub fn clock_offset(&self) -> f64 {
        f64::from(i32::try_from(self.clock_offset_ms).unwrap_or(i32::MAX)) / 1_000.0
    }
}

/// A node, as this machine last heard of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeLine {
    pub session: i64,
    pub name: String,
    pub standing: Standing,
    /// When its beat last changed, by this machine's clock.
    pub heard_at: DateTime<Utc>,
    /// The beginning of its session.
    pub since: DateTime<Utc>,
    pub version: String,
    /// How far its clock is ahead of PostgreSQL's.
    pub clock_offset_ms: i64,
    /// The last entry of its copy.
    pub entry: i64,
    /// Of what its schedules.toml means; empty before it is loaded.
    pub file_sha256: String,
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
    /// The machines that share the log, as this one last heard of them; `None` if the log is not
    /// shared.
    pub async fn cluster(&self, now: DateTime<Utc>) -> Result<Option<Cluster>, AuditError> {
        let connection = &mut *self.connection().await;
        let row: Option<SharedRow> = sqlx::query_as(
            "SELECT place, reached_at, lost_at, reason, standing, entry FROM shared WHERE one = 1",
        )
        .fetch_optional(&mut *connection)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let nodes: Vec<NodeRow> = sqlx::query_as(
            "SELECT session, name, heard_at, silent, on_duty, body
            FROM node
            WHERE body ->> '$.writer' = 'daemon'
                -- A daemon that was killed and started again has a later session.
                AND (
                    silent = 0
                    OR NOT EXISTS (
                        SELECT 1
                        FROM node AS later
                        WHERE later.name = node.name
                            AND later.session > node.session
                            AND later.body ->> '$.writer' = 'daemon'
                    )
                )
            ORDER BY on_duty DESC, name, session",
        )
        .fetch_all(&mut *connection)
        .await?;
        let (copy, _) = chain::head(connection).await?;
        let listens = living_daemon(connection, &self.path).await?.is_some();
        Ok(Some(Cluster {
            place: row.place,
            reached_at: row.reached_at.map(Into::into),
            lost_at: row.lost_at.map(Into::into),
            reason: row.reason,
            standing: serde_json::from_value(row.standing.into()).unwrap_or_default(),
            entries: (row.entry.max(copy), copy),
            nodes: nodes.into_iter().map(|node| node.line(now, listens)).collect(),
        }))
    }
}

impl NodeRow {
    /// `listens`: whether a daemon lives on this machine.
    fn line(self, now: DateTime<Utc>, listens: bool) -> NodeLine {
        let word: NodeWord = serde_json::from_str(&self.body).unwrap_or_default();
        let heard_at = DateTime::from(self.heard_at);
        // Without a daemon here, nobody listens: what was heard is old.
        let is_old = !listens || now - heard_at > LISTENED_WITHIN;
        let is_silent = is_old || self.silent >= SILENT;
        let standing = match word.standing {
            // It gives no sign of life any more, and has said why.
            Standing::Diverged => Standing::Diverged,
            _ if is_silent => Standing::Silent,
            _ if self.on_duty => Standing::OnDuty,
            Standing::OnDuty => Standing::StandingBy,
            standing => standing,
        };
        NodeLine {
            session: self.session,
            name: self.name,
            standing,
            heard_at,
            since: Millis::from(word.since).into(),
            version: word.version,
            clock_offset_ms: word.clock_offset_ms.unwrap_or_default(),
            entry: word.entry,
            file_sha256: word.file_sha256,
        }
    }
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
