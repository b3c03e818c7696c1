//! A way to PostgreSQL that breaks at a statement of one's choice, or holds answers back.

use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What happens at the statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// The connection ends, and the server hears nothing.
    CutBefore,
    /// The connection ends when the server has half of it.
    CutWithin,
    /// The connection ends as soon as the server has all of it.
    CutAfter,
    /// The connection ends in the place of the answer.
    CutTheAnswer,
    /// The answer waits until [`Proxy::let_go`].
    Hold,
}

/// The next write of an entry of this kind.
#[derive(Clone, Debug)]
struct Trap {
    pattern: Vec<u8>,
    act: Act,
}

struct Inner {
    to: watch::Sender<u16>,
    trap: Mutex<Option<Trap>>,
    /// The number of traps that have sprung.
    sprung: watch::Sender<u64>,
    holds: watch::Sender<bool>,
    /// Changes when all connections end.
    cut: watch::Sender<u64>,
    is_away: watch::Sender<bool>,
    /// How long each answer takes.
    delay: watch::Sender<Duration>,
}

pub(crate) struct Proxy {
    pub(crate) port: u16,
    inner: Arc<Inner>,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    pub(crate) async fn to(to: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let inner = Arc::new(Inner {
            to: watch::Sender::new(to),
            trap: Mutex::default(),
            sprung: watch::Sender::new(0),
            holds: watch::Sender::new(false),
            cut: watch::Sender::new(0),
            is_away: watch::Sender::new(false),
            delay: watch::Sender::new(Duration::ZERO),
        });
        let carries = Arc::clone(&inner);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if !*carries.is_away.borrow() {
                    tokio::spawn(carry(Arc::clone(&carries), client));
                }
            }
        });
        Self { port, inner, task }
    }

    /// Sets a trap for the next write of an entry of this kind.
    pub(crate) fn at(&self, kind: &str, act: Act) {
        // An element of an array of texts, as it is sent: its length, and itself.
        let mut pattern = u32::try_from(kind.len()).unwrap().to_be_bytes().to_vec();
        pattern.extend(kind.as_bytes());
        *self.inner.trap.lock().unwrap() = Some(Trap { pattern, act });
    }

    /// Waits until so many traps have sprung.
    pub(crate) async fn has_sprung(&self, times: u64) {
        let mut sprung = self.inner.sprung.subscribe();
        let waits = sprung.wait_for(|sprung| *sprung >= times);
        let waited = tokio::time::timeout(crate::wait::LONG, waits).await;
        let waited = waited.unwrap_or_else(|_| panic!("no trap {times}: {:?}", self.inner.trap));
        waited.unwrap();
    }

    /// Lets an answer go that was held.
    pub(crate) fn let_go(&self) {
        self.inner.holds.send_replace(false);
    }

    /// Makes the server far away: each answer takes so long.
    pub(crate) fn delay(&self, time: Duration) {
        self.inner.delay.send_replace(time);
    }

    /// Ends all connections, and lets no other begin.
    pub(crate) fn go_away(&self) {
        self.inner.is_away.send_replace(true);
        self.inner.cut.send_modify(|cut| *cut += 1);
    }

    /// Leads to another server from now on.
    pub(crate) fn lead_to(&self, port: u16) {
        self.inner.to.send_replace(port);
    }

    pub(crate) fn come_back(&self) {
        self.inner.is_away.send_replace(false);
    }
}

async fn carry(inner: Arc<Inner>, client: TcpStream) {
    let to = *inner.to.borrow();
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, to)).await else { return };
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let (swallow, swallows) = watch::channel(false);
    let mut cut = inner.cut.subscribe();
    tokio::select! {
        _ = forth(&inner, from_client, to_server, swallow) => {}
        _ = back(&inner, from_server, to_client, swallows) => {}
        _ = cut.changed() => {}
    }
}

/// Carries the client's messages, and looks into each.
async fn forth(
    inner: &Inner,
    mut client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    swallow: watch::Sender<bool>,
) -> io::Result<()> {
    // The first message has no type.
    let greeting = message(&mut client, Vec::new()).await?;
    server.write_all(&greeting).await?;
    let mut last_of_trap = None;
    loop {
        let kind = vec![client.read_u8().await?];
        let message = message(&mut client, kind).await?;
        // `Sync` ends a statement.
        if message[0] == b'S'
            && let Some(act) = last_of_trap.take()
        {
            match act {
                Act::CutTheAnswer => swallow.send_replace(true),
                Act::Hold => inner.holds.send_replace(true),
                _ => false,
            };
            server.write_all(&message).await?;
            inner.sprung.send_modify(|sprung| *sprung += 1);
            if act == Act::CutAfter {
                return Ok(());
            }
            continue;
        }
        // `Bind` has the values.
        let trap = (message[0] == b'B').then(|| inner.sprung_by(&message)).flatten();
        match trap {
            Some(act @ (Act::CutBefore | Act::CutWithin)) => {
                let sent = if act == Act::CutBefore { 0 } else { message.len() / 2 };
                server.write_all(&message[..sent]).await?;
                inner.sprung.send_modify(|sprung| *sprung += 1);
                return Ok(());
            }
            act => last_of_trap = act.or(last_of_trap),
        }
        server.write_all(&message).await?;
    }
}

async fn message(client: &mut OwnedReadHalf, mut message: Vec<u8>) -> io::Result<Vec<u8>> {
    let length = client.read_u32().await?;
    message.extend(length.to_be_bytes());
    let begins = message.len();
    message.resize(begins + usize::try_from(length).unwrap() - 4, 0);
    client.read_exact(&mut message[begins..]).await?;
    Ok(message)
}

/// Carries the server's answers.
async fn back(
    inner: &Inner,
    mut server: OwnedReadHalf,
    mut client: OwnedWriteHalf,
    swallows: watch::Receiver<bool>,
) -> io::Result<()> {
    let mut holds = inner.holds.subscribe();
    let mut buffer = vec![0; 65_536];
    loop {
        let read = server.read(&mut buffer).await?;
        if read == 0 || *swallows.borrow() {
            return Ok(());
        }
        holds.wait_for(|holds| !holds).await.ok();
        let delay = *inner.delay.borrow();
        if !delay.is_zero() {
            crate::wait::pass(delay).await;
        }
        client.write_all(&buffer[..read]).await?;
    }
}

impl Inner {
    /// What the trap does with this message, if it is the one.
    fn sprung_by(&self, message: &[u8]) -> Option<Act> {
        let mut trap = self.trap.lock().unwrap();
        let pattern = &trap.as_ref()?.pattern;
        let is_it = message.windows(pattern.len()).any(|part| part == pattern);
        is_it.then(|| trap.take().map(|trap| trap.act)).flatten()
    }
}
