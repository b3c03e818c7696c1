//! Lists: shapes, filters and pages.

use super::wire::Cloud;
use super::{element, elements};

const FLEET: &str = r#"
    regions = ["KR", "SGN"]
    [[servers]]
    name = "vpc-kr"
    no = "1"
    tags = { env = "dev" }
    [[servers]]
    name = "vpc-sgn"
    no = "2"
    region = "SGN"
    status = "NSTOP"
    [[servers]]
    name = "classic-kr-1"
    no = "3"
    platform = "classic"
    tags = { env = "dev", team = "a" }
    [[servers]]
    name = "classic-kr-2"
    no = "4"
    platform = "classic"
    zone = "KR-2"
    tags = { env = "prod" }
    [[servers]]
    name = "classic-sgn"
    no = "5"
    platform = "classic"
    region = "SGN"
"#;

#[tokio::test]
async fn a_list_shows_what_its_parameters_mean() {
    let one_zone = Cloud::of(FLEET).await;
    let all_zones = Cloud::of(&format!("zone_left_out = \"all\"\n{FLEET}")).await;
    for (cloud, path, expected) in [
        (&one_zone, "/vserver/v2/getServerInstanceList", &["1"][..]),
        (&one_zone, "/vserver/v2/getServerInstanceList?regionCode=SGN", &["2"]),
        (&one_zone, "/vserver/v2/getServerInstanceList?regionCode=KR&zoneCode=KR-2", &[]),
        (&one_zone, "/vserver/v2/getServerInstanceList?serverInstanceNoList.1=2", &[]),
        (&one_zone, "/vserver/v2/getServerInstanceList?serverInstanceNoList.1=1", &["1"]),
        (&one_zone, "/vserver/v2/getServerInstanceList?serverName=pc-k", &["1"]),
        (&one_zone, "/vserver/v2/getServerInstanceList?serverName=other", &[]),
        (&one_zone, "/vserver/v2/getServerInstanceList?serverInstanceStatusCode=NSTOP", &[]),
        (
            &one_zone,
            "/vserver/v2/getServerInstanceList?regionCode=SGN&serverInstanceStatusCode=NSTOP",
            &["2"],
        ),
        (&one_zone, "/server/v2/getServerInstanceList", &["3"]),
        (&one_zone, "/server/v2/getServerInstanceList?zoneNo=3", &["4"]),
        (&one_zone, "/server/v2/getServerInstanceList?regionNo=2", &["5"]),
        (&all_zones, "/server/v2/getServerInstanceList?regionNo=1", &["3", "4"]),
        (
            &all_zones,
            "/server/v2/getServerInstanceList?searchFilterName=serverName&searchFilterValue=kr-2",
            &["4"],
        ),
        (&all_zones, "/server/v2/getServerInstanceList?tagKeyList.1=env", &["3", "4"]),
        (
            &all_zones,
            "/server/v2/getServerInstanceList?tagKeyList.1=env&tagValueList.1=dev",
            &["3"],
        ),
        (&all_zones, "/server/v2/getServerInstanceList?tagKeyList.1=env&tagKeyList.2=team", &["3"]),
        (
            &all_zones,
            "/server/v2/getServerInstanceList?serverInstanceNoList.1=4&serverInstanceNoList.2=3\
             &serverInstanceNoList.3=1",
            &["4", "3"],
        ),
    ] {
        let body = cloud.get(path).await.text();
        assert_eq!(elements(&body, "serverInstanceNo"), expected, "{path}");
        assert_eq!(element(&body, "totalRows"), Some(&*expected.len().to_string()), "{path}");
    }
}

#[tokio::test]
async fn a_list_without_pages_can_be_made_to_hold_a_part_all_the_same() {
    let fleet = "page_size_left_out = 2\n[[servers]]\nname = \"a\"\nno = \"1\"\ncount = 3\n";
    let cloud = Cloud::of(fleet).await;
    for (page, expected) in [("", &["1", "2"][..]), ("&pageNo=2&pageSize=2", &["3"])] {
        let path = format!("/vserver/v2/getServerInstanceList?regionCode=KR{page}");
        let body = cloud.get(&path).await.text();
        assert_eq!(elements(&body, "serverInstanceNo"), expected, "{page}");
        assert_eq!(element(&body, "totalRows"), Some("3"), "{page}");
    }
}

#[tokio::test]
async fn pages_hold_a_part_and_say_how_much_there_is() {
    let cloud =
        Cloud::of("max_page_size = 2\n[[servers]]\nname = \"a\"\nno = \"1\"\ncount = 5").await;
    for (page, expected) in [
        ("pageNo=1&pageSize=2", &["1", "2"][..]),
        ("pageNo=3&pageSize=2", &["5"]),
        ("pageNo=4&pageSize=2", &[]),
        ("pageNo=2&pageSize=100", &["3", "4"]),
        ("pageNo=0&pageSize=0", &["1", "2", "3", "4", "5"]),
    ] {
        let path = format!("/vserver/v2/getServerInstanceList?regionCode=KR&{page}");
        let body = cloud.get(&path).await.text();
        assert_eq!(elements(&body, "serverInstanceNo"), expected, "{page}");
        assert_eq!(element(&body, "totalRows"), Some("5"), "{page}");
    }
}

