//! Faults: what a struck call looks like, and whether it had its effect.

use std::sync::Arc;
use std::time::Duration;

use lightsout::cloud::rehearsal::{Fault, FaultKind, ListChange};

use super::wire::Cloud;
use super::{STOP_1, codes, element, elements};
use crate::wait;

const ONE: &str = "[[servers]]\nname = \"서버\"\nno = \"1\"\n";
const STOP: &str = "stopServerInstances";

#[tokio::test]
async fn a_struck_stop_is_done_or_not_as_its_kind_says() {
    for (kind, status, state) in [
        (FaultKind::Throttle, 429, "RUN/NULL"),
        (FaultKind::ErrorBefore, 503, "RUN/NULL"),
        (FaultKind::ResetBefore, 0, "RUN/NULL"),
        (FaultKind::Redirect, 302, "RUN/NULL"),
        (FaultKind::Denied, 401, "RUN/NULL"),
        (FaultKind::Forbidden, 401, "RUN/NULL"),
        (FaultKind::Refuse, 400, "RUN/NULL"),
        (FaultKind::ErrorAfter, 503, "RUN/SHTDN"),
        (FaultKind::ResetAfter, 0, "RUN/SHTDN"),
        (FaultKind::Torn, 200, "RUN/SHTDN"),
        (FaultKind::Empty, 200, "RUN/SHTDN"),
        (FaultKind::Html, 200, "RUN/SHTDN"),
        (FaultKind::WrongContentType, 200, "RUN/SHTDN"),
        (FaultKind::WrongEncoding, 200, "RUN/SHTDN"),
    ] {
        let cloud = Cloud::of(ONE).await;
        let code = Some("1300".to_owned());
        cloud.cloud.add_fault(Fault { code, ..Fault::once(STOP, kind) });
        let seen = cloud.get(STOP_1).await;
        assert_eq!((seen.status, cloud.state("1").as_str()), (status, state), "{kind:?}");
        let record = cloud.cloud.requests().pop().unwrap();
        assert_eq!(
            (record.fault, record.http_status, record.effects.len()),
            (Some(kind), (status > 0).then_some(status), usize::from(state == "RUN/SHTDN")),
            "{kind:?}"
        );
    }
}

#[tokio::test]
async fn garbled_answers_are_garbled_each_in_its_way() {
    let seen_with = async |kind| {
        let cloud = Cloud::of(ONE).await;
        cloud.cloud.add_fault(Fault::once(STOP, kind));
        cloud.get(STOP_1).await
    };
    let torn = seen_with(FaultKind::Torn).await;
    assert!(!torn.whole && torn.text().starts_with("<stopServerInstancesResponse>"), "{torn:?}");
    assert!(!torn.text().contains("</stopServerInstancesResponse>"), "{torn:?}");
    let empty = seen_with(FaultKind::Empty).await;
    assert!(empty.whole && empty.body.is_empty(), "{empty:?}");
    let html = seen_with(FaultKind::Html).await;
    assert!(html.text().starts_with("<!DOCTYPE html>"), "{html:?}");
    let mislabelled = seen_with(FaultKind::WrongContentType).await;
    assert_eq!(mislabelled.header("content-type").as_deref(), Some("application/json"));
    assert_eq!(codes(&mislabelled), (200, Some("0".to_owned())));
    let korean = seen_with(FaultKind::WrongEncoding).await;
    assert!(std::str::from_utf8(&korean.body).is_err(), "EUC-KR is no UTF-8");
    assert_eq!(encoding_rs::EUC_KR.decode(&korean.body).0.matches("서버").count(), 2);
}

#[tokio::test]
async fn the_answer_of_a_throttled_call_says_when_to_come_again() {
    let cloud = Cloud::of(&format!(
        "{ONE}[[faults]]\nkind = \"throttle\"\ntimes = 1\nretry_after = \"2500ms\"\n"
    ))
    .await;
    let seen = cloud.get("/vserver/v2/getRegionList").await;
    assert_eq!(codes(&seen), (429, Some("410".to_owned())));
    assert_eq!(seen.header("retry-after").as_deref(), Some("3"));
    assert_eq!(cloud.get("/vserver/v2/getRegionList").await.status, 200);
}

#[tokio::test]
async fn revoked_keys_stay_revoked_and_a_missing_permission_is_for_one_call() {
    let cloud = Cloud::of(ONE).await;
    cloud.cloud.add_fault(Fault::once(STOP, FaultKind::Forbidden));
    assert_eq!(codes(&cloud.get(STOP_1).await), (401, Some("210".to_owned())));
    let status = Some(403);
    cloud.cloud.add_fault(Fault { status, ..Fault::once(STOP, FaultKind::Forbidden) });
    assert_eq!(codes(&cloud.get(STOP_1).await), (403, Some("230".to_owned())));
    assert_eq!(cloud.get("/vserver/v2/getRegionList").await.status, 200);
    cloud.cloud.add_fault(Fault::once(STOP, FaultKind::Denied));
    assert_eq!(codes(&cloud.get(STOP_1).await), (401, Some("200".to_owned())));
    cloud.cloud.clear_faults();
    assert_eq!(codes(&cloud.get("/vserver/v2/getRegionList").await), (401, Some("200".to_owned())));
}

