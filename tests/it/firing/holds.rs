//! Tags that hold: how they are read, on both platforms, and what happens when they cannot be.

use lightsout::cloud::rehearsal::{Fault, FaultKind, RehearsalCloud};
use lightsout::model::instance::InstanceNo;

use super::world::World;
use super::{ALL, patient};

const TAG: &str = "[holds]\ntag = \"keep\"\n";
/// Simulated time is 20:00 in Seoul on the 23rd.
const UNTIL: &str = "2026-11-24 02:00";
const HELD: &str = "held until 2026-11-24 02:00+09:00 by tag keep (2026-11-24 02:00)";

/// Two servers, of which the first has a tag, and how they are listed.
fn fleet(platform: &str, value: &str) -> String {
    format!(
        "[[servers]]\nname = \"a\"\nno = \"1\"\nplatform = \"{platform}\"\nstop_takes = \"5s\"\n\
         tags = {{ keep = \"{value}\" }}\n\
         [[servers]]\nname = \"b\"\nno = \"2\"\nplatform = \"{platform}\"\nstop_takes = \"5s\"\n"
    )
}

#[tokio::test]
async fn a_tag_holds_on_both_platforms_and_only_who_has_it_is_read_one_by_one() {
    for (platform, calls) in [("vpc", 2), ("classic", 0)] {
        let world = World::on(platform, &fleet(platform, UNTIL), &format!("{TAG}{ALL}")).await;
        assert_eq!(
            world.fire().await,
            [format!("1 skipped RUN: {HELD}"), "2 stopped NSTOP".into()]
        );
        assert_eq!(world.cloud.counts().requests_for("resources"), calls, "{platform}");
    }
    let untagged = fleet("vpc", UNTIL).replace("keep", "env");
    let world = World::of(&untagged, &format!("{TAG}{ALL}")).await;
    assert_eq!(world.fire().await, ["1 stopped NSTOP", "2 stopped NSTOP"]);
    let asked = world.cloud.counts().requests_for("resources");
    assert_eq!(asked, 2, "one question for all, and one whether it knows them");
}

#[tokio::test]
async fn without_a_tag_to_ask_about_nothing_is_asked() {
    let world = World::of(&fleet("vpc", UNTIL), ALL).await;
    assert_eq!(world.fire().await, ["1 stopped NSTOP", "2 stopped NSTOP"]);
    assert_eq!(world.cloud.counts().requests_for("resources"), 0);
}

#[tokio::test]
async fn a_tag_that_cannot_be_read_holds_all_it_might_be_on() {
    let rules = format!("{TAG}{}", ALL.replace("5m", "30s"));
    let world = World::of(&fleet("vpc", UNTIL), &rules).await;
    world.cloud.add_fault(Fault::new("resources", FaultKind::ErrorBefore));
    let reason = "held: its tags could not be read";
    let expected = [format!("1 skipped RUN: {reason}"), format!("2 skipped RUN: {reason}")];
    let words = world.fire().await;
    assert_eq!(words[..2], expected);
    assert!(
        words[2].starts_with("KR cloud_failed: its tags could not be read: no answer"),
        "{words:?}"
    );
    assert_eq!(world.stop_requests(), 0);
}

#[tokio::test]
async fn what_is_held_counts_for_max_instances() {
    let rules = format!("{TAG}{ALL}max_instances = 1\n");
    let world = World::of(&fleet("vpc", UNTIL), &rules).await;
    assert_eq!(world.fire().await, ["all too_many: 2 instances, max_instances = 1"]);
}

#[tokio::test]
async fn protected_is_said_before_held_and_already_before_both() {
    let off = fleet("vpc", UNTIL).replacen("stop_takes", "status = \"NSTOP\"\nstop_takes", 1);
    let world = World::of(&off, &format!("{TAG}[protect]\nnames = [\"b\"]\n{ALL}")).await;
    assert_eq!(world.fire().await, ["1 already NSTOP", "2 skipped RUN: protected"]);
    let both = format!("{TAG}[protect]\nnames = [\"a\"]\n{ALL}");
    let world = World::of(&fleet("vpc", UNTIL), &both).await;
    assert_eq!(world.fire().await, ["1 skipped RUN: protected", "2 stopped NSTOP"]);
}

#[tokio::test]
async fn a_tag_that_is_put_on_one_that_waits_is_heeded() {
    let busy = "[[servers]]\nname = \"dev-a\"\nno = \"1\"\noperation = \"SETUP\"\n\
        busy_for = \"2m\"\n";
    for platform in ["vpc", "classic"] {
        let fleet = format!("{busy}platform = \"{platform}\"\n");
        let world = World::at(100, platform, &fleet, &format!("{TAG}{}", patient())).await;
        let is_looked_up = |cloud: &RehearsalCloud| {
            cloud.requests().iter().any(|request| {
                request.action == "getServerInstanceList" && !request.instances.is_empty()
            })
        };
        let no = InstanceNo::new("1").unwrap();
        let tag = |cloud: &RehearsalCloud| cloud.set_tags(&no, &[("keep", UNTIL)]);
        let words = world.fire_and_once(is_looked_up, tag).await;
        assert_eq!(words, [format!("1 skipped RUN: {HELD}")], "{platform}");
        assert_eq!(world.stop_requests(), 0, "{platform}");
    }
}

#[tokio::test]
async fn a_tag_that_can_be_read_after_a_while_holds_only_what_has_it() {
    let faults = "[[faults]]\non = \"resources\"\nkind = \"error_before\"\ntimes = 12\n";
    let fleet = format!("{}{faults}", fleet("vpc", UNTIL));
    let world = World::at(100, "vpc", &fleet, &format!("{TAG}{}", patient())).await;
    assert_eq!(world.fire().await, [format!("1 skipped RUN: {HELD}"), "2 stopped NSTOP".into()]);
}
