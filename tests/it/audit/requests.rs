//! Requests: committed before they may be sent, and never two firings at one instance.

use std::collections::HashSet;
use std::time::Duration;

use lightsout::audit::{Ask, AuditLog, Through, Writer};
use lightsout::clock::RehearsalClock;
use lightsout::model::outcome::Outcome;
use lightsout::model::settlement::Settlement;

use super::{World, ask, kr, main_account, no, running};

#[tokio::test]
async fn a_request_is_seen_by_others_before_it_may_be_sent() {
    let world = World::new();
    let (log, file) = world.writer().await;
    let firing = world.fire(&log, "night", file).await;
    let kr = kr();
    let ask = ask(&kr);
    let recorded = log.request(firing, &main_account(), ask, &[no("10"), no("9")]).await.unwrap();
    let free = recorded.request.map(|(_, free)| free);
    assert_eq!((free, recorded.held), (Some(vec![no("9"), no("10")]), vec![]));
    let story = world.reader().await.show(firing).await.unwrap().unwrap();
    let request = &story.requests[0];
    assert_eq!(request.instances, ["9", "10"]);
    assert_eq!((&*request.region, &*request.action), ("KR", "stop"));
    assert_eq!((&request.result, &request.answered_at), (&None, &None));
    assert_eq!(request.requested_at, "2026-11-23T12:00:00.123Z");
}

#[tokio::test]
async fn an_instance_is_held_by_one_firing_until_that_firing_settles_it() {
    let world = World::new();
    let (log, file) = world.writer().await;
    let first = world.fire(&log, "night", file).await;
    let second = world.fire(&log, "late-night", file).await;
    let (account, kr) = (main_account(), kr());
    let ask = ask(&kr);
    log.request(first, &account, ask, &[no("1")]).await.unwrap();
    let again = log.request(first, &account, ask, &[no("1")]).await.unwrap();
    assert_eq!(again.held, [], "a firing is not in its own way");
    let both = log.request(second, &account, ask, &[no("1"), no("2")]).await.unwrap();
    assert_eq!(both.request.map(|(_, free)| free), Some(vec![no("2")]));
    assert_eq!(both.held, [(no("1"), first)]);
    let none = log.request(second, &account, ask, &[no("1")]).await.unwrap();
    assert_eq!((none.request, none.held), (None, vec![(no("1"), first)]));
    let elsewhere = lightsout::model::instance::AccountName::new("other").unwrap();
    let other = log.request(second, &elsewhere, ask, &[no("1")]).await.unwrap();
    assert_eq!(other.held, [], "another account's number is another instance");
    let settled = Settlement {
        instance: Some(no("1")),
        region: Some(kr.clone()),
        outcome: Outcome::Stopped,
        reason: None,
        status_after: Some("NSTOP".to_owned()),
        hold: None,
    };
    log.settle(first, std::slice::from_ref(&settled)).await.unwrap();
    let after = log.request(second, &account, ask, &[no("1")]).await.unwrap();
    assert_eq!((after.request.map(|(_, free)| free), after.held), (Some(vec![no("1")]), vec![]));
    let before = Ask { seen: Through::default(), ..ask };
    let blind = log.request(first, &account, before, &[no("1")]).await.unwrap();
    assert_eq!(blind.held, [(no("1"), second)], "what was read before says nothing of it");
    log.settle(second, &[settled]).await.unwrap();
    let blind = log.request(first, &account, before, &[no("1")]).await.unwrap();
    assert_eq!(blind.held, [(no("1"), second)], "not even when all is said of it");
    let third = world.fire(&log, "night", file).await;
    let fresh = log.request(third, &account, before, &[no("1")]).await.unwrap();
    assert_eq!(fresh.held, [], "a firing that begins after all that is in nobody's way");
}

#[tokio::test]
async fn how_long_ago_a_request_was_made_is_known_within_the_boot_that_made_it() {
    let ago = Duration::from_secs(60);
    for (is_rebooted, expected) in [(false, Some(ago)), (true, None)] {
        let world = World::new();
        let (log, file) = world.writer().await;
        let firing = world.fire(&log, "night", file).await;
        log.targets(firing, &[&running("1", "web-1")], &[]).await.unwrap();
        log.request(firing, &main_account(), ask(&kr()), &[no("1")]).await.unwrap();
        drop(log);
        world.clock.skip(ago);
        let clock =
            if is_rebooted { RehearsalClock::new(world.now(), 0) } else { world.clock.clone() };
        // The wall clock says nothing of it, whatever it shows.
        clock.step(chrono::TimeDelta::days(-1));
        let heir = AuditLog::open(&world.file(), Writer::Fire, clock).await.unwrap();
        let taken = heir.take_over(&HashSet::new()).await.unwrap();
        assert_eq!(taken[0].targets[0].asked_ago, expected);
    }
}
