//! The history, a firing's story and what is in flight.

use std::time::Duration;

use lightsout::audit::{FiringProgress, HistoryFilter, HistoryLine, Trigger, Wanted};
use lightsout::cloud::Accepted;
use lightsout::model::ids::FiringId;
use lightsout::model::outcome::Outcome;
use lightsout::model::reason::Reason;
use lightsout::model::settlement::Settlement;
use lightsout::schedule::Schedules;

use super::{RULES, World, ask, kr, main_account, no, noon, running};

pub(crate) fn all() -> HistoryFilter {
    HistoryFilter::default()
}

/// A scheduled firing of `night` at noon that stopped `web-1` and is still about `web-2`; a
/// minute later a firing of `late-night` by hand, of which a word was said as a whole.
async fn two_firings(world: &World) -> (FiringId, FiringId) {
    let (log, file) = world.writer().await;
    let due = world.claim("night", Trigger::Schedule(noon()), file);
    let first = log.claim(&[due]).await.unwrap()[0].unwrap();
    log.targets(first, &[&running("1", "web-1"), &running("2", "web-2")], &[]).await.unwrap();
    let (account, kr) = (main_account(), kr());
    let asked = log.request(first, &account, ask(&kr), &[no("1")]).await.unwrap();
    let accepted = Accepted {
        http_status: 200,
        request_id: Some("r-1".to_owned()),
        return_code: "0".to_owned(),
        return_message: Some("success".to_owned()),
    };
    log.answer(asked.request.unwrap().0, &Ok(accepted)).await.unwrap();
    world.clock.skip(Duration::from_secs(60));
    let stopped = Settlement {
        instance: Some(no("1")),
        region: Some(kr),
        outcome: Outcome::Stopped,
        reason: None,
        status_after: Some("NSTOP".to_owned()),
        hold: None,
    };
    log.settle(first, &[stopped]).await.unwrap();
    let second = world.fire(&log, "late-night", file).await;
    let whole =
        Settlement::of_firing(Outcome::NothingMatched, Reason::from("no such name".to_owned()));
    log.settle(second, &[whole]).await.unwrap();
    log.end_firing(second).await.unwrap();
    (first, second)
}

/// What tells lines apart: the rule, the instance and the outcome.
fn gist(lines: &[HistoryLine]) -> Vec<String> {
    let or_none = |text: &Option<String>| text.clone().unwrap_or("-".to_owned());
    let gist = |line: &HistoryLine| {
        format!("{} {} {}", line.rule, or_none(&line.instance_name), or_none(&line.outcome))
    };
    lines.iter().map(gist).collect()
}

#[tokio::test]
async fn a_line_says_everything_under_the_promised_names() {
    let world = World::new();
    let (first, _) = two_firings(&world).await;
    let filter = HistoryFilter { outcomes: vec![Wanted::Outcome(Outcome::Stopped)], ..all() };
    let lines = world.reader().await.history(&filter).await.unwrap();
    assert_eq!(
        serde_json::to_string(&lines).unwrap(),
        format!(
            "[{{\"firing\":{first},\"rule\":\"night\",\"action\":\"stop\",\
             \"trigger\":\"schedule\",\"scheduled_at\":\"2026-11-23T12:00:00.123Z\",\
             \"started_at\":\"2026-11-23T12:00:00.123Z\",\"account\":\"main\",\
             \"region\":\"KR\",\"instance_no\":\"1\",\"instance_name\":\"web-1\",\
             \"requested_at\":\"2026-11-23T12:00:00.123Z\",\"request_id\":\"r-1\",\
             \"http_status\":200,\"return_code\":\"0\",\"return_message\":\"success\",\
             \"status_before\":\"RUN\",\"status_after\":\"NSTOP\",\"outcome\":\"stopped\",\
             \"reason\":null,\"settled_at\":\"2026-11-23T12:01:00.123Z\",\
             \"reason_code\":null,\"override\":null}}]"
        )
    );
}

#[tokio::test]
async fn a_firing_of_an_override_says_so_by_the_text_under_which_it_fired() {
    let mut world = World::new();
    let demo = "[[overrides]]\nrules = ['late-night']\nfrom = '2026-11-24'\nuntil = '2026-11-24'\n\
        cron = '30 22 * * *'\nbecause = 'a demo'\n";
    let text = format!("{RULES}{demo}");
    world.schedules = Schedules::parse(&world.schedules.path, &text).unwrap().0;
    let (log, file) = world.writer().await;
    for due in ["2026-11-23T23:00:00+09:00", "2026-11-24T22:30:00+09:00"] {
        let due = Trigger::Schedule(due.parse().unwrap());
        log.claim(&[world.claim("late-night", due, file)]).await.unwrap();
    }
    let of_both = |lines: &[HistoryLine]| -> Vec<Option<String>> {
        lines.iter().map(|line| line.changed.clone()).collect()
    };
    let reader = world.reader().await;
    let lines = reader.history(&all()).await.unwrap();
    let demo = Some("at `30 22 * * *` on 2026-11-24 (a demo)".to_owned());
    assert_eq!(of_both(&lines), [demo.clone(), None]);
    let story = reader.show(FiringId::from(lines[0].firing)).await.unwrap().unwrap();
    assert_eq!(of_both(&story.lines), [demo]);
}