#[tokio::test]
async fn without_paging_a_thousand_servers_come_in_one_body() {
    let cloud = Cloud::of("max_page_size = 2\n[[servers]]\nname = \"dev\"\ncount = 1000\n").await;
    let seen = cloud.get("/vserver/v2/getServerInstanceList").await;
    assert!(seen.whole);
    assert_eq!(elements(&seen.text(), "serverInstanceNo").len(), 1000);
    assert_eq!(element(&seen.text(), "totalRows"), Some("1000"));
}

#[tokio::test]
async fn a_classic_body_has_the_elements_of_navers_example() {
    let cloud = Cloud::of(FLEET).await;
    let body = cloud.get("/server/v2/stopServerInstances?serverInstanceNoList.1=3").await.text();
    for name in "requestId returnCode returnMessage totalRows serverInstanceList serverInstance \
                 serverInstanceNo serverName serverDescription cpuCount memorySize \
                 baseBlockStorageSize platformType code codeName loginKeyName \
                 isFeeChargingMonitoring publicIp privateIp serverImageName serverInstanceStatus \
                 serverInstanceOperation serverInstanceStatusName createDate uptime \
                 serverImageProductCode serverProductCode isProtectServerTermination \
                 portForwardingPublicIp zone zoneNo zoneName zoneCode zoneDescription regionNo \
                 region regionCode regionName baseBlockStorageDiskType \
                 baseBlockStorageDiskDetailType serverInstanceType userData initScriptNo \
                 instanceTagList instanceTag tagKey tagValue"
        .split_whitespace()
    {
        assert!(element(&body, name).is_some(), "<{name}> in {body}");
    }
    assert!(body.starts_with("<stopServerInstancesResponse>"), "{body}");
    assert!(body.contains("<accessControlGroupList/>"), "{body}");
    assert_eq!(element(&body, "createDate"), Some("2026-08-25T17:00:00+0900"));
}

#[tokio::test]
async fn a_vpc_body_has_no_tags_and_a_kvm_server_leaves_fields_out() {
    let cloud =
        Cloud::of("[[servers]]\nname = \"a\"\ntags = { env = \"dev\" }\nhypervisor = \"KVM\"")
            .await;
    let path = "/vserver/v2/getServerInstanceList?responseFormatType=json";
    let body = cloud.get(path).await.json();
    let response = &body["getServerInstanceListResponse"];
    assert_eq!((&response["returnCode"], &response["totalRows"]), (&"0".into(), &1.into()));
    let server = &response["serverInstanceList"][0];
    assert_eq!(server["serverInstanceStatus"]["codeName"], "서버 RUN 상태");
    assert_eq!(server["memorySize"], 4_294_967_296_u64);
    assert_eq!(server["networkInterfaceNoList"], serde_json::json!(["9005"]));
    let server = server.as_object().unwrap();
    for (field, there) in [
        ("regionCode", true),
        ("zoneCode", true),
        ("vpcNo", true),
        ("subnetNo", true),
        ("hypervisorType", true),
        ("serverSpecCode", true),
        ("instanceTagList", false),
        ("zone", false),
        ("serverProductCode", false),
        ("platformType", false),
    ] {
        assert_eq!(server.contains_key(field), there, "{field}");
    }
}

#[tokio::test]
async fn regions_and_zones_are_numbered_on_classic_only() {
    let cloud = Cloud::of(FLEET).await;
    let classic = cloud.get("/server/v2/getRegionList").await.text();
    assert_eq!(elements(&classic, "regionNo"), ["1", "2"]);
    let vpc = cloud.get("/vserver/v2/getRegionList").await.text();
    assert_eq!(elements(&vpc, "regionCode"), ["KR", "SGN"]);
    assert!(elements(&vpc, "regionNo").is_empty());
    let zones = cloud.get("/server/v2/getZoneList?regionNo=1").await.text();
    assert_eq!(elements(&zones, "zoneNo"), ["2", "3"]);
    let zones = cloud.get("/vserver/v2/getZoneList?regionCode=SGN").await.text();
    assert_eq!(elements(&zones, "zoneCode"), ["SGN-1", "SGN-2"]);
}

#[tokio::test]
async fn the_request_id_comes_before_the_list_or_after_it() {
    let cloud = Cloud::of("").await;
    let mut first = Vec::new();
    for _ in 0..64 {
        let body = cloud.get("/vserver/v2/getRegionList").await.text();
        first.push(body.find("<requestId>") < body.find("<regionList>"));
    }
    assert!(first.contains(&true) && first.contains(&false), "{first:?}");
}

#[tokio::test]
async fn a_hostile_name_comes_through_both_formats() {
    let cloud = Cloud::of("[[servers]]\nname = \"a\"\nno = \"1\"").await;
    let name = "</serverName><code>NSTOP</code>&amp;\"'\u{202e}]]>\n서버";
    cloud.cloud.rename(&super::wire::no("1"), name);
    let list = "/vserver/v2/getServerInstanceList";
    let json = cloud.get(&format!("{list}?responseFormatType=json")).await.json();
    let list_of_json = &json["getServerInstanceListResponse"]["serverInstanceList"];
    assert_eq!(list_of_json[0]["serverName"], name);
    let xml = cloud.get(list).await.text();
    let shown = element(&xml, "serverName").unwrap();
    assert_eq!(quick_xml::escape::unescape(shown).unwrap(), name);
}
