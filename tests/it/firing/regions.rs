//! What a firing comes to when one region fails while others work.

use std::time::Duration;

use lightsout::cloud::codes;
use lightsout::cloud::rehearsal::{Fault, FaultKind, RehearsalCloud};
use lightsout::model::instance::InstanceNo;

use super::world::World;
use super::{ALL, impatient, patient};

/// Servers 1 (Korea) and 2 (Singapore).
const TWO: &str = "regions = [\"KR\", \"SGN\"]\n\
    [[servers]]\nname = \"dev-a\"\nno = \"1\"\nstop_takes = \"5s\"\n\
    [[servers]]\nname = \"dev-b\"\nno = \"2\"\nregion = \"SGN\"\nstop_takes = \"5s\"\n";
const LIST: &str = "getServerInstanceList";
/// Patience of five minutes passes in three seconds.
const SPEED: u32 = 100;

/// Singapore is down.
fn down() -> String {
    format!("{TWO}[[faults]]\nkind = \"region_down\"\nregion = \"SGN\"\n")
}

/// Fires, and brings Singapore back when server 1 is down.
async fn fire_and_bring_back(world: &World) -> Vec<String> {
    world.fire_and_once(is_stopped, RehearsalCloud::clear_faults).await
}

fn is_stopped(cloud: &RehearsalCloud) -> bool {
    cloud.servers()[0].status == codes::status("NSTOP")
}

#[tokio::test]
async fn a_region_that_answers_late_is_stopped_in_the_same_firing() {
    let world = World::at(SPEED, "vpc", &down(), &patient()).await;
    assert_eq!(fire_and_bring_back(&world).await, ["1 stopped NSTOP", "2 stopped NSTOP"]);
    assert_eq!((world.stops_of("1"), world.stops_of("2")), ((1, 1), (1, 1)));
    let firings: Vec<_> = world.history().await.iter().map(|line| line.firing).collect();
    assert_eq!(firings[0], firings[1]);
}

#[tokio::test]
async fn a_late_region_is_shared_by_the_firings_of_one_instant() {
    let rules = format!("{}{}", patient(), patient().replace("night", "dusk"));
    let world = World::at(SPEED, "vpc", &down(), &rules).await;
    let words = fire_and_bring_back(&world).await;
    // Which firing it was that asked, where it was another one, is not the same in every run.
    let bare: Vec<_> = words.iter().filter_map(|word| word.split(':').next()).collect();
    assert_eq!(bare, ["1 already NSTOP", "1 stopped NSTOP", "2 already NSTOP", "2 stopped NSTOP"]);
    let wholes = world.cloud.requests().into_iter().filter(|r| {
        r.action == LIST
            && r.instances.is_empty()
            && r.region.as_deref() == Some("SGN")
            && r.fault.is_none()
    });
    assert_eq!(wholes.count(), 1);
    assert_eq!((world.stops_of("1"), world.stops_of("2")), ((1, 1), (1, 1)));
}

#[tokio::test]
async fn a_late_region_that_takes_a_firing_over_its_limit_is_not_asked_for() {
    let busy = "[[servers]]\nname = \"dev-busy\"\nno = \"3\"\noperation = \"SETUP\"\n";
    let rules = format!("{}max_instances = 2\n", patient());
    let world = World::at(SPEED, "vpc", &format!("{}{busy}", down()), &rules).await;
    assert_eq!(
        fire_and_bring_back(&world).await,
        [
            "1 stopped NSTOP",
            "3 skipped RUN: too_many: 3 instances, max_instances = 2",
            "all too_many: 3 instances, max_instances = 2",
        ]
    );
    assert_eq!((world.stops_of("1"), world.stop_requests()), ((1, 1), 1));
}

