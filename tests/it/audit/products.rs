//! As what instances are sold: kept once, and where it changes.

use std::time::Duration;

use chrono::TimeDelta;
use lightsout::audit::Writer;
use lightsout::model::instance::{Instance, Product};
use lightsout::model::period::Period;

use super::{World, main_account, running};

fn sold(spec: Option<&str>) -> Instance {
    let product = Product {
        product_code: spec.map(|spec| format!("SVR.{spec}")),
        spec_code: spec.map(ToOwned::to_owned),
        server_type: None,
    };
    Instance { product, ..running("7", "web-7") }
}

/// The specs that are in the log, in order.
async fn specs(world: &World) -> Vec<(String, String)> {
    sqlx::query_as("SELECT instance_no, product_code || ' ' || spec_code FROM product ORDER BY seq")
        .fetch_all(&mut world.raw().await)
        .await
        .unwrap()
}

fn rows(specs: &[&str]) -> Vec<(String, String)> {
    specs.iter().map(|spec| ("7".to_owned(), format!("SVR.{spec} {spec}"))).collect()
}

#[tokio::test]
async fn as_what_an_instance_is_sold_is_kept_where_it_is_new_or_has_changed() {
    let world = World::new();
    let log = world.open(Writer::Fire).await;
    for (spec, kept) in [
        (None, &[][..]),
        (Some("s2"), &["s2"]),
        (Some("s2"), &["s2"]),
        (None, &["s2"]),
        (Some("s4"), &["s2", "s4"]),
        (Some("s2"), &["s2", "s4", "s2"]),
    ] {
        log.seen(&main_account(), &[&sold(spec)], world.now()).await.unwrap();
        assert_eq!(specs(&world).await, rows(kept), "{spec:?}");
        world.clock.skip(Duration::from_secs(60));
    }
    assert!(world.reader().await.verify(None).await.unwrap().sound);
}

#[tokio::test]
async fn a_prune_keeps_as_what_each_instance_was_last_sold() {
    let world = World::new();
    let log = world.open(Writer::Fire).await;
    for spec in ["s2", "s4"] {
        log.seen(&main_account(), &[&sold(Some(spec))], world.now()).await.unwrap();
        world.clock.skip(Duration::from_secs(60));
    }
    world.clock.skip(Duration::from_secs(86_400));
    log.seen(&main_account(), &[&sold(Some("s4"))], world.now()).await.unwrap();
    log.prune(world.now()).await.unwrap();
    assert_eq!(specs(&world).await, rows(&["s4"]));
    assert!(world.reader().await.verify(None).await.unwrap().sound);
}

#[tokio::test]
async fn as_what_an_instance_is_sold_is_known_since_the_look_that_first_told_it() {
    let world = World::new();
    let log = world.open(Writer::Fire).await;
    let first = world.now();
    // A list takes a moment to be read and recorded.
    world.clock.skip(Duration::from_secs(3));
    log.seen(&main_account(), &[&sold(Some("s2"))], first).await.unwrap();
    world.clock.skip(Duration::from_secs(60));
    let second = world.now();
    world.clock.skip(Duration::from_secs(3));
    log.seen(&main_account(), &[&sold(Some("s4"))], second).await.unwrap();
    let span = Period { from: first, until: world.now() };
    let facts = world.reader().await.report_facts(span, world.now()).await.unwrap();
    let since: Vec<_> = facts.products.iter().map(|kept| kept.at - first).collect();
    assert_eq!(since, [TimeDelta::zero(), TimeDelta::seconds(66)]);
}
