//! A far side that answers as a test says, and keeps what it was asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lightsout::clock::{Clock, Moment, RehearsalClock};
use lightsout::cloud::Environment;
use lightsout::cloud::ncloud::{Generation, Ncloud, Timeouts};
use lightsout::model::instance::{AccountName, InstanceNo, RegionCode};
use lightsout::model::platform::Platform;
use lightsout::schedule::{Account, CredentialSource, Gateway};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub const ACCESS_KEY: &str = "AKDUMMY0123456789ABC";
pub const SECRET_KEY: &str = "SKDUMMY0123456789abcdefghijklmnopqrstuvwx";

/// Short enough to wait for.
pub const SHORT: Timeouts =
    Timeouts { connect: Duration::from_millis(300), total: Duration::from_millis(900) };

/// A request as it came over the wire.
#[derive(Clone, Debug, Default)]
pub struct Received {
    pub method: String,
    pub target: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The action's name, which the path ends with.
    pub fn action(&self) -> &str {
        self.target.split('?').next().unwrap().rsplit('/').next().unwrap()
    }

    /// A parameter that needs no decoding.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let pairs = self.target.split_once('?')?.1.split('&');
        pairs.filter_map(|pair| pair.split_once('=')).find(|(n, _)| *n == name).map(|(_, v)| v)
    }
}

/// What the far side does once it has read a request.
pub enum Reply {
    /// Answers in full.
    Full { status: u16, headers: String, body: Vec<u8> },
    /// Sends these bytes and closes.
    Raw(Vec<u8>),
    /// Sends these bytes and never anything else.
    Silence(Vec<u8>),
    /// Resets the connection.
    Reset,
}

pub fn ok(body: impl Into<Vec<u8>>) -> Reply {
    status(200, body)
}

pub fn status(status: u16, body: impl Into<Vec<u8>>) -> Reply {
    Reply::Full { status, headers: String::new(), body: body.into() }
}

type Handler = dyn Fn(&Received) -> Reply + Send + Sync;

/// A far side that listens until it is dropped.
pub struct Far {
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
    task: JoinHandle<()>,
}

impl Drop for Far {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Far {
    pub async fn new(handler: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let handler: Arc<Handler> = Arc::new(handler);
        let kept = Arc::clone(&received);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&handler), Arc::clone(&kept)));
            }
        });
        Self { url, received, task }
    }

    /// Everything it was asked, in order.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// The request lines it was asked, without the part that is the same in all.
    pub fn targets(&self) -> Vec<String> {
        let short = |it: &Received| it.target.replace("responseFormatType=xml", "");
        self.received().iter().map(|it| short(it).trim_end_matches(['&', '?']).to_owned()).collect()
    }

    pub fn client(&self, platform: Platform) -> (Ncloud, Arc<RehearsalClock>) {
        client(&account(&self.url, platform))
    }
}

pub fn account(url: &str, platform: Platform) -> Account {
    Account {
        name: AccountName::new("main").unwrap(),
        platform,
        gateway: Some(Gateway::Url(url.to_owned())),
        resource_manager: None,
        regions: Vec::new(),
        credentials: CredentialSource::Env,
        proxy: None,
    }
}

/// The generation of an account of NAVER Cloud.
pub fn generation(platform: Platform) -> Generation {
    match platform {
        Platform::Vpc => Generation::Vpc,
        Platform::Classic => Generation::Classic,
    }
}

pub fn environment() -> Environment {
    Environment::from([("NCLOUD_ACCESS_KEY", ACCESS_KEY), ("NCLOUD_SECRET_KEY", SECRET_KEY)])
}

/// A client on a clock that runs a thousand times as fast, so that pauses are short.
pub fn client(account: &Account) -> (Ncloud, Arc<RehearsalClock>) {
    client_within(account, Timeouts::default())
}

/// The same with other timeouts.
pub fn client_within(account: &Account, timeouts: Timeouts) -> (Ncloud, Arc<RehearsalClock>) {
    let origin = "2026-11-23T11:00:00Z".parse().unwrap();
    let clock = RehearsalClock::new(origin, 1_000);
    let account = (account, generation(account.platform));
    let client = Ncloud::connect_within(account, &environment(), clock.clone(), timeouts);
    (client.unwrap(), clock)
}

/// Long after anything in a test is over.
pub fn later(clock: &RehearsalClock) -> Moment {
    clock.moment() + Duration::from_secs(36_000)
}

pub fn region(code: &str) -> RegionCode {
    RegionCode::new(code).unwrap()
}

pub fn numbers(numbers: impl IntoIterator<Item = u32>) -> Vec<InstanceNo> {
    numbers.into_iter().map(|no| InstanceNo::new(no.to_string()).unwrap()).collect()
}

pub fn numbered(nos: impl IntoIterator<Item = u32>) -> BTreeSet<InstanceNo> {
    numbers(nos).into_iter().collect()
}

async fn serve(mut stream: TcpStream, handler: Arc<Handler>, kept: Arc<Mutex<Vec<Received>>>) {
    let Some(request) = read(&mut stream).await else { return };
    kept.lock().unwrap().push(request.clone());
    let (bytes, is_silent) = match handler(&request) {
        Reply::Full { status, headers, body } => {
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} x\r\nContent-Length: {length}\r\n{headers}Connection: close\r\n\r\n"
            );
            ([head.into_bytes(), body].concat(), false)
        }
        Reply::Raw(bytes) => (bytes, false),
        Reply::Silence(bytes) => (bytes, true),
        Reply::Reset => {
            stream.set_zero_linger().unwrap();
            return;
        }
    };
    // The client may have heard enough and gone.
    let _ = stream.write_all(&bytes).await;
    let _ = stream.flush().await;
    if is_silent {
        let _ = stream.read(&mut [0]).await;
    }
}

async fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let mut line = lines.next()?.split(' ').map(ToOwned::to_owned);
    let (method, target) = (line.next()?, line.next()?);
    let headers: BTreeMap<_, _> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    while bytes.len() < end + 4 + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let body = String::from_utf8(bytes[end + 4..].to_vec()).unwrap();
    Some(Received { method, target, headers, body })
}
