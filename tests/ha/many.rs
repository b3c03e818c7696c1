//! Many rules of one instant, on a near and on a far PostgreSQL.

use std::fmt::Write as _;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::node::Node;
use crate::wait;
use crate::world::{World, rule};

/// With `HA_RULES=1000` and a release build, the figure of the README.
const USUAL: usize = 200;
/// An account is asked ten times a second, which is not the question here.
const OF_AN_ACCOUNT: usize = 25;

/// So many that each of their writes waits longer for its turn than a request may wait for its
/// sending.
const FAR: (usize, Duration) = (120, Duration::from_millis(50));

async fn world_of(servers: usize) -> Option<World> {
    let fleet = format!(
        "[[servers]]\nname = \"dev\"\ncount = {servers}\nno = \"1\"\nstop_takes = \"500ms\"\n"
    );
    World::of(&fleet).await
}

/// A rule for each server, and accounts for all of them.
fn rules(count: usize, at: DateTime<Utc>) -> String {
    let mut all = String::new();
    for no in 1..=count {
        let rule = rule(&format!("r{no}"), "stop", &format!("dev-{no}"), at);
        writeln!(all, "{rule}account = \"a{}\"", no / OF_AN_ACCOUNT).unwrap();
    }
    for no in 0..=count / OF_AN_ACCOUNT {
        writeln!(all, "[accounts.a{no}]\nplatform = \"vpc\"").unwrap();
    }
    all
}

/// Waits until all are stopped, each by one request, and says how long that took.
async fn are_stopped(world: &World, nodes: &[&Node], (count, at): (usize, DateTime<Utc>)) {
    world.has("firing_end", count).await;
    world.were_stopped_once(1..=u32::try_from(count).unwrap()).await;
    let entries = world.entries().await;
    assert_eq!(entries.of("firing").count(), count);
    assert_eq!(entries.outcomes(), [("stopped".to_owned(), count)].into());
    assert_eq!(entries.of("takeover").count(), 0);
    let after = |kind| {
        let last = entries.of(kind).map(|it| it.at).max().unwrap();
        last - at.timestamp_millis()
    };
    let claims = world.committed("firing").await;
    let claimed =
        |percent: usize| claims[(claims.len() * percent).div_ceil(100) - 1] - at.timestamp_millis();
    wait::tell(&format!(
        "{count} rules of one instant: claimed after {} ms (p50), {} ms (p99); the last request \
        after {} ms, the last end after {} ms",
        claimed(50),
        claimed(99),
        after("request"),
        after("firing_end"),
    ));
    assert_eq!(world.on_duty().await.as_deref(), Some("a"));
    world.is_whole(nodes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_rules_of_one_instant_are_claimed_once_and_at_once() {
    let count = std::env::var("HA_RULES").map_or(USUAL, |rules| rules.parse().unwrap());
    let Some(world) = world_of(count).await else { return };
    let (a, b) = world.pair().await;
    let at = world.plan(&[&a, &b], |at| rules(count, at)).await;
    are_stopped(&world, &[&a, &b], (count, at)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_rules_over_a_slow_network_are_asked_for_once_by_the_node_on_duty() {
    let (count, delay) = FAR;
    let Some(world) = world_of(count).await else { return };
    let (proxy, a, b) = world.pair_by_proxy().await;
    let at = world.plan(&[&a, &b], |at| rules(count, at)).await;
    proxy.delay(delay);
    are_stopped(&world, &[&a, &b], (count, at)).await;
    let asked = world.entries().await.of("request").count();
    assert_eq!(asked, count, "a request that was not sent is recorded once more");
}
