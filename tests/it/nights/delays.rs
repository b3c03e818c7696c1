//! Firings that begin later than they are due: by their jitter, or after others.

use chrono::TimeDelta;
use lightsout::clock::Clock;

use super::world::World;
use super::{FLEET, NIGHT};
use crate::wait;

/// The delay of the firing of 23 November, which `next` shows as well.
fn delay(world: &World, rules: &str) -> TimeDelta {
    let schedules = world.schedules(rules);
    let rule = &schedules.rules[0];
    let due = super::world::seoul("2026-11-23T20:00:00");
    TimeDelta::from_std(rule.pace.delay(&rule.name, due)).unwrap()
}

#[tokio::test]
async fn a_firing_begins_by_its_delay_after_its_time() {
    let rules = format!("{NIGHT}jitter = \"1h\"\n");
    let world = World::at("2026-11-23T19:50:00", FLEET).await;
    let delay = delay(&world, &rules);
    assert!(delay > TimeDelta::minutes(1), "{delay}");
    let daemon = world.start(&rules).await;
    world.pass_to("2026-11-23T20:00:00");
    world.claimed().await;
    let due = super::world::seoul("2026-11-23T20:00:00");
    assert_eq!(world.stops(), (0, 0), "nothing is asked before");
    world.clock.skip(
        (due + delay - TimeDelta::seconds(5) - world.clock.now()).to_std().unwrap_or_default(),
    );
    assert_eq!(world.settled(1).await, ["night 23T20:00 schedule stopped"]);
    assert!(world.clock.now() >= due + delay);
    daemon.end().await;
    assert_eq!(world.stops(), (1, 1));
}

#[tokio::test]
async fn a_firing_that_waits_when_the_daemon_ends_is_done_by_the_next_one() {
    let rules = format!("{NIGHT}jitter = \"1h\"\n");
    let world = World::at("2026-11-23T19:50:00", FLEET).await;
    let daemon = world.start(&rules).await;
    world.pass_to("2026-11-23T20:00:00");
    world.claimed().await;
    daemon.end().await;
    assert_eq!(world.stops(), (0, 0), "it waited");
    let daemon = world.start(&rules).await;
    world.pass_to("2026-11-23T21:00:00");
    wait::until_so("it stops", async || world.stops() == (1, 1)).await;
    let told = world.settled(1).await;
    daemon.end().await;
    assert_eq!(told, ["night 23T20:00 schedule stopped"]);
}
