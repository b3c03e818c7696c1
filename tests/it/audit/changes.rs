//! What others changed, told apart from what was asked, and who stopped what.

mod stopped_by;

use std::time::Duration;

use lightsout::audit::{AuditLog, ChangeFilter, FactsQuery, StoppedBy};
use lightsout::cloud::codes;
use lightsout::cloud::{Accepted, CloudError, Denial, Meaning, Refusal};
use lightsout::model::ids::{FileId, FiringId};
use lightsout::model::instance::{AccountName, Action, Instance};
use lightsout::model::outcome::Outcome;
use lightsout::model::settlement::Settlement;

use super::tampering::verify;
use super::{World, ask, kr, main_account, no, noon, running};

const MINUTE: Duration = Duration::from_secs(60);

/// A log, and instance 1 in it.
struct Scene {
    world: World,
    log: AuditLog,
    file: FileId,
}

type Answer = Result<Accepted, CloudError>;

fn accepted() -> Accepted {
    Accepted {
        http_status: 200,
        request_id: None,
        return_code: "0".to_owned(),
        return_message: None,
    }
}

fn in_state(status: &str, operation: &str) -> Instance {
    Instance {
        status: codes::status(status),
        operation: codes::operation(operation),
        ..running("1", "web-1")
    }
}

impl Scene {
    async fn new() -> Self {
        let world = World::new();
        let (log, file) = world.writer().await;
        Self { world, log, file }
    }

    async fn saw(&self, state: &str) {
        self.saw_in(&main_account(), state).await;
    }

    async fn saw_in(&self, account: &AccountName, state: &str) {
        let (status, operation) = state.split_once('/').unwrap_or((state, "NULL"));
        let instance = in_state(status, operation);
        self.log.seen(account, &[&instance], self.world.now()).await.unwrap();
    }

    fn pass(&self, length: Duration) {
        self.world.clock.skip(length);
    }

    /// A firing that asks for the action, is answered like that, and is still open.
    async fn asks(&self, action: Action, answer: Option<Answer>) -> FiringId {
        let firing = self.world.fire(&self.log, "night", self.file).await;
        self.log.targets(firing, &[&in_state("RUN", "NULL")], &[]).await.unwrap();
        let region = kr();
        let ask = lightsout::audit::Ask { action, ..ask(&region) };
        let asked = self.log.request(firing, &main_account(), ask, &[no("1")]).await.unwrap();
        if let Some(answer) = answer {
            self.log.answer(asked.request.unwrap().0, &answer).await.unwrap();
        }
        firing
    }

    async fn ends(&self, firing: FiringId, outcome: Outcome) {
        let settled = Settlement {
            instance: Some(no("1")),
            region: Some(kr()),
            ..Settlement::of_firing(outcome, None)
        };
        self.log.settle(firing, &[settled]).await.unwrap();
        self.log.end_firing(firing).await.unwrap();
    }

    /// A whole firing that stops it in a minute.
    async fn is_stopped(&self) {
        let firing = self.asks(Action::Stop, Some(Ok(accepted()))).await;
        self.pass(MINUTE);
        self.saw("NSTOP").await;
        self.ends(firing, Outcome::Stopped).await;
    }

    /// Each change as `account from-to minutes minutes`, newest first; minutes since noon.
    async fn changes(&self) -> Vec<String> {
        let filter = ChangeFilter { instance: None, since: None, until: None, limit: 100 };
        let lines = self.world.reader().await.changes(&filter).await.unwrap();
        let minutes = |at: &str| {
            (at.parse::<chrono::DateTime<chrono::Utc>>().unwrap() - noon()).num_minutes()
        };
        let line = |line: &lightsout::audit::ChangeLine| {
            format!(
                "{} {}-{} {} {}",
                line.account,
                line.status_before,
                line.status_after,
                minutes(&line.unseen_since),
                minutes(&line.seen_at)
            )
        };
        lines.iter().map(line).collect()
    }

    async fn stopped_by(&self, state: &str) -> StoppedBy {
        let (status, operation) = state.split_once('/').unwrap_or((state, "NULL"));
        self.stopped_this(&in_state(status, operation)).await
    }

