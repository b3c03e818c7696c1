//! What changed name or tags while it waited is judged again before it is asked.

use lightsout::cloud::rehearsal::{Fault, FaultKind, Record, RehearsalCloud};
use lightsout::model::instance::InstanceNo;

use super::world::World;
use super::{ALL, patient};

/// Busy for two minutes, then free to be asked.
const BUSY: &str = "[[servers]]\nname = \"dev-a\"\nno = \"1\"\nstop_takes = \"5s\"\n\
    operation = \"SETUP\"\nbusy_for = \"2m\"\n";
const PROTECTED: &str = "[protect]\nnames = [\"prod-*\"]\ntags = { env = \"prod\" }\n";
const SPEED: u32 = 100;

async fn world(platform: &str, rules: &str) -> World {
    let fleet = format!("{BUSY}platform = \"{platform}\"\ntags = {{ env = \"dev\" }}\n");
    World::at(SPEED, platform, &fleet, rules).await
}

fn first() -> InstanceNo {
    InstanceNo::new("1").unwrap()
}

/// Fires, and does something to the cloud once it was looked up: it has been judged by then.
async fn fire_and_change(world: &World, change: impl Fn(&RehearsalCloud)) -> Vec<String> {
    let is_looked_up = |cloud: &RehearsalCloud| cloud.requests().iter().any(is_look_up);
    world.fire_and_once(is_looked_up, change).await
}

fn is_look_up(request: &Record) -> bool {
    request.action == "getServerInstanceList" && !request.instances.is_empty()
}

#[tokio::test]
async fn one_that_is_given_a_protected_name_while_it_waits_is_never_asked() {
    for platform in ["vpc", "classic"] {
        let world = world(platform, &format!("{PROTECTED}{}", patient())).await;
        let words = fire_and_change(&world, |cloud| cloud.rename(&first(), "prod-1")).await;
        assert_eq!(words, ["1 skipped RUN: protected"], "{platform}");
        assert_eq!(world.stop_requests(), 0, "{platform}");
    }
}

#[tokio::test]
async fn one_that_is_given_a_protecting_tag_while_it_waits_is_never_asked() {
    for platform in ["vpc", "classic"] {
        let world = world(platform, &format!("{PROTECTED}{}", patient())).await;
        let tags = [("env", "prod")];
        let words = fire_and_change(&world, |cloud| cloud.set_tags(&first(), &tags)).await;
        assert_eq!(words, ["1 skipped RUN: protected"], "{platform}");
        assert_eq!(world.stop_requests(), 0, "{platform}");
    }
}

#[tokio::test]
async fn one_that_is_given_an_excepted_name_or_loses_its_tag_while_it_waits_is_never_asked() {
    let by_tag = patient().replace("names = [\"*\"]", "tags = { env = \"dev\" }");
    let rules = format!("{by_tag}except = {{ names = [\"*-db\"] }}\n");
    let excepted = world("vpc", &rules).await;
    let words = fire_and_change(&excepted, |cloud| cloud.rename(&first(), "dev-db")).await;
    assert_eq!(words, ["1 skipped RUN: excepted"]);
    let untagged = world("vpc", &rules).await;
    let words = fire_and_change(&untagged, |cloud| cloud.set_tags(&first(), &[])).await;
    assert_eq!(words, ["1 skipped RUN: excepted: `select` matches it no longer"]);
    assert_eq!((excepted.stop_requests(), untagged.stop_requests()), (0, 0));
}

#[tokio::test]
async fn one_that_waited_and_is_still_meant_is_stopped_with_one_more_reading_of_its_tags() {
    let world = world("vpc", &format!("{PROTECTED}{}", patient())).await;
    assert_eq!(world.fire().await, ["1 stopped NSTOP"]);
    assert_eq!(world.stops_of("1"), (1, 1));
    // Once it was also asked whether it knows any of them.
    assert_eq!(world.cloud.counts().requests_for("resources"), 3);
}

#[tokio::test]
async fn one_whose_tags_cannot_be_read_any_more_is_never_asked() {
    let world = world("vpc", &format!("{PROTECTED}{ALL}")).await;
    let words = fire_and_change(&world, |cloud| {
        cloud.add_fault(Fault::new("resources", FaultKind::ErrorBefore));
    })
    .await;
    assert_eq!(
        (words.len(), &*words[0]),
        (2, "1 skipped RUN: protected: its tags could not be read")
    );
    assert!(
        words[1].starts_with("KR cloud_failed: its tags could not be read: no answer"),
        "{words:?}"
    );
    assert_eq!(world.stop_requests(), 0);
}

#[tokio::test]
async fn one_whose_tags_can_be_read_after_a_while_is_stopped_after_all() {
    let fleet = "[[servers]]\nname = \"dev-a\"\nno = \"1\"\nstop_takes = \"5s\"\n\
        tags = { env = \"dev\" }\n\
        [[faults]]\non = \"resources\"\nkind = \"error_before\"\ntimes = 12\n";
    let by_tag = patient().replace("names = [\"*\"]", "tags = { env = \"dev\" }");
    for rules in [format!("{PROTECTED}{}", patient()), by_tag] {
        let world = World::at(SPEED, "vpc", fleet, &rules).await;
        assert_eq!(world.fire().await, ["1 stopped NSTOP"], "{rules}");
        assert_eq!(world.stops_of("1"), (1, 1));
    }
}
