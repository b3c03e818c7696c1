//! What the cloud says no to, and what a server's own state stands in the way of.

use lightsout::cloud::codes;
use lightsout::model::instance::InstanceNo;

use super::world::World;
use super::{ALL, ONE, impatient};

const LIST: &str = "getServerInstanceList";
/// The account is read, and what was read is old when it arrives.
const SLOW_LIST: &str = "[[faults]]\non = \"getServerInstanceList\"\nkind = \"slow\"\n\
    delay = \"10s\"\ntimes = 1\n";

#[tokio::test]
async fn one_bad_instance_of_twenty_is_found_with_few_requests() {
    let fleet = "[[servers]]\nname = \"dev\"\nno = \"100\"\ncount = 19\nstop_takes = \"5s\"\n\
        [[servers]]\nname = \"bad\"\nno = \"119\"\n\
        refuse = { code = \"77777\", message = \"no.\" }\n";
    let world = World::of(fleet, ALL).await;
    let mut expected: Vec<_> = (100..119).map(|no| format!("{no} stopped NSTOP")).collect();
    let refused = "119 refused RUN: asked 8 times; HTTP 400, return code 77777 (no.)";
    expected.push(refused.to_owned());
    assert_eq!(world.fire().await, expected);
    let requests = world.stop_requests();
    assert!(requests <= 14, "{requests} requests");
    assert_eq!(world.cloud.counts().total().needless_stops, 0);
}

#[tokio::test]
async fn one_that_vanished_is_refused_and_the_others_stop() {
    let fleet = format!("{SLOW_LIST}[[servers]]\nname = \"dev\"\nno = \"1\"\ncount = 3\n");
    let world = World::of(&fleet, ALL).await;
    let gone = InstanceNo::new("2").unwrap();
    let words = world.fire_and_after(LIST, |cloud| cloud.remove(&gone)).await;
    assert_eq!(
        words,
        [
            "1 stopped NSTOP",
            "2 refused RUN: asked once; no longer in the server list",
            "3 stopped NSTOP"
        ]
    );
    assert_eq!(world.history().await[1].return_code.as_deref(), Some("24120"));
}

#[tokio::test]
async fn one_that_vanished_alone_is_refused_with_the_clouds_words() {
    let world = World::of(&format!("{SLOW_LIST}{ONE}"), ALL).await;
    let gone = InstanceNo::new("1").unwrap();
    let words = world.fire_and_after(LIST, |cloud| cloud.remove(&gone)).await;
    let text = "The input parameter server instance number is invalid.";
    assert_eq!(words, [format!("1 refused RUN: asked once; HTTP 400, return code 24120 ({text})")]);
}

#[tokio::test]
async fn one_that_vanishes_after_it_was_asked_is_unknown() {
    let world = World::of(&format!("{ONE}never_stops = true\n"), ALL).await;
    let no = InstanceNo::new("1").unwrap();
    let words = world.fire_and_after("stopServerInstances", |cloud| cloud.remove(&no)).await;
    assert_eq!(words, ["1 unknown: asked, and no longer in the server list"]);
}

#[tokio::test]
async fn of_a_batch_that_failed_in_part_the_rest_counts_as_stopped() {
    let fleet = "batch = \"partial\"\n\
        [[servers]]\nname = \"dev\"\nno = \"1\"\ncount = 2\nstop_takes = \"5s\"\n\
        [[servers]]\nname = \"bad\"\nno = \"3\"\nrefuse = { code = \"77777\", message = \"no.\" }\n";
    let world = World::of(fleet, &impatient()).await;
    let words = world.fire().await;
    assert_eq!(words[..2], ["1 stopped NSTOP", "2 stopped NSTOP"]);
    assert!(words[2].starts_with("3 refused RUN: asked "), "{words:?}");
    assert_eq!((world.stops_of("1"), world.stops_of("2")), ((1, 1), (1, 1)));
}

#[tokio::test]
async fn one_that_is_in_the_way_for_a_while_is_asked_again() {
    let world = World::of(&format!("{ONE}refuse = {{ code = \"25041\", times = 2 }}\n"), ALL).await;
    assert_eq!(world.fire().await, ["1 stopped NSTOP"]);
    assert_eq!(world.stops_of("1"), (3, 1));
    let codes: Vec<_> =
        world.story().await.requests.into_iter().filter_map(|r| r.return_code).collect();
    assert_eq!(codes, ["25041", "25041", "0"]);
}

