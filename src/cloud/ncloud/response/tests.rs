use reqwest::header::HeaderValue;

use super::*;

const STOP: &str = "stopServerInstances";

/// The example of the API's page.
const EXAMPLE: &str = include_str!("stopServerInstances.xml");

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_secs(1_795_420_800).unwrap()
}

fn answer(http_status: u16, headers: &[(HeaderName, &'static str)], body: &str) -> Answer {
    let headers =
        headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
    Answer { http_status, headers: headers.collect(), body: Ok(body.as_bytes().to_vec()) }
}

fn read(answer: &Answer) -> Result<String, CloudError> {
    answer.read(Payload::Of(STOP), now(), |payload| {
        Ok(payload.word("requestId").unwrap_or_default().to_owned())
    })
}

fn said(http_status: u16, code: &str, message: &str) -> Refusal {
    Refusal {
        http_status,
        request_id: None,
        return_code: Some(code.to_owned()),
        return_message: Some(message.to_owned()),
    }
}

#[test]
fn no_prefix_of_the_published_example_passes_for_an_answer() {
    let whole = EXAMPLE.trim_end();
    let id = "ee1a0910-96d2-41ca-8a1b-837f889667a2".to_owned();
    assert_eq!(read(&answer(200, &[], whole)), Ok(id));
    for end in 0..whole.len() {
        let cut = read(&answer(200, &[], &whole[..end]));
        assert!(matches!(cut, Err(CloudError::Unreadable { http_status: 200, .. })), "{end}");
    }
}

#[test]
fn each_shape_of_an_error_is_read_in_xml_and_json() {
    let gateway_xml = "<error><errorCode>300</errorCode><message>Not Found</message></error>";
    let gateway_json = r#"{"error":{"errorCode":"300","message":"Not Found","details":"x"}}"#;
    let refused = |refusal: Refusal, meaning| CloudError::Refused { refusal, meaning };
    for body in [gateway_xml, gateway_json] {
        let expected = refused(said(404, "300", "Not Found"), Meaning::Final);
        assert_eq!(read(&answer(404, &[], body)), Err(expected));
    }
    for (code, meaning) in [
        ("25014", Meaning::InTheWay),
        ("25041", Meaning::InTheWay),
        ("22001", Meaning::Partly),
        ("24109", Meaning::NoSuchInstance),
        ("24120", Meaning::NoSuchInstance),
        ("28005", Meaning::AlreadyThere),
        ("1007009", Meaning::Final),
    ] {
        let fields = format!("<returnCode>{code}</returnCode><returnMessage>안 됨</returnMessage>");
        let service = format!("<responseError>{fields}</responseError>");
        let json =
            format!(r#"{{"responseError":{{"returnCode":{code},"returnMessage":"안 됨"}}}}"#);
        let inner = format!("<{STOP}Response>{fields}</{STOP}Response>");
        for (status, body) in [(400, service), (400, json), (200, inner)] {
            let expected = refused(said(status, code, "안 됨"), meaning);
            assert_eq!(read(&answer(status, &[], &body)), Err(expected), "{body}");
        }
    }
}

#[test]
fn a_throttle_says_how_long_to_wait() {
    let body = "<responseError><returnCode>1300</returnCode><returnMessage>later</returnMessage>\
                </responseError>";
    let date = (DATE, "Mon, 23 Nov 2026 08:00:00 GMT");
    for (headers, seconds) in [
        (vec![], None),
        (vec![(RETRY_AFTER, "7")], Some(7)),
        (vec![date, (RETRY_AFTER, "Mon, 23 Nov 2026 08:00:30 GMT")], Some(30)),
        (vec![(RETRY_AFTER, "soon")], None),
    ] {
        let retry_after = seconds.map(Duration::from_secs);
        let refusal = said(503, "1300", "later");
        let expected = CloudError::Throttled { refusal, retry_after };
        assert_eq!(read(&answer(503, &headers, body)), Err(expected));
        let refusal = Refusal { http_status: 429, ..Refusal::default() };
        let expected = CloudError::Throttled { refusal, retry_after };
        assert_eq!(read(&answer(429, &headers, "")), Err(expected));
    }
}

#[test]
fn a_401_blames_the_clock_a_right_or_the_keys() {
    // It is 2026-11-23T08:00:00Z here.
    let near = "Mon, 23 Nov 2026 08:04:00 GMT";
    for (date, code, because) in [
        (near, "200", Denial::Keys),
        (near, "210", Denial::Permission),
        ("Mon, 23 Nov 2026 07:55:00 GMT", "200", Denial::Clock { ahead: 300 }),
        ("Mon, 23 Nov 2026 08:04:01 GMT", "210", Denial::Clock { ahead: -241 }),
    ] {
        let body = format!(r#"{{"error":{{"errorCode":"{code}","message":"no"}}}}"#);
        let expected = CloudError::Denied { refusal: said(401, code, "no"), because };
        assert_eq!(read(&answer(401, &[(DATE, date)], &body)), Err(expected), "{date} {code}");
    }
}

#[test]
fn a_body_that_says_nothing_is_judged_by_its_status() {
    let doctype = "<!DOCTYPE r [<!ENTITY a \"b\">]><stopServerInstancesResponse/>";
    for body in ["", "<html>oops</html>", "oops", "<a", doctype, "{}", "<otherResponse/>"] {
        for status in [200, 302, 400, 403, 404] {
            let outcome = read(&answer(status, &[], body));
            let is_unreadable = matches!(outcome, Err(CloudError::Unreadable { http_status, .. }) if http_status == status);
            assert!(is_unreadable, "{status} {body}: {outcome:?}");
        }
        for status in [500, 502, 503, 504] {
            let expected = CloudError::Unanswered {
                detail: format!("HTTP {status}"),
                http_status: Some(status),
            };
            assert_eq!(read(&answer(status, &[], body)), Err(expected), "{body}");
        }
    }
}
