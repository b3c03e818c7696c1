//! The client against a far side of bytes: what leaves the machine, and what becomes of every
//! way in which no good answer comes back.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use base64::Engine;
use hmac::{Hmac, KeyInit, Mac};
use lightsout::clock::{Clock, SystemClock};
use lightsout::cloud::ncloud::{Environment, Ncloud, Timeouts};
use lightsout::cloud::{Accepted, Cloud, CloudError};
use lightsout::instance::{AccountName, Action, InstanceNo, RegionCode};
use lightsout::schedule::glob::Glob;
use lightsout::schedule::selector::TagQuestion;
use lightsout::schedule::{Account, CredentialSource, Gateway, Platform};

const ACCESS_KEY: &str = "AKDUMMY0123456789ABC";
const SECRET_KEY: &str = "SKDUMMY0123456789abcdefghijklmnopqrstuvwx";

/// What the far side does once a whole request is there.
enum Reply {
    /// Writes this and closes.
    Says(String),
    /// Closes without a word.
    Hangup,
    /// Breaks the connection: closed with bytes unread.
    Reset,
    /// Says nothing until the client gives up.
    Silence,
}

/// Answers as many connections as there are replies; gives the requests.
fn far_side(replies: Vec<Reply>) -> (u16, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = move || {
        let serve_one = |reply| serve(listener.accept().unwrap().0, reply);
        replies.into_iter().map(serve_one).collect()
    };
    (port, std::thread::spawn(serve))
}

fn serve(mut stream: TcpStream, reply: Reply) -> String {
    let mut buffer = vec![0; 64 * 1024];
    let request = loop {
        let length = stream.peek(&mut buffer).unwrap();
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        if is_whole(&text) {
            break text;
        }
        std::thread::yield_now();
    };
    if !matches!(reply, Reply::Reset) {
        stream.read_exact(&mut buffer[..request.len()]).unwrap();
    }
    match reply {
        // A client that has read enough may be gone before the end.
        Reply::Says(text) => drop(stream.write_all(text.as_bytes())),
        Reply::Silence => drop(stream.read(&mut buffer)),
        Reply::Hangup | Reply::Reset => {}
    }
    request
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let length = header(head, "content-length").map_or(0, |length| length.parse().unwrap());
    body.len() >= length
}

fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    request
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find_map(|(found, value)| found.eq_ignore_ascii_case(name).then_some(value))
}

