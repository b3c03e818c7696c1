//! What each answer means: tables over the bodies in `tests/ncloud/`.

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

fn now() -> DateTime<Utc> {
    "2026-11-23T11:00:00Z".parse().unwrap()
}

fn answer(http_status: u16, headers: &[(HeaderName, &'static str)], body: &[u8]) -> Answer {
    let headers = headers.iter().cloned();
    let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value))).collect();
    Answer { http_status, headers, body: Ok(body.to_vec()) }
}

/// Reads an answer to `stopServerInstances` and gives its request id and return code.
fn read(answer: &Answer) -> Result<(Option<String>, String), CloudError> {
    answer.read(Payload::Of("stopServerInstances"), now(), |root| {
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
        (400, REFUSED_JSON, refusal(400, Some("1007009"), Some(busy))),
        (403, DENIED_JSON, refusal(403, Some("210"), Some("Permission Denied"))),
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
            Some("25041") => Meaning::InTheWay,
            Some("22001") => Meaning::Partly,
            _ => Meaning::Final,
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
            "HTTP 503, return code 1007009 (The storage assigned to the server \
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
fn a_401_says_which_of_keys_permission_and_clock_it_is() {
    let near = (DATE, "Mon, 23 Nov 2026 10:56:00 GMT");
    let behind = (DATE, "Mon, 23 Nov 2026 10:55:59 GMT");
    let ahead = (DATE, "Mon, 23 Nov 2026 11:10:00 GMT");
    for (headers, body, expected) in [
        (&[][..], DENIED_XML, Denial::Keys),
        (&[], "", Denial::Keys),
        (&[], DENIED_JSON, Denial::Permission),
        (&[near], DENIED_XML, Denial::Keys),
        (&[behind], DENIED_XML, Denial::Clock { ahead: 241 }),
        (&[ahead], "", Denial::Clock { ahead: -600 }),
    ] {
        match read(&answer(401, headers, body.as_bytes())) {
            Err(CloudError::Denied { because, .. }) => assert_eq!(because, expected),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_status_speaks_for_itself_when_the_body_was_lost() {
    let lost = CloudError::Unanswered { detail: "reset".to_owned(), http_status: Some(1) };
    let cut = |status| Answer { body: Err(lost.clone()), ..answer(status, &[], b"") };
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
