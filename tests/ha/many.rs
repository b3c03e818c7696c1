//! Many rules of one instant.

use std::fmt::Write as _;
use std::io::Write as _;

use crate::world::{World, rule};

/// With `HA_RULES=1000` and a release build, the figure of the README.
const USUAL: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_rules_of_one_instant_are_claimed_once_and_at_once() {
    let rules = std::env::var("HA_RULES").map_or(USUAL, |rules| rules.parse().unwrap());
    let fleet = format!(
        "[[servers]]\nname = \"dev\"\ncount = {rules}\nno = \"1\"\nstop_takes = \"500ms\"\n"
    );
    let Some(world) = World::of(&fleet).await else { return };
    let (a, b) = world.pair().await;
    let all = |at| {
        (1..=rules).fold(String::new(), |mut all, no| {
            all.write_str(&rule(&format!("r{no}"), "stop", &format!("dev-{no}"), at)).unwrap();
            all
        })
    };
    let at = world.plan(&[&a, &b], all).await;
    world.has("firing_end", rules).await;
    world.were_stopped_once(1..=u32::try_from(rules).unwrap()).await;
    let entries = world.entries().await;
    assert_eq!(entries.of("firing").count(), rules);
    assert_eq!(entries.outcomes(), [("stopped".to_owned(), rules)].into());
    let after = |kind| {
        let last = entries.of(kind).map(|it| it.at).max().unwrap();
        last - at.timestamp_millis()
    };
    // Past the harness, which keeps what tests that pass have printed.
    let figure = format!(
        "{rules} rules of one instant: claimed after {} ms, the last request after {} ms\n",
        after("firing"),
        after("request")
    );
    std::io::stderr().write_all(figure.as_bytes()).unwrap();
    world.is_whole(&[&a, &b]).await;
}
