//! An asynchronous replica that becomes the primary, and lacks the last entries.

use crate::proxy::Proxy;
use crate::wait;
use crate::world::{World, rule};

const FLEET: &str = "[[servers]]\nname = \"dev\"\nno = \"1\"\nstop_takes = \"1s\"\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_is_promoted_gets_back_what_it_lacks() {
    let Some(mut world) = World::of(FLEET).await else { return };
    let proxy = Proxy::to(world.postgres.port).await;
    let (a, b) =
        world.pair_from(world.node_at("a", proxy.port), world.node_at("b", proxy.port)).await;
    world.is_whole(&[&a, &b]).await;
    let replica = world.postgres.replica().await;
    // It hears nothing more.
    replica.run("ALTER SYSTEM SET primary_conninfo = ''").await;
    replica.run("SELECT pg_reload_conf()").await;
    let is_deaf = async || {
        let mut connection = replica.connect().await;
        let followers = sqlx::query_scalar("SELECT count(*) FROM pg_stat_wal_receiver");
        followers.fetch_one(&mut connection).await.unwrap_or(1_i64) == 0
    };
    wait::until_so("the replica hears nothing", is_deaf).await;
    world.plan(&[&a, &b], |at| rule("night", "stop", "dev", at)).await;
    world.has("firing_end", 1).await;
    world.is_whole(&[&a, &b]).await;
    let before = a.export().await;
    // The primary dies, and its name leads to the replica, which may not be written at first.
    world.postgres.crash();
    proxy.lead_to(replica.port);
    let is_refused = async || [&a, &b].iter().all(|it| it.told().contains("only follows another"));
    wait::until_so("a replica is refused", is_refused).await;
    replica.promote().await;
    world.postgres = replica;
    world.has("firing_end", 1).await;
    world.is_whole(&[&a, &b]).await;
    assert!(a.export().await.starts_with(&before));
    world.plan(&[&a, &b], |at| rule("again", "stop", "dev", at)).await;
    world.has("firing_end", 2).await;
    world.is_whole(&[&a, &b]).await;
}
