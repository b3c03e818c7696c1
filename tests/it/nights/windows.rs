//! Windows, night by night.

use super::FLEET;
use super::world::World;

fn window(off: &str) -> String {
    format!("[[rules]]\nname = \"hours\"\n{off}\nselect = {{ names = [\"dev-*\"] }}\n")
}

#[tokio::test]
async fn from_friday_evening_to_monday_morning_is_one_stop_and_one_start() {
    let world = World::at("2026-11-27T19:59:30", FLEET).await;
    let daemon = world.start(&window("off = \"20:00-08:00\"\noff_days = \"weekends\"")).await;
    assert_eq!(world.settled(1).await, ["hours 27T20:00 schedule stopped"]);
    for seam in ["28T00:00", "28T08:00", "28T20:00", "29T00:00", "29T08:00", "29T20:00"] {
        world.pass_to(&format!("2026-11-{seam}:00"));
        world.a_minute().await;
    }
    world.pass_to("2026-11-30T07:59:30");
    let told = world.settled(2).await;
    daemon.end().await;
    assert_eq!(told, ["hours 27T20:00 schedule stopped", "hours 30T08:00 schedule started"]);
    assert_eq!(world.stops(), (1, 1));
}

#[tokio::test]
async fn a_stop_waits_no_longer_than_its_window_and_the_start_has_the_last_word() {
    let slow = FLEET.replace("5s", "3m");
    let world = World::at("2026-11-23T19:59:30", &slow).await;
    let daemon = world.start(&window("off = \"20:00-20:02\"")).await;
    let told = world.settled(2).await;
    daemon.end().await;
    assert!(told[0].starts_with("hours 23T20:00 schedule timed_out"), "{told:?}");
    assert_eq!(told[1..], ["hours 23T20:02 schedule started"]);
}

#[tokio::test]
async fn each_half_of_a_window_is_carried_on_as_what_it_is() {
    for (off, begins, due, told) in [
        ("20:00-08:00", "19:00:00", "19:59:50", "hours 23T20:00 schedule stopped"),
        ("08:00-20:00", "19:00:00", "19:59:50", "hours 23T20:00 schedule already"),
    ] {
        let faulty = format!("{FLEET}[[faults]]\nkind = \"error_before\"\n");
        let world = World::at(&format!("2026-11-23T{begins}"), &faulty).await;
        let rules = window(&format!("off = \"{off}\"\nlate = \"1h\""));
        let first = world.start(&rules).await;
        world.pass_to(&format!("2026-11-23T{due}"));
        world.asked("getRegionList").await;
        first.kill().await;
        world.cloud.clear_faults();
        let second = world.start(&rules).await;
        assert_eq!(world.settled(1).await, [told]);
        second.end().await;
    }
}

#[tokio::test]
async fn a_stop_whose_window_went_by_while_nobody_was_there_is_missed() {
    let world = World::at("2026-11-23T11:50:00", FLEET).await;
    let rules = window("off = \"12:00-12:30\"");
    world.start(&rules).await.end().await;
    world.pass_to("2026-11-23T12:45:00");
    let daemon = world.start(&rules).await;
    let told = world.settled(2).await;
    daemon.end().await;
    let away = "missed: daemon away 2026-11-23 11:50–12:45+09:00";
    let missed = ["12:00", "12:30"].map(|at| format!("hours 23T{at} schedule {away}"));
    assert_eq!(told, missed);
    assert_eq!(world.stops(), (0, 0));
}
