//! Begins to share, and goes back; with a role that may only add.

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::world::{World, rule};
use crate::{postgres, wait};

const FLEET: &str = "[[servers]]\nname = \"dev\"\nno = \"1\"\nstop_takes = \"1s\"\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_may_only_add_is_enough_and_can_change_nothing() {
    let Some(world) = World::of(FLEET).await else { return };
    let a = world.node_as("a", "nodes");
    let print = a.run("audit share --print --role nodes").await;
    assert_eq!(print.code, Some(0), "{print:?}");
    world.postgres.run(&format!("CREATE ROLE nodes LOGIN; {}", print.stdout)).await;
    let (a, b) = world.pair_of(a).await;
    world.plan(&[&a, &b], |at| rule("night", "stop", "dev", at)).await;
    world.has("firing_end", 1).await;
    world.is_whole(&[&a, &b]).await;
    let mut nodes =
        PgConnection::connect(&postgres::url("nodes", world.postgres.port)).await.unwrap();
    let last = "(SELECT * FROM lightsout.entry ORDER BY seq DESC LIMIT 1)";
    let add = "INSERT INTO lightsout.entry (seq, at, session, kind, prev, hash, body) SELECT";
    let hashed = |seq: &str, prev: &str| {
        format!(
            "{add} {seq}, at, session, kind, {prev}, sha256({prev} || convert_to(concat({seq}, ' ', \
            at, ' ', session, ' ', kind, ' '), 'UTF8') || body), body FROM {last} AS last"
        )
    };
    for (statement, code) in [
        ("UPDATE lightsout.entry SET at = at + 1".to_owned(), "42501"),
        ("DELETE FROM lightsout.entry".to_owned(), "42501"),
        ("TRUNCATE lightsout.entry".to_owned(), "42501"),
        ("DROP TABLE lightsout.entry".to_owned(), "42501"),
        // A body that its hash does not cover.
        (
            format!("{add} seq + 1, at, session, kind, hash, hash, body FROM {last} AS last"),
            "23514",
        ),
        // A gap.
        (hashed("seq + 2", "hash"), "23503"),
        // A fork.
        (hashed("seq", "prev"), "23505"),
        (hashed("seq + 1", "prev"), "23503"),
    ] {
        let done = sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(&mut nodes).await;
        let error = done.expect_err(&statement);
        let told = error.as_database_error().unwrap().code().unwrap().into_owned();
        assert_eq!(told, code, "{statement}: {error}");
    }
    world.is_whole(&[&a, &b]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_is_shared_as_it_is_and_taken_back() {
    let Some(world) = World::of(FLEET).await else { return };
    let mut a = world.node("a");
    let shared = std::fs::read_to_string(a.folder.join("schedules.toml")).unwrap();
    let alone: String = shared
        .lines()
        .filter(|it| !it.starts_with("shared"))
        .fold(String::new(), |text, line| text + &line.replace("node = \"a\"", "") + "\n");
    let alone = alone + &rule("hand", "stop", "dev", wait::now() + chrono::TimeDelta::hours(2));
    a.write_all(&alone);
    let fired = a.run("fire hand --yes").await;
    assert_eq!(fired.code, Some(0), "{fired:?}");
    let before = a.export().await;
    let refused = a.run("audit share").await;
    assert_eq!(refused.code, Some(2), "{refused:?}");
    a.write_all(&shared);
    let done = a.run("audit share").await;
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.stderr.contains(" entries put into the shared log"), "{done:?}");
    world.is_whole(&[&a]).await;
    assert_eq!(a.export().await, before);
    let done = a.run("audit share").await;
    assert!(done.stderr.contains("is there already"), "{done:?}");
    // Another log finds no place there.
    let c = world.node("c");
    c.write_all(&alone);
    assert_eq!(c.run("hold hand --tonight").await.code, Some(0));
    c.write_all(&shared);
    let refused = c.run("audit share").await;
    assert_eq!(refused.code, Some(5), "{refused:?}");
    assert!(refused.stderr.contains("different entries"), "{refused:?}");
    // A firing by hand on one machine is in the copy of the other.
    a.start();
    world.has_duty(&a).await;
    let mut b = world.node("b");
    b.start();
    world.has_node(&b).await;
    let held = b.run("hold never --tonight").await;
    assert_eq!(held.code, Some(0), "{held:?}");
    let is_held = async || a.run("holds --format json").await.stdout.contains("\"never\"");
    wait::until_so("the hold is known there", is_held).await;
    world.is_whole(&[&a, &b]).await;
    let refused = a.run("audit unshare").await;
    assert_eq!(refused.code, Some(5), "its daemon runs: {refused:?}");
    a.end().await;
    let refused = a.run("audit unshare").await;
    assert_eq!(refused.code, Some(5), "the other's daemon runs: {refused:?}");
    assert!(refused.stderr.contains("node b is alive"), "{refused:?}");
    b.end().await;
    let done = a.run("audit unshare").await;
    assert_eq!(done.code, Some(0), "{done:?}");
    world.is_whole(&[&a]).await;
    a.write_all(&alone);
    world.postgres.crash();
    a.start();
    a.says("daemon started").await;
    a.end().await;
    assert_eq!(a.run("audit verify").await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_wait_until_a_log_is_begun_and_never_begin_one_by_themselves() {
    let Some(world) = World::of(FLEET).await else { return };
    let (mut a, mut b) = (world.node("a"), world.node("b"));
    a.start();
    a.says("there is no shared log at").await;
    let print = a.run("audit share --print --role postgres").await;
    world.postgres.run(&print.stdout).await;
    // The tables alone are no log: a machine's may be about to be put there.
    a.says("is empty").await;
    b.start();
    b.says("is empty").await;
    assert_eq!(world.entries().await.0.len(), 0);
    let begun = world.node("c").run("audit share").await;
    assert_eq!(begun.code, Some(0), "{begun:?}");
    assert!(begun.stderr.contains("an empty one was begun at 127.0.0.1"), "{begun:?}");
    world.has_node(&a).await;
    world.has_node(&b).await;
    world.plan(&[&a, &b], |at| rule("night", "stop", "dev", at)).await;
    world.has("firing_end", 1).await;
    world.were_stopped_once(1..=1).await;
    world.is_whole(&[&a, &b]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_would_leave_holes_is_refused() {
    let Some(world) = World::of(FLEET).await else { return };
    let a = world.node("a");
    assert_eq!(a.run("audit share").await.code, Some(0));
    let pruned = a.run("audit prune --keep 400d --yes").await;
    assert_ne!(pruned.code, Some(0), "{pruned:?}");
    assert!(pruned.stderr.contains("shared"), "{pruned:?}");
    let text = std::fs::read_to_string(a.folder.join("schedules.toml")).unwrap();
    a.write_all(&text.replace("[audit]\n", "[audit]\nkeep = \"2y\"\n"));
    let checked = a.run("check").await;
    assert_ne!(checked.code, Some(0), "{checked:?}");
    assert!(checked.stderr.contains("keep"), "{checked:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_fires_while_a_replica_that_must_confirm_does_not_and_all_of_it_afterwards() {
    let Some(world) = World::of(FLEET).await else { return };
    let (a, b) = world.pair().await;
    let at = world.plan(&[&a, &b], |at| rule("night", "stop", "dev", at)).await;
    let confirm = async |by: &str| {
        let setting = format!("ALTER SYSTEM SET synchronous_standby_names = '{by}'");
        // No transaction, and so nothing to be confirmed.
        world.postgres.run(&setting).await;
        world.postgres.run("SELECT pg_reload_conf()").await;
    };
    confirm("nobody").await;
    wait::pass_to(at + chrono::TimeDelta::seconds(30)).await;
    assert!(a.told().contains("nothing fires"), "{}", a.told());
    assert_eq!(world.cloud.statuses().await, ["RUN"]);
    confirm("").await;
    world.has("firing_end", 1).await;
    world.were_stopped_once(1..=1).await;
    assert_eq!(world.entries().await.firings("night").count(), 1);
    world.is_whole(&[&a, &b]).await;
}
