//! What the page and monitoring read: firings in short, what was last seen, what was added.

use std::collections::BTreeMap;
use std::time::Duration;

use lightsout::audit::{
    AnswerCount, AuditLog, EndedOutcome, FiringSummary, SettledCount, StatusCount, Tally, Trigger,
};
use lightsout::cloud::Accepted;
use lightsout::cloud::codes;
use lightsout::model::instance::{AccountName, Action, Instance, RuleName};
use lightsout::model::outcome::Outcome;
use lightsout::model::reason::Reason;
use lightsout::model::settlement::Settlement;

use super::{World, ask, kr, main_account, no, noon, running};

fn settled(number: &str, outcome: Outcome, reason: Option<&str>) -> Settlement {
    Settlement {
        instance: Some(no(number)),
        region: Some(kr()),
        outcome,
        reason: reason.map(|words| Reason::from(words.to_owned())),
        status_after: None,
        hold: None,
    }
}

async fn stop(log: &AuditLog, firing: lightsout::model::ids::FiringId, number: &str) {
    let asked = log.request(firing, &main_account(), ask(&kr()), &[no(number)]).await.unwrap();
    let accepted = Accepted {
        http_status: 200,
        request_id: None,
        return_code: "0".to_owned(),
        return_message: None,
    };
    log.answer(asked.request.unwrap().0, &Ok(accepted)).await.unwrap();
}

#[tokio::test]
async fn firings_stand_in_the_order_they_fell_due_with_their_outcomes_counted() {
    let world = World::new();
    let (log, file) = world.writer().await;
    let by_hand = world.fire(&log, "late-night", file).await;
    let targets = ["1", "2", "3"].map(|number| running(number, "web"));
    let all: Vec<&Instance> = targets.iter().collect();
    log.targets(by_hand, &all, &[]).await.unwrap();
    let words = [
        settled("1", Outcome::Stopped, None),
        settled("2", Outcome::Skipped, Some("protected")),
        settled("3", Outcome::Skipped, Some("busy: RUN, operation SETUP")),
    ];
    log.settle(by_hand, &words).await.unwrap();
    log.end_firing(by_hand).await.unwrap();
    // Found later, and due an hour before.
    let due = noon() - Duration::from_secs(3_600);
    let missed = world.claim("night", Trigger::Late(due), file);
    log.miss(&[(missed, "away".to_owned())]).await.unwrap();
    let open = world.claim("night", Trigger::Schedule(noon()), file);
    let open = log.claim(&[open]).await.unwrap()[0].unwrap();

    let reader = world.reader().await;
    let firings = reader.firings_since(noon(), 10).await.unwrap();
    let gist = |firing: &FiringSummary| (firing.rule.clone(), firing.due_at, firing.is_open);
    let expected = [
        ("night".to_owned(), due, false),
        ("late-night".to_owned(), noon(), false),
        ("night".to_owned(), noon(), true),
    ];
    assert_eq!(firings.iter().map(gist).collect::<Vec<_>>(), expected);
    let reason = |words: &str| Some(Reason::from(words.to_owned()));
    let counts = BTreeMap::from([
        ((Outcome::Stopped, None), 1),
        ((Outcome::Skipped, reason("protected")), 1),
        ((Outcome::Skipped, reason("busy: RUN, operation SETUP")), 1),
    ]);
    assert_eq!(firings[1].counts, counts);
    let newest = reader.firings_since(noon(), 1).await.unwrap();
    assert_eq!(newest.iter().map(|it| it.firing).collect::<Vec<_>>(), [open], "the newest stays");
    let later = noon() + Duration::from_secs(1);
    assert_eq!(reader.firings_since(later, 10).await.unwrap(), []);
}

