//! What goes over the wire, and what an accepted change gives back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use lightsout::clock::{Clock, RehearsalClock};
use lightsout::cloud::ncloud::Timeouts;
use lightsout::cloud::ncloud::client::{Call, Client};
use lightsout::cloud::ncloud::credentials::Keys;
use lightsout::cloud::ncloud::query::Query;
use lightsout::cloud::ncloud::response::Payload;
use lightsout::cloud::ncloud::signature::sign;
use lightsout::cloud::ncloud::site::Site;
use lightsout::cloud::{self, Accepted, Cloud, CloudError, Right};
use lightsout::model::instance::Action;
use lightsout::model::platform::Platform;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::far::{
    ACCESS_KEY, Far, Received, Reply, SECRET_KEY, account, client, environment, later, numbers, ok,
    region, status,
};

const STOPPED: &str = include_str!("../../ncloud/stop_accepted.xml");

/// Checks a request as the gateway does: the signature over the request line as it came.
fn assert_signed(request: &Received) {
    let keys = Keys::new(ACCESS_KEY, SECRET_KEY);
    let timestamp = request.header("x-ncp-apigw-timestamp").parse().unwrap();
    let expected = sign(&keys, &request.method, &request.target, timestamp);
    assert_eq!(request.header("x-ncp-apigw-signature-v2"), expected, "{}", request.target);
    assert_eq!(request.header("x-ncp-iam-access-key"), ACCESS_KEY);
    assert!(request.header("user-agent").starts_with("lightsout/"));
}

#[tokio::test]
async fn a_change_is_one_signed_get_and_gives_back_what_the_cloud_said() {
    let started = STOPPED.replace("stopServer", "startServer");
    let far = Far::new(move |request| match request.action() {
        "stopServerInstances" => ok(STOPPED),
        _ => ok(started.clone()),
    })
    .await;
    let accepted = Accepted {
        http_status: 200,
        request_id: Some("ee1a0910-96d2-41ca-8a1b-837f889667a2".to_owned()),
        return_code: "0".to_owned(),
        return_message: Some("success".to_owned()),
    };
    for (platform, action) in [
        (Platform::Classic, Action::Stop),
        (Platform::Vpc, Action::Stop),
        (Platform::Vpc, Action::Start),
    ] {
        let (client, _) = far.client(platform);
        let two = numbers([1_021_003, 937_507]);
        let answer = client.change(action, &region("KR"), &two).await;
        assert_eq!(answer, Ok(accepted.clone()));
    }
    let list =
        "serverInstanceNoList.1=1021003&serverInstanceNoList.2=937507&responseFormatType=xml";
    let received = far.received();
    let targets: Vec<_> = received.iter().map(|it| (&*it.method, &*it.target)).collect();
    assert_eq!(
        targets,
        [
            ("GET", &*format!("/server/v2/stopServerInstances?{list}")),
            ("GET", &*format!("/vserver/v2/stopServerInstances?regionCode=KR&{list}")),
            ("GET", &*format!("/vserver/v2/startServerInstances?regionCode=KR&{list}")),
        ]
    );
    received.iter().for_each(assert_signed);
}

#[tokio::test]
async fn a_base_url_with_a_path_is_signed_with_its_path() {
    let far = Far::new(|_| ok(STOPPED)).await;
    let account = account(&format!("{}/base/", far.url), Platform::Classic);
    let (client, _) = client(&account);
    client.change(Action::Stop, &region("KR"), &numbers([1])).await.unwrap();
    assert!(far.received()[0].target.starts_with("/base/server/v2/stopServerInstances?"));
    assert_signed(&far.received()[0]);
}

#[tokio::test]
async fn what_is_signed_is_byte_for_byte_what_is_on_the_wire() {
    let far = Far::new(|_| ok("{}")).await;
    let url: reqwest::Url = far.url.parse().unwrap();
    let site = Site { gateway: url.clone(), resource_manager: url.clone(), proxy: None };
    let clock = RehearsalClock::new("2026-11-23T11:00:00Z".parse().unwrap(), 1_000);
    let keys = Keys::new(ACCESS_KEY, SECRET_KEY);
    let client = Client::new(&site, keys, clock, Timeouts::default()).unwrap();

    let mut runner = TestRunner::deterministic();
    let texts = prop::collection::vec("([가-힣 +%&/=?#'~\"<>;,*()!@$]|%2F|.){0,12}", 1..4);
    for _ in 0..200 {
        let texts = texts.new_tree(&mut runner).unwrap().current();
        let mut url = url.clone();
        url.set_path("/vserver/v2/getServerInstanceList");
        url.set_query(Some(&Query::default().with_list("serverName", &texts).encoded()));
        let call = Call {
            right: Right { call: "getServerInstanceList", granted_by: None },
            region: "KR".to_owned(),
            url,
            body: None,
            payload: Payload::Bare,
            most_bytes: 100,
        };
        client.once(&call, |_| Ok(())).await.unwrap();
        let request = far.received().pop().unwrap();
        assert_signed(&request);
        let sent: reqwest::Url = format!("{}{}", far.url, request.target).parse().unwrap();
        let values: Vec<_> = sent.query_pairs().map(|(_, value)| value.into_owned()).collect();
        assert_eq!(values, texts, "{}", request.target);
    }
}

