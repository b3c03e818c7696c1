//! A client of a hundred lines: one signed request, one connection, every byte of the answer.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use lightsout::clock::{Clock, RehearsalClock};
use lightsout::cloud::rehearsal::{Fleet, RehearsalCloud};
use lightsout::model::instance::InstanceNo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A rehearsal cloud whose time stands still until it is told to pass.
pub(crate) struct Cloud {
    pub(crate) cloud: RehearsalCloud,
    pub(crate) clock: Arc<RehearsalClock>,
}

pub(crate) fn no(no: &str) -> InstanceNo {
    InstanceNo::new(no).expect("digits")
}

fn origin() -> DateTime<Utc> {
    "2026-11-23T08:00:00Z".parse().expect("a time")
}

impl Cloud {
    pub(crate) async fn of(fleet: &str) -> Self {
        let clock = RehearsalClock::new(origin(), 0);
        let fleet = Fleet::parse(fleet).expect("a fleet");
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let cloud = RehearsalCloud::serve(fleet, clock.clone(), anywhere).await.expect("loopback");
        Self { cloud, clock }
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.skip(Duration::from_secs(seconds));
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.cloud.base_url().trim_start_matches("http://").parse().expect("an address")
    }

    /// `STATUS/OPERATION`, as it really is.
    pub(crate) fn state(&self, number: &str) -> String {
        let server = self.cloud.server(&no(number)).expect("a server of that number");
        format!("{}/{}", server.status, server.operation)
    }

    pub(crate) async fn get(&self, path: &str) -> Seen {
        self.send(&Ask::get(path)).await
    }

    /// Sends one request and reads until the other side closes.
    pub(crate) async fn send(&self, ask: &Ask) -> Seen {
        let request = ask.bytes(self);
        let mut stream = TcpStream::connect(self.address()).await.expect("it listens");
        let mut answer = Vec::new();
        // A refused or cut request ends in errors here, which is what some tests look for.
        let sent = stream.write_all(&request).await;
        let read = stream.read_to_end(&mut answer).await;
        Seen::read(&answer, sent.is_ok() && read.is_ok())
    }
}

/// A request before it is signed.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    method: &'static str,
    path: String,
    content_type: &'static str,
    body: String,
    signature_name: Option<&'static str>,
    access: Option<String>,
    secret: Option<String>,
    offset: i64,
}

impl Ask {
    pub(crate) fn get(path: &str) -> Self {
        Self {
            method: "GET",
            path: path.to_owned(),
            content_type: "text/plain",
            body: String::new(),
            signature_name: Some("x-ncp-apigw-signature-v2"),
            access: None,
            secret: None,
            offset: 0,
        }
    }

    pub(crate) fn post(path: &str, form: &str) -> Self {
        let content_type = "application/x-www-form-urlencoded; charset=UTF-8";
        Self { method: "POST", body: form.to_owned(), content_type, ..Self::get(path) }
    }

    pub(crate) fn resources(body: &str) -> Self {
        let content_type = "application/json";
        Self { content_type, ..Self::post("/api/v1/resources", body) }
    }

    pub(crate) fn delete(path: &str) -> Self {
        Self { method: "DELETE", ..Self::get(path) }.unsigned()
    }

    pub(crate) fn signed_as(self, name: &'static str) -> Self {
        Self { signature_name: Some(name), ..self }
    }

    pub(crate) fn unsigned(self) -> Self {
        Self { signature_name: None, ..self }
    }

    pub(crate) fn with_secret(self, secret: &str) -> Self {
        Self { secret: Some(secret.to_owned()), ..self }
    }

    pub(crate) fn with_access(self, access: &str) -> Self {
        Self { access: Some(access.to_owned()), ..self }
    }

    /// So many milliseconds off the cloud's clock.
    pub(crate) fn sent_at(self, offset: i64) -> Self {
        Self { offset, ..self }
    }

    pub(crate) fn bytes(&self, cloud: &Cloud) -> Vec<u8> {
        let Self { method, path, content_type, body, .. } = self;
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\
             content-type: {content_type}\r\ncontent-length: {}\r\n",
            cloud.address(),
            body.len()
        );
        if let Some(name) = self.signature_name {
            let access = self.access.as_deref().unwrap_or(cloud.cloud.access_key());
            let secret = self.secret.as_deref().unwrap_or(cloud.cloud.secret_key());
            let timestamp = cloud.clock.now().timestamp_millis() + self.offset;
            let signature = sign(secret, &format!("{method} {path}\n{timestamp}\n{access}"));
            write!(
                head,
                "x-ncp-apigw-timestamp: {timestamp}\r\nx-ncp-iam-access-key: {access}\r\n\
                 {name}: {signature}\r\n"
            )
            .expect("a String takes all");
        }
        format!("{head}\r\n{body}").into_bytes()
    }
}

fn sign(secret: &str, text: &str) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).expect("any length does");
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// 0: no answer at all.
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
    /// Whether the connection ended in order and the body was as long as announced.
    pub(crate) whole: bool,
}

impl Seen {
    fn read(answer: &[u8], in_order: bool) -> Self {
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(answer.len());
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        let body = answer.get(end + 4..).unwrap_or_default().to_vec();
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        let seen = Self { status, head, body, whole: false };
        let announced = seen.header("content-length").and_then(|length| length.parse().ok());
        let whole = in_order && announced == Some(seen.body.len());
        Self { whole, ..seen }
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut found = lines.filter(|(its_name, _)| its_name.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.to_owned())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}
