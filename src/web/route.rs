//! Decides which handler answers a request. [`super::answer`] has the answers' common parts.

use std::net::IpAddr;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::{Method, Request, StatusCode, header};
use tracing::debug;

use super::answer::PageAnswer;
use super::page_request::PageRequest;
use super::state::WebState;
use super::words::Words;
use super::{compress, download, health, hold, language, metrics, page};
use super::{set_language, sign_in, view};
use crate::model::instance::InstanceNo;

/// The pages of servers once stood here.
const OLD_PATH: &str = "/instances/";

/// The answer to a question that waits for nothing: neither for a file nor for others. Everything
/// else may wait.
pub(super) fn at_once(state: &WebState, request: &Request<Incoming>) -> Option<PageAnswer> {
    let is_asked = matches!(*request.method(), Method::GET | Method::HEAD)
        && request.uri().path() == "/healthz"
        && state.host_check.is_for_us(request.uri(), request.headers());
    is_asked.then(health::alive)
}

/// Answers a request. A wrong host, method or sender gets an answer that says so.
pub(super) async fn answer(
    state: Arc<WebState>,
    request: Request<Incoming>,
    from: IpAddr,
) -> PageAnswer {
    let (head, body) = request.into_parts();
    let (method, path) = (head.method.clone(), head.uri.path().to_owned());
    let accepts_gzip = compress::accepts_gzip(&head.headers);
    let answer = if !state.host_check.is_for_us(&head.uri, &head.headers) {
        let text = "nothing is served under that name; --web-host or [web] url adds one\n";
        PageAnswer::text(StatusCode::MISDIRECTED_REQUEST, text)
    } else if head.method == Method::POST
        && path == sign_in::PATH
        && let Some(token) = &state.host_check.token
    {
        sign_in::answer(&state, token, (Words::of(&head.headers), from), body).await
    } else if head.method == Method::POST && path.starts_with(hold::PATH) {
        if state.host_check.may_see(&head.headers, state.clock.now()) {
            let sender = state.sender(&head.headers, from);
            hold::answer(&state, (head, body), sender).await
        } else {
            turned_away(&state, &head, ("/", from)).await
        }
    } else if matches!(head.method, Method::GET | Method::HEAD) {
        get(&state, &head, from).await
    } else {
        let is_hold = path.starts_with(hold::PATH);
        let allowed = if is_hold { "GET, HEAD, POST" } else { "GET, HEAD" };
        PageAnswer::text(StatusCode::METHOD_NOT_ALLOWED, format!("only {allowed} are answered\n"))
            .with(header::ALLOW, allowed)
    };
    debug!(%method, path, status = answer.status().as_u16(), "answered");
    compress::for_client(answer, accepts_gzip).await
}

async fn get(state: &WebState, head: &Parts, from: IpAddr) -> PageAnswer {
    let (words, now) = (Words::of(&head.headers), state.clock.now());
    let address = head.uri.path_and_query().map_or("/", |address| address.as_str());
    let query = head.uri.query().unwrap_or_default();
    match head.uri.path() {
        language::PATH => return set_language::answer(query),
        page::STYLE_PATH => return PageAnswer::asset("text/css; charset=utf-8", page::STYLE),
        path if path == page::TYPING.0 => {
            return PageAnswer::asset("text/javascript; charset=utf-8", page::TYPING.1);
        }
        path => {
            if let Some((_, icon)) = page::ICONS.iter().find(|(icon, _)| *icon == path) {
                return PageAnswer::asset("image/svg+xml", icon);
            }
        }
    }
    if !state.host_check.may_see(&head.headers, now) {
        return turned_away(state, head, (address, from)).await;
    }
    let Some(_turn) = state.turn().await else { return PageAnswer::busy(words, (address, now)) };
    match head.uri.path() {
        "/readyz" => health::ready(state).await,
        "/metrics" => {
            let text = state.metrics.lock().await.text(state).await;
            PageAnswer::of_kind(StatusCode::OK, metrics::KIND, text)
        }
        download::PATH => download::answer(state, words, query).await,
        // A browser may return to the address of a form that was shown again.
        hold::PATH => PageAnswer::text(StatusCode::SEE_OTHER, "").with(header::LOCATION, "/#holds"),
        path if is_old(path) => {
            let to = address.replacen(OLD_PATH, "/servers/", 1);
            PageAnswer::text(StatusCode::MOVED_PERMANENTLY, "").with_text(header::LOCATION, &to)
        }
        path => {
            let sender = state.sender(&head.headers, from);
            let forms = state.forms(&head.headers, sender, query);
            view::answer(state, PageRequest { words, path, query, forms, now }).await
        }
    }
}

/// Whether the page of a server once had this path. Old notices and bookmarks have it.
fn is_old(path: &str) -> bool {
    path.strip_prefix(OLD_PATH).is_some_and(|no| InstanceNo::new(no).is_ok())
}

/// Asks for the token, more slowly after a wrong one.
async fn turned_away(
    state: &WebState,
    head: &Parts,
    (address, from): (&str, IpAddr),
) -> PageAnswer {
    if state.host_check.is_mistaken_by(&head.headers) {
        state.wrong_tokens.came(from, &state.clock).await;
    }
    sign_in::ask(Words::of(&head.headers), (address, state.clock.now()))
}