#[tokio::test]
async fn a_region_that_is_down_all_through_patience_is_said_to_have_failed_only_then() {
    let world = World::at(SPEED, "vpc", &down(), ALL).await;
    let words = world.fire().await;
    assert_eq!((words.len(), words[0].as_str()), (2, "1 stopped NSTOP"), "{words:?}");
    assert!(words[1].starts_with("SGN cloud_failed: could not be listed: "), "{words:?}");
    let requests = world.cloud.requests();
    let span = requests.last().unwrap().at - requests[0].at;
    assert!(span.num_seconds() >= 240, "{span}");
    assert_eq!(world.stops_of("2"), (0, 0));
}

#[tokio::test]
async fn a_region_that_was_away_for_those_before_is_read_for_whoever_had_to_wait() {
    let rule = |number: usize| {
        format!(
            "[[rules]]\nname = \"r{number:03}\"\naction = \"stop\"\ncron = \"0 20 * * *\"\n\
             select = {{ names = [\"dev-b\"] }}\npatience = \"45s\"\ndry_run = {}\n",
            number < 256
        )
    };
    let rules: String = (0..257).map(rule).collect();
    let world = World::at(SPEED, "vpc", &down(), &rules).await;
    let is_over_for_most = |cloud: &RehearsalCloud| {
        let at: Vec<_> = cloud.requests().into_iter().map(|request| request.at).collect();
        at.last().is_some_and(|last| (*last - at[0]).num_seconds() > 50)
    };
    let words = world.fire_and_once(is_over_for_most, RehearsalCloud::clear_faults).await;
    assert!(words.contains(&"2 stopped NSTOP".to_owned()), "{words:?}");
}

#[tokio::test]
async fn a_region_that_can_never_be_read_is_not_waited_for() {
    let fleet = format!(
        "{TWO}[[faults]]\nkind = \"refuse\"\ncode = \"77777\"\nregion = \"SGN\"\n\
         on = \"{LIST}\"\n"
    );
    let world = World::at(SPEED, "vpc", &fleet, &patient()).await;
    let words = world.fire().await;
    assert_eq!((words.len(), words[0].as_str()), (2, "1 stopped NSTOP"), "{words:?}");
    assert!(words[1].starts_with("SGN cloud_failed: could not be listed: HTTP 400"), "{words:?}");
    let wholes = world.cloud.requests().into_iter().filter(|r| r.instances.is_empty());
    assert_eq!(wholes.filter(|r| r.action == LIST).count(), 2, "each region once");
}

#[tokio::test]
async fn keys_refused_in_one_region_end_the_looks_in_all_others() {
    let fleet = format!(
        "{TWO}[[faults]]\nkind = \"denied\"\nregion = \"SGN\"\non = \"{LIST}\"\n\
         [[faults]]\nkind = \"slow\"\ndelay = \"20s\"\nregion = \"KR\"\n"
    );
    let world = World::at(SPEED, "vpc", &fleet, ALL).await;
    let words = world.fire().await;
    assert_eq!(words.len(), 1, "{words:?}");
    assert!(words[0].starts_with("all cloud_failed: the keys were refused"), "{words:?}");
    let requests = world.cloud.requests();
    let calls: Vec<_> = requests.iter().map(|r| (r.action, r.http_status)).collect();
    assert_eq!(world.stop_requests(), 0, "{calls:?}");
    assert_eq!(calls.iter().filter(|(action, _)| *action == LIST).count(), 2, "{calls:?}");
}

