//! Which servers that did not stop last night are said to be tried again tonight.

use chrono::{DateTime, TimeDelta, Utc};
use lightsout::audit::Trigger;
use lightsout::model::outcome::Outcome;
use lightsout::model::settlement::Settlement;
use lightsout::verdict::{Present, Verdict};

use super::{World, kr, no, running};

#[tokio::test]
async fn a_server_that_has_stopped_since_is_not_tried_again() {
    let world = World::new();
    let (log, file) = world.writer().await;
    let stops = async |rule: &str, trigger, outcomes: [Outcome; 2]| {
        let claim = world.claim(rule, trigger, file);
        let firing = log.claim(&[claim]).await.unwrap()[0].unwrap();
        let [one, two] = [running("1", "web-1"), running("2", "web-2")];
        let end = |number: &str, outcome| Settlement {
            instance: Some(no(number)),
            region: Some(kr()),
            outcome,
            reason: None,
            status_after: None,
            hold: None,
        };
        let ends = [end("1", outcomes[0]), end("2", outcomes[1])];
        log.targets(firing, &[&one, &two], &ends).await.unwrap();
        log.end_firing(firing).await.unwrap();
    };
    let due: DateTime<Utc> = "2026-11-23T20:00:00+09:00".parse().unwrap();
    stops("night", Trigger::Schedule(due), [Outcome::Refused, Outcome::Refused]).await;
    world.clock.step(TimeDelta::days(1));
    stops("late-night", Trigger::Manual, [Outcome::Stopped, Outcome::Refused]).await;
    world.clock.step(TimeDelta::seconds(1));
    let present = Present {
        now: world.now(),
        zone: world.schedules.timezone,
        has_log: true,
        schedules: Some(&world.schedules),
        daemon: None,
        sources: &[],
        holds: &[],
        cluster: None,
    };
    let verdict = Verdict::read(Some(&world.reader().await), present, None).await.unwrap();
    let (last_night, tonight) = (&verdict.last_night, &verdict.tonight);
    assert_eq!((last_night.troubled.len(), tonight.so_far.off), (2, 1));
    assert_eq!((tonight.coming.len(), tonight.servers, tonight.tried_again), (1, 2, 1));
}