fn http(status: u16, headers: &str, body: &str) -> Reply {
    let length = body.len();
    Reply::Says(format!(
        "HTTP/1.1 {status} X\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    ))
}

fn ok(action: &str, fields: &str) -> Reply {
    let body = format!(
        "<{action}Response><requestId>id-1</requestId><returnCode>0</returnCode>\
         <returnMessage>success</returnMessage>{fields}</{action}Response>"
    );
    http(200, "", &body)
}

fn servers(total: usize, numbers: &[&str]) -> Reply {
    let row = |no: &&str| {
        format!(
            "<serverInstance><serverInstanceNo>{no}</serverInstanceNo><serverName>개발 {no}\
             </serverName><serverInstanceStatus><code>RUN</code></serverInstanceStatus>\
             <serverInstanceOperation><code>NULL</code></serverInstanceOperation></serverInstance>"
        )
    };
    let rows: String = numbers.iter().map(row).collect();
    let fields =
        format!("<totalRows>{total}</totalRows><serverInstanceList>{rows}</serverInstanceList>");
    ok("getServerInstanceList", &fields)
}

struct World {
    cloud: Ncloud,
    clock: Arc<SystemClock>,
    region: RegionCode,
}

fn world(port: u16, platform: Platform) -> World {
    let account = Account {
        name: AccountName::new("main").unwrap(),
        platform,
        gateway: Some(Gateway::Url(format!("http://127.0.0.1:{port}"))),
        resource_manager: None,
        regions: Vec::new(),
        credentials: CredentialSource::Env,
    };
    let environment =
        Environment::from([("NCLOUD_ACCESS_KEY", ACCESS_KEY), ("NCLOUD_SECRET_KEY", SECRET_KEY)]);
    let timeouts = Timeouts { connect: Duration::from_secs(5), total: Duration::from_millis(500) };
    let clock = SystemClock::new();
    let cloud = Ncloud::connect_within(timeouts, &account, &environment, clock.clone()).unwrap();
    World { cloud, clock, region: RegionCode::new("KR").unwrap() }
}

impl World {
    async fn stop(&self, numbers: &[&str]) -> Result<Accepted, CloudError> {
        self.cloud.change(Action::Stop, &self.region, &numbers_of(numbers)).await
    }

    /// The names of what a list gives, asked once.
    async fn list(&self) -> Result<Vec<String>, CloudError> {
        let listed = self.cloud.list(&self.region, self.clock.moment()).await?;
        Ok(listed.into_iter().map(|instance| instance.name).collect())
    }
}

fn numbers_of(numbers: &[&str]) -> Vec<InstanceNo> {
    numbers.iter().map(|no| InstanceNo::new(*no).unwrap()).collect()
}

fn targets(requests: &[String]) -> Vec<&str> {
    requests.iter().map(|request| request.split(' ').nth(1).unwrap()).collect()
}

#[tokio::test]
async fn what_is_signed_is_what_is_on_the_wire() {
    let (port, far) = far_side(vec![ok("stopServerInstances", "")]);
    let accepted = world(port, Platform::Vpc).stop(&["1021003", "937507"]).await;
    let expected = Accepted {
        http_status: 200,
        request_id: Some("id-1".to_owned()),
        return_code: "0".to_owned(),
        return_message: Some("success".to_owned()),
    };
    assert_eq!(accepted, Ok(expected));
    let request = &far.join().unwrap()[0];
    let line = request.lines().next().unwrap().strip_suffix(" HTTP/1.1").unwrap();
    assert_eq!(
        line,
        "GET /vserver/v2/stopServerInstances?regionCode=KR&serverInstanceNoList.1=1021003\
         &serverInstanceNoList.2=937507&responseFormatType=xml"
    );
    let time = header(request, "x-ncp-apigw-timestamp").unwrap();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET_KEY.as_bytes()).unwrap();
    mac.update(format!("{line}\n{time}\n{ACCESS_KEY}").as_bytes());
    let signature = base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
    assert_eq!(header(request, "x-ncp-apigw-signature-v2"), Some(&*signature));
    assert_eq!(header(request, "x-ncp-iam-access-key"), Some(ACCESS_KEY));
    assert!(!request.contains(SECRET_KEY));
}

#[tokio::test]
async fn a_refused_connection_proves_that_nothing_was_sent() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let outcome = world(port, Platform::Vpc).stop(&["1"]).await;
    assert!(matches!(outcome, Err(CloudError::NotSent(_))), "{outcome:?}");
}

// The connection is closed by a task of the client's, while this one waits for the far side.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_lost_after_sending_is_unanswered_and_sent_once() {
    let torn = "HTTP/1.1 200 X\r\nContent-Length: 900\r\n\r\n<stopServerInstancesResp".to_owned();
    for (reply, status) in [
        (Reply::Silence, None),
        (Reply::Hangup, None),
        (Reply::Reset, None),
        (Reply::Says(torn), Some(200)),
        (http(503, "", "<html>busy</html>"), Some(503)),
        (http(504, "", ""), Some(504)),
    ] {
        let (port, far) = far_side(vec![reply]);
        let outcome = world(port, Platform::Classic).stop(&["1"]).await;
        let is_lost = matches!(&outcome,
            Err(CloudError::Unanswered { http_status, .. }) if *http_status == status);
        assert!(is_lost, "{outcome:?}");
        let requests = far.join().unwrap();
        let expected =
            "/server/v2/stopServerInstances?serverInstanceNoList.1=1&responseFormatType=xml";
        assert_eq!(targets(&requests), [expected]);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let to = format!("Location: http://{}/?secret\r\n", elsewhere.local_addr().unwrap());
    let (port, far) = far_side(vec![http(307, &to, "")]);
    let outcome = world(port, Platform::Vpc).stop(&["1"]).await;
    let expected = CloudError::Unreadable {
        detail: "it redirects to `127.0.0.1`, which is not followed".to_owned(),
        http_status: 307,
    };
    assert_eq!(outcome, Err(expected));
    assert_eq!(far.join().unwrap().len(), 1);
    assert!(elsewhere.accept().is_err(), "somebody came");
}

