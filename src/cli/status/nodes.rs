//! The machines that share the log, as `status` shows them.

use chrono::{DateTime, SecondsFormat, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use crate::audit::{Cluster, NodeLine, Standing};
use crate::cli::local_time::Spoken;
use crate::cli::progress;

/// How this machine's copy stands to the shared log. Times are in UTC.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "shared_log")]
pub(crate) struct SharedLine {
    /// The PostgreSQL database, without its password.
    pub(super) place: String,
    /// The last entry of the shared log that was heard of.
    pub(super) entry: i64,
    /// The last entry of this machine's copy.
    pub(super) copy: i64,
    /// What this machine does.
    pub(super) standing: Standing,
    /// When the copy was last equal; null: never.
    pub(super) reached_at: Option<String>,
    /// Since when it cannot be made equal; null while it can.
    pub(super) lost_at: Option<String>,
    /// Why not, in words.
    pub(super) reason: Option<String>,
}

/// A machine among those that share the log. Times are in UTC.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "node")]
pub(crate) struct NodeStatus {
    /// Its name: `[audit] node`.
    pub(super) node: String,
    /// The number of its session in the log.
    pub(super) session: i64,
    /// What it does.
    pub(super) standing: Standing,
    /// The beginning of its session.
    pub(super) since: String,
    pub(super) version: String,
    /// When its beat last changed, by this machine's clock.
    pub(super) last_heard: String,
    /// How far its clock is ahead of PostgreSQL's, in milliseconds.
    pub(super) clock_offset_ms: i64,
    #[serde(skip)]
    clock_offset: f64,
    /// The last entry of its copy.
    pub(super) entry: i64,
    /// SHA-256 of what its schedules.toml means; empty before it is loaded.
    pub(super) file_sha256: String,
}

pub(super) fn shared(cluster: &Cluster) -> SharedLine {
    SharedLine {
        place: cluster.place.clone(),
        entry: cluster.entries.0,
        copy: cluster.entries.1,
        standing: cluster.standing,
        reached_at: cluster.reached_at.map(stamp),
        lost_at: cluster.lost_at.map(stamp),
        reason: cluster.reason.clone(),
    }
}

pub(super) fn nodes(cluster: &Cluster) -> Vec<NodeStatus> {
    let node = |node: &NodeLine| NodeStatus {
        node: node.name.clone(),
        session: node.session,
        standing: node.standing,
        since: stamp(node.since),
        version: node.version.clone(),
        last_heard: stamp(node.heard_at),
        clock_offset_ms: node.clock_offset_ms,
        clock_offset: node.clock_offset(),
        entry: node.entry,
        file_sha256: node.file_sha256.clone(),
    };
    cluster.nodes.iter().map(node).collect()
}

fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

impl SharedLine {
    pub(super) fn told(&self, spoken: Spoken) -> Vec<String> {
        let Self { place, entry, copy, lost_at, reason, .. } = self;
        let Some(lost_at) = lost_at else {
            return vec![format!("shared: {place}, entry {entry}; this copy has {copy}")];
        };
        let since = spoken.of(lost_at);
        let reason = reason.as_deref().unwrap_or_default();
        vec![
            format!("shared: {place}, not followed since {since}; this copy ends at entry {copy}"),
            reason.to_owned(),
        ]
    }
}

impl NodeStatus {
    /// `width`: of the names.
    pub(super) fn told(&self, spoken: Spoken, width: usize) -> String {
        let Self { node, version, .. } = self;
        let heard = self.last_heard.parse::<DateTime<Utc>>().ok();
        let ago = heard.map(|at| (spoken.now - at).to_std().unwrap_or_default());
        let ago = ago.map(progress::shown).unwrap_or_default();
        if self.standing == Standing::Silent {
            return format!("{node:width$}  silent for {ago}");
        }
        let standing = match self.standing {
            Standing::OnDuty => "on duty",
            Standing::StandingBy => "standing by",
            Standing::CatchingUp => "catching up",
            Standing::Silent => "silent",
            Standing::Diverged => "cannot follow",
        };
        let since = spoken.of(&self.since);
        let offset = self.clock_offset;
        format!(
            "{node:width$}  {standing:11}  since {since}, {version}, heard {ago} ago, clock \
             {offset:+.2} s"
        )
    }
}
