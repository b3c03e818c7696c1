//! What a firing comes to when the cloud, or the way to it, fails.

use super::world::World;
use super::{ALL, ONE, impatient};

const STRUCK_STOP: &str = "[[faults]]\non = \"stopServerInstances\"\ntimes = 1\n";

#[tokio::test]
async fn a_lost_answer_is_looked_after_and_not_asked_again() {
    for kind in ["reset_after", "error_after", "torn", "empty", "html"] {
        let world = World::of(&format!("{STRUCK_STOP}kind = \"{kind}\"\n{ONE}"), ALL).await;
        assert_eq!(world.fire().await, ["1 stopped NSTOP"], "{kind}");
        assert_eq!(world.stops_of("1"), (1, 1), "{kind}");
        assert_eq!(world.history().await[0].request_id, None, "{kind}");
    }
}

#[tokio::test]
async fn a_request_that_had_no_effect_is_sent_again() {
    for kind in ["reset_before", "error_before", "throttle"] {
        let world = World::of(&format!("{STRUCK_STOP}kind = \"{kind}\"\n{ONE}"), ALL).await;
        assert_eq!(world.fire().await, ["1 stopped NSTOP"], "{kind}");
        assert_eq!(world.stops_of("1"), (2, 1), "{kind}");
        assert_eq!(world.story().await.requests.len(), 2, "{kind}");
    }
}

#[tokio::test]
async fn a_throttled_request_waits_as_long_as_it_is_told() {
    let fault = format!("{STRUCK_STOP}kind = \"throttle\"\nretry_after = \"40s\"\n{ONE}");
    let world = World::of(&fault, ALL).await;
    assert_eq!(world.fire().await, ["1 stopped NSTOP"]);
    let requests = world.cloud.requests();
    let asked: Vec<_> =
        requests.iter().filter(|r| r.action == "stopServerInstances").map(|r| r.at).collect();
    assert_eq!(asked.len(), 2);
    assert!((asked[1] - asked[0]).num_seconds() >= 40, "{asked:?}");
}

#[tokio::test]
async fn revoked_keys_fail_the_firing() {
    let world = World::of(ONE, ALL).await;
    world.cloud.revoke_keys();
    let words = world.fire().await;
    assert_eq!(words.len(), 1, "{words:?}");
    assert!(words[0].starts_with("all cloud_failed: the keys were refused: HTTP 401"), "{words:?}");
    assert_eq!(world.stop_requests(), 0);
}

#[tokio::test]
async fn keys_that_are_refused_at_the_stop_refuse_the_instance_and_fail_the_firing() {
    let world = World::of(&format!("{STRUCK_STOP}kind = \"denied\"\n{ONE}"), ALL).await;
    let words = world.fire().await;
    assert_eq!(words.len(), 2, "{words:?}");
    assert!(words[0].starts_with("1 refused RUN: asked once; the keys were refused"), "{words:?}");
    assert!(words[1].starts_with("all cloud_failed: the keys were refused"), "{words:?}");
    assert_eq!(world.stops_of("1"), (1, 0));
}

#[tokio::test]
async fn unread_tags_protect_every_instance_that_protect_asks_them_of() {
    let fleet = format!("[[faults]]\non = \"resources\"\nkind = \"error_before\"\n{ONE}");
    let rules = format!("[protect]\ntags = {{ env = \"prod\" }}\n{}", impatient());
    let world = World::of(&fleet, &rules).await;
    assert_eq!(world.fire().await, ["1 skipped RUN: protected: its tags could not be read"]);
    assert_eq!(world.stop_requests(), 0);
}

#[tokio::test]
async fn unread_tags_fail_a_firing_that_selects_by_them() {
    let fleet = format!("[[faults]]\non = \"resources\"\nkind = \"error_before\"\n{ONE}");
    let rules = impatient().replace("names = [\"*\"]", "tags = { env = \"dev\" }");
    let world = World::of(&fleet, &rules).await;
    let words = world.fire().await;
    assert_eq!(words.len(), 1, "{words:?}");
    assert!(words[0].starts_with("KR cloud_failed: its tags could not be read: "), "{words:?}");
    assert_eq!(world.stop_requests(), 0);
}

#[tokio::test]
async fn a_region_that_is_down_does_not_hold_up_the_other() {
    let fleet = format!(
        "regions = [\"KR\", \"SGN\"]\n\
         [[faults]]\nkind = \"region_down\"\nregion = \"SGN\"\n{ONE}\
         [[servers]]\nname = \"dev-b\"\nno = \"2\"\nregion = \"SGN\"\n"
    );
    let world = World::of(&fleet, ALL).await;
    let words = world.fire().await;
    assert_eq!((words.len(), words[0].as_str()), (2, "1 stopped NSTOP"), "{words:?}");
    assert!(words[1].starts_with("SGN cloud_failed: could not be listed: "), "{words:?}");
    assert_eq!(world.stops_of("2"), (0, 0));
}