#[tokio::test]
async fn each_instance_counts_under_its_last_status_in_each_account() {
    let world = World::new();
    let (log, _) = world.writer().await;
    let reader = world.reader().await;
    assert_eq!(reader.statuses().await.unwrap(), []);
    let other = AccountName::new("other").unwrap();
    let stopped = |number| Instance { status: codes::status("NSTOP"), ..running(number, "web") };
    for (hours, (account, seen)) in (0..).zip([
        (main_account(), running("1", "web")),
        (main_account(), running("10", "web")),
        (main_account(), running("2", "web")),
        (main_account(), stopped("1")),
        (other.clone(), running("1", "db")),
    ]) {
        let seen_at = noon() + Duration::from_secs(3_600 * hours);
        log.seen(&account, &[&seen], seen_at).await.unwrap();
    }
    let count = |account: &str, status: &str, instances| StatusCount {
        account: account.to_owned(),
        status: status.to_owned(),
        instances,
    };
    let expected = [count("main", "NSTOP", 1), count("main", "RUN", 2), count("other", "RUN", 1)];
    assert_eq!(reader.statuses().await.unwrap(), expected);
    let seen = reader.last_states(&no("1")).await.unwrap();
    let seen: Vec<_> =
        seen.iter().map(|it| (&*it.account, &*it.instance_name, &*it.status)).collect();
    assert_eq!(seen, [("main", "web", "NSTOP"), ("other", "db", "RUN")]);
    assert_eq!(reader.last_states(&no("3")).await.unwrap(), []);
}

#[tokio::test]
async fn what_was_added_after_an_entry_is_counted_once() {
    let world = World::new();
    let (log, file) = world.writer().await;
    let reader = world.reader().await;
    let begin = reader.newest().await.unwrap();
    let due = world.claim("night", Trigger::Schedule(noon() - Duration::from_millis(250)), file);
    let firing = log.claim(&[due]).await.unwrap()[0].unwrap();
    log.targets(firing, &[&running("1", "web")], &[]).await.unwrap();
    stop(&log, firing, "1").await;
    let middle = reader.tally(begin).await.unwrap();
    let answered = AnswerCount {
        action: "stop".to_owned(),
        result: "accepted".to_owned(),
        http_status: Some(200),
        return_code: Some("0".to_owned()),
        requests: 1,
    };
    let expected = Tally {
        through: middle.through,
        ended: vec![],
        settled: vec![],
        answered: vec![answered],
        lateness_ms: vec![250],
    };
    assert_eq!(middle, expected);
    log.settle(firing, &[settled("1", Outcome::Refused, None)]).await.unwrap();
    log.end_firing(firing).await.unwrap();
    let rest = reader.tally(middle.through).await.unwrap();
    let (action, outcome) = ("stop".to_owned(), "refused".to_owned());
    let ended = EndedOutcome {
        firing: firing.into(),
        action: action.clone(),
        outcome: Some(outcome.clone()),
    };
    let expected = Tally {
        through: rest.through,
        ended: vec![ended],
        settled: vec![SettledCount { action, outcome, instances: 1 }],
        answered: vec![],
        lateness_ms: vec![],
    };
    assert_eq!(rest, expected);
    assert_eq!(
        reader.tally(rest.through).await.unwrap(),
        Tally { ended: vec![], settled: vec![], ..rest }
    );
}

#[tokio::test]
async fn the_last_success_is_of_the_schedule_and_without_trouble() {
    let world = World::new();
    let (log, file) = world.writer().await;
    let rules = [RuleName::new("night").unwrap(), RuleName::new("late-night").unwrap()];
    let asked: Vec<_> = rules.iter().map(|rule| (rule, Action::Stop)).collect();
    let mut ended = Vec::new();
    let outcomes = [Outcome::Stopped, Outcome::Skipped, Outcome::Refused, Outcome::Missed];
    for outcome in outcomes {
        world.clock.skip(Duration::from_secs(60));
        let due = world.claim("night", Trigger::Schedule(world.now()), file);
        let firing = log.claim(&[due]).await.unwrap()[0].unwrap();
        log.targets(firing, &[&running("1", "web")], &[]).await.unwrap();
        let settled = match outcome {
            // Its process died before it had chosen, and nobody could carry it on.
            Outcome::Missed => Settlement::of_firing(outcome, Reason::RuleGone),
            _ => settled("1", outcome, None),
        };
        log.settle(firing, &[settled]).await.unwrap();
        log.end_firing(firing).await.unwrap();
        ended.push(world.now());
    }
    let by_hand = world.fire(&log, "late-night", file).await;
    log.end_firing(by_hand).await.unwrap();
    let successes = world.reader().await.last_successes(&asked).await.unwrap();
    assert_eq!(successes, [("night".to_owned(), "stop".to_owned(), ended[1])]);
}
