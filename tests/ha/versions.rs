//! An entry that only a later version knows.

use crate::wait;
use crate::world::{World, rule};

const FLEET: &str = "[[servers]]\nname = \"dev\"\nno = \"1\"\n";

/// Adds an entry as a later version would.
const NOVELTY: &str = "WITH next AS (
        SELECT seq + 1 AS seq, at, session, hash AS prev, convert_to('{\"what\":1}', 'UTF8') AS body
        FROM lightsout.entry ORDER BY seq DESC LIMIT 1
    )
    INSERT INTO lightsout.entry (seq, at, session, kind, prev, hash, body)
    SELECT seq, at, session, 'novelty', prev, sha256(
        prev || convert_to(concat(seq, ' ', at, ' ', session, ' novelty '), 'UTF8') || body
    ), body FROM next";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_stand_by_at_an_entry_that_only_a_later_version_knows() {
    let Some(world) = World::of(FLEET).await else { return };
    let (mut a, b) = world.pair().await;
    let at = world.plan(&[&a, &b], |at| rule("night", "stop", "dev", at)).await;
    world.is_whole(&[&a, &b]).await;
    world.postgres.run(NOVELTY).await;
    let before = world.entries().await.0.len();
    for node in [&a, &b] {
        node.says("was written by a newer version of lightsout").await;
    }
    let has_none = async || world.on_duty().await.is_none();
    wait::until_so("nobody is on duty", has_none).await;
    wait::pass_to(at + chrono::TimeDelta::seconds(8)).await;
    assert_eq!(world.entries().await.0.len(), before, "nothing can be written");
    assert_eq!(world.cloud.statuses().await, ["RUN"]);
    assert!(a.export().await.lines().count() < before, "the copy ends before it");
    // Nor does it begin there; it waits for its newer version.
    a.end_anyhow().await;
    a.start();
    a.says("nothing fires until this machine can follow the shared log").await;
    assert_eq!(world.entries().await.0.len(), before);
    a.end_anyhow().await;
}
