//! Whole firings, in this process: the real client, stopper and log against the rehearsal cloud.

mod calls;
mod eligibilities;
mod failures;
mod guards;
mod holds;
mod matrix;
mod refusals;
mod regions;
mod rights;
mod tags;
mod truth;
mod world;

use world::World;

/// A rule that stops everything.
const ALL: &str = "[[rules]]\nname = \"night\"\naction = \"stop\"\ncron = \"0 20 * * *\"\n\
    select = { names = [\"*\"] }\npatience = \"5m\"\n";
const ONE: &str = "[[servers]]\nname = \"dev-a\"\nno = \"1\"\nstop_takes = \"5s\"\n";

/// `lines` with a rule's patience of half a minute.
fn impatient() -> String {
    ALL.replace("5m", "30s")
}

/// `ALL` with time enough for a slow machine, where nothing waits it out.
fn patient() -> String {
    ALL.replace("5m", "30m")
}

#[tokio::test]
async fn a_dev_server_is_stopped_and_the_log_can_prove_it() {
    let rule = ALL.replace("names = [\"*\"]", "tags = { env = \"dev\" }");
    let fleet =
        format!("{ONE}tags = {{ env = \"dev\" }}\n[[servers]]\nname = \"qa\"\nno = \"2\"\n");
    let world = World::of(&fleet, &rule).await;
    assert_eq!(world.fire().await, ["1 stopped NSTOP"]);
    let asked: Vec<_> =
        world.cloud.requests().into_iter().filter(|r| r.action == "stopServerInstances").collect();
    let line = &world.history().await[0];
    assert_eq!(asked.len(), 1);
    assert!(asked[0].request_id.is_some());
    assert_eq!(
        (&line.request_id, line.http_status, line.return_code.as_deref()),
        (&asked[0].request_id, Some(200), Some("0"))
    );
    assert_eq!(
        (line.status_before.as_deref(), line.status_after.as_deref(), line.trigger.as_str()),
        (Some("RUN"), Some("NSTOP"), "manual")
    );
    assert!(world.story().await.ended_at.is_some());
    assert_eq!((world.stops_of("1"), world.stops_of("2")), ((1, 1), (0, 0)));
}

#[tokio::test]
async fn a_start_is_a_stop_in_the_mirror() {
    let fleet = "[[servers]]\nname = \"a\"\nno = \"1\"\nstatus = \"NSTOP\"\nstart_takes = \"5s\"\n\
        [[servers]]\nname = \"b\"\nno = \"2\"\n";
    let world = World::of(fleet, &ALL.replace("\"stop\"", "\"start\"")).await;
    assert_eq!(world.fire().await, ["1 started RUN", "2 already RUN"]);
    let counts = world.cloud.counts();
    assert_eq!(counts.requests_for("startServerInstances"), 1);
    assert_eq!(counts.total().starts, 1);
    assert_eq!(world.stop_requests(), 0);
}

#[tokio::test]
async fn classic_servers_are_stopped_by_their_own_api() {
    let fleet = "[[servers]]\nname = \"old\"\nno = \"1\"\nplatform = \"classic\"\n\
        tags = { env = \"dev\" }\nstop_takes = \"5s\"\n\
        [[servers]]\nname = \"old-2\"\nno = \"3\"\nplatform = \"classic\"\nzone = \"KR-2\"\n\
        [[servers]]\nname = \"new\"\nno = \"2\"\ntags = { env = \"dev\" }\n";
    let rule = ALL.replace("names = [\"*\"]", "tags = { env = \"dev\" }");
    let world = World::on("classic", fleet, &rule).await;
    assert_eq!(world.fire().await, ["1 stopped NSTOP"]);
    assert_eq!(world.history().await[0].return_code.as_deref(), Some("0"));
    assert_eq!((world.stops_of("1"), world.stops_of("2")), ((1, 1), (0, 0)));
}

#[tokio::test]
async fn forty_five_instances_take_three_requests() {
    let fleet = "[[servers]]\nname = \"dev\"\nno = \"100\"\ncount = 45\nstop_takes = \"5s\"\n";
    let world = World::of(fleet, ALL).await;
    let expected: Vec<_> = (100..145).map(|no| format!("{no} stopped NSTOP")).collect();
    assert_eq!(world.fire().await, expected);
    assert_eq!((world.stop_requests(), world.cloud.counts().total().stops), (3, 45));
}

#[tokio::test]
async fn two_firings_at_once_ask_an_instance_once() {
    let world = World::of(ONE, &format!("{ALL}{}", ALL.replace("night", "dusk"))).await;
    assert_eq!(world.fire().await, ["1 already NSTOP", "1 stopped NSTOP"]);
    assert_eq!(world.stops_of("1"), (1, 1));
}
