//! PostgreSQL away over an instant, or while the cloud is asked.

use std::time::Duration;

use chrono::TimeDelta;

use crate::wait;
use crate::world::{World, rule};

/// Longer than a start is late for otherwise.
const AWAY: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stops_and_starts_take_place_after_a_crash_of_postgresql_over_their_instants() {
    let fleet = "[[servers]]\nname = \"dev\"\nno = \"1\"\nstop_takes = \"2s\"\n\
        [[servers]]\nname = \"off\"\nno = \"2\"\nstatus = \"NSTOP\"\nstart_takes = \"2s\"\n";
    let Some(world) = World::of(fleet).await else { return };
    let (a, b) = world.pair().await;
    let rules = |at| rule("night", "stop", "dev", at) + &rule("morning", "start", "off", at);
    let at = world.plan(&[&a, &b], rules).await;
    wait::pass_to(at - TimeDelta::seconds(2)).await;
    world.postgres.crash();
    a.says("nothing fires: no record, no request").await;
    wait::pass_to(at + AWAY).await;
    assert_eq!(world.cloud.statuses().await, ["RUN", "NSTOP"]);
    world.postgres.begin().await;
    world.has("firing_end", 2).await;
    assert_eq!(world.cloud.statuses().await, ["NSTOP", "RUN"]);
    world.were_stopped_once(1..=1).await;
    let entries = world.entries().await;
    assert_eq!((entries.firings("night").count(), entries.firings("morning").count()), (1, 1));
    assert_eq!(entries.unanswered(), [0; 0]);
    world.is_whole(&[&a, &b]).await;
    // Once for each reason: it broke, it is not there, it is starting.
    let said = a.told().matches("nothing fires: no record, no request").count();
    assert!(said <= 3, "{}", a.told());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_comes_while_postgresql_is_away_is_written_when_it_is_back() {
    let fleet = "accept_delay = \"4s\"\n[[servers]]\nname = \"dev\"\nno = \"1\"\n";
    let Some(world) = World::of(fleet).await else { return };
    let (a, b) = world.pair().await;
    world.plan(&[&a, &b], |at| rule("night", "stop", "dev", at)).await;
    world.has("request", 1).await;
    wait::until_so("the cloud is asked", async || world.cloud.asked(1).await["stops"] == 1).await;
    world.postgres.crash();
    // The answer comes meanwhile, and nobody is dead for it.
    wait::pass(Duration::from_secs(12)).await;
    world.postgres.begin().await;
    world.has("firing_end", 1).await;
    world.were_stopped_once(1..=1).await;
    let entries = world.entries().await;
    let answers: Vec<_> = entries.of("answer").collect();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(answers[0].body["result"], "accepted", "{answers:?}");
    assert!(answers[0].body["request_id"].is_string(), "{answers:?}");
    assert_eq!(entries.of("takeover").count(), 0);
    world.is_whole(&[&a, &b]).await;
}
