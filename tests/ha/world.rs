//! A PostgreSQL, a rehearsal cloud, and machines between them.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, SubsecRound, Timelike, Utc};
use rustix::process::Signal;
use sqlx::Row;

use crate::cloud::Cloud;
use crate::entries::{Entries, Entry};
use crate::node::Node;
use crate::postgres::{self, Postgres};
use crate::proxy::Proxy;
use crate::wait;

/// From the reading of a file to the instant in it, also on a loaded machine.
const AHEAD: Duration = Duration::from_secs(8);

/// Each look at a copy is a process.
const LOOK_AGAIN: Duration = Duration::from_millis(300);

pub(crate) struct World {
    pub(crate) postgres: Postgres,
    pub(crate) cloud: Cloud,
    folder: tempfile::TempDir,
}

/// A rule for one instant.
pub(crate) fn rule(name: &str, action: &str, servers: &str, at: DateTime<Utc>) -> String {
    let (second, minute, hour) = (at.second(), at.minute(), at.hour());
    format!(
        "[[rules]]\nname = \"{name}\"\naction = \"{action}\"\n\
        cron = \"{second} {minute} {hour} * * *\"\nselect = {{ names = [\"{servers}\"] }}\n"
    )
}

impl World {
    /// With this fleet; `None`, and a word about it, where PostgreSQL is not installed.
    pub(crate) async fn of(fleet: &str) -> Option<Self> {
        let Some(postgres) = Postgres::start(postgres::HASTY).await else {
            let name = std::thread::current().name().unwrap_or_default().to_owned();
            wait::tell(&format!("SKIPPED: {name}: PostgreSQL is not there (Debian: postgresql)"));
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let cloud = Cloud::start(folder.path(), fleet).await;
        Some(Self { postgres, cloud, folder })
    }

    /// A machine whose daemon does not run yet.
    pub(crate) fn node(&self, name: &'static str) -> Node {
        self.node_at(name, self.postgres.port)
    }

    /// The same, which reaches PostgreSQL by this port.
    pub(crate) fn node_at(&self, name: &'static str, port: u16) -> Node {
        self.node_of((name, postgres::url("postgres", port)))
    }

    /// The same, which PostgreSQL knows as this role.
    pub(crate) fn node_as(&self, name: &'static str, role: &str) -> Node {
        self.node_of((name, postgres::url(role, self.postgres.port)))
    }

    /// The same, which reaches PostgreSQL by this address.
    pub(crate) fn node_by(&self, name: &'static str, url: String) -> Node {
        self.node_of((name, url))
    }

    fn node_of(&self, place: (&'static str, String)) -> Node {
        let folder = self.folder().join(place.0);
        Node::of(place, folder, self.cloud.variables.clone())
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Two machines, the first of which is on duty.
    pub(crate) async fn pair(&self) -> (Node, Node) {
        self.pair_of(self.node("a")).await
    }

    /// The same, of which the first reaches PostgreSQL through a proxy.
    pub(crate) async fn pair_by_proxy(&self) -> (Proxy, Node, Node) {
        let proxy = Proxy::to(self.postgres.port).await;
        let (a, b) = self.pair_of(self.node_at("a", proxy.port)).await;
        (proxy, a, b)
    }

    pub(crate) async fn pair_of(&self, a: Node) -> (Node, Node) {
        self.pair_from(a, self.node("b")).await
    }

    pub(crate) async fn pair_from(&self, mut a: Node, mut b: Node) -> (Node, Node) {
        let shared = a.run("audit share").await;
        assert_eq!(shared.code, Some(0), "{shared:?}");
        a.start();
        self.has_duty(&a).await;
        b.start();
        self.has_node(&b).await;
        (a, b)
    }

    /// Waits until a machine is on duty.
    pub(crate) async fn has_duty(&self, node: &Node) {
        let is_it = async || self.on_duty().await.as_deref() == Some(node.name);
        wait::until_so(&format!("{} is on duty", node.name), is_it).await;
    }

    /// Waits until a machine was heard of, and has loaded its file.
    pub(crate) async fn has_node(&self, node: &Node) {
        node.says("daemon started").await;
        let is_there = async || self.heard().await.iter().any(|name| name == node.name);
        wait::until_so(&format!("{} is heard", node.name), is_there).await;
    }

    pub(crate) async fn on_duty(&self) -> Option<String> {
        let mut connection = self.postgres.connect().await;
        sqlx::query_scalar("SELECT name FROM lightsout.node JOIN lightsout.duty USING (session)")
            .fetch_optional(&mut connection)
            .await
            .unwrap()
    }

    async fn heard(&self) -> Vec<String> {
        let mut connection = self.postgres.connect().await;
        sqlx::query_scalar("SELECT name FROM lightsout.node")
            .fetch_all(&mut connection)
            .await
            .unwrap()
    }

    /// Gives machines rules for an instant some seconds ahead, which it returns.
    pub(crate) async fn plan(
        &self,
        nodes: &[&Node],
        rules: impl Fn(DateTime<Utc>) -> String,
    ) -> DateTime<Utc> {
        let loads = self.count("file_load").await;
        let at = (wait::now() + AHEAD).trunc_subsecs(0);
        for node in nodes {
            node.write(&rules(at));
            node.signal(Signal::HUP);
        }
        let have_read = async || self.count("file_load").await >= loads + nodes.len();
        wait::until_so("the rules are read", have_read).await;
        at
    }

    /// The shared log.
    pub(crate) async fn entries(&self) -> Entries {
        let mut connection = self.postgres.connect().await;
        let rows = sqlx::query("SELECT seq, at, session, kind, encode(hash, 'hex') AS hash, body FROM lightsout.entry ORDER BY seq")
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let entry = |row: sqlx::postgres::PgRow| Entry {
            seq: row.get("seq"),
            at: row.get("at"),
            session: row.get("session"),
            kind: row.get("kind"),
            hash: row.get("hash"),
            body: serde_json::from_slice(row.get("body")).unwrap(),
        };
        Entries(rows.into_iter().map(entry).collect())
    }

    /// When the entries of a kind were committed, in milliseconds since 1970, in order.
    pub(crate) async fn committed(&self, kind: &str) -> Vec<i64> {
        let mut connection = self.postgres.connect().await;
        let at = "SELECT (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000)::bigint AS at
            FROM lightsout.entry WHERE kind = $1 ORDER BY at";
        sqlx::query_scalar(at).bind(kind).fetch_all(&mut connection).await.unwrap()
    }

    async fn count(&self, kind: &str) -> usize {
        let mut connection = self.postgres.connect().await;
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM lightsout.entry WHERE kind = $1")
            .bind(kind)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        usize::try_from(count).unwrap()
    }

    /// Waits until the shared log has so many entries of a kind.
    pub(crate) async fn has(&self, kind: &str, count: usize) {
        let has = async || self.count(kind).await >= count;
        wait::until_so(&format!("there are {count} entries `{kind}`"), has).await;
    }

    /// Checks that each of these servers was asked once for a stop, and stopped.
    pub(crate) async fn were_stopped_once(&self, servers: std::ops::RangeInclusive<u32>) {
        for no in servers {
            let asked = self.cloud.asked(no).await;
            let told = [&asked["stop_requests"], &asked["stops"], &asked["needless_stops"]];
            assert_eq!(
                told.map(|told| told.as_u64().unwrap_or_default()),
                [1, 1, 0],
                "server {no}"
            );
        }
    }

    /// Checks that the copies become equal and are sound, and that nothing is doubled or lost.
    pub(crate) async fn is_whole(&self, nodes: &[&Node]) {
        let problems = self.entries().await.doubled_or_lost();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
        self.is_in(nodes).await;
    }

    /// Checks that the copies become equal to the shared log, and are sound.
    pub(crate) async fn is_in(&self, nodes: &[&Node]) {
        let are_equal = async || {
            let last = self.entries().await.0.pop().unwrap();
            for node in nodes {
                let export = node.export().await;
                let end = export.lines().last().unwrap_or_default();
                if !end.contains(&format!("\"hash\":\"{}\"", last.hash)) {
                    wait::pass(LOOK_AGAIN).await;
                    return false;
                }
            }
            true
        };
        wait::until_so("the copies end as the shared log does", are_equal).await;
    }
}
