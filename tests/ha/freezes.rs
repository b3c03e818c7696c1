//! A machine that stands still for a while and does not know it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rustix::process::Signal;

use crate::node::Node;
use crate::proxy::{Act, Proxy};
use crate::wait;
use crate::world::{World, rule};

const SHORT: Duration = Duration::from_secs(5);
/// Longer than it takes to be given up.
const LONG: Duration = Duration::from_secs(30);

const FLEET: &str = "[[servers]]\nname = \"dev\"\ncount = 3\nno = \"1\"\nstop_takes = \"2s\"\n";

async fn stands_still(node: &Node, time: Duration) {
    node.freeze().await;
    wait::pass(time).await;
    node.signal(Signal::CONT);
}

/// Two machines and a stop a few seconds ahead; the first stands still when `when` has come.
async fn freezes(time: Duration, when: impl AsyncFn(&World, DateTime<Utc>)) {
    let Some(world) = World::of(FLEET).await else { return };
    let (a, b) = world.pair().await;
    let at = world.plan(&[&a, &b], |at| rule("night", "stop", "dev*", at)).await;
    when(&world, at).await;
    stands_still(&a, time).await;
    is_done(&world, &[&a, &b]).await;
}

async fn is_done(world: &World, nodes: &[&Node]) {
    world.has("firing_end", 1).await;
    let entries = world.entries().await;
    assert_eq!(entries.outcomes(), [("stopped".to_owned(), 3)].into(), "{:?}", entries.0);
    world.were_stopped_once(1..=3).await;
    assert_eq!(entries.firings("night").count(), 1);
    world.is_whole(nodes).await;
}

const BEFORE: TimeDelta = TimeDelta::seconds(2);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_instant_in_a_short_freeze_is_kept() {
    freezes(SHORT, async |_, at| wait::pass_to(at - BEFORE).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_instant_in_a_long_freeze_is_kept_by_another() {
    freezes(LONG, async |_, at| wait::pass_to(at - BEFORE).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_firing_goes_on_after_a_short_freeze() {
    freezes(SHORT, async |world, _| world.has("firing", 1).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_firing_is_taken_over_in_a_long_freeze() {
    freezes(LONG, async |world, _| world.has("firing", 1).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_that_was_asked_for_is_followed_after_a_short_freeze() {
    freezes(SHORT, async |world, _| world.has("answer", 1).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_that_was_asked_for_is_followed_by_another_in_a_long_freeze() {
    freezes(LONG, async |world, _| world.has("answer", 1).await).await;
}

/// Two servers of a rule, and one of another: the first is off long before the others.
const SLOW: &str = "[[servers]]\nname = \"dev-1\"\nno = \"1\"\nstop_takes = \"25s\"\n\
    [[servers]]\nname = \"dev-2\"\nno = \"2\"\nstop_takes = \"90s\"\n\
    [[servers]]\nname = \"slow\"\nno = \"3\"\nstop_takes = \"90s\"\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_stand_still_in_turn_follow_each_firing_once_and_leave_the_living_theirs() {
    let Some(world) = World::of(SLOW).await else { return };
    let (a, b) = world.pair().await;
    let rules = |at| rule("night", "stop", "dev*", at) + &rule("slow", "stop", "slow", at);
    world.plan(&[&a, &b], rules).await;
    world.has("answer", 2).await;
    a.freeze().await;
    world.has("takeover", 2).await;
    b.freeze().await;
    a.signal(Signal::CONT);
    // Of what the first one still follows, it takes back only what it has found to be lost.
    world.has("takeover", 3).await;
    world.has("outcome", 1).await;
    // It knows of the first one's death, and has not heard that it lives.
    b.signal(Signal::CONT);
    world.has("firing_end", 2).await;
    let entries = world.entries().await;
    let taken: Vec<_> = entries.of("takeover").map(|it| (it.session, &it.body)).collect();
    assert_eq!(taken.len(), 3, "{taken:?}");
    assert_eq!(entries.outcomes(), [("stopped".to_owned(), 3)].into(), "{:?}", entries.0);
    world.were_stopped_once(1..=3).await;
    world.is_whole(&[&a, &b]).await;
    for node in [&a, &b] {
        assert!(!node.told().contains("firing left open"), "{}", node.told());
    }
}

/// The first machine stands still between the record of its request and the request.
async fn freezes_before_it_sends(time: Duration) -> Option<(World, Proxy, Node, Node)> {
    let world = World::of(FLEET).await?;
    let (proxy, a, b) = world.pair_by_proxy().await;
    world.plan(&[&a, &b], |at| rule("night", "stop", "dev*", at)).await;
    proxy.at("request", Act::Hold);
    proxy.has_sprung(1).await;
    a.freeze().await;
    proxy.let_go();
    wait::pass(time).await;
    assert_eq!(world.entries().await.of("answer").count(), 0);
    let thawed = wait::now().timestamp_millis();
    a.signal(Signal::CONT);
    is_done(&world, &[&a, &b]).await;
    let entries = world.entries().await;
    let mine = entries.of("session").next().unwrap().seq;
    let request = entries.of("request").next().unwrap();
    assert_eq!(request.session, mine);
    let answer = entries.of("answer").find(|it| it.body["request"] == request.seq).unwrap();
    // A record that another entry was faster than is made once more after the thaw, and is new then.
    let is_new = request.at >= thawed;
    assert!(answer.body["result"] == "not_sent" || is_new, "{request:?} {answer:?}");
    Some((world, proxy, a, b))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_is_not_sent_long_after_its_record() {
    let Some((world, ..)) = freezes_before_it_sends(SHORT).await else { return };
    assert_eq!(world.entries().await.of("takeover").count(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_is_not_sent_after_another_has_taken_the_firing_over() {
    let Some((world, _proxy, a, _b)) = freezes_before_it_sends(LONG).await else { return };
    assert_eq!(world.entries().await.of("takeover").count(), 1);
    a.says("another node has taken the firing over").await;
    assert_eq!(world.on_duty().await.as_deref(), Some("b"));
}