#[tokio::test]
async fn what_vpc_has_no_table_for_is_asked_again_and_passes() {
    let storage = "The storage assigned to the server is in operation.";
    for (code, message, times) in
        [("1100031", "x", 6), ("1007009", "x", 6), ("1999999", storage, 6), ("77777", "no.", 3)]
    {
        // Alone, and in a batch with one that is not refused.
        for count in [1, 2] {
            let refuse = format!("code = \"{code}\", message = \"{message}\", times = {times}");
            let fleet = format!(
                "{ONE}refuse = {{ {refuse} }}\n[[servers]]\nname = \"b\"\nno = \"2\"\n\
                 stop_takes = \"5s\"\n"
            );
            let rules = if count == 1 { ALL.replace("\"*\"", "\"dev-a\"") } else { ALL.to_owned() };
            let world = World::of(&fleet, &rules).await;
            let expected = ["1 stopped NSTOP", "2 stopped NSTOP"];
            assert_eq!(world.fire().await, expected[..count], "{code}");
            assert_eq!(world.stops_of("1"), (times + 1, 1), "{code}");
        }
    }
}

#[tokio::test]
async fn one_that_is_refused_for_a_reason_nobody_knows_is_asked_four_times_with_growing_pauses() {
    let world = World::of(&format!("{ONE}refuse = {{ code = \"77777\" }}\n"), ALL).await;
    let text = "The request was refused.";
    let expected = format!("1 refused RUN: asked 4 times; HTTP 400, return code 77777 ({text})");
    assert_eq!(world.fire().await, [expected]);
    let requests = world.cloud.requests();
    let at: Vec<_> =
        requests.iter().filter(|r| r.action == "stopServerInstances").map(|r| r.at).collect();
    let pauses: Vec<_> = at.windows(2).map(|two| (two[1] - two[0]).num_seconds()).collect();
    assert!(pauses[0] >= 2 && pauses[1] >= 4 && pauses[2] >= 8, "{pauses:?}");
}

#[tokio::test]
async fn one_that_somebody_else_stopped_in_between_is_already_there() {
    let world = World::of(&format!("{SLOW_LIST}{ONE}"), ALL).await;
    let no = InstanceNo::new("1").unwrap();
    let words = world
        .fire_and_after(LIST, |cloud| {
            cloud.set_status(&no, codes::status("NSTOP"), codes::operation("NULL"));
        })
        .await;
    assert_eq!(words, ["1 already NSTOP"]);
    assert_eq!(world.history().await[0].return_code.as_deref(), Some("28005"));
    assert_eq!(world.stops_of("1"), (1, 0));
}

#[tokio::test]
async fn one_that_never_stops_times_out() {
    let world = World::of(&format!("{ONE}never_stops = true\n"), &impatient()).await;
    assert_eq!(world.fire().await, ["1 timed_out RUN: accepted, and still RUN, operation SHTDN"]);
    assert_eq!(world.stops_of("1"), (1, 1));
}

#[tokio::test]
async fn one_that_is_busy_all_through_patience_is_skipped() {
    let world = World::of(&format!("{ONE}operation = \"SETUP\"\n"), &impatient()).await;
    assert_eq!(world.fire().await, ["1 skipped RUN: busy: RUN, operation SETUP"]);
    assert_eq!(world.stop_requests(), 0);
}

#[tokio::test]
async fn one_that_is_busy_for_a_while_is_waited_for() {
    let world = World::of(&format!("{ONE}operation = \"SETUP\"\nbusy_for = \"20s\"\n"), ALL).await;
    assert_eq!(world.fire().await, ["1 stopped NSTOP"]);
    assert_eq!(world.stops_of("1"), (1, 1));
}

#[tokio::test]
async fn a_shutdown_that_fails_is_no_stop() {
    let world = World::of(&format!("{ONE}stop_ends_in = \"SD_FL\"\n"), &impatient()).await;
    assert_eq!(
        world.fire().await,
        ["1 timed_out SD_FL: accepted, and still SD_FL, operation NULL"]
    );
    assert_eq!(world.stops_of("1"), (1, 1));
}

#[tokio::test]
async fn one_that_is_refused_in_part_all_through_patience_is_refused_with_the_answer() {
    let world = World::of(&format!("{ONE}refuse = {{ code = \"22001\" }}\n"), &impatient()).await;
    let words = world.fire().await;
    assert_eq!(words.len(), 1, "{words:?}");
    assert!(words[0].starts_with("1 refused RUN: asked "), "{words:?}");
    assert!(words[0].contains("HTTP 400, return code 22001"), "{words:?}");
    let (asked, stopped) = world.stops_of("1");
    assert!(asked > 2 && stopped == 0, "asked {asked} times");
}

#[tokio::test]
async fn one_that_another_firing_has_asked_for_is_waited_for_longer_than_patience() {
    let other = ALL.replace("night", "other");
    let rules = format!("{ALL}{other}").replace("5m", "20s");
    let world = World::of(&ONE.replace("5s", "50s"), &rules).await;
    let words = world.fire().await;
    assert!(words[0].starts_with("1 already NSTOP"), "{words:?}");
    assert!(words[1].starts_with("1 timed_out RUN: accepted, and still RUN"), "{words:?}");
    assert_eq!(world.stops_of("1"), (1, 1));
}
