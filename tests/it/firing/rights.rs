//! What a firing makes of rights that the keys lack.

use lightsout::cloud::rehearsal::Record;

use super::world::World;
use super::{ALL, ONE, patient};

const SPEED: u32 = 100;
const FORBIDDEN: &str = "the keys lack the right to call `stopServerInstances`, which \
    `NCP_VPC_SERVER_MANAGER` grants: HTTP 401, return code 210 (Permission Denied: The keys lack \
    the permission for this action.)";

/// So many servers that can be stopped, or not.
fn servers(first: u32, count: u32, is_forbidden: bool) -> String {
    format!(
        "[[servers]]\nname = \"dev\"\nno = \"{first}\"\ncount = {count}\nstop_takes = \"5s\"\n\
         forbidden = {is_forbidden}\n"
    )
}

/// With time enough for a slow machine.
fn everything() -> String {
    format!("{}max_instances = 1000\n", patient())
}

/// The numbers of those that were stopped.
fn stopped(words: &[String]) -> Vec<u32> {
    let stopped = words.iter().filter_map(|word| word.strip_suffix(" stopped NSTOP"));
    stopped.map(|no| no.parse().unwrap()).collect()
}

#[tokio::test]
async fn one_server_that_the_keys_may_not_stop_holds_up_no_other() {
    let fleet = servers(100, 13, false) + &servers(113, 1, true) + &servers(114, 26, false);
    let world = World::at(SPEED, "vpc", &fleet, ALL).await;
    let words = world.fire().await;
    assert_eq!(stopped(&words).len(), 39, "{words:?}");
    let refused: Vec<_> = words.iter().filter(|word| word.contains("refused")).collect();
    assert_eq!(refused.len(), 1, "{words:?}");
    let is_said =
        refused[0].starts_with("113 refused RUN: asked ") && refused[0].ends_with(FORBIDDEN);
    assert!(is_said, "{words:?}");
    assert!(world.stop_requests() <= 12, "{} requests", world.stop_requests());
    assert_eq!(world.cloud.counts().total().needless_stops, 0);
}

#[tokio::test]
async fn a_request_that_is_forbidden_once_is_taken_apart_and_its_servers_stop() {
    let fault = "[[faults]]\nkind = \"forbidden\"\non = \"stopServerInstances\"\n\
        status = 403\ntimes = 1\n";
    let world = World::at(SPEED, "vpc", &format!("{fault}{}", servers(100, 40, false)), ALL).await;
    assert_eq!(stopped(&world.fire().await).len(), 40);
    assert_eq!(world.stop_requests(), 4);
}

#[tokio::test]
async fn a_right_that_is_missing_for_all_is_found_with_far_fewer_requests_than_servers_twice() {
    let world = World::at(SPEED, "vpc", &servers(100, 200, true), &everything()).await;
    let words = world.fire().await;
    assert_eq!(words.len(), 200);
    assert!(words.iter().all(|word| word.ends_with(FORBIDDEN)), "{words:?}");
    // The first batch one by one, what was under way beside it, and as much as it takes to ask
    // two more one by one, with what was under way beside each.
    let requests = world.stop_requests();
    assert!(requests <= 39 + 3 + 80 + 2 * 3, "{requests} requests");
    let is_whole = |it: &Record| it.action == "stopServerInstances" && it.instances.len() == 20;
    let whole = world.cloud.requests().into_iter().filter(is_whole).count();
    assert!(whole <= 4, "{whole} whole batches were asked before it was known for one");
    let requests = world.story().await.requests;
    assert!(requests.iter().all(|it| it.result.as_deref() == Some("refused")));
}

