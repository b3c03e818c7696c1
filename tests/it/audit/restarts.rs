//! What others started after a rule had stopped it, and the stop that is owed for it.

use std::time::Duration;

use lightsout::audit::AuditLog;
use lightsout::cloud::codes;
use lightsout::model::ids::{FileId, FiringId};
use lightsout::model::instance::{Action, Instance, Status};
use lightsout::model::outcome::Outcome;
use lightsout::model::settlement::Settlement;
use lightsout::schedule::Rule;
use lightsout::schedule::observe::OnManualStart;

use super::tampering::verify;
use super::{World, ask, kr, main_account, no, noon, running};

const HOUR: Duration = Duration::from_secs(3_600);

fn web(status: Status) -> Instance {
    Instance { status, ..running("1", "web-1") }
}

/// A rule that stops, another one, and an instance.
struct Scene {
    world: World,
    log: AuditLog,
    file: FileId,
}

impl Scene {
    /// At noon the instance ran; an hour later the rule was about it, and this came of it.
    async fn after(outcome: Outcome) -> Self {
        let world = World::new();
        let (log, file) = world.writer().await;
        let scene = Self { world, log, file };
        scene.saw(codes::status("RUN")).await;
        let firing = scene.fires("night", outcome).await;
        scene.saw(codes::status("NSTOP")).await;
        scene.log.end_firing(firing).await.unwrap();
        scene
    }

    async fn saw(&self, status: Status) {
        self.world.clock.skip(HOUR);
        self.log.seen(&main_account(), &[&web(status)], self.world.now()).await.unwrap();
    }

    async fn fires(&self, rule: &str, outcome: Outcome) -> FiringId {
        let firing = self.world.fire(&self.log, rule, self.file).await;
        let settled = Settlement {
            instance: Some(no("1")),
            region: Some(kr()),
            ..Settlement::of_firing(outcome, None)
        };
        self.log.targets(firing, &[&web(codes::status("RUN"))], &[settled]).await.unwrap();
        let region = kr();
        let ask = lightsout::audit::Ask { action: Action::Stop, ..ask(&region) };
        if outcome == Outcome::Stopped {
            self.log.request(firing, &main_account(), ask, &[no("1")]).await.unwrap();
        }
        firing
    }

    /// How many were started again, of those the rule may be about.
    async fn count(&self, rule: &str) -> usize {
        self.log.restarts(self.world.rule(rule), &[no("1"), no("2")]).await.unwrap().len()
    }
}

#[tokio::test]
async fn what_a_rule_stopped_and_somebody_started_is_told_with_when_and_by_which_firing() {
    let scene = Scene::after(Outcome::Stopped).await;
    assert_eq!(scene.count("night").await, 0, "nobody started it");
    let stopped_at = scene.world.now();
    scene.saw(codes::status("RUN")).await;
    let restarts = scene.log.restarts(scene.world.rule("night"), &[no("1")]).await.unwrap();
    let [restart] = &restarts[..] else { panic!("{restarts:?}") };
    assert_eq!(
        (&*restart.instance_no, &*restart.instance_name, &*restart.region),
        ("1", "web-1", "KR")
    );
    assert_eq!((restart.unseen_since, restart.seen_at), (stopped_at, scene.world.now()));
    assert_eq!(scene.count("late-night").await, 0, "another rule has not stopped it");
}

#[tokio::test]
async fn only_what_the_rule_s_last_firing_left_stopped_counts() {
    for (outcome, count) in [
        (Outcome::Stopped, 1),
        (Outcome::Already, 1),
        (Outcome::TimedOut, 1),
        (Outcome::Skipped, 0),
        (Outcome::Refused, 0),
    ] {
        let scene = Scene::after(outcome).await;
        scene.saw(codes::status("RUN")).await;
        assert_eq!(scene.count("night").await, count, "{outcome}");
    }
}

#[tokio::test]
async fn what_was_wanted_otherwise_since_is_left() {
    // A firing that was about it after it was started, and asked.
    let scene = Scene::after(Outcome::Stopped).await;
    scene.saw(codes::status("RUN")).await;
    scene.fires("late-night", Outcome::Stopped).await;
    assert_eq!(scene.count("night").await, 0);
    // A firing of a rule that starts, be it that it had nothing to do.
    let scene = Scene::after(Outcome::Stopped).await;
    scene.saw(codes::status("RUN")).await;
    let mut start = scene.world.rule("late-night").clone();
    start.action = Action::Start;
    let claim = lightsout::audit::Claim {
        rule: &start,
        ..scene.world.claim("night", lightsout::audit::Trigger::Manual, scene.file)
    };
    let firing = scene.log.claim(&[claim]).await.unwrap()[0].unwrap();
    scene.log.targets(firing, &[&web(codes::status("RUN"))], &[]).await.unwrap();
    assert_eq!(scene.count("night").await, 0);
}

