//! Targets that are told of a stop before it comes.

use lightsout::cloud::codes;
use lightsout::cloud::rehearsal::{Fault, FaultKind};
use lightsout::hold::Hold;
use lightsout::model::instance::InstanceNo;
use lightsout::model::subject::Subject;
use serde_json::Value;

use super::world::{World, seoul};
use super::{FLEET, MORNING, NIGHT};
use crate::wait;

const TOLD: &str =
    "[[notify]]\nname = \"me\"\ncommand = [\"true\"]\non = [\"ahead\"]\nahead = \"20m\"\n";

const TWO: &str = "[[servers]]\nname = \"dev-a\"\nno = \"1\"\nstop_takes = \"5s\"\n\
    [[servers]]\nname = \"dev-b\"\nno = \"2\"\nstop_takes = \"5s\"\n\
    [[servers]]\nname = \"dev-off\"\nno = \"3\"\nstatus = \"NSTOP\"\n";

impl World {
    /// The notices of stops to come, with the times at which they were recorded.
    async fn foretold(&self) -> Vec<(i64, Value)> {
        let sql = "SELECT entry.at, notice.body FROM notice JOIN entry ON entry.seq = notice.seq \
            WHERE event = 'ahead' ORDER BY notice.seq";
        let rows: Vec<(i64, String)> =
            sqlx::query_as(sql).fetch_all(&mut self.raw().await).await.unwrap();
        rows.into_iter().map(|(at, body)| (at, serde_json::from_str(&body).unwrap())).collect()
    }
}

#[tokio::test]
async fn a_target_hears_once_whom_a_stop_means_and_how_each_is_held() {
    let rules = format!("{NIGHT}{MORNING}{TOLD}");
    let world = World::at("2026-11-23T19:30:00", TWO).await;
    let daemon = world.start(&rules).await;
    world.pass_to("2026-11-23T19:39:30");
    wait::until_so("it is told", async || world.foretold().await.len() == 1).await;
    daemon.end().await;
    let (at, body) = world.foretold().await.remove(0);
    let due = seoul("2026-11-23T19:40:00").timestamp_millis();
    assert!(at >= due, "not before its time");
    assert_eq!(body["text"], "at 2026-11-23 20:00 night is to stop 2 servers: dev-a, dev-b");
    let how = ["dev-a: lightsout hold 1 --tonight", "dev-b: lightsout hold 2 --tonight"];
    assert_eq!(body["details"], serde_json::json!(how));
    assert_eq!(body["ahead"]["at"], "2026-11-23T20:00:00+09:00");
    assert_eq!(body["ahead"]["servers"][1]["instance_no"], "2");
    // The next daemon finds the same stop, and tells nobody again.
    // Whoever is off by then is not meant.
    let daemon = world.start(&rules).await;
    world.pass_to("2026-11-23T20:00:05");
    world.settled(3).await;
    let (running, quiet) = (codes::status("RUN"), codes::operation("NULL"));
    world.cloud.set_status(&InstanceNo::new("2").unwrap(), running, quiet);
    world.pass_to("2026-11-24T19:41:00");
    wait::until_so("the next one is told", async || world.foretold().await.len() == 2).await;
    daemon.end().await;
    let (_, body) = world.foretold().await.remove(1);
    assert_eq!(body["text"], "at 2026-11-24 20:00 night is to stop 1 server: dev-b");
}

#[tokio::test]
async fn what_is_held_is_not_foretold_and_what_a_guard_will_stop_is_told_as_such() {
    let world = World::at("2026-11-23T19:30:00", TWO).await;
    let page = "[web]\nurl = \"https://lights.example.com/\"\n";
    let rules = format!("{NIGHT}max_instances = 2\n{TOLD}language = \"ko\"\n{page}");
    let daemon = world.start(&rules).await;
    world.pass_to("2026-11-23T19:41:00");
    wait::until_so("it is told", async || world.foretold().await.len() == 1).await;
    daemon.end().await;
    let (_, body) = world.foretold().await.remove(0);
    let text = "2026-11-23 20:00에 night 규칙으로 정지할 서버 없음: 서버 수 초과: 서버 3대, max_instances = 2; \
        https://lights.example.com/rules/night";
    assert_eq!(body["text"], text);
    assert_eq!(body.get("details"), None, "{body}");

    let world = World::at("2026-11-23T19:30:00", TWO).await;
    let hand = world.hand(NIGHT).await;
    let (subject, until) = (Subject::Instance("dev-a".to_owned()), seoul("2026-11-23T21:00:00"));
    let hold = Hold { subject, until, skip: false, why: None, who: "kim@desk".to_owned() };
    hand.dispatch.audit.hold(&hold).await.unwrap();
    let daemon = world.start(&format!("{NIGHT}{TOLD}{page}")).await;
    world.pass_to("2026-11-23T19:41:00");
    wait::until_so("it is told", async || world.foretold().await.len() == 1).await;
    daemon.end().await;
    let (_, body) = world.foretold().await.remove(0);
    let how = ["dev-b: https://lights.example.com/hold?server=2"];
    assert_eq!(body["details"], serde_json::json!(how));
}

