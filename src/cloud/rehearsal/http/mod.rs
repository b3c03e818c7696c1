//! The wire: sockets, requests and answers.
//!
//! `world` owns the servers behind it.

mod answer;
mod ask;
mod body;
mod call;
mod control;
mod fault_effects;
mod gate;
mod gateway;
mod resources;
mod shape;
mod tree;

use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use chrono::{DateTime, Utc};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, header};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use self::answer::Answer;
use self::body::{Body, Cut};
use self::call::Call;
use self::gate::Turned;
pub(super) use self::gateway::Gateway;

/// The part of a request that is read. NAVER does not publish its limit.
const MOST_REQUEST_BYTES: usize = 1024 * 1024;

/// A listener that can be taken from the task that waits at it, so that its port is free at once.
#[derive(Clone, Debug)]
pub(super) struct Door(Arc<Mutex<Option<TcpListener>>>);

impl Door {
    pub(super) fn new(listener: TcpListener) -> Self {
        Self(Arc::new(Mutex::new(Some(listener))))
    }

    pub(super) fn close(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    async fn next(&self) -> io::Result<TcpStream> {
        poll_fn(|cx| match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(listener) => listener.poll_accept(cx).map_ok(|(stream, _)| stream),
            None => Poll::Pending,
        })
        .await
    }
}

/// Serves all connections through the door until this is aborted. The connections end with it.
pub(super) async fn serve(door: Door, gateway: Arc<Gateway>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            stream = door.next() => match stream {
                Ok(stream) => {
                    connections.spawn(connection(stream, Arc::clone(&gateway)));
                }
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
                // No file descriptor is left: the end of a connection gives one back.
                Err(_) => {
                    connections.join_next().await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, gateway: Arc<Gateway>) {
    // Answers are written whole, so a wait for more bytes would only add delay. A socket that
    // refuses this still works.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| answer(Arc::clone(&gateway), request));
    // The end of a connection is the business of the client, or of a fault.
    let _ = hyper::server::conn::http1::Builder::new()
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(gateway: Arc<Gateway>, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
    let (head, body) = request.into_parts();
    let body = match Limited::new(body, MOST_REQUEST_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            let call = Call::new(head, Bytes::new());
            let answer = Answer::turned(&Turned::too_large(), call.format());
            return Ok(response(fault_effects::wire(answer, None), gateway.now().wall));
        }
        Err(_) => return Err(Cut),
    };
    if head.uri.path().starts_with(control::FOLDER) {
        let (status, content_type, text) =
            control::answer(&gateway, &head.method, head.uri.path(), &body);
        let headers = vec![(header::CONTENT_TYPE, content_type.to_owned())];
        let wire = fault_effects::Wire { status, headers, body: Body::whole(text) };
        return Ok(response(wire, gateway.now().wall));
    }
    let reply = gateway.take(&Call::new(head, body));
    if !reply.delay.is_zero() {
        gateway.clock.sleep(reply.delay).await;
    }
    reply.wire.map(|wire| response(wire, gateway.now().wall)).ok_or(Cut)
}

fn response(wire: fault_effects::Wire, now: DateTime<Utc>) -> Response<Body> {
    let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let start = Response::builder().status(wire.status).header(header::DATE, date);
    wire.headers
        .into_iter()
        .fold(start, |response, (name, value)| response.header(name, value))
        .body(wire.body)
        .expect("a status that the fleet check let through, and headers of our own")
}