#[tokio::test]
async fn whoever_follows_a_redirect_is_recorded() {
    let cloud = Cloud::of(ONE).await;
    cloud.cloud.add_fault(Fault::once("*", FaultKind::Redirect));
    let place = cloud.get("/vserver/v2/getRegionList").await.header("location").unwrap();
    assert_eq!(cloud.cloud.counts().requests_for("redirected"), 0);
    assert_eq!(cloud.get(&place).await.status, 404);
    assert_eq!(cloud.cloud.counts().requests_for("redirected"), 1);
}

#[tokio::test]
async fn a_code_other_than_0_can_come_with_200() {
    let cloud = Cloud::of(ONE).await;
    let code = Some("1300".to_owned());
    cloud.cloud.add_fault(Fault {
        code,
        status: Some(200),
        ..Fault::once(STOP, FaultKind::Refuse)
    });
    let seen = cloud.get(STOP_1).await;
    assert_eq!(codes(&seen), (200, Some("1300".to_owned())));
    assert!(seen.text().starts_with("<stopServerInstancesResponse>"), "{}", seen.text());
}

#[tokio::test]
async fn one_region_is_down_and_the_other_is_not() {
    let cloud = Cloud::of(
        "regions = [\"KR\", \"SGN\"]\n[[faults]]\nkind = \"region_down\"\nregion = \"SGN\"\n\
         status = 504\n",
    )
    .await;
    let list = "/vserver/v2/getServerInstanceList?regionCode=";
    assert_eq!(cloud.get(&format!("{list}KR")).await.status, 200);
    let down = cloud.get(&format!("{list}SGN")).await;
    assert_eq!(codes(&down), (504, Some("510".to_owned())));
}

#[tokio::test]
async fn a_region_that_is_down_takes_no_classic_stop_either() {
    let cloud = Cloud::of(
        "[[servers]]\nname = \"a\"\nno = \"1\"\nplatform = \"classic\"\n\
         [[faults]]\nkind = \"region_down\"\nregion = \"KR\"\n",
    )
    .await;
    let path = "/server/v2/stopServerInstances?serverInstanceNoList.1=1";
    assert_eq!((cloud.get(path).await.status, cloud.state("1").as_str()), (503, "RUN/NULL"));
}

#[tokio::test]
async fn a_slow_answer_comes_after_its_effect_in_the_clocks_time() {
    let cloud = Arc::new(Cloud::of(&format!("{ONE}stop_takes = \"20s\"\n")).await);
    let delay = Some(Duration::from_secs(60));
    cloud.cloud.add_fault(Fault { delay, ..Fault::once(STOP, FaultKind::Slow) });
    let asking = Arc::clone(&cloud);
    let answer = tokio::spawn(async move { asking.get(STOP_1).await });
    wait::until_so("it is asked", async || !cloud.cloud.requests().is_empty()).await;
    assert_eq!(cloud.state("1"), "RUN/SHTDN");
    cloud.pass(59);
    cloud.get("/vserver/v2/getRegionList").await;
    assert!(!answer.is_finished(), "a second is left");
    cloud.pass(1);
    let seen = answer.await.unwrap();
    assert!(seen.text().contains("<code>SHTDN</code>"), "the answer tells of then");
    assert_eq!(cloud.state("1"), "NSTOP/NULL", "and the server is already off");
}

#[tokio::test]
async fn a_page_can_repeat_and_a_list_can_change_between_pages() {
    let fleet = "[[servers]]\nname = \"a\"\nno = \"1\"\ncount = 4\n";
    let list = "getServerInstanceList";
    for (fault, second_page, total) in [
        (Fault::new(list, FaultKind::RepeatPage), &["1", "2"][..], "4"),
        (Fault::new(list, FaultKind::ListChanges), &["4"], "3"),
        (
            Fault { change: ListChange::Appears, ..Fault::new(list, FaultKind::ListChanges) },
            &["2", "3"],
            "5",
        ),
    ] {
        let label = format!("{fault:?}");
        let cloud = Cloud::of(fleet).await;
        cloud.cloud.add_fault(fault);
        let page = |no: u8| format!("/vserver/v2/{list}?pageNo={no}&pageSize=2");
        let first = cloud.get(&page(1)).await.text();
        assert_eq!(elements(&first, "serverInstanceNo"), ["1", "2"], "{label}");
        let second = cloud.get(&page(2)).await.text();
        assert_eq!(elements(&second, "serverInstanceNo"), second_page, "{label}");
        assert_eq!(element(&second, "totalRows"), Some(total), "{label}");
    }
}

#[tokio::test]
async fn a_huge_answer_goes_on_far_beyond_any_list() {
    use tokio::io::AsyncReadExt as _;
    use tokio::io::AsyncWriteExt as _;
    let cloud = Cloud::of(ONE).await;
    cloud.cloud.add_fault(Fault::once("*", FaultKind::Huge));
    let mut stream = tokio::net::TcpStream::connect(cloud.address()).await.unwrap();
    stream.write_all(&super::Ask::get(STOP_1).bytes(&cloud)).await.unwrap();
    let mut start = vec![0; 64 * 1024 * 1024];
    stream.read_exact(&mut start).await.unwrap();
}

#[tokio::test]
async fn resources_are_struck_under_their_own_name() {
    let cloud = Cloud::of(ONE).await;
    cloud.cloud.add_fault(Fault::new("resources", FaultKind::ErrorBefore));
    assert_eq!(cloud.send(&super::Ask::resources("{}")).await.status, 503);
    assert_eq!(cloud.get("/vserver/v2/getRegionList").await.status, 200);
}
