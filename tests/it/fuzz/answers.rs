//! Answers of a cloud that is broken or means harm.

use encoding_rs::{BIG5, EUC_KR, Encoding, GB18030, ISO_2022_JP, UTF_8, WINDOWS_1252};
use lightsout::cloud::ncloud::Generation;
use lightsout::cloud::ncloud::credentials::Keys;
use lightsout::cloud::ncloud::response::instances::{Page, page};
use lightsout::cloud::ncloud::response::{CallContext, HttpAnswer, Payload};
use lightsout::cloud::{CloudError, Right};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};

use super::mutation::{mutated, mutations};

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<getServerInstanceListResponse>\
    <requestId>5f0f</requestId><returnCode>0</returnCode><returnMessage>success</returnMessage>\
    <totalRows>2</totalRows><serverInstanceList><serverInstance><serverInstanceNo>1021003\
    </serverInstanceNo><serverName>개발-배치 &amp; &#x1F600;</serverName><serverInstanceStatus>\
    <code>RUN</code><codeName>서버 RUN 상태</codeName></serverInstanceStatus>\
    <serverInstanceOperation><code>NULL</code></serverInstanceOperation><uptime>\
    2026-10-22T16:19:50+0900</uptime><publicIp> </publicIp></serverInstance><serverInstance>\
    <serverInstanceNo>1021004</serverInstanceNo><serverName><![CDATA[dev <b>]]></serverName>\
    <serverInstanceStatus><code>NSTOP</code></serverInstanceStatus><serverInstanceOperation>\
    <code>NULL</code></serverInstanceOperation><instanceTagList/></serverInstance>\
    </serverInstanceList></getServerInstanceListResponse>";

const JSON: &str = r#"{"getServerInstanceListResponse":{"totalRows":1,"returnCode":"0",
    "serverInstanceList":[{"serverInstanceNo":"1021003","serverName":"\uac1c발 \ud83d\ude00",
    "serverInstanceStatus":{"code":"RUN","codeName":"Server run state"},"publicIp":"",
    "serverInstanceOperation":{"code":"NULL"},"uptime":"2026-10-22T16:19:50+0900",
    "cpuCount":2,"memorySize":4294967296,"isProtectServerTermination":false}]}}"#;

fn read(body: &[u8], status: u16, content_type: &str) -> Result<Page, CloudError> {
    let content_type = HeaderValue::from_str(content_type).unwrap();
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, content_type)]);
    let answer = HttpAnswer { http_status: status, headers, body: Ok(body.to_vec()) };
    let region = lightsout::model::instance::RegionCode::new("KR").unwrap();
    let call = "getServerInstanceList";
    let asked = CallContext {
        payload: Payload::Of(call),
        right: Right { call, granted_by: None },
        keys: &Keys::new("AKDUMMY0123456789ABC", "SKDUMMY0123456789abcdefghijklmnopqrstuvwx"),
    };
    answer.read(asked, "2026-11-23T11:00:00Z".parse().unwrap(), |list| {
        page(list, Generation::Vpc, &region)
    })
}

fn names(body: &[u8], content_type: &str) -> Option<Vec<String>> {
    let page = read(body, 200, content_type).ok()?;
    Some(page.instances.into_iter().map(|instance| instance.name).collect())
}

#[test]
fn the_answers_that_are_made_wrong_are_right_before() {
    assert_eq!(
        names(XML.as_bytes(), "text/xml"),
        Some(vec!["개발-배치 & \u{1f600}".to_owned(), "dev <b>".to_owned()])
    );
    assert_eq!(names(JSON.as_bytes(), "text/html"), Some(vec!["개발 \u{1f600}".to_owned()]));
}

proptest! {
    #[test]
    fn a_good_answer_made_wrong_is_read_or_refused_and_always_the_same(
        good in select(&[XML, JSON][..]),
        mutations in mutations(),
        status in prop_oneof![4 => Just(200_u16), 1 => 200_u16..600],
        content_type in select(
            &["text/xml;charset=UTF-8", "application/json", "x", "text/xml;charset=EUC-KR"][..]
        ),
    ) {
        let body = mutated(good.as_bytes(), &mutations);
        let first = read(&body, status, content_type);
        // What was lost is not made up: a number that is read stands in the body.
        if let Ok(page) = &first {
            prop_assert_eq!(status, 200);
            for instance in &page.instances {
                prop_assert!(instance.no.as_str().bytes().all(|digit| digit.is_ascii_digit()));
            }
        }
        if let Err(error) = &first {
            prop_assert!(error.to_string().len() < 2_000 + body.len(), "{error}");
        }
        prop_assert_eq!(format!("{first:?}"), format!("{:?}", read(&body, status, content_type)));
    }

    #[test]
    fn random_bytes_are_no_list_whatever_they_are_called(
        body in prop::collection::vec(any::<u8>(), 0..400),
        status in 100_u16..600,
        content_type in "[ -~]{0,40}",
    ) {
        prop_assert!(read(&body, status, &content_type).is_err());
    }

    #[test]
    fn any_part_of_an_answer_without_its_end_is_refused(
        good in select(&[XML, JSON][..]), end in any::<Index>()
    ) {
        let part = &good.as_bytes()[..end.index(good.len())];
        prop_assert!(read(part, 200, "text/xml").is_err());
    }

    #[test]
    fn a_doctype_is_refused_wherever_it_stands(
        place in any::<Index>(),
        doctype in select(&[
            "<!DOCTYPE a>",
            "<!DOCTYPE a SYSTEM \"file:///etc/hostname\">",
            "<!DOCTYPE a [<!ENTITY b \"bbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>",
        ][..]),
    ) {
        let gaps: Vec<usize> = XML.match_indices('<').map(|(at, _)| at).skip(1).collect();
        let mut body = XML.to_owned();
        body.insert_str(gaps[place.index(gaps.len())], doctype);
        // Within CDATA it is only text.
        if let Some(names) = names(body.as_bytes(), "text/xml") {
            prop_assert!(names.iter().any(|name| name.contains("<!DOCTYPE")), "{names:?}");
        }
    }

    #[test]
    fn nesting_of_any_depth_is_refused_without_a_deep_stack(depth in 33_usize..200_000) {
        let xml = format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        let json = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let objects = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        for body in [xml, json, objects] {
            prop_assert!(read(body.as_bytes(), 200, "text/xml").is_err());
        }
    }

    #[test]
    fn a_name_is_the_same_in_every_encoding_that_says_so(
        name in "[a-z가-힣 ]{1,12}",
        encoding in select(vec![UTF_8, EUC_KR, BIG5, GB18030, ISO_2022_JP, WINDOWS_1252]),
        is_declared in any::<bool>(),
    ) {
        let name = name.trim();
        prop_assume!(!name.is_empty());
        let text = XML.replace("&#x1F600;", "").replace("배치", name);
        let text = text.replace("서버 RUN 상태", "").replace("개발-", "");
        let label = encoding.name();
        let text = if is_declared {
            text.replace("encoding=\"UTF-8\"", &format!("encoding=\"{label}\""))
        } else {
            text.replace(" encoding=\"UTF-8\"", "")
        };
        let (bytes, _, had_unmappable): (_, &Encoding, bool) = encoding.encode(&text);
        prop_assume!(!had_unmappable);
        let shown = names(&bytes, &format!("text/xml;charset={label}"));
        prop_assert_eq!(shown.map(|names| names[0].clone()), Some(format!("{name} & ")));
    }
}
