//! The rehearsal cloud over HTTP: signed by hand, byte by byte, as no client of ours would.

mod control;
mod faults;
mod lists;
mod resources;
mod wire;

use wire::{Ask, Cloud, Seen};

/// The text between the first `<name>` and `</name>`.
fn element<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    let after = body.split_once(&format!("<{name}>"))?.1;
    Some(after.split_once(&format!("</{name}>"))?.0)
}

/// All texts of an element, in order.
fn elements<'a>(body: &'a str, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let parts = body.split(&open).skip(1);
    parts.filter_map(|part| Some(part.split_once(&close)?.0)).collect()
}

fn codes(seen: &Seen) -> (u16, Option<String>) {
    let body = seen.text();
    let code = element(&body, "returnCode").or_else(|| element(&body, "errorCode"));
    (seen.status, code.map(str::to_owned))
}

const STOP_1: &str = "/vserver/v2/stopServerInstances?regionCode=KR&serverInstanceNoList.1=1";

#[tokio::test]
async fn a_stop_shows_run_and_shtdn_and_ends_in_nstop() {
    let cloud = Cloud::of("[[servers]]\nname = \"a\"\nno = \"1\"\nstop_takes = \"20s\"\n").await;
    let list = "/vserver/v2/getServerInstanceList?regionCode=KR";
    let state = |body: &str| elements(body, "code")[1..3].join("/");
    let stop = cloud.get(STOP_1).await;
    let mut states = vec![state(&stop.text()), state(&cloud.get(list).await.text())];
    cloud.pass(20);
    states.push(state(&cloud.get(list).await.text()));
    assert_eq!(states, ["RUN/SHTDN", "RUN/SHTDN", "NSTOP/NULL"]);
    assert_eq!(element(&stop.text(), "serverInstanceStatusName"), Some("shutting down"));
    assert_eq!(element(&stop.text(), "returnMessage"), Some("success"));
    assert_eq!(element(&stop.text(), "requestId").map(str::len), Some(36));
}

#[tokio::test]
async fn get_and_post_query_and_form_both_signature_names_and_both_formats_do() {
    let form = "regionCode=KR&serverInstanceNoList.1=1";
    let path = "/vserver/v2/stopServerInstances";
    for ask in [
        Ask::get(STOP_1),
        Ask::get(STOP_1).signed_as("x-ncp-apigw-signature-v1"),
        Ask::post(path, form),
        Ask::post(path, form).signed_as("x-ncp-apigw-signature-v1"),
        Ask::post(&format!("{path}?regionCode=KR"), "serverInstanceNoList.1=1"),
        Ask::post(&format!("{path}?responseFormatType=json"), form),
        Ask::post(path, &format!("{form}&responseFormatType=json")),
    ] {
        let cloud = Cloud::of("[[servers]]\nname = \"a\"\nno = \"1\"\n").await;
        let label = format!("{ask:?}");
        let seen = cloud.send(&ask).await;
        assert_eq!(seen.status, 200, "{label}: {}", seen.text());
        assert_eq!(cloud.state("1"), "RUN/SHTDN", "{label}");
        let is_json = label.contains("=json");
        assert_eq!(seen.text().starts_with('{'), is_json, "{label}: {}", seen.text());
        assert_eq!(seen.header("content-type").unwrap().contains("json"), is_json, "{label}");
    }
}

#[tokio::test]
async fn the_gateway_turns_away_what_it_cannot_trust_or_understand() {
    let cloud = Cloud::of("[[servers]]\nname = \"a\"\nno = \"1\"\n").await;
    let stop = "/vserver/v2/stopServerInstances";
    for (ask, status, code) in [
        (Ask::get(STOP_1).with_secret("wrong"), 401, "200"),
        (Ask::get(STOP_1).with_access("AKDUMMY"), 401, "200"),
        (Ask::get(STOP_1).sent_at(-301_000), 401, "200"),
        (Ask::get(STOP_1).sent_at(301_000), 401, "200"),
        (Ask::get(STOP_1).unsigned(), 401, "200"),
        (Ask::get("/vserver/v2/terminateServerInstances"), 404, "300"),
        (Ask::get("/vserver/v3/stopServerInstances"), 404, "300"),
        (Ask::get("/"), 404, "300"),
        (Ask::get(stop), 400, "100"),
        (Ask::get(&format!("{STOP_1}&serverInstanceNoList.2=1")), 400, "100"),
        (Ask::get(&STOP_1.replace("KR", "MOON")), 400, "100"),
        (Ask::get("/vserver/v2/getServerInstanceList?pageNo=x&pageSize=2"), 400, "100"),
        (Ask::get("/vserver/v2/getServerInstanceList?pageNo=1"), 400, "100"),
        (Ask::get("/server/v2/getServerInstanceList?zoneNo=99"), 400, "100"),
        (Ask::post(stop, &"x".repeat(2_000_000)), 413, "430"),
    ] {
        let label = format!("{ask:?}").chars().take(200).collect::<String>();
        let seen = cloud.send(&ask).await;
        assert_eq!(codes(&seen), (status, Some(code.to_owned())), "{label}");
        assert!(seen.text().starts_with("<error><errorCode>"), "{label}: {}", seen.text());
    }
    assert_eq!(cloud.state("1"), "RUN/NULL");
}

