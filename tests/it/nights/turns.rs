//! Late firings and what was done since.

use super::world::World;

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
