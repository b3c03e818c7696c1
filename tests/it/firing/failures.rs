//! What a firing comes to when the cloud, or the way to it, fails.

use std::fs::Permissions;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use lightsout::clock::{Clock, RehearsalClock};
use lightsout::cloud::rehearsal::{Fleet, RehearsalCloud};

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
async fn a_lost_answer_is_not_asked_again_where_the_list_lags_behind() {
    let fleet = format!("list_lag = \"5s\"\n{STRUCK_STOP}kind = \"reset_after\"\n{ONE}");
    let world = World::of(&fleet.replace("stop_takes = \"5s\"", "stop_takes = \"20s\""), ALL).await;
    assert_eq!(world.fire().await, ["1 stopped NSTOP"]);
    assert_eq!(world.stops_of("1"), (1, 1));
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
async fn what_was_accepted_before_the_keys_were_refused_is_followed_to_its_end() {
    let fleet = "[[faults]]\non = \"stopServerInstances\"\nkind = \"refuse\"\nstatus = 401\n\
        code = \"200\"\ntimes = 1\n[[servers]]\nname = \"dev\"\nno = \"100\"\ncount = 40\n\
        stop_takes = \"20s\"\n";
    let world = World::of(fleet, ALL).await;
    let words = world.fire().await;
    let count = |what: &str| words.iter().filter(|word| word.contains(what)).count();
    assert_eq!((words.len(), count(" stopped NSTOP")), (41, 20), "{words:?}");
    assert_eq!(count(" refused RUN: asked once; the keys were refused: HTTP 401"), 20, "{words:?}");
    assert_eq!(count("all cloud_failed: the keys were refused: HTTP 401"), 1, "{words:?}");
    assert_eq!(world.stop_requests(), 2);
}

#[tokio::test]
async fn a_401_without_a_code_on_one_request_is_a_refusal_of_what_it_names() {
    let fleet = "[[faults]]\non = \"stopServerInstances\"\nkind = \"refuse\"\nstatus = 401\n\
        code = \"\"\ntimes = 1\n[[servers]]\nname = \"dev\"\nno = \"100\"\ncount = 4\n";
    let world = World::of(fleet, ALL).await;
    let expected: Vec<_> = (100..104).map(|no| format!("{no} stopped NSTOP")).collect();
    assert_eq!(world.fire().await, expected);
    assert_eq!(world.stop_requests(), 3);
}

#[tokio::test]
async fn unread_tags_protect_every_instance_that_protect_asks_them_of() {
    let fleet = format!("[[faults]]\non = \"resources\"\nkind = \"error_before\"\n{ONE}");
    let rules = format!("[protect]\ntags = {{ env = \"prod\" }}\n{}", impatient());
    let world = World::of(&fleet, &rules).await;
    let words = world.fire().await;
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
async fn a_list_of_tags_that_repeats_its_first_page_protects_those_on_no_page_too() {
    let fleet = "[[faults]]\non = \"resources\"\nkind = \"repeat_page\"\n\
                 [[servers]]\nname = \"prod\"\nno = \"1001\"\ncount = 150\n\
                 tags = { env = \"prod\" }\n";
    let rules = format!("[protect]\ntags = {{ env = \"prod\" }}\n{}", impatient());
    let world = World::of(fleet, &format!("{rules}max_instances = 200\n")).await;
    let words = world.fire().await;
    let is_left =
        |word: &&String| word.ends_with("skipped RUN: protected: its tags could not be read");
    assert_eq!(words.iter().filter(is_left).count(), 150, "{words:?}");
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

#[tokio::test]
async fn where_tags_cannot_be_read_only_what_asks_for_them_fails() {
    let fleet = format!("[[faults]]\non = \"resources\"\nkind = \"error_before\"\n{ONE}");
    let by_tag = impatient().replace("names = [\"*\"]", "tags = { env = \"dev\" }");
    let rules = format!("{by_tag}{}", impatient().replace("night", "by-name"));
    let world = World::of(&fleet, &rules).await;
    let words = world.fire().await;
    assert_eq!((words.len(), words[0].as_str()), (2, "1 stopped NSTOP"), "{words:?}");
    assert!(words[1].starts_with("KR cloud_failed: its tags could not be read: "), "{words:?}");
    let lines = world.history().await;
    let settled_at = |rule: &str| {
        let line = lines.iter().find(|line| line.rule == rule).unwrap();
        line.settled_at.clone().unwrap()
    };
    assert!(settled_at("by-name") < settled_at("night"), "the one held the other up");
}

#[tokio::test]
async fn unread_tags_except_every_instance_that_except_asks_them_of() {
    let fleet = format!("[[faults]]\non = \"resources\"\nkind = \"error_before\"\n{ONE}");
    let rules = format!("{}except = {{ tags = {{ keep = \"*\" }} }}\n", impatient());
    let world = World::of(&fleet, &rules).await;
    let words = world.fire().await;
    assert_eq!(
        (words.len(), &*words[0]),
        (2, "1 skipped RUN: excepted: its tags could not be read")
    );
    assert!(
        words[1].starts_with("KR cloud_failed: its tags could not be read: no answer"),
        "{words:?}"
    );
    assert_eq!(world.stop_requests(), 0);
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_no_answer_and_the_stop_is_found_all_the_same() {
    let fault = format!("{STRUCK_STOP}kind = \"slow\"\ndelay = \"10m\"\n{ONE}");
    let world = World::soon_given_up(120, &fault, &ALL.replace("5m", "20m")).await;
    assert_eq!(world.fire().await, ["1 stopped NSTOP"]);
    assert_eq!(world.stops_of("1"), (1, 1));
    let result = world.story().await.requests[0].result.clone();
    assert_eq!(result.as_deref(), Some("unanswered"));
}

#[tokio::test]
async fn an_account_whose_cloud_is_down_does_not_hold_up_another() {
    let evening = "2026-11-23T11:00:00Z".parse().unwrap();
    let clock: Arc<dyn Clock> = RehearsalClock::new(evening, 100);
    let fleet = Fleet::parse(&ONE.replace("\"1\"", "\"2\"")).unwrap();
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let other = RehearsalCloud::serve(fleet, clock, listen).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    let (access, secret) = (other.access_key(), other.secret_key());
    let text = format!("ncloud_access_key_id = {access}\nncloud_secret_access_key = {secret}\n");
    std::fs::write(&keys, text).unwrap();
    std::fs::set_permissions(&keys, Permissions::from_mode(0o600)).unwrap();
    let rules = format!(
        "[accounts.other]\nplatform = \"vpc\"\ngateway = \"{}\"\ncredentials = \"file:{}\"\n\
         {ALL}account = \"main\"\n{}account = \"other\"\n",
        other.base_url(),
        keys.display(),
        ALL.replace("night", "elsewhere")
    );
    let fleet = format!("[[faults]]\nkind = \"error_before\"\n{ONE}");
    let world = World::at(100, "vpc", &fleet, &rules).await;
    let words = world.fire().await;
    assert_eq!((words.len(), words[0].as_str()), (2, "2 stopped NSTOP"), "{words:?}");
    assert!(words[1].starts_with("all cloud_failed: no answer: HTTP 503"), "{words:?}");
    let lines = world.history().await;
    let ended = |rule: &str| {
        let settled = lines.iter().find(|line| line.rule == rule).unwrap().settled_at.clone();
        settled.unwrap().parse::<DateTime<Utc>>().unwrap()
    };
    assert!((ended("night") - ended("elsewhere")).num_seconds() > 120);
}

#[tokio::test]
async fn forty_regions_are_asked_no_faster_than_the_rate() {
    let codes: Vec<String> = (10..50).map(|no| format!("\"R{no}\"")).collect();
    let server = |no: u8| {
        format!(
            "[[servers]]\nname = \"dev\"\nno = \"{no}\"\nregion = \"R{no}\"\nstop_takes = \"5s\"\n"
        )
    };
    let servers: String = (10..50).map(server).collect();
    let fleet = format!("regions = [{}]\n{servers}", codes.join(", "));
    let world = World::of(&fleet, ALL).await;
    let expected: Vec<String> = (10..50).map(|no| format!("{no} stopped NSTOP")).collect();
    assert_eq!(world.fire().await, expected);
    let at: Vec<_> = world.cloud.requests().into_iter().map(|request| request.at).collect();
    for (first, begin) in at.iter().enumerate() {
        for (last, end) in at.iter().enumerate().skip(first) {
            // A second for the way, on a clock that is thirty times as fast.
            let allowed = 20 + ((*end - *begin).num_milliseconds() + 1_000) / 100;
            let calls = i64::try_from(last - first).unwrap() + 1;
            assert!(calls <= allowed, "{calls} calls between {begin} and {end}");
        }
    }
    assert!(
        (at[40] - at[0]).num_milliseconds() >= 1_500,
        "the burst is twenty: {:?}",
        at[40] - at[0]
    );
}

#[tokio::test]
async fn of_very_many_firings_the_others_wait_their_turn_and_lose_no_patience() {
    // The only list comes after the patience of the first 256, and before that of the others.
    let fleet = format!(
        "[[faults]]\non = \"getServerInstanceList\"\nkind = \"slow\"\ndelay = \"80s\"\ntimes = 1\n{ONE}"
    );
    let rule = |number: usize| {
        format!(
            "[[rules]]\nname = \"r{number:03}\"\naction = \"stop\"\ncron = \"0 20 * * *\"\n\
             select = {{ names = [\"*\"] }}\npatience = \"45s\"\ndry_run = true\n"
        )
    };
    let rules: String = (0..260).map(rule).collect();
    let world = World::at(300, "vpc", &fleet, &rules).await;
    world.fire().await;
    let mut told: Vec<_> =
        world.history().await.into_iter().map(|line| (line.rule, line.outcome.unwrap())).collect();
    told.sort();
    let failed = told.iter().take_while(|(_, outcome)| outcome == "cloud_failed").count();
    assert_eq!((failed, told.len()), (256, 260), "{:?}", &told[250..]);
    assert!(told[256..].iter().all(|(_, outcome)| outcome == "dry_run"), "{:?}", &told[250..]);
}
