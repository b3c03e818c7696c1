//! Every way a change can fail, made to happen: what it proves, and that it is never repeated.

use std::sync::{Arc, OnceLock};

use chrono::TimeDelta;
use lightsout::clock::{Clock, RehearsalClock};
use lightsout::cloud::{Cloud, CloudError};
use lightsout::model::instance::Action;
use lightsout::model::platform::Platform;
use tokio::net::TcpListener;

use super::far::{Far, Reply, SHORT, account, client_within, numbers, ok, region, status};

type Make = Box<dyn Fn() -> Reply + Send + Sync>;

/// Asks for a stop.
async fn stop(url: &str) -> CloudError {
    let (client, _) = client_within(&account(url, Platform::Vpc), SHORT);
    client.change(Action::Stop, &region("KR"), &numbers([1_021_003])).await.unwrap_err()
}

fn not_sent(error: &CloudError) -> &str {
    match error {
        CloudError::NotSent(detail) => detail,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn nothing_was_sent_where_nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = stop(&format!("http://{address}")).await;
    assert!(not_sent(&error).contains("Connection refused"), "{error}");
}

#[tokio::test]
async fn nothing_was_sent_where_tls_fails() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let far = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 x\r\n\r\n").await.unwrap();
    });
    let error = stop(&format!("https://{address}")).await;
    far.await.unwrap();
    assert!(!not_sent(&error).is_empty());
}

#[tokio::test]
async fn nothing_was_sent_where_no_connection_came_about_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let error = stop(&format!("https://{address}")).await;
    assert!(not_sent(&error).contains("timed out"), "{error}");
}

#[tokio::test]
async fn whatever_breaks_after_sending_is_unanswered_and_not_repeated() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<stop".to_vec();
    let make = |reply: fn(Vec<u8>) -> Reply, bytes: Vec<u8>| -> Make {
        Box::new(move || reply(bytes.clone()))
    };
    for (reply, http_status, expected) in [
        (Box::new(|| Reply::Reset) as Make, None, "reset"),
        (make(Reply::Raw, Vec::new()), None, "closed"),
        (make(Reply::Silence, Vec::new()), None, "nothing came within 0.9 s"),
        (make(Reply::Raw, b"SSH-2.0\r\n\r\n".to_vec()), None, "invalid HTTP"),
        (make(Reply::Raw, head.clone()), Some(200), ""),
        (make(Reply::Silence, head), Some(200), "nothing came within 0.9 s"),
        (Box::new(|| status(504, "<html>")), Some(504), "HTTP 504"),
    ] {
        let far = Far::new(move |_| reply()).await;
        match stop(&far.url).await {
            CloudError::Unanswered { detail, http_status: status } => {
                assert_eq!(status, http_status, "{detail}");
                assert!(detail.contains(expected), "{detail}");
            }
            other => panic!("{expected}: {other:?}"),
        }
        assert_eq!(far.received().len(), 1, "{expected}");
    }
}

#[tokio::test]
async fn only_the_code_for_refused_keys_says_more_than_that_this_change_was_refused() {
    let keys = r#"{"error":{"errorCode":"200","message":"Authentication Failed"}}"#;
    for (http_status, body, expected) in [
        (401, "", "the keys lack the right to call `stopServerInstances`"),
        (401, "<html>", "the keys lack the right to call `stopServerInstances`"),
        (401, keys, "the keys were refused: HTTP 401, return code 200"),
        (403, "", "the keys lack the right to call `stopServerInstances`"),
        (403, "<!DOCTYPE html><html>no</html>", "HTTP 403 (it is an HTML page)"),
    ] {
        let far = Far::new(move |_| status(http_status, body)).await;
        let error = stop(&far.url).await;
        assert!(error.to_string().starts_with(expected), "{http_status} {body}: {error}");
        assert!(error.proves_nothing_was_done(), "{error:?}");
        assert_eq!(error.is_about_its_request(), body != keys, "{error:?}");
    }
}

#[tokio::test]
async fn a_read_that_was_signed_before_a_leap_of_the_clock_is_signed_once_more() {
    let keys = r#"{"error":{"errorCode":"200","message":"Expired timestamp"}}"#;
    let clock: Arc<OnceLock<Arc<RehearsalClock>>> = Arc::default();
    let of_far = Arc::clone(&clock);
    let far = Far::new(move |_| {
        of_far.get().unwrap().step(TimeDelta::minutes(10));
        status(401, keys)
    })
    .await;
    let (client, own) = far.client(Platform::Vpc);
    let until = own.moment();
    assert!(clock.set(own).is_ok());
    let error = client.regions(until).await.unwrap_err();
    assert!(matches!(error, CloudError::Denied { .. }), "{error:?}");
    assert_eq!(far.received().len(), 2, "once more, and no oftener");
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_given_up() {
    let announced = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n".to_vec();
    let mut endless = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    endless.extend(chunk.repeat(17).into_bytes());
    for bytes in [announced, endless] {
        let far = Far::new(move |_| Reply::Silence(bytes.clone())).await;
        let expected = CloudError::Unreadable {
            detail: "it is longer than 1048576 bytes".to_owned(),
            http_status: 200,
        };
        assert_eq!(stop(&far.url).await, expected);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = Far::new(|_| ok("")).await;
    let location = format!("Location: {}/?x=hidden\r\n", other.url);
    let far =
        Far::new(move |_| Reply::Full { status: 307, headers: location.clone(), body: Vec::new() })
            .await;
    let expected = CloudError::Unreadable {
        detail: "it redirects to `127.0.0.1`, which is not followed".to_owned(),
        http_status: 307,
    };
    assert_eq!(stop(&far.url).await, expected);
    assert!(other.received().is_empty(), "our key and signature went elsewhere");
}