#[tokio::test]
async fn a_whole_batch_that_is_forbidden_hides_no_server_of_the_next_one() {
    // 120 and 127 may not be stopped either: the one that is tried first, and one more.
    let fleet = servers(100, 20, true)
        + &servers(120, 1, true)
        + &servers(121, 6, false)
        + &servers(127, 1, true)
        + &servers(128, 13, false);
    let world = World::at(SPEED, "vpc", &fleet, &everything()).await;
    let words = world.fire().await;
    let expected: Vec<u32> = (121..127).chain(128..141).collect();
    assert_eq!(stopped(&words), expected, "{words:?}");
    assert_eq!(words.iter().filter(|word| word.ends_with(FORBIDDEN)).count(), 22, "{words:?}");
}

#[tokio::test]
async fn forbidden_servers_in_both_halves_of_a_suspected_batch_give_up_no_permitted_one() {
    // In batches of twenty: all of four, some of the fifth, all of the last.
    let some = [180, 183, 187, 190, 193, 197];
    let mut fleet = servers(100, 80, true);
    for no in 180..200 {
        fleet += &servers(no, 1, some.contains(&no));
    }
    fleet += &servers(200, 20, true);
    let world = World::at(SPEED, "vpc", &fleet, &everything()).await;
    let words = world.fire().await;
    let permitted: Vec<u32> = (180..200).filter(|no| !some.contains(no)).collect();
    assert_eq!(stopped(&words), permitted, "{words:?}");
    let refused = words.iter().filter(|word| word.ends_with(FORBIDDEN)).count();
    assert_eq!(refused, 120 - permitted.len(), "{words:?}");
    assert_eq!(world.cloud.counts().total().needless_stops, 0);
}

#[tokio::test]
async fn without_the_right_to_read_tags_only_what_asks_for_them_fails_and_at_once() {
    // Keys that the Resource Manager refuses may be good for the servers all the same.
    for (kind, code) in [("forbidden", "210 (Permission Denied"), ("denied", "200 (Auth")] {
        let fault = format!("[[faults]]\non = \"resources\"\nkind = \"{kind}\"\n");
        let by_tag = ALL.replace("names = [\"*\"]", "tags = { env = \"dev\" }");
        let protecting = format!("[protect]\ntags = {{ env = \"prod\", keep = \"*\" }}\n{ALL}");
        let missing = format!(
            "KR cloud_failed: its tags could not be read: the keys lack the right to call \
             `resources`, which `NCP_RESOURCE_MANAGER_VIEWER` grants: HTTP 401, return code {code}"
        );
        for (rules, skipped) in [(by_tag, 0), (protecting, 1)] {
            let world = World::of(&format!("{fault}{ONE}"), &rules).await;
            let words = world.fire().await;
            assert_eq!(words.len(), skipped + 1, "{words:?}");
            assert!(words[skipped].starts_with(&missing), "{words:?}");
            if skipped == 1 {
                assert_eq!(words[0], "1 skipped RUN: protected: its tags could not be read");
            }
            let counts = world.cloud.counts();
            assert_eq!((counts.requests_for("resources"), world.stop_requests()), (1, 0));
        }
    }
    let fleet = format!("[[faults]]\non = \"resources\"\nkind = \"forbidden\"\n{ONE}");
    let world = World::of(&fleet, ALL).await;
    assert_eq!(world.fire().await, ["1 stopped NSTOP"]);
}

#[tokio::test]
async fn a_region_that_may_not_be_listed_leaves_the_others_alone() {
    let fleet = format!(
        "regions = [\"KR\", \"SGN\"]\n{ONE}[[faults]]\nkind = \"forbidden\"\nregion = \"SGN\"\n"
    );
    let world = World::of(&fleet, ALL).await;
    let words = world.fire().await;
    assert_eq!((words.len(), words[0].as_str()), (2, "1 stopped NSTOP"), "{words:?}");
    let expected = "SGN cloud_failed: could not be listed: the keys lack the right to call \
        `getServerInstanceList`, which `NCP_VPC_SERVER_VIEWER` grants: HTTP 401";
    assert!(words[1].starts_with(expected), "{words:?}");
}