/// The same firing as that of `NIGHT`, for one server.
fn also(name: &str, server: &str) -> String {
    format!(
        "[[rules]]\nname = \"{name}\"\naction = \"stop\"\ncron = \"0 20 * * *\"\n\
        select = {{ names = [\"{server}\"] }}\n"
    )
}

#[tokio::test]
async fn stops_of_one_instant_are_one_notice_and_one_that_is_new_is_told_alone() {
    let world = World::at("2026-11-23T19:30:00", TWO).await;
    let rules = also("a", "dev-a") + &also("b", "dev-*") + "max_instances = 2\n" + &also("c", "*");
    let daemon = world.start(&format!("{rules}{TOLD}")).await;
    world.pass_to("2026-11-23T19:41:00");
    wait::until_so("it is told", async || world.foretold().await.len() == 1).await;
    daemon.end().await;
    let (_, body) = world.foretold().await.remove(0);
    let text = "at 2026-11-23 20:00 3 rules are to stop 2 servers: a (dev-a); nothing by b: \
        too_many: 3 instances, max_instances = 2; c (dev-a, dev-b)";
    assert_eq!(body["text"], text);
    let ahead = &body["ahead"];
    let key =
        |key: &str| [&ahead["rules"][0][key], &ahead["rules"][1][key], &ahead["rules"][2][key]];
    assert_eq!(key("rule"), ["a", "b", "c"]);
    assert_eq!(key("servers"), [1, 2, 2]);
    assert_eq!((&ahead["rule"], &ahead["servers"][0]["rule"]), (&"a".into(), &"a".into()));
    assert_eq!(ahead["servers"].as_array().unwrap().len(), 2, "each server once");
    // Whoever is told in Korean hears of them anew, and the other only of the rule that is new.
    let korean = TOLD.replace("\"me\"", "\"ko\"") + "language = \"ko\"\n";
    let rules = rules + &also("d", "dev-b") + TOLD + &korean;
    let daemon = world.start(&rules).await;
    world.pass_to("2026-11-23T19:42:00");
    wait::until_so("both are told", async || world.foretold().await.len() == 3).await;
    daemon.end().await;
    let [_, (_, alone), (_, korean)] = &world.foretold().await[..] else { panic!("three") };
    assert_eq!(alone["text"], "at 2026-11-23 20:00 d is to stop 1 server: dev-b");
    let text = "2026-11-23 20:00에 규칙 4개로 서버 2대를 정지할 예정: a (dev-a); b 규칙으로 정지할 서버 없음: \
        서버 수 초과: 서버 3대, max_instances = 2; c (dev-a, dev-b); d (dev-b)";
    assert_eq!(korean["text"], text);
}

#[tokio::test]
async fn of_very_many_rules_a_notice_names_some_and_nobody_is_told_twice() {
    let world = World::at("2026-11-23T19:30:00", TWO).await;
    let rules: String = (1..=60).map(|no| also(&format!("r{no}"), "dev-a")).collect();
    for until in ["2026-11-23T19:41:00", "2026-11-23T19:50:00"] {
        let daemon = world.start(&format!("{rules}{TOLD}")).await;
        world.pass_to(until);
        wait::until_so("it is told", async || world.foretold().await.len() == 1).await;
        daemon.end().await;
    }
    let (_, body) = world.foretold().await.remove(0);
    let ahead = &body["ahead"];
    let counts = (ahead["rules"].as_array().unwrap().len(), &ahead["rules_left_out"]);
    assert_eq!(counts, (50, &10.into()));
    assert_eq!(
        (&ahead["servers_left_out"], body["details"].as_array().unwrap().len()),
        (&0.into(), 1)
    );
}

#[tokio::test]
async fn an_account_that_cannot_be_read_at_first_is_told_of_as_soon_as_it_can_be() {
    let world = World::at("2026-11-23T19:30:00", FLEET).await;
    let daemon = world.start(&format!("{NIGHT}{TOLD}")).await;
    world.cloud.add_fault(Fault::new("getServerInstanceList", FaultKind::ErrorBefore));
    let before = world.cloud.counts().requests_for("getServerInstanceList");
    world.pass_to("2026-11-23T19:41:00");
    let asked = async || world.cloud.counts().requests_for("getServerInstanceList") > before;
    wait::until_so("it is asked for", asked).await;
    assert!(world.foretold().await.is_empty());
    world.cloud.clear_faults();
    world.pass_to("2026-11-23T19:44:00");
    wait::until_so("it is told", async || world.foretold().await.len() == 1).await;
    daemon.end().await;
}
