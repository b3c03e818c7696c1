//! Tests of the reading of answers: tables over the bodies in `tests/ncloud/`.

use proptest::prelude::*;
use reqwest::header::HeaderValue;

use super::*;

const ACCEPTED_XML: &str = include_str!("../../../../tests/ncloud/stop_accepted.xml");
const ACCEPTED_JSON: &str = include_str!("../../../../tests/ncloud/stop_accepted.json");
const DENIED_JSON: &str = include_str!("../../../../tests/ncloud/gateway_denied.json");
const DENIED_XML: &str = include_str!("../../../../tests/ncloud/gateway_denied.xml");
const REFUSED_XML: &str = include_str!("../../../../tests/ncloud/service_refused.xml");
const REFUSED_JSON: &str = include_str!("../../../../tests/ncloud/service_refused.json");
const REFUSED_200: &str = include_str!("../../../../tests/ncloud/stop_refused_with_200.xml");
const THROTTLED: &str = include_str!("../../../../tests/ncloud/throttled.xml");

const RIGHT: Right = Right { call: "stopServerInstances", granted_by: Some("MANAGER") };

fn keys() -> Keys {
    Keys::new("AKDUMMY0123456789ABC", "SKDUMMY0123456789abcdefghijklmnopqrstuvwx")
}

fn now() -> DateTime<Utc> {
    "2026-11-23T11:00:00Z".parse().unwrap()
}

fn answer(http_status: u16, headers: &[(HeaderName, &'static str)], body: &[u8]) -> HttpAnswer {
    let headers = headers.iter().cloned();
    let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value))).collect();
    HttpAnswer { http_status, headers, body: Ok(body.to_vec()) }
}

/// Reads an answer to `stopServerInstances` and gives its request id and return code.
fn read(answer: &HttpAnswer) -> Result<(Option<String>, String), CloudError> {
    let asked = CallContext { payload: Payload::Of(RIGHT.call), right: RIGHT, keys: &keys() };
    answer.read(asked, now(), |root| {
        let request_id = root.word("requestId").map(ToOwned::to_owned);
        Ok((request_id, root.word("returnCode").unwrap().to_owned()))
    })
}

fn refusal(http_status: u16, code: Option<&str>, message: Option<&str>) -> Refusal {
    let owned = |text: Option<&str>| text.map(ToOwned::to_owned);
    let (return_code, return_message) = (owned(code), owned(message));
    Refusal { http_status, request_id: None, return_code, return_message }
}

#[test]
fn a_success_is_read_from_xml_and_json_with_or_without_a_request_id() {
    let id = Some("ee1a0910-96d2-41ca-8a1b-837f889667a2".to_owned());
    let marked = format!("\u{feff}\n{ACCEPTED_XML}");
    for (body, expected) in [(ACCEPTED_XML, id.clone()), (&marked, id), (ACCEPTED_JSON, None)] {
        assert_eq!(read(&answer(200, &[], body.as_bytes())), Ok((expected, "0".to_owned())));
    }
}

#[test]
fn every_beginning_of_a_success_is_unreadable() {
    for body in [ACCEPTED_XML, ACCEPTED_JSON] {
        let body = body.trim_end();
        for end in 0..body.len() {
            let read = read(&answer(200, &[], &body.as_bytes()[..end]));
            let is_unreadable = matches!(read, Err(CloudError::Unreadable { .. }));
            assert!(is_unreadable, "{end} of {} bytes: {read:?}", body.len());
        }
    }
}

#[test]
fn a_refusal_is_kept_word_by_word() {
    let busy = "The storage assigned to the server is in operation.";
    let other = "Unable to perform operation command since (other) user is either manipulating \
                 the target server or a problem in target server. Please confirm server status \
                 once again. ";
    let partial = "1 among 2 servers failed for operation. The problem is being handled. Please \
                   hold for a moment.";
    for (status, body, expected) in [
        (400, REFUSED_XML, refusal(400, Some("25041"), Some(other))),
        (200, REFUSED_XML, refusal(200, Some("25041"), Some(other))),
        (400, REFUSED_JSON, refusal(400, Some("1101234"), Some(busy))),
        (404, "{\"error\":{\"errorCode\":\"300\",\"message\":\"Not Found\"}}", {
            refusal(404, Some("300"), Some("Not Found"))
        }),
        (
            200,
            REFUSED_200,
            Refusal {
                request_id: Some("d0b1b9b0-0000-4000-8000-000000000000".to_owned()),
                ..refusal(200, Some("22001"), Some(partial))
            },
        ),
    ] {
        let read = read(&answer(status, &[], body.as_bytes()));
        let meaning = match expected.return_code.as_deref() {
            Some("25041" | "1101234") => Meaning::InTheWay,
            Some("22001") => Meaning::Partly,
            _ => Meaning::Unknown,
        };
        let expected = CloudError::Refused { refusal: expected, meaning };
        assert_eq!(read, Err(expected), "{status} {body}");
    }
}

