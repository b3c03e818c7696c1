//! Whole lists: every region, zone and page.

use std::sync::Mutex;

use lightsout::clock::Clock;
use lightsout::cloud::{Cloud, CloudError, Listed};
use lightsout::model::platform::Platform;

use super::far::{Far, Received, Reply, account, client, later, numbers, ok, region, status};

fn server(no: u32, name: &str) -> String {
    format!(
        "<serverInstance><serverInstanceNo>{no}</serverInstanceNo><serverName>{name}</serverName>\
         <serverInstanceStatus><code>RUN</code></serverInstanceStatus><serverInstanceOperation>\
         <code>NULL</code></serverInstanceOperation></serverInstance>"
    )
}

fn list(total: usize, servers: impl IntoIterator<Item = u32>) -> Reply {
    let rows: String = servers.into_iter().map(|no| server(no, &format!("개발-{no}"))).collect();
    list_of(total, &rows)
}

fn list_of(total: usize, rows: &str) -> Reply {
    ok(format!(
        "<getServerInstanceListResponse><returnCode>0</returnCode><totalRows>{total}</totalRows>\
         <serverInstanceList>{rows}</serverInstanceList></getServerInstanceListResponse>"
    ))
}

fn places(request: &Received) -> Reply {
    match request.action() {
        "getRegionList" => ok(r#"{"getRegionListResponse":{"returnCode":"0","regionList":[
            {"regionNo":"1","regionCode":"KR"},{"regionNo":10,"regionCode":"SGN"}]}}"#),
        "getZoneList" => ok("<getZoneListResponse><zoneList><zone><zoneNo>2</zoneNo></zone><zone>\
            <zoneNo>3</zoneNo></zone></zoneList><returnCode>0</returnCode></getZoneListResponse>"),
        other => panic!("{other} is no list of places"),
    }
}

fn numbers_of(listed: &Listed) -> Vec<u32> {
    listed.instances.iter().map(|instance| instance.no.as_str().parse().unwrap()).collect()
}

#[tokio::test]
async fn classic_asks_every_zone_and_for_the_places_only_once() {
    let far = Far::new(|request| match request.parameter("zoneNo") {
        Some("2") => list(2, [11, 12]),
        Some(_) => list(2, [12, 13]),
        None => places(request),
    })
    .await;
    let (client, clock) = far.client(Platform::Classic);
    assert_eq!(client.regions(later(&clock)).await, Ok(vec![region("KR"), region("SGN")]));
    for _ in 0..2 {
        let listed = client.list(&region("SGN"), later(&clock)).await.unwrap();
        assert_eq!(numbers_of(&listed), [11, 12, 13]);
        assert_eq!(listed.instances[0].name, "개발-11");
        assert_eq!(listed.instances[0].region, region("SGN"));
    }
    let zones = ["zoneNo=2", "zoneNo=3"]
        .map(|zone| format!("/server/v2/getServerInstanceList?regionNo=10&{zone}"));
    let mut expected = vec![
        "/server/v2/getRegionList".to_owned(),
        "/server/v2/getZoneList?regionNo=10".to_owned(),
    ];
    expected.extend([zones.clone(), zones].concat());
    assert_eq!(far.targets(), expected);
}

#[tokio::test]
async fn classic_does_not_list_a_region_that_the_cloud_does_not_name() {
    let far = Far::new(places).await;
    let (client, clock) = far.client(Platform::Classic);
    let error = client.list(&region("JPN"), later(&clock)).await.unwrap_err();
    assert!(error.to_string().contains("getRegionList names no regionNo for `JPN`"), "{error}");
}

#[tokio::test]
async fn regions_that_the_account_names_are_not_asked_for() {
    let far = Far::new(|_| list(1, [7])).await;
    let account = lightsout::schedule::Account {
        regions: vec![region("JPN")],
        ..account(&far.url, Platform::Vpc)
    };
    let (client, clock) = client(&account);
    assert_eq!(client.regions(later(&clock)).await, Ok(vec![region("JPN")]));
    let listed = client.list(&region("JPN"), later(&clock)).await.unwrap();
    assert_eq!(numbers_of(&listed), [7]);
    assert_eq!(far.targets(), ["/vserver/v2/getServerInstanceList?regionCode=JPN"]);
}