    async fn stopped_this(&self, instance: &Instance) -> StoppedBy {
        let (account, now) = (main_account(), self.world.now());
        let query = FactsQuery {
            stopped: vec![(vec![instance], now)],
            ..FactsQuery::of(&account, Action::Start, now)
        };
        let by = self.log.facts_for(&query).await.unwrap().stopped_by;
        let read = self.world.reader().await.facts_for(&query).await.unwrap().stopped_by;
        assert_eq!(by, read, "a reader says the same");
        by[&instance.no]
    }
}

const NOBODY: [&str; 0] = [];

#[tokio::test]
async fn a_change_lies_between_the_last_look_and_the_one_that_found_it() {
    let scene = Scene::new().await;
    scene.saw("RUN").await;
    assert_eq!(scene.changes().await, NOBODY, "first seen is no change");
    for _ in 0..2 {
        scene.pass(15 * MINUTE);
        scene.saw("RUN").await;
    }
    scene.pass(15 * MINUTE);
    scene.saw("NSTOP").await;
    scene.pass(15 * MINUTE);
    scene.saw("NSTOP").await;
    scene.saw("NSTOP/START").await;
    scene.pass(MINUTE);
    scene.saw("RUN").await;
    assert_eq!(scene.changes().await, ["main NSTOP-RUN 60 61", "main RUN-NSTOP 30 45"]);
    assert!(verify(&scene.world, None).await.sound);
}

#[tokio::test]
async fn what_a_request_may_have_done_is_nobody_else_s_doing() {
    let denied = CloudError::Denied { refusal: Refusal::default(), because: Denial::Keys };
    let refused = CloudError::Refused { refusal: Refusal::default(), meaning: Meaning::Unknown };
    let unanswered = CloudError::Unanswered { detail: "silence".to_owned(), http_status: None };
    let unreadable = CloudError::Unreadable { detail: String::new(), http_status: 200 };
    for (case, action, answer, is_change) in [
        ("accepted", Action::Stop, Some(Ok(accepted())), false),
        ("no answer recorded", Action::Stop, None, false),
        ("unanswered", Action::Stop, Some(Err(unanswered)), false),
        ("unreadable", Action::Stop, Some(Err(unreadable)), false),
        ("refused", Action::Stop, Some(Err(refused)), true),
        ("denied", Action::Stop, Some(Err(denied)), true),
        ("not sent", Action::Stop, Some(Err(CloudError::NotSent(String::new()))), true),
        ("the other way", Action::Start, Some(Ok(accepted())), true),
    ] {
        let scene = Scene::new().await;
        scene.saw("RUN").await;
        scene.pass(MINUTE);
        let firing = scene.asks(action, answer).await;
        scene.ends(firing, Outcome::Unknown).await;
        scene.pass(20 * MINUTE);
        scene.saw("NSTOP").await;
        let changes = if is_change { vec!["main RUN-NSTOP 0 21"] } else { vec![] };
        assert_eq!(scene.changes().await, changes, "{case}");
        let by = scene.stopped_by("NSTOP").await;
        assert_eq!(by == StoppedBy::Us, !is_change, "{case}: {by:?}");
    }
}

#[tokio::test]
async fn a_stop_that_takes_an_hour_longer_than_its_firing_is_ours() {
    let scene = Scene::new().await;
    scene.saw("RUN").await;
    scene.pass(MINUTE);
    let firing = scene.asks(Action::Stop, Some(Ok(accepted()))).await;
    scene.saw("RUN/SHTDN").await;
    scene.pass(10 * MINUTE);
    scene.ends(firing, Outcome::TimedOut).await;
    scene.pass(60 * MINUTE);
    scene.saw("NSTOP").await;
    assert_eq!(scene.changes().await, NOBODY);
    assert_eq!(scene.stopped_by("NSTOP").await, StoppedBy::Us);
}

#[tokio::test]
async fn a_request_explains_what_came_of_it_and_nothing_after_that() {
    let scene = Scene::new().await;
    scene.saw("RUN").await;
    scene.is_stopped().await;
    scene.pass(10 * MINUTE);
    scene.saw("RUN").await;
    scene.pass(10 * MINUTE);
    scene.saw("NSTOP").await;
    assert_eq!(scene.changes().await, ["main RUN-NSTOP 11 21", "main NSTOP-RUN 1 11"]);
    let (unseen_since, seen_at) = (noon() + 11 * MINUTE, noon() + 21 * MINUTE);
    assert_eq!(scene.stopped_by("NSTOP").await, StoppedBy::Others { unseen_since, seen_at });
}