#[test]
fn what_is_no_answer_is_unreadable_and_from_a_failing_gateway_unanswered() {
    let html = "<!DOCTYPE html><html>Bad Gateway</html>";
    let wrong = "<startServerInstancesResponse><returnCode>0</returnCode>\
                 </startServerInstancesResponse>";
    let codeless = "<stopServerInstancesResponse><returnCode/></stopServerInstancesResponse>";
    let there_is_none = "there is no stopServerInstancesResponse with a returnCode in it";
    for (status, body, expected) in [
        (200, html, "it is an HTML page"),
        (404, html, "it is an HTML page"),
        (200, "", "it is empty"),
        (202, ACCEPTED_XML, "HTTP 202 without a code"),
        (400, "{\"status\":400,\"error\":\"Bad Request\"}", "HTTP 400 without a code"),
        (200, wrong, there_is_none),
        (200, codeless, there_is_none),
        (200, "{\"stopServerInstancesResponse\":{\"requestId\":\"x\"}}", there_is_none),
        (302, "", "it redirects, which is not followed"),
    ] {
        let expected = CloudError::Unreadable { detail: expected.to_owned(), http_status: status };
        let read = read(&answer(status, &[], body.as_bytes()));
        assert_eq!(read, Err(expected), "{status} {body}");
    }
    for (status, body, expected) in [
        (500, html, "HTTP 500"),
        (504, "", "HTTP 504"),
        (
            503,
            REFUSED_JSON,
            "HTTP 503, return code 1101234 (The storage assigned to the server \
                             is in operation.)",
        ),
    ] {
        let read = read(&answer(status, &[], body.as_bytes()));
        let (detail, http_status) = (expected.to_owned(), Some(status));
        assert_eq!(read, Err(CloudError::Unanswered { detail, http_status }));
    }
}

#[test]
fn a_redirect_names_its_host_and_nothing_else() {
    let to = [(LOCATION, "https://user:word@other.example.test/x?signature=secret")];
    let error = read(&answer(307, &to, b"")).unwrap_err().to_string();
    assert!(error.contains("redirects to `other.example.test`"), "{error}");
    assert!(!error.contains("secret") && !error.contains("word"), "{error}");
}

#[test]
fn a_throttle_says_how_long_to_wait() {
    let date = (DATE, "Mon, 23 Nov 2026 10:58:00 GMT");
    let at = (RETRY_AFTER, "Mon, 23 Nov 2026 10:58:30 GMT");
    let later = refusal(400, Some("1300"), Some("Please try again later."));
    for (status, headers, body, expected, seconds) in [
        (429, &[][..], "", refusal(429, None, None), None),
        (429, &[(RETRY_AFTER, "7")], "<html>", refusal(429, None, None), Some(7)),
        (429, &[date.clone(), at.clone()], "", refusal(429, None, None), Some(30)),
        (429, &[at], "", refusal(429, None, None), Some(0)),
        (429, &[(RETRY_AFTER, "soon")], "", refusal(429, None, None), None),
        (400, &[(RETRY_AFTER, "2")], THROTTLED, later.clone(), Some(2)),
        (200, &[], THROTTLED, Refusal { http_status: 200, ..later.clone() }, None),
        (503, &[], THROTTLED, Refusal { http_status: 503, ..later }, None),
    ] {
        let retry_after = seconds.map(Duration::from_secs);
        let read = read(&answer(status, headers, body.as_bytes()));
        assert_eq!(read, Err(CloudError::Throttled { refusal: expected, retry_after }));
    }
}

#[test]
fn a_401_is_about_the_keys_or_the_clock_unless_it_says_that_a_right_is_missing() {
    let near = (DATE, "Mon, 23 Nov 2026 10:56:00 GMT");
    let behind = (DATE, "Mon, 23 Nov 2026 10:55:59 GMT");
    let ahead = (DATE, "Mon, 23 Nov 2026 11:10:00 GMT");
    for (headers, body, expected) in [
        (&[][..], DENIED_XML, Denial::Keys),
        (&[], "", Denial::Keys),
        (&[], "<html>", Denial::Keys),
        (&[near], DENIED_XML, Denial::Keys),
        (std::slice::from_ref(&behind), DENIED_XML, Denial::Clock { ahead: 241 }),
        (&[ahead], "", Denial::Clock { ahead: -600 }),
    ] {
        match read(&answer(401, headers, body.as_bytes())) {
            Err(CloudError::Denied { because, .. }) => assert_eq!(because, expected),
            other => panic!("{other:?}"),
        }
    }
    let forbidden = "<error><errorCode>230</errorCode><message>Forbidden</message></error>";
    for (status, headers, body) in [
        (401, &[][..], DENIED_JSON),
        (401, std::slice::from_ref(&behind), DENIED_JSON),
        (401, &[], forbidden),
        (403, &[], forbidden),
        (403, &[], DENIED_JSON),
        (403, &[], ""),
    ] {
        match read(&answer(status, headers, body.as_bytes())) {
            Err(CloudError::Forbidden { right, .. }) => assert_eq!(right, RIGHT),
            other => panic!("{status} {body}: {other:?}"),
        }
    }
}