#[tokio::test]
async fn a_read_is_repeated_and_every_attempt_signed_anew() {
    let asked = AtomicUsize::new(0);
    let far = Far::new(move |_| match asked.fetch_add(1, Ordering::Relaxed) {
        0 => status(503, ""),
        1 => Reply::Reset,
        2 => ok("<html>"),
        3 => Reply::Full {
            status: 429,
            headers: "Retry-After: 900\r\n".to_owned(),
            body: Vec::new(),
        },
        _ => ok("<getRegionListResponse><returnCode>0</returnCode><regionList><region>\
                 <regionCode>KR</regionCode></region></regionList></getRegionListResponse>"),
    })
    .await;
    let (client, clock) = far.client(Platform::Vpc);
    assert_eq!(client.regions(later(&clock)).await, Ok(vec![region("KR")]));

    let received = far.received();
    received.iter().for_each(assert_signed);
    let stamp = |it: &Received| it.header("x-ncp-apigw-timestamp").parse::<i64>().unwrap();
    let stamps: Vec<_> = received.iter().map(stamp).collect();
    assert_eq!(stamps.len(), 5);
    assert!(stamps.windows(2).all(|two| two[1] >= two[0] + 500), "{stamps:?}");
    assert!(stamps[4] >= stamps[3] + 900_000, "Retry-After was not waited for: {stamps:?}");
}

#[tokio::test]
async fn a_read_fails_once_its_time_is_up() {
    let far = Far::new(|_| status(503, "")).await;
    let (client, clock) = far.client(Platform::Vpc);
    let until = clock.moment();
    assert_eq!(client.regions(until).await.unwrap_err().http_status(), Some(503));
    assert_eq!(far.received().len(), 1, "one attempt, for which there is always time");

    let until = clock.moment() + Duration::from_secs(60);
    assert_eq!(client.regions(until).await.unwrap_err().http_status(), Some(503));
    assert!(far.received().len() > 2);
}

/// A cloud that answers every change, a clock that stands still, and an account.
async fn while_time_stands_still() -> (Far, Arc<RehearsalClock>, Arc<dyn Cloud>) {
    let far = Far::new(|_| ok(STOPPED)).await;
    let clock = RehearsalClock::new("2026-11-23T11:00:00Z".parse().unwrap(), 0);
    let account = account(&far.url, Platform::Vpc);
    let client = cloud::connect(&account, &environment(), clock.clone()).unwrap();
    (far, clock, client)
}

#[tokio::test]
async fn all_calls_of_an_account_share_one_rate() {
    let (far, clock, client) = while_time_stands_still().await;
    let (korea, one) = (region("KR"), numbers([1]));
    for _ in 0..20 {
        client.change(Action::Stop, &korea, &one).await.unwrap();
    }
    let mut waiting = client.change(Action::Stop, &korea, &one);
    let wait = tokio::time::timeout(Duration::from_millis(100), &mut waiting).await;
    assert!(wait.is_err(), "the burst is used up");
    assert_eq!(far.received().len(), 20);
    clock.skip(Duration::from_millis(100));
    waiting.await.unwrap();
}

#[tokio::test]
async fn a_change_in_its_turn_waits_for_nothing_and_is_not_sent_where_a_reason_is_against_it() {
    let (far, clock, client) = while_time_stands_still().await;
    let (korea, one) = (region("KR"), numbers([1]));
    for _ in 0..20 {
        client.turn().await;
    }
    let mut waiting = client.turn();
    let wait = tokio::time::timeout(Duration::from_millis(100), &mut waiting).await;
    assert!(wait.is_err(), "the burst is used up");
    client.change_in_turn(Action::Stop, &korea, &one, &|| None).await.unwrap();
    let refused = client.change_in_turn(Action::Stop, &korea, &one, &|| Some("too late")).await;
    assert_eq!(refused, Err(CloudError::NotSent("too late".to_owned())));
    assert_eq!(far.received().len(), 1);
    clock.skip(Duration::from_millis(100));
    waiting.await;
}

#[test]
fn a_cloud_and_its_platform_agree_whether_lists_show_tags() {
    for platform in Platform::ALL {
        let account = account("http://127.0.0.1:1", platform);
        let clock = RehearsalClock::new("2026-11-23T11:00:00Z".parse().unwrap(), 0);
        let cloud = cloud::connect(&account, &environment(), clock).unwrap();
        assert_eq!(cloud.limits().lists_show_tags, platform.lists_show_tags(), "{platform:?}");
    }
}
