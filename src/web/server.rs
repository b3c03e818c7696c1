//! Sockets: who is let in, how much may be sent, how long it may take.

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
use tokio::task::JoinSet;

use super::route;
use super::state::WebState;
use crate::lifecycle::Shutdown;

/// How many connections there may be; more wait in the system's queue.
const MOST_CONNECTIONS: usize = 64;
/// How much a request line and its headers may take.
const LONGEST_HEAD: usize = 16 * 1024;
/// How many headers a request may have.
const MOST_HEADERS: usize = 64;
/// How long a request's headers may take to arrive.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may live; a browser then makes another one.
const LONGEST_LIFE: Duration = Duration::from_secs(60);
/// How long an answer may still take when its connection is to end.
const LAST_ANSWER: Duration = Duration::from_secs(3);
/// How long to wait for a connection to end where the system has no room for another one.
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
                // Out of file descriptors: somebody has to give one back.
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
    // Answers are written whole, so waiting for more to send would only add delay. A socket
    // that refuses this works all the same.
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
        // How a connection ends is the client's affair.
        _ = connection.as_mut() => return,
        () = state.clock.sleep(state.clock.pace(LONGEST_LIFE)) => {}
        () = shutdown.due() => {}
    }
    connection.as_mut().graceful_shutdown();
    drop(tokio::time::timeout(LAST_ANSWER, connection).await);
}

/// Answers in a task of its own, so that reading the log is over when its turn is, also where
/// the client has gone, and a panic is an answer like another.
async fn answer(
    state: Arc<WebState>,
    request: Request<Incoming>,
    from: IpAddr,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let answered = tokio::spawn(route::answer(state, request, from)).await;
    Ok(answered.unwrap_or_else(|_| super::answer::Answer::broken()).into_response())
}