#[tokio::test]
async fn a_stop_is_owed_once_for_each_start_and_not_for_the_past() {
    let scene = Scene::after(Outcome::Stopped).await;
    scene.saw(codes::status("RUN")).await;
    let rule = scene.world.rule("night");
    let restarts = scene.log.restarts(rule, &[no("1")]).await.unwrap();
    for (after, count) in [(2 * HOUR, 1), (2 * HOUR, 0), (3 * HOUR, 0)] {
        let owed = scene.log.owe_stops(rule, &restarts, after).await.unwrap();
        assert_eq!(owed.len(), count);
    }
    let owed = scene.log.owed(scene.world.now()).await.unwrap();
    let [owed] = &owed[..] else { panic!("{owed:?}") };
    assert_eq!((&owed.rule, owed.action, &owed.instance), (&rule.name, Action::Stop, &no("1")));
    let wanted_at = restarts[0].seen_at;
    assert_eq!((owed.wanted_at, owed.due_at), (wanted_at, wanted_at + 2 * HOUR));
    let late = Scene::after(Outcome::Stopped).await;
    late.saw(codes::status("RUN")).await;
    let restarts = late.log.restarts(late.world.rule("night"), &[no("1")]).await.unwrap();
    // An hour later than it would have been due: the rule may not be so late.
    late.world.clock.skip(3 * HOUR);
    let owed = late.log.owe_stops(late.world.rule("night"), &restarts, 2 * HOUR).await.unwrap();
    assert_eq!(owed, Vec::<&lightsout::audit::Restart>::new());
    assert!(verify(&scene.world, None).await.sound);
}

#[tokio::test]
async fn of_two_starts_the_later_counts_however_long_each_may_run() {
    for (first, second) in [(2 * HOUR, 2 * HOUR), (5 * HOUR, HOUR)] {
        let scene = Scene::after(Outcome::Stopped).await;
        let rule = scene.world.rule("night");
        let mut started_at = scene.world.now();
        for after in [first, second] {
            scene.saw(codes::status("NSTOP")).await;
            scene.saw(codes::status("RUN")).await;
            started_at = scene.world.now();
            let restarts = scene.log.restarts(rule, &[no("1")]).await.unwrap();
            scene.log.owe_stops(rule, &restarts, after).await.unwrap();
        }
        let owed = scene.log.owed(noon()).await.unwrap();
        let due: Vec<_> = owed.iter().map(|owed| (owed.wanted_at, owed.due_at)).collect();
        assert_eq!(due, [(started_at, started_at + second)]);
        let lines = scene.world.reader().await.owed(noon()).await.unwrap();
        let told: Vec<_> = lines.iter().filter_map(lightsout::audit::DeferredLine::due).collect();
        assert_eq!(told, [started_at + second]);
    }
}

#[tokio::test]
async fn what_is_owed_is_wanted_by_its_rule_for_as_long_as_that_stops_such() {
    let scene = Scene::after(Outcome::Stopped).await;
    scene.saw(codes::status("RUN")).await;
    let night = scene.world.rule("night");
    let restarts = scene.log.restarts(night, &[no("1")]).await.unwrap();
    scene.log.owe_stops(night, &restarts, 2 * HOUR).await.unwrap();
    let [line] = &scene.world.reader().await.owed(noon()).await.unwrap()[..] else { panic!() };
    let stopping = Rule { on_manual_start: OnManualStart::StopAfter(2 * HOUR), ..night.clone() };
    let disabled = Rule { enabled: false, ..stopping.clone() };
    let other = Rule { name: scene.world.rule("late-night").name.clone(), ..stopping.clone() };
    for (case, rule, is_wanted) in [
        ("it stops such", &stopping, true),
        ("it leaves such by now", night, false),
        ("it is disabled", &disabled, false),
        ("another one", &other, false),
    ] {
        assert_eq!(line.is_wanted_by(rule), is_wanted, "{case}");
    }
    let held = lightsout::audit::DeferredLine { was_held: true, ..line.clone() };
    assert!(held.is_wanted_by(night) && !held.is_wanted_by(&disabled));
}
