//! Late firings and what was done since.

use super::world::{World, seoul};
use crate::wait;

/// A server that a rule stops at 20:00, and another rule starts at 20:30.
const RULES: &str = "[[rules]]\nname = \"night\"\naction = \"stop\"\ncron = \"0 20 * * *\"\n\
    select = { names = [\"dev-*\"] }\nlate = \"2h\"\n\
    [[rules]]\nname = \"again\"\naction = \"start\"\ncron = \"30 20 * * *\"\n\
    select = { names = [\"dev-a\"] }\nlate = \"2h\"\n";

/// One that both rules are about, and one that only the stop is about.
const FLEET: &str = "[[servers]]\nname = \"dev-a\"\nno = \"1\"\nstop_takes = \"5s\"\n\
    [[servers]]\nname = \"dev-b\"\nno = \"2\"\nstop_takes = \"5s\"\n";

#[tokio::test]
async fn of_two_late_firings_the_one_due_later_has_its_way() {
    let world = World::at("2026-11-23T19:50:00", FLEET).await;
    world.start(RULES).await.end().await;
    world.pass_to("2026-11-23T20:45:00");
    let daemon = world.start(RULES).await;
    let mut told = world.settled(3).await;
    told.sort();
    daemon.end().await;
    assert_eq!(told[0], "again 23T20:30 late already");
    assert!(told[1].starts_with("night 23T20:00 late skipped: late: firing "), "{told:?}");
    assert_eq!(told[2], "night 23T20:00 late stopped");
    assert_eq!(world.stops(), (0, 0), "dev-a runs on");
}

#[tokio::test]
async fn what_was_started_by_hand_since_is_left_running_by_a_late_stop() {
    let world = World::at("2026-11-23T19:50:00", FLEET).await;
    world.start(RULES).await.end().await;
    world.pass_to("2026-11-23T20:10:00");
    let hand = world.hand(RULES).await;
    let again = std::sync::Arc::clone(&hand.in_use.schedules.rules[1]);
    let firing = hand.dispatch.claim_by_hand(&again, false, &hand.in_use).await.unwrap();
    hand.dispatch.carry_out(vec![firing], &hand.in_use).await;
    world.pass_to("2026-11-23T20:20:00");
    let daemon = world.start(RULES).await;
    world.settled(3).await;
    daemon.end().await;
    assert_eq!(world.stops(), (0, 0), "dev-a runs on: {:?}", world.told().await);
}

#[tokio::test]
async fn a_stop_that_had_to_wait_for_its_turn_leaves_what_a_start_has_wanted_on_meanwhile() {
    let fleet = format!("{FLEET}[[servers]]\nname = \"slow\"\nno = \"3\"\nstop_takes = \"60m\"\n");
    let rule = |name: &str, what: &str, whom: &str| {
        format!(
            "[[rules]]\nname = \"{name}\"\n{what}\nselect = {{ names = [\"{whom}\"] }}\n\
             patience = \"2h\"\n"
        )
    };
    let stop = "action = \"stop\"\ncron = \"0 20 * * *\"";
    // As many as are worked on at once, all of which wait for the same server.
    let before: String = (0..256).map(|it| rule(&format!("r{it:03}"), stop, "slow")).collect();
    let again = rule("again", "action = \"start\"\ncron = \"20 20 * * *\"", "dev-a");
    let rules = before + &rule("night", stop, "dev-*") + &again;
    let world = World::at("2026-11-23T19:40:00", &fleet).await;
    let daemon = world.start(&rules).await;
    world.pass_to("2026-11-23T19:59:59");
    world.asked("stopServerInstances").await;
    world.pass_to("2026-11-23T20:19:58");
    let again = async || world.told().await.iter().any(|line| line.starts_with("again"));
    wait::until_so("it fires again", again).await;
    world.pass_to("2026-11-23T21:01:00");
    let told = world.settled(259).await;
    daemon.end().await;
    let told: Vec<_> = told.iter().filter(|line| line.starts_with("night")).collect();
    let left = "late: `again` was to start it 2026-11-23 20:20+09:00";
    let expected = [
        format!("night 23T20:00 schedule skipped: {left}"),
        "night 23T20:00 schedule stopped".to_owned(),
    ];
    assert_eq!(told, expected.iter().collect::<Vec<_>>());
    assert_eq!(world.stops(), (0, 0), "dev-a runs on");
    // What was listed an hour ago is no measure any more.
    let lists = world.cloud.requests().into_iter().filter(|request| {
        request.action == "getServerInstanceList"
            && request.instances.is_empty()
            && request.at >= seoul("2026-11-23T21:00:00")
    });
    assert!(lists.count() >= 1);
}