#[tokio::test]
async fn every_filter_keeps_what_it_says() {
    let world = World::new();
    two_firings(&world).await;
    let reader = world.reader().await;
    let (later, text) = (noon() + Duration::from_secs(60), |text: &str| Some(text.to_owned()));
    let [whole, one, two] =
        ["late-night - nothing_matched", "night web-1 stopped", "night web-2 -"];
    for (filter, expected) in [
        (all(), vec![whole, one, two]),
        (HistoryFilter { limit: 2, ..all() }, vec![whole, one]),
        (HistoryFilter { rule: text("night"), ..all() }, vec![one, two]),
        (HistoryFilter { rule: text("nigh"), ..all() }, vec![]),
        (HistoryFilter { instance: text("web-2"), ..all() }, vec![two]),
        (HistoryFilter { instance: text("1"), ..all() }, vec![one]),
        (
            HistoryFilter { outcomes: vec![Wanted::Outcome(Outcome::NothingMatched)], ..all() },
            vec![whole],
        ),
        (HistoryFilter { since: Some(later), ..all() }, vec![whole]),
        (HistoryFilter { until: Some(noon()), ..all() }, vec![one, two]),
        (HistoryFilter { since: Some(noon()), until: Some(later), ..all() }, vec![whole, one, two]),
        (
            HistoryFilter {
                instance: text("2"),
                outcomes: vec![Wanted::Outcome(Outcome::Stopped)],
                ..all()
            },
            vec![],
        ),
    ] {
        let lines = reader.history(&filter).await.unwrap();
        assert_eq!(gist(&lines), expected, "{filter:?}");
    }
}

#[tokio::test]
async fn pages_of_any_size_are_the_whole_history_in_order() {
    let world = World::new();
    two_firings(&world).await;
    let reader = world.reader().await;
    let whole = reader.history(&all()).await.unwrap();
    for limit in [1, 2, 3] {
        let mut pages = Vec::new();
        let mut page = HistoryFilter { limit, ..all() };
        loop {
            let lines = reader.history(&page).await.unwrap();
            let Some(last) = lines.last() else { break };
            page.after = Some(last.place());
            pages.extend(lines);
        }
        assert_eq!(pages, whole, "{limit} lines a page");
    }
}

#[tokio::test]
async fn what_is_open_is_in_flight_until_its_firing_ends() {
    let world = World::new();
    let (first, _) = two_firings(&world).await;
    let reader = world.reader().await;
    assert_eq!(gist(&reader.in_flight().await.unwrap()), ["night web-2 -"]);
    let (log, file) = world.writer().await;
    world.fire(&log, "night", file).await;
    assert_eq!(gist(&reader.in_flight().await.unwrap()), ["night - -", "night web-2 -"]);
    log.end_firing(first).await.unwrap();
    assert_eq!(gist(&reader.in_flight().await.unwrap()), ["night - -"]);
}

#[tokio::test]
async fn progress_counts_what_is_to_be_stopped_and_what_was_seen_stopped() {
    let world = World::new();
    let (first, second) = two_firings(&world).await;
    let reader = world.reader().await;
    let progress = |chosen, done, waiting: &[&str]| FiringProgress {
        chosen,
        done,
        waiting: waiting.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(reader.progress(first).await.unwrap(), progress(2, 1, &["web-2"]));
    assert_eq!(reader.progress(second).await.unwrap(), progress(0, 0, &[]));
    let (log, _) = world.writer().await;
    let kept = Settlement {
        instance: Some(no("2")),
        region: Some(kr()),
        outcome: Outcome::Skipped,
        reason: Some(Reason::Protected),
        status_after: None,
        hold: None,
    };
    log.settle(first, &[kept]).await.unwrap();
    assert_eq!(reader.progress(first).await.unwrap(), progress(1, 1, &[]));
}

#[tokio::test]
async fn a_story_holds_lines_requests_and_who_wrote_them() {
    let world = World::new();
    let (first, second) = two_firings(&world).await;
    let reader = world.reader().await;
    let story = reader.show(first).await.unwrap().unwrap();
    assert_eq!(gist(&story.lines), ["night web-1 stopped", "night web-2 -"]);
    let request = &story.requests[0];
    assert_eq!(request.instances, ["1"]);
    assert_eq!(request.result.as_deref(), Some("accepted"));
    assert_eq!((request.http_status, request.request_id.as_deref()), (Some(200), Some("r-1")));
    assert_eq!((story.dry_run, story.ended_at, story.requests.len()), (false, None, 1));
    assert_eq!((&*story.session.writer, story.taken_over_by), ("fire", vec![]));
    assert_eq!(story.file_sha256.len(), 64);
    let story = reader.show(second).await.unwrap().unwrap();
    assert_eq!(story.ended_at.as_deref(), Some("2026-11-23T12:01:00.123Z"));
    assert_eq!(reader.show(FiringId::from(1)).await.unwrap(), None);
}
