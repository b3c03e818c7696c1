//! Accepts connections, and bounds their number, their size and their time.
//!
//! [`super::route`] answers the requests.

use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::task::{JoinSet, spawn_blocking};

use super::route;
use super::state::WebState;
use crate::lifecycle::Shutdown;

/// The most connections; more wait in the system's queue.
const MOST_CONNECTIONS: usize = 64;
/// The most bytes in a request line with its headers.
const LONGEST_HEAD: usize = 16 * 1024;
const MOST_HEADERS: usize = 64;
/// The longest time for the headers to arrive.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest life of a connection; a browser then makes another.
const LONGEST_LIFE: Duration = Duration::from_secs(60);
/// The extra time for an answer whose connection must end.
const LAST_ANSWER: Duration = Duration::from_secs(3);
/// The pause before the next attempt when the system has no room for a connection.
const NO_ROOM: Duration = Duration::from_secs(1);

pub(super) async fn serve(listener: TcpListener, state: Arc<WebState>, mut shutdown: Shutdown) {
    let mut connections = JoinSet::new();
    while !shutdown.is_due() {
        let has_room = connections.len() < MOST_CONNECTIONS;
        tokio::select! {
            () = shutdown.due() => {}
            accepted = listener.accept(), if has_room => match accepted {
                Ok((stream, from)) => {
                    let from = from.ip().to_canonical();
                    let state = Arc::clone(&state);
                    connections.spawn(connection((stream, from), state, shutdown.clone()));
                }
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
                // No file descriptors are left: a connection must end first.
                Err(_) => state.clock.sleep(state.clock.pace(NO_ROOM)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn connection(
    (stream, from): (TcpStream, IpAddr),
    state: Arc<WebState>,
    mut shutdown: Shutdown,
) {
    // Answers are written whole, so waiting for more data would only add delay. A socket that
    // refuses this option works as well.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| answer(Arc::clone(&state), request, from));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_headers(MOST_HEADERS)
        .max_header_size(LONGEST_HEAD)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        // The client may end a connection as it likes.
        _ = connection.as_mut() => return,
        () = state.clock.sleep(state.clock.pace(LONGEST_LIFE)) => {}
        () = shutdown.due() => {}
    }
    connection.as_mut().graceful_shutdown();
    drop(tokio::time::timeout(LAST_ANSWER, connection).await);
}

/// Answers on a thread that may wait. So (1) a disk that hangs stops neither the daemon nor
/// `/healthz`, (2) the turn to read ends even when the client has gone, and (3) a panic becomes an
/// answer.
async fn answer(
    state: Arc<WebState>,
    request: Request<Incoming>,
    from: IpAddr,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if let Some(answer) = route::at_once(&state, &request) {
        return Ok(answer.into_response());
    }
    let runtime = Handle::current();
    let answered =
        spawn_blocking(move || runtime.block_on(route::answer(state, request, from))).await;
    Ok(answered.unwrap_or_else(|_| super::answer::PageAnswer::broken()).into_response())
}
