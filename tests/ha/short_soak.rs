//! A minute of everything at random; `cargo bench --bench soak -- --nodes 3` goes on for longer.

use std::time::Duration;

use crate::soak::{self, Plan};

const PLAN: Plan = Plan { nodes: 3, length: Duration::from_secs(60), seed: 7 };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_double_and_lose_nothing_in_a_minute_of_troubles() {
    let Some(found) = soak::run(PLAN).await else { return };
    assert!(found.problems.is_empty(), "{found}");
}
