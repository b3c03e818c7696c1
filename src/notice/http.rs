//! Sends one request to a webhook: no redirects, no proxies, a short answer, no URL in any message.

use std::error::Error;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Method, Response, redirect, retry};

use super::brief::brief;
use super::delivery_error::DeliveryError;
use crate::schedule::notify::SecretUrl;

/// Timeouts in the machine's own time, because the network is real.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(10);
/// The most of an answer that is read (bytes) and shown (characters).
const MOST_READ: usize = 4_096;
const MOST_SHOWN: usize = 200;

/// Sends JSON with POST, or nothing with GET. Returns the answer's text, for people.
///
/// # Errors
/// For every answer whose status is not in the 200s.
pub(super) async fn send(url: &SecretUrl, body: Option<String>) -> Result<String, DeliveryError> {
    let unreachable = |error: &reqwest::Error| DeliveryError::Unreachable {
        host: url.host().to_owned(),
        detail: why(error),
    };
    let client = client(url).map_err(|error| unreachable(&error))?;
    let method = if body.is_some() { Method::POST } else { Method::GET };
    let mut request = client.request(method, url.expose().clone());
    if let Some(body) = body {
        request = request.header(CONTENT_TYPE, "application/json").body(body);
    }
    let response = request.send().await.map_err(|error| unreachable(&error))?;
    let status = response.status();
    let retry_after = retry_after(&response);
    let said = beginning(response).await;
    let answer = if said.is_empty() { status.to_string() } else { format!("{status}: {said}") };
    if status.is_success() {
        return Ok(answer);
    }
    let host = url.host().to_owned();
    Err(DeliveryError::Refused { host, status: status.as_u16(), answer, retry_after })
}

/// Makes a client for each request: there are few, and none may wait for another.
fn client(url: &SecretUrl) -> Result<reqwest::Client, reqwest::Error> {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // An error means that another thread installed a provider first, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    let mut client = reqwest::Client::builder()
        .user_agent(concat!("lightsout/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TIMEOUT)
        .http1_only()
        // A redirect would carry the notice wherever the answer says.
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .pool_max_idle_per_host(0)
        .no_proxy();
    if url.expose().scheme() == "http" {
        // Plain HTTP needs no root certificates, and the machine may have none.
        client = client.tls_certs_only([]);
    }
    client.build()
}

/// The pause that the other side asks for, when the answer gives seconds.
fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// The beginning of an answer. An answer that breaks off counts as short.
async fn beginning(mut response: Response) -> String {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > MOST_READ {
            break;
        }
    }
    brief(String::from_utf8_lossy(&body).trim(), MOST_SHOWN)
}

/// The innermost cause in words: the outermost names the whole URL.
fn why(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("nothing came within {} s", TIMEOUT.as_secs());
    }
    let sources = std::iter::successors(error.source(), |cause| (*cause).source());
    sources.last().map_or("the request could not be made".to_owned(), ToString::to_string)
}