#[tokio::test]
async fn errors_come_as_json_where_json_was_asked_for() {
    let cloud = Cloud::of("").await;
    let json = format!("{STOP_1}&responseFormatType=json");
    let gateway = cloud.send(&Ask::get(&json).with_secret("wrong")).await.json();
    assert_eq!(
        gateway,
        serde_json::json!({"error": {
            "errorCode": "200",
            "message": "Authentication Failed",
            "details": "Invalid authentication information.",
        }})
    );
    let service = cloud.get(&json).await.json();
    assert_eq!(service["responseError"]["returnCode"], "24120");
}

#[tokio::test]
async fn a_number_that_is_none_is_refused_as_one() {
    let cloud = Cloud::of("").await;
    let seen = cloud.get("/server/v2/stopServerInstances?serverInstanceNoList.1=a1").await;
    assert_eq!(codes(&seen), (400, Some("24109".to_owned())));
}

#[tokio::test]
async fn the_date_is_the_clocks() {
    let cloud = Cloud::of("").await;
    let seen = cloud.get("/vserver/v2/getRegionList").await;
    assert_eq!(seen.header("date").as_deref(), Some("Mon, 23 Nov 2026 08:00:00 GMT"));
}

#[tokio::test]
async fn requests_are_counted_with_their_repeats_and_the_needless_ones() {
    let cloud = Cloud::of("[[servers]]\nname = \"a\"\nno = \"1\"\nstop_takes = \"20s\"\n").await;
    cloud.get(STOP_1).await;
    cloud.get(STOP_1).await;
    cloud.pass(20);
    cloud.get(STOP_1).await;
    cloud.get("/vserver/v2/getRegionList").await;
    let counts = cloud.cloud.counts();
    let tally = counts.of(&wire::no("1"));
    assert_eq!((tally.stop_requests, tally.stops, tally.needless_stops), (3, 1, 2));
    assert_eq!(counts.total(), tally);
    assert_eq!(counts.requests_for("stopServerInstances"), 3);
    assert_eq!(counts.requests_for("getRegionList"), 1);
    let told: Vec<_> =
        cloud.cloud.requests().into_iter().map(|r| (r.return_code, r.effects)).collect();
    let code = |code: &str| Some(code.to_owned());
    assert_eq!(
        told,
        [
            (code("0"), vec![wire::no("1")]),
            (code("25041"), vec![]),
            (code("28005"), vec![]),
            (code("0"), vec![]),
        ]
    );
}

#[tokio::test]
async fn a_dropped_cloud_frees_its_port_at_once() {
    let cloud = Cloud::of("").await;
    let address = cloud.address();
    drop(cloud);
    let again = std::net::TcpListener::bind(address);
    assert!(again.is_ok(), "{again:?}");
}

#[tokio::test]
async fn revoked_keys_are_refused_from_then_on() {
    let cloud = Cloud::of("[[servers]]\nname = \"a\"\nno = \"1\"\n").await;
    assert_eq!(cloud.get("/vserver/v2/getRegionList").await.status, 200);
    cloud.cloud.revoke_keys();
    assert_eq!(codes(&cloud.get(STOP_1).await), (401, Some("200".to_owned())));
    assert_eq!(cloud.state("1"), "RUN/NULL");
}

#[test]
fn two_clouds_make_up_different_keys_and_show_no_secret() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (one, two) = runtime.block_on(async { (Cloud::of("").await, Cloud::of("").await) });
    assert_ne!(one.cloud.access_key(), two.cloud.access_key());
    assert_ne!(one.cloud.secret_key(), two.cloud.secret_key());
    assert!(!format!("{:?}", one.cloud).contains(one.cloud.secret_key()));
}