#[tokio::test]
async fn keys_refused_in_a_late_region_end_the_following_of_the_others() {
    let fleet =
        format!("{}[[servers]]\nname = \"dev-c\"\nno = \"3\"\nnever_stops = true\n", down());
    let world = World::at(SPEED, "vpc", &fleet, &patient()).await;
    let is_settled = |cloud: &RehearsalCloud| {
        let last = cloud.requests().pop().map(|request| request.instances).unwrap_or_default();
        last == [InstanceNo::new("3").unwrap()]
    };
    let denied = Fault { region: Some("SGN".to_owned()), ..Fault::new("*", FaultKind::Denied) };
    let refuse_keys = |cloud: &RehearsalCloud| {
        cloud.clear_faults();
        cloud.add_fault(denied.clone());
    };
    let words = world.fire_and_once(is_settled, refuse_keys).await;
    assert_eq!((words.len(), words[0].as_str()), (3, "1 stopped NSTOP"), "{words:?}");
    assert!(words[1].starts_with("3 unknown RUN: its state could not be read: "), "{words:?}");
    assert!(words[2].starts_with("all cloud_failed: the keys were refused"), "{words:?}");
    let denied = world.cloud.requests().into_iter().filter(|r| r.http_status == Some(401));
    assert!(denied.count() <= 2, "one more may have been under way");
}

#[tokio::test]
async fn a_region_not_read_when_the_process_ends_is_read_by_the_next_one() {
    let world = World::at(SPEED, "vpc", &down(), &patient()).await;
    assert!(world.fire_and_end(is_stopped).await >= 1);
    world.cloud.clear_faults();
    let (words, cloud) = world.end_and_begin_anew().await;
    assert_eq!(words, ["1 stopped NSTOP", "2 stopped NSTOP"]);
    assert_eq!(cloud.counts().requests_for("stopServerInstances"), 2);
}

#[tokio::test]
async fn a_firing_that_is_taken_over_after_its_patience_lets_no_other_server_in() {
    let fleet = "[[servers]]\nname = \"dev-a\"\nno = \"1\"\nnever_stops = true\n\
        [[servers]]\nname = \"qa-b\"\nno = \"2\"\n";
    let rule = impatient().replace("\"*\"", "\"dev-*\"");
    let world = World::of(fleet, &rule).await;
    let is_asked = |cloud: &RehearsalCloud| cloud.counts().requests_for("stopServerInstances") > 0;
    assert_eq!(world.fire_and_end(is_asked).await, 1);
    world.cloud.rename(&InstanceNo::new("2").unwrap(), "dev-b");
    world.let_pass(Duration::from_secs(31)).await;
    let (words, cloud) = world.end_and_begin_anew().await;
    assert_eq!(words, ["1 timed_out RUN: accepted, and still RUN, operation SHTDN"]);
    assert_eq!(cloud.counts().requests_for("stopServerInstances"), 1);
}

#[tokio::test]
async fn a_classic_server_is_followed_in_whatever_zone_it_lies() {
    let fleet = "[[servers]]\nname = \"dev-a\"\nno = \"1\"\nplatform = \"classic\"\n\
        stop_takes = \"5s\"\n[[servers]]\nname = \"dev-b\"\nno = \"2\"\nplatform = \"classic\"\n\
        zone = \"KR-2\"\nstop_takes = \"5s\"\n";
    for zone_left_out in ["first", "all"] {
        let fleet = format!("zone_left_out = \"{zone_left_out}\"\n{fleet}");
        let world = World::on("classic", &fleet, ALL).await;
        assert_eq!(world.fire().await, ["1 stopped NSTOP", "2 stopped NSTOP"], "{zone_left_out}");
    }
}

#[tokio::test]
async fn a_guard_counts_a_slow_region_before_a_firing_decides_about_another() {
    // The tags of `dev-c` are read on their own while the list of Korea is on its way.
    let fleet = format!(
        "{TWO}[[servers]]\nname = \"dev-c\"\nno = \"3\"\nregion = \"SGN\"\ntags = {{ env = \"dev\" }}\n\
         [[faults]]\non = \"{LIST}\"\nkind = \"slow\"\ndelay = \"20s\"\nregion = \"KR\"\n"
    );
    let protect = "[protect]\ntags = { env = \"prod*\" }\n";
    let rules = format!("{protect}{}max_instances = 2\n", patient());
    let world = World::at(SPEED, "vpc", &fleet, &rules).await;
    assert_eq!(world.fire().await, ["all too_many: 3 instances, max_instances = 2"]);
}