#[test]
fn the_gateways_details_are_kept_and_a_right_that_is_missing_is_named() {
    let error = read(&answer(401, &[], DENIED_JSON.as_bytes())).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the keys lack the right to call `stopServerInstances`, which `MANAGER` grants: HTTP 401, \
         return code 210 (Permission Denied: A subscription is required.)"
    );
    let long =
        format!("<error><errorCode>1</errorCode><details>{}</details></error>", "가".repeat(5_000));
    let error = read(&answer(400, &[], long.as_bytes())).unwrap_err().to_string();
    assert_eq!(error.matches('가').count(), 1_000);
}

#[test]
fn what_passes_by_itself_is_known_by_its_code_or_by_its_text() {
    let storage = "The storage assigned to the server is in operation.";
    for (code, message, expected) in [
        ("25014", "x", Meaning::InTheWay),
        ("25041", "x", Meaning::InTheWay),
        ("1100031", "x", Meaning::InTheWay),
        ("1007009", "x", Meaning::InTheWay),
        ("1999999", storage, Meaning::InTheWay),
        ("1999999", "서버에 할당된 스토리지를 사용 중입니다.", Meaning::InTheWay),
        ("24120", storage, Meaning::NoSuchInstance),
        ("1999999", "x", Meaning::Unknown),
    ] {
        let refusal = refusal(400, Some(code), Some(message));
        assert_eq!(meaning(&refusal), expected, "{code} {message}");
    }
}

#[test]
fn keys_that_an_answer_repeats_are_masked() {
    let [access, secret] = ["AKDUMMY0123456789ABC", "SKDUMMY0123456789abcdefghijklmnopqrstuvwx"];
    for (status, body) in [
        (
            400,
            format!(
                "<responseError><returnCode>{secret}</returnCode><returnMessage>{access}</returnMessage><requestId>{access}</requestId></responseError>"
            ),
        ),
        (
            401,
            format!(
                r#"{{"error":{{"errorCode":"200","message":"{access}","details":"x {secret}"}}}}"#
            ),
        ),
        (403, format!(r#"{{"error":{{"errorCode":"230","details":"GET /?k={access}"}}}}"#)),
        (
            200,
            format!(
                "<stopServerInstancesResponse><returnCode>0</returnCode><requestId>{secret}</requestId></stopServerInstancesResponse>"
            ),
        ),
        (200, format!("<{secret}>")),
        (503, format!("<error><errorCode>500</errorCode><message>{access}</message></error>")),
    ] {
        let read = read(&answer(status, &[], body.as_bytes()));
        let shown = format!(
            "{read:?} {}",
            read.as_ref().err().map(ToString::to_string).unwrap_or_default()
        );
        assert!(!shown.contains(access) && !shown.contains(secret), "{shown}");
    }
}

#[test]
fn a_status_speaks_for_itself_when_the_body_was_lost() {
    let lost = CloudError::Unanswered { detail: "reset".to_owned(), http_status: Some(1) };
    let cut = |status| HttpAnswer { body: Err(lost.clone()), ..answer(status, &[], b"") };
    assert!(matches!(read(&cut(401)), Err(CloudError::Denied { .. })));
    assert!(matches!(read(&cut(429)), Err(CloudError::Throttled { .. })));
    assert_eq!(read(&cut(200)), Err(lost.clone()));
    assert_eq!(read(&cut(400)), Err(lost.clone()));
}

proptest! {
    #[test]
    fn no_bytes_at_all_make_the_reader_panic_or_pass_for_a_success(
        status in 200_u16..600, body in prop::collection::vec(any::<u8>(), 0..200)
    ) {
        prop_assert!(read(&answer(status, &[], &body)).is_err());
    }

    #[test]
    fn a_success_with_bytes_changed_never_makes_the_reader_panic(
        at in 0..ACCEPTED_XML.len(), byte in any::<u8>()
    ) {
        let mut body = ACCEPTED_XML.as_bytes().to_vec();
        body[at] = byte;
        let _ = read(&answer(200, &[], &body));
    }
}
