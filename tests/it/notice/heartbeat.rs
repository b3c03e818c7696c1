//! The heartbeat: one GET after each day in which no firing failed.

use std::time::Duration;

use chrono::TimeDelta;
use lightsout::audit::Trigger;
use lightsout::clock::Clock;
use lightsout::model::outcome::Outcome;

use super::ear::{Answer, Ear};
use super::world::World;

const OK: Answer = Answer::Status("200 OK");
const FIVE_HOURS: Duration = Duration::from_secs(5 * 3_600);
const A_DAY: Duration = Duration::from_secs(24 * 3_600);

/// A world with a heartbeat at one ear and every firing told to the other.
async fn world(heart: &Ear, ear: &Ear) -> World {
    let top = format!("heartbeat_url = '{}'", heart.url());
    let notify = format!("\n[[notify]]\nname = 'ear'\nurl = '{}'\non = ['summary']\n", ear.url());
    World::of(&top, &notify).await
}

#[tokio::test]
async fn a_good_day_is_fetched_once_when_it_is_over() {
    let (heart, ear) = (Ear::answering(&[OK]).await, Ear::answering(&[OK]).await);
    let world = world(&heart, &ear).await;
    world.fire("web-1", Outcome::Stopped, "").await;
    world.sign_of_life().await;
    ear.hear(1).await;
    world.clock.skip(FIVE_HOURS);
    world.sign_of_life().await;
    let fetched = &heart.hear(1).await[0];
    assert_eq!((fetched.line.as_str(), fetched.body.as_str()), ("GET /hook?key=secret", ""));
    world.ends_of_notices(2).await;
    world.sign_of_life().await;
    world.fire("web-1", Outcome::Stopped, "").await;
    ear.hear(2).await;
    world.clock.skip(A_DAY);
    world.sign_of_life().await;
    assert_eq!(heart.hear(2).await.len(), 2);
}

#[tokio::test]
async fn a_day_in_which_a_firing_failed_is_not_fetched_and_the_next_one_is() {
    let (heart, ear) = (Ear::answering(&[OK]).await, Ear::answering(&[OK]).await);
    let world = world(&heart, &ear).await;
    world.fire("web-1", Outcome::Refused, "HTTP 400").await;
    world.clock.skip(FIVE_HOURS);
    world.sign_of_life().await;
    for count in 2..=3 {
        world.fire("web-1", Outcome::Stopped, "").await;
        ear.hear(count).await;
    }
    assert_eq!(heart.heard().len(), 0);
    world.clock.skip(A_DAY);
    world.sign_of_life().await;
    heart.hear(1).await;
}

#[tokio::test]
async fn a_day_is_not_over_before_its_last_firing_is() {
    let (heart, ear) = (Ear::answering(&[OK]).await, Ear::answering(&[OK]).await);
    let world = world(&heart, &ear).await;
    let long = world.claim(Trigger::Schedule(world.clock.now())).await;
    world.clock.skip(FIVE_HOURS);
    world.sign_of_life().await;
    for count in 1..=2 {
        world.fire("web-1", Outcome::Stopped, "").await;
        ear.hear(count).await;
    }
    assert_eq!(heart.heard().len(), 0);
    world.ends(long, "web-2", (Outcome::Stopped, "")).await;
    heart.hear(1).await;
}

#[tokio::test]
async fn days_are_fetched_again_after_a_clock_that_was_years_ahead_is_set_right() {
    let (heart, ear) = (Ear::answering(&[OK]).await, Ear::answering(&[OK]).await);
    let world = world(&heart, &ear).await;
    world.fire("web-1", Outcome::Stopped, "").await;
    world.sign_of_life().await;
    ear.hear(1).await;
    let years = TimeDelta::days(9 * 365);
    world.clock.step(years);
    world.sign_of_life().await;
    world.clock.skip(A_DAY);
    world.sign_of_life().await;
    heart.hear(1).await;
    world.clock.step(-years);
    world.sign_of_life().await;
    world.clock.skip(A_DAY);
    world.sign_of_life().await;
    heart.hear(2).await;
}
