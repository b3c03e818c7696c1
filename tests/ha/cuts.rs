//! Connections to PostgreSQL that break at any point of a write.

use std::fmt::Write;
use std::time::Duration;

use chrono::TimeDelta;

use crate::proxy::Act;
use crate::wait;
use crate::world::{World, rule};

/// What a firing writes, in this order.
const KINDS: [&str; 7] = ["firing", "target", "request", "answer", "seen", "outcome", "firing_end"];
const CUTS: [Act; 4] = [Act::CutBefore, Act::CutWithin, Act::CutAfter, Act::CutTheAnswer];
/// A firing a second, as many as it takes for all cuts.
const FIRINGS: u32 = 45;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cuts_before_within_and_after_each_write_double_and_lose_nothing() {
    let fleet = format!(
        "[[servers]]\nname = \"dev\"\ncount = {FIRINGS}\nno = \"1\"\nstop_takes = \"500ms\"\n"
    );
    let Some(world) = World::of(&fleet).await else { return };
    let (proxy, a, b) = world.pair_by_proxy().await;
    let rules = |at| {
        (1..=FIRINGS).fold(String::new(), |mut rules, no| {
            let at = at + TimeDelta::seconds(i64::from(no));
            rules.write_str(&rule(&format!("r{no}"), "stop", &format!("dev-{no}"), at)).unwrap();
            rules
        })
    };
    world.plan(&[&a, &b], rules).await;
    let mut cuts = 0;
    for kind in KINDS {
        for act in CUTS {
            proxy.at(kind, act);
            cuts += 1;
            proxy.has_sprung(cuts).await;
        }
    }
    let firings = usize::try_from(FIRINGS).unwrap();
    world.has("firing_end", firings).await;
    world.were_stopped_once(1..=FIRINGS).await;
    let entries = world.entries().await;
    assert_eq!(entries.of("firing").count(), firings);
    assert_eq!(entries.outcomes(), [("stopped".to_owned(), firings)].into());
    assert_eq!(entries.unanswered(), [0; 0]);
    world.is_whole(&[&a, &b]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_firing_whose_node_is_cut_off_is_taken_over_and_the_node_comes_back() {
    let fleet = "[[servers]]\nname = \"dev\"\ncount = 2\nno = \"1\"\nstop_takes = \"35s\"\n";
    let Some(world) = World::of(fleet).await else { return };
    let (proxy, a, b) = world.pair_by_proxy().await;
    world.plan(&[&a, &b], |at| rule("night", "stop", "dev*", at)).await;
    world.has("answer", 1).await;
    proxy.go_away();
    world.has("takeover", 1).await;
    world.has_duty(&b).await;
    proxy.come_back();
    world.has("firing_end", 1).await;
    world.were_stopped_once(1..=2).await;
    assert_eq!(world.entries().await.outcomes(), [("stopped".to_owned(), 2)].into());
    world.is_whole(&[&a, &b]).await;
    // The one that was away can fire again.
    assert_eq!(world.on_duty().await.as_deref(), Some("b"));
    drop(b);
    wait::pass(Duration::from_secs(1)).await;
    world.has_duty(&a).await;
}
