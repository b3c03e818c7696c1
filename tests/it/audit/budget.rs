//! How near instances have come to a limit, and what is remembered of it.

use std::collections::HashMap;

use chrono::TimeDelta;
use lightsout::audit::{Against, Step, Writer};
use lightsout::schedule::budget::Limit;
use lightsout::schedule::budget::spent::Spent;

use super::pruning::{numbers, prune, thirty_nights};
use super::{World, main_account, no};

fn step(against: &Against, reached_before: u32, reached: u32) -> Step {
    Step {
        against: against.clone(),
        region: "KR".to_owned(),
        name: "web-1".to_owned(),
        reached_before,
        reached,
        spent: Spent::Unknown { at_least: TimeDelta::days(80) },
        allowed: TimeDelta::days(90),
    }
}

#[tokio::test]
async fn the_last_step_towards_each_limit_outlives_a_prune() {
    let world = World::new();
    let against = |number: &str, limit| (main_account(), no(number), limit);
    let (row, year) = (against("1", Limit::InARow), against("1", Limit::In12Months));
    let other = against("2", Limit::InARow);
    let log = world.open(Writer::Daemon).await;
    let before = world.reader().await.newest().await.unwrap();
    log.budget(&[step(&row, 0, 75), step(&year, 0, 75), step(&other, 0, 90)]).await.unwrap();
    log.budget(&[step(&row, 75, 90), step(&other, 90, 0)]).await.unwrap();
    log.end("done").await.unwrap();
    let reader = world.reader().await;
    let newest = reader.newest().await.unwrap();
    let risen = reader.risen_between(before, newest).await.unwrap();
    let risen: Vec<(&str, &str, u32)> = risen
        .iter()
        .map(|rise| (rise.instance_no.as_str(), rise.against.as_str(), rise.reached))
        .collect();
    let expected = [
        ("1", "in_a_row", 75),
        ("1", "in_12_months", 75),
        ("2", "in_a_row", 90),
        ("1", "in_a_row", 90),
    ];
    assert_eq!(risen, expected);
    reader.close().await.unwrap();
    thirty_nights(&world).await;
    assert!(prune(&world, 5).await.removed > 100);
    let reached = world.reader().await.budget_reached().await.unwrap();
    assert_eq!(reached, HashMap::from([(row, 90), (year, 75), (other, 0)]));
    assert_eq!(numbers(&world, "SELECT count(*) FROM budget").await, [3]);
}