/// Serves `total` servers, two to a page.
fn paged(request: &Received, total: u32) -> Reply {
    let page: u32 = request.parameter("pageNo").map_or(1, |no| no.parse().unwrap());
    list(total as usize, (1..=total).skip((page as usize - 1) * 2).take(2))
}

#[tokio::test]
async fn pages_are_asked_for_where_one_body_does_not_hold_everything() {
    let far = Far::new(|request| paged(request, 5)).await;
    let (client, clock) = far.client(Platform::Vpc);
    let listed = client.list(&region("KR"), later(&clock)).await.unwrap();
    assert_eq!(numbers_of(&listed), [1, 2, 3, 4, 5]);
    let action = "/vserver/v2/getServerInstanceList?regionCode=KR";
    assert_eq!(
        far.targets(),
        [
            action.to_owned(),
            format!("{action}&pageNo=2&pageSize=2"),
            format!("{action}&pageNo=3&pageSize=2"),
        ]
    );
}

#[tokio::test]
async fn a_list_that_shifts_between_two_pages_is_read_again() {
    let asked = Mutex::new(0);
    let far = Far::new(move |_| {
        let mut asked = asked.lock().unwrap();
        *asked += 1;
        // Before the second page is asked for, one server of the first goes away and one
        // comes: there are three again, and the third has moved up to the first page.
        match *asked {
            1 => list(4, [1, 2]),
            3 => list(3, [2, 3]),
            _ => list(3, [5]),
        }
    })
    .await;
    let (client, clock) = far.client(Platform::Vpc);
    let listed = client.list(&region("KR"), later(&clock)).await.unwrap();
    assert_eq!(numbers_of(&listed), [2, 3, 5]);
    assert_eq!(far.received().len(), 4);
}

#[tokio::test]
async fn a_list_whose_pages_repeat_themselves_is_not_passed_off_as_whole() {
    let far = Far::new(|_| list(5, [1, 2])).await;
    let (client, clock) = far.client(Platform::Vpc);
    let expected = CloudError::Unreadable {
        detail: "the list says it has 5 servers and shows 2".to_owned(),
        http_status: 200,
    };
    assert_eq!(client.list(&region("KR"), later(&clock)).await, Err(expected));
    assert_eq!(far.received().len(), 4, "read twice, two pages each");
}

#[tokio::test]
async fn of_a_server_that_comes_twice_the_last_reading_counts() {
    let rows = server(1, "old") + &server(2, "b") + &server(1, "new");
    let far = Far::new(move |_| list_of(2, &rows)).await;
    let (client, clock) = far.client(Platform::Vpc);
    let listed = client.list(&region("KR"), later(&clock)).await.unwrap();
    let names: Vec<_> = listed.instances.iter().map(|instance| &*instance.name).collect();
    assert_eq!(names, ["new", "b"]);
}

/// The numbers a look-up asks about.
fn asked(request: &Received) -> Vec<u32> {
    let list = (1..).map(|n| request.parameter(&format!("serverInstanceNoList.{n}")));
    list.map_while(|no| no?.parse().ok()).collect()
}

#[tokio::test]
async fn a_look_up_asks_for_a_hundred_at_a_time_and_leaves_out_the_unknown() {
    let far = Far::new(|request| {
        let known: Vec<_> = asked(request).into_iter().filter(|no| no % 50 != 0).collect();
        list(known.len(), known)
    })
    .await;
    let (client, clock) = far.client(Platform::Vpc);
    let found = client.look_up(&region("KR"), &numbers(1001..1251), later(&clock)).await.unwrap();
    let expected: Vec<_> = (1001..1251).filter(|no| no % 50 != 0).collect();
    assert_eq!(numbers_of(&found), expected);
    let mut lengths: Vec<_> = far.received().iter().map(|it| asked(it).len()).collect();
    lengths.sort_unstable();
    assert_eq!(lengths, [50, 100, 100]);

    assert_eq!(client.look_up(&region("KR"), &[], later(&clock)).await, Ok(Listed::default()));
    assert_eq!(far.received().len(), 3, "nothing to ask");
}