// The connection is closed by a task of the client's, while this one waits for the far side.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_over_the_cap_is_refused_announced_or_not() {
    let most = 16 * 1024 * 1024;
    let announced = format!("HTTP/1.1 200 X\r\nContent-Length: {}\r\n\r\n<", most + 1);
    let unannounced =
        format!("HTTP/1.1 200 X\r\nConnection: close\r\n\r\n{}", " ".repeat(most + 1));
    for reply in [announced, unannounced] {
        let (port, far) = far_side(vec![Reply::Says(reply)]);
        let outcome = world(port, Platform::Vpc).list().await;
        let detail = format!("it is longer than {most} bytes");
        assert_eq!(outcome, Err(CloudError::Unreadable { detail, http_status: 200 }));
        far.join().unwrap();
    }
}

#[tokio::test]
async fn a_read_is_repeated_until_it_is_answered() {
    let (port, far) = far_side(vec![Reply::Hangup, servers(2, &["1", "2"])]);
    let world = world(port, Platform::Vpc);
    let until = world.clock.moment() + Duration::from_secs(60);
    let listed = world.cloud.list(&world.region, until).await.unwrap();
    let names: Vec<_> = listed.iter().map(|instance| instance.name.as_str()).collect();
    assert_eq!(names, ["개발 1", "개발 2"]);
    assert_eq!(far.join().unwrap().len(), 2);
}

#[tokio::test]
async fn pages_are_asked_for_when_more_exist_than_came() {
    let replies = [&["1", "2"][..], &["1", "2"], &["3"]].map(|rows| servers(3, rows));
    let (port, far) = far_side(replies.into());
    let names = world(port, Platform::Vpc).list().await;
    assert_eq!(names.unwrap(), ["개발 1", "개발 2", "개발 3"]);
    let list = "/vserver/v2/getServerInstanceList?regionCode=KR";
    assert_eq!(
        targets(&far.join().unwrap()),
        [
            format!("{list}&responseFormatType=xml"),
            format!("{list}&pageNo=1&pageSize=100&responseFormatType=xml"),
            format!("{list}&pageNo=2&pageSize=100&responseFormatType=xml"),
        ]
    );
}

#[tokio::test]
async fn an_incomplete_list_is_an_error() {
    let (port, far) = far_side([&["1"][..], &["1"], &[]].map(|rows| servers(3, rows)).into());
    let expected = CloudError::Unreadable {
        detail: "the list has 1 of 3 servers".to_owned(),
        http_status: 200,
    };
    assert_eq!(world(port, Platform::Vpc).list().await, Err(expected));
    far.join().unwrap();
}

#[tokio::test]
async fn classic_is_listed_zone_by_zone() {
    let (port, far) = far_side(vec![
        ok(
            "getRegionList",
            "<regionList><region><regionNo>1</regionNo><regionCode>KR</regionCode></region>\
             </regionList>",
        ),
        ok(
            "getZoneList",
            "<zoneList><zone><zoneNo>2</zoneNo></zone><zone><zoneNo>3</zoneNo></zone></zoneList>",
        ),
        servers(1, &["7"]),
        servers(1, &["8"]),
    ]);
    assert_eq!(world(port, Platform::Classic).list().await.unwrap(), ["개발 7", "개발 8"]);
    let list = "/server/v2/getServerInstanceList?regionNo=1";
    assert_eq!(
        targets(&far.join().unwrap()),
        [
            "/server/v2/getRegionList?responseFormatType=xml".to_owned(),
            "/server/v2/getZoneList?regionNo=1&responseFormatType=xml".to_owned(),
            format!("{list}&zoneNo=2&responseFormatType=xml"),
            format!("{list}&zoneNo=3&responseFormatType=xml"),
        ]
    );
}

