//! Which answer belongs to which request.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::{Method, Request, StatusCode, header};
use tracing::{debug, warn};

use super::answer::Answer;
use super::site::Site;
use super::words::{Language, Words};
use super::{health, metrics, page, sign_in, view as views};
use crate::dispatch::chain;

/// Answers a request: one for another name, method or reader than there is says so.
pub(super) async fn answer(site: Arc<Site>, request: Request<Incoming>) -> Answer {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let answer = if !site.gate.is_for_us(&head.uri, &head.headers) {
        let text = "nothing is served under that name; --web-host adds one\n";
        Answer::text(StatusCode::MISDIRECTED_REQUEST, text)
    } else if head.method == Method::POST
        && path == sign_in::PATH
        && let Some(token) = &site.gate.token
    {
        sign_in::answer(token, site.clock.now(), Language::of(&head.headers), body).await
    } else if matches!(head.method, Method::GET | Method::HEAD) {
        get(&site, &head).await
    } else {
        Answer::text(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are answered\n")
            .with(header::ALLOW, "GET, HEAD")
    };
    debug!(method = %head.method, path, status = answer.status().as_u16(), "answered");
    answer
}

async fn get(site: &Site, head: &hyper::http::request::Parts) -> Answer {
    let words = Language::of(&head.headers).words();
    match head.uri.path() {
        "/healthz" => return health::alive(),
        page::STYLE_PATH => return Answer::style(page::STYLE),
        _ => {}
    }
    if !site.gate.may_see(&head.headers, site.clock.now()) {
        let to = head.uri.path_and_query().map_or("/", |to| to.as_str());
        return sign_in::ask(words, to);
    }
    let Some(_turn) = site.turn().await else {
        return Answer::page(StatusCode::SERVICE_UNAVAILABLE, page::busy(words))
            .with(header::RETRY_AFTER, "5");
    };
    match head.uri.path() {
        "/readyz" => health::ready(site).await,
        "/metrics" => {
            let text = site.metrics.lock().await.text(site).await;
            Answer::of_kind(StatusCode::OK, metrics::KIND, text)
        }
        path => view(site, words, path, head.uri.query().unwrap_or_default()).await,
    }
}

async fn view(site: &Site, words: &'static Words, path: &str, query: &str) -> Answer {
    match views::view(site, words, path, query).await {
        Ok(Some((status, page))) => Answer::page(status, page),
        Ok(None) => Answer::page(StatusCode::NOT_FOUND, page::not_found(words)),
        Err(error) => {
            let why = chain(&error);
            warn!(error = why, path, "the log cannot be read");
            Answer::page(StatusCode::INTERNAL_SERVER_ERROR, page::unreadable(words, &why))
        }
    }
}
