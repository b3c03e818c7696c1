//! `kill -9` of a machine, around the instant of a firing.

use std::time::Duration;

use chrono::TimeDelta;

use crate::node::Node;
use crate::wait;
use crate::world::{World, rule};

/// Three servers, whose gateway takes its time to answer.
const SLOW: &str = "accept_delay = \"3s\"\n[[servers]]\nname = \"dev\"\ncount = 3\nno = \"1\"\n\
    stop_takes = \"2s\"\n";

/// Two machines and a stop a few seconds ahead; the first is killed when `when` has come.
async fn dies(when: impl AsyncFn(&World, chrono::DateTime<chrono::Utc>)) {
    let Some(world) = World::of(SLOW).await else { return };
    let (mut a, b) = world.pair().await;
    let at = world.plan(&[&a, &b], |at| rule("night", "stop", "dev*", at)).await;
    when(&world, at).await;
    a.kill().await;
    let killed = wait::now();
    all_are_settled(&world, &[&b]).await;
    let entries = world.entries().await;
    for (kind, since) in [("firing", at), ("takeover", killed)] {
        let after = entries.of(kind).map(|it| it.at - since.timestamp_millis()).next();
        let since = if kind == "firing" { "its instant" } else { "the death" };
        after.inspect(|after| wait::tell(&format!("{kind} {after} ms after {since}")));
    }
}

async fn all_are_settled(world: &World, left: &[&Node]) {
    world.has("firing_end", 1).await;
    world.were_stopped_once(1..=3).await;
    let entries = world.entries().await;
    assert_eq!(entries.firings("night").count(), 1);
    assert_eq!(entries.outcomes(), [("stopped".to_owned(), 3)].into(), "{:?}", entries.0);
    world.is_whole(left).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_dies_before_the_instant_is_stood_in_for() {
    dies(async |_, at| wait::pass_to(at - TimeDelta::seconds(2)).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_firing_of_a_node_that_dies_at_the_instant_is_taken_over() {
    dies(async |world, _| world.has("firing", 1).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_whose_sender_dies_before_the_answer_is_not_repeated() {
    dies(async |world, _| {
        world.has("request", 1).await;
        // The cloud has it, and takes three seconds to say so.
        let asked = async || world.cloud.asked(1).await["stop_requests"] == 1;
        wait::until_so("the cloud is asked", asked).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_node_has_asked_for_before_it_dies_is_settled_by_another() {
    dies(async |world, _| world.has("answer", 1).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_death_of_a_node_that_stands_by_changes_nothing() {
    let Some(world) = World::of(SLOW).await else { return };
    let (a, mut b) = world.pair().await;
    world.plan(&[&a, &b], |at| rule("night", "stop", "dev*", at)).await;
    world.has("request", 1).await;
    b.kill().await;
    all_are_settled(&world, &[&a]).await;
    assert_eq!(world.entries().await.of("takeover").count(), 0);
    // Until it would be known to be dead.
    wait::pass(Duration::from_secs(17)).await;
    assert_eq!(world.on_duty().await.as_deref(), Some("a"));
    assert_eq!(world.entries().await.of("takeover").count(), 0);
}