#[tokio::test]
async fn a_look_up_isolates_a_number_that_spoils_its_batch() {
    let far = Far::new(|request| {
        let asked = asked(request);
        if asked.contains(&13) {
            return status(400, "<responseError><returnCode>24120</returnCode></responseError>");
        }
        // It also shows one that nobody asked for.
        list(asked.len() + 1, asked.into_iter().chain([99]))
    })
    .await;
    let (client, clock) = far.client(Platform::Vpc);
    let found = client.look_up(&region("KR"), &numbers(11..16), later(&clock)).await.unwrap();
    assert_eq!(numbers_of(&found), [11, 12, 14, 15]);
}

#[tokio::test]
async fn a_look_up_isolates_a_number_that_the_keys_may_not_ask_about() {
    let forbidden = r#"{"error":{"errorCode":"210","message":"Permission Denied","details":"x"}}"#;
    let far = Far::new(move |request| {
        let asked = asked(request);
        let is_forbidden = asked.contains(&11) || asked.contains(&13);
        if is_forbidden { status(401, forbidden) } else { list(asked.len(), asked) }
    })
    .await;
    let (client, clock) = far.client(Platform::Vpc);
    let found = client.look_up(&region("KR"), &numbers(11..19), later(&clock)).await.unwrap();
    assert_eq!(numbers_of(&found), [12, 14, 15, 16, 17, 18]);
    let unread: Vec<_> = found.unread.iter().map(|it| it.no.clone().unwrap()).collect();
    assert_eq!(unread, numbers([11, 13]), "{found:?}");
    assert!(found.unread[0].error.to_string().contains("`getServerInstanceList`"), "{found:?}");
}

#[tokio::test]
async fn a_look_up_that_is_forbidden_altogether_is_given_up_after_few_calls() {
    let far = Far::new(|_| status(403, "")).await;
    let (client, clock) = far.client(Platform::Vpc);
    let error = client.look_up(&region("KR"), &numbers(1..201), later(&clock)).await.unwrap_err();
    assert!(matches!(error, CloudError::Forbidden { .. }), "{error}");
    assert!(far.received().len() <= 24, "{} calls", far.received().len());
}

#[tokio::test]
async fn a_server_whose_row_is_odd_is_left_out_and_the_others_are_listed() {
    let odd = |no: &str| format!("<serverInstance>{no}<serverName>x</serverName></serverInstance>");
    for (row, no) in [
        (odd("<serverInstanceNo>7</serverInstanceNo>"), Some(numbers([7]).remove(0))),
        (odd(""), None),
        (odd("<serverInstanceNo>x-1</serverInstanceNo>"), None),
    ] {
        let rows = [server(1, "a"), row, server(2, "b")].concat();
        let far = Far::new(move |_| list_of(3, &rows)).await;
        let (client, clock) = far.client(Platform::Vpc);
        let listed = client.list(&region("KR"), later(&clock)).await.unwrap();
        assert_eq!(numbers_of(&listed), [1, 2]);
        assert_eq!((listed.unread.len(), &listed.unread[0].no), (1, &no), "{listed:?}");
        assert_eq!(far.received().len(), 1, "it counts among those that were shown");
    }
}

#[tokio::test]
async fn a_list_of_nothing_but_odd_rows_cannot_be_read() {
    let far = Far::new(|_| list_of(1, "<serverInstance><id>7</id></serverInstance>")).await;
    let (client, clock) = far.client(Platform::Vpc);
    let error = client.list(&region("KR"), clock.moment()).await.unwrap_err().to_string();
    assert!(error.contains("has no serverInstanceStatus"), "{error}");
}