#[tokio::test]
async fn one_number_that_is_none_does_not_hide_the_others() {
    let invalid = || {
        let body = "<responseError><returnCode>24120</returnCode></responseError>";
        http(400, "", body)
    };
    let (port, far) = far_side(vec![invalid(), servers(1, &["2"]), invalid()]);
    let world = world(port, Platform::Vpc);
    let numbers = numbers_of(&["1", "2"]);
    let found = world.cloud.look_up(&world.region, &numbers, world.clock.moment()).await.unwrap();
    let found: Vec<_> = found.into_iter().map(|instance| instance.no).collect();
    assert_eq!(found, numbers_of(&["2"]));
    assert_eq!(far.join().unwrap().len(), 3);
}

#[tokio::test]
async fn a_glob_over_tags_reads_each_holder_and_a_literal_asks_once() {
    let items = |items: &str| http(200, "", &format!(r#"{{"hasMore":false,"items":[{items}]}}"#));
    let item = |no: &str| format!(r#"{{"resourceId":"{no}","nrn":"nrn:{no}"}}"#);
    let held = |no: &str, value: &str| {
        let tag = format!(r#""tag":[{{"tagKey":"환경","tagValue":"{value}"}}]"#);
        format!(r#"{{"resourceId":"{no}","nrn":"nrn:{no}",{tag}}}"#)
    };
    let (port, far) = far_side(vec![
        items(&item("1")),
        items(&format!("{},{}", item("1"), item("2"))),
        items(&held("1", "개발")),
        items(&held("2", "운영")),
        http(500, "", ""),
    ]);
    let world = world(port, Platform::Vpc);
    let question = |glob| TagQuestion { key: "환경".to_owned(), value: Glob::new(glob).unwrap() };
    let questions = ["개발", "개*", "*"].map(question);
    let answers = world.cloud.tagged(&world.region, &[], &questions, world.clock.moment()).await;
    let one = numbers_of(&["1"]).into_iter().collect();
    assert_eq!(answers[0].as_ref(), Ok(&one));
    assert_eq!(answers[1].as_ref(), Ok(&one));
    assert!(matches!(answers[2], Err(CloudError::Unanswered { .. })), "{answers:?}");
    let requests = far.join().unwrap();
    assert!(requests.iter().all(|request| request.starts_with("POST /api/v1/resources HTTP/1.1")));
    assert!(requests[0].contains(r#""tag":[{"tagKey":"환경","tagValue":"개발"}]"#));
    assert!(requests[2].ends_with(r#"{"nrn":"nrn:1"}"#), "{}", requests[2]);
}

#[tokio::test]
async fn no_secret_is_printed_or_logged() {
    let written = Arc::new(Mutex::new(Vec::new()));
    let log = Log(Arc::clone(&written));
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || log.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let (port, far) = far_side(vec![http(401, "", "<error><errorCode>200</errorCode></error>")]);
    let world = world(port, Platform::Vpc);
    let error = world.stop(&["1"]).await.unwrap_err();
    drop(guard);
    let request = far.join().unwrap().remove(0);
    let signature = header(&request, "x-ncp-apigw-signature-v2").unwrap();
    let logged = String::from_utf8(written.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("request failed"), "{logged}");
    let shown = format!("{error} {error:?} {:?} {logged}", world.cloud);
    for secret in [ACCESS_KEY, SECRET_KEY, signature] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[derive(Clone)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