#[tokio::test]
async fn what_a_list_that_lags_behind_shows_is_not_believed() {
    let scene = Scene::new().await;
    scene.saw("RUN").await;
    scene.is_stopped().await;
    scene.pass(Duration::from_secs(5));
    scene.saw("RUN").await;
    scene.pass(MINUTE);
    scene.saw("NSTOP").await;
    assert_eq!(scene.changes().await, NOBODY);
    // A look that began before the one above, and took until now.
    let before = scene.world.now() - Duration::from_secs(30);
    let old = in_state("RUN", "NULL");
    scene.log.seen(&main_account(), &[&old], before).await.unwrap();
    scene.pass(MINUTE);
    scene.saw("NSTOP").await;
    assert_eq!(scene.changes().await, NOBODY);
    assert_eq!(scene.stopped_by("NSTOP").await, StoppedBy::Us);
}

#[tokio::test]
async fn a_reading_may_take_minutes_until_it_is_recorded_and_no_longer() {
    let set_back = ["main NSTOP-RUN 31 20"];
    for (minutes, changes) in [(9, &NOBODY[..]), (11, &set_back[..])] {
        let scene = Scene::new().await;
        scene.saw("RUN").await;
        scene.pass(20 * MINUTE);
        let begun_at = scene.world.now();
        scene.is_stopped().await;
        scene.pass((minutes - 1) * MINUTE);
        scene.saw("NSTOP").await;
        let old = in_state("RUN", "NULL");
        scene.log.seen(&main_account(), &[&old], begun_at).await.unwrap();
        assert_eq!(scene.changes().await, changes, "{minutes} minutes");
        if changes.is_empty() {
            assert_eq!(scene.stopped_by("NSTOP").await, StoppedBy::Us);
        }
    }
}

#[tokio::test]
async fn a_refusal_is_nobody_s_doing_once_it_is_known_whose_it_was() {
    let (both, alone) = (["1", "2"].map(no), ["1"].map(no));
    for (case, asked, is_ours) in [
        ("together", [&both[..]].as_slice(), true),
        ("together and then alone", &[&both, &alone], false),
        ("alone and then together", &[&alone, &both], true),
    ] {
        let scene = Scene::new().await;
        scene.saw("RUN").await;
        scene.pass(MINUTE);
        let firing = scene.world.fire(&scene.log, "night", scene.file).await;
        let instances = [in_state("RUN", "NULL"), running("2", "web-2")];
        scene.log.targets(firing, &instances.each_ref(), &[]).await.unwrap();
        for instances in asked {
            let kr = kr();
            let ask = ask(&kr);
            let asked = scene.log.request(firing, &main_account(), ask, instances).await.unwrap();
            let no = CloudError::Refused { refusal: Refusal::default(), meaning: Meaning::Unknown };
            scene.log.answer(asked.request.unwrap().0, &Err(no)).await.unwrap();
        }
        scene.ends(firing, Outcome::Refused).await;
        scene.pass(20 * MINUTE);
        scene.saw("NSTOP").await;
        let by = scene.stopped_by("NSTOP").await;
        let (unseen_since, seen_at) = (noon(), scene.world.now());
        let others = StoppedBy::Others { unseen_since, seen_at };
        assert_eq!(by, if is_ours { StoppedBy::Us } else { others }, "{case}");
    }
}

#[tokio::test]
async fn the_same_number_in_another_account_is_another_server() {
    let scene = Scene::new().await;
    let other = AccountName::new("other").unwrap();
    scene.saw("RUN").await;
    scene.saw_in(&other, "RUN").await;
    scene.is_stopped().await;
    scene.saw_in(&other, "NSTOP").await;
    assert_eq!(scene.changes().await, ["other RUN-NSTOP 0 1"]);
}

#[tokio::test]
async fn a_server_that_was_gone_is_compared_with_what_it_was_when_it_was_last_seen() {
    let scene = Scene::new().await;
    scene.saw("RUN").await;
    scene.pass(MINUTE);
    scene.saw("RUN").await;
    scene.pass(60 * MINUTE);
    let other = running("2", "web-2");
    scene.log.seen(&main_account(), &[&other], scene.world.now()).await.unwrap();
    scene.pass(MINUTE);
    scene.saw("NSTOP").await;
    assert_eq!(scene.changes().await, ["main RUN-NSTOP 1 62"]);
}
