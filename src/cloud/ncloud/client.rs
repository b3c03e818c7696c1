//! Sends one signed call over HTTP, once or until an answer comes.
//!
//! Owns hosts, headers, timeouts and bounds. [`response`](super::response) reads the answers.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Proxy, Response, Url, redirect, retry};
use secrecy::ExposeSecret;
use tracing::debug;

use super::credentials::Keys;
use super::rate::Rate;
use super::response::tree::{Element, Malformed};
use super::response::{CallContext, HttpAnswer, Payload};
use super::signature::sign;
use super::site::Site;
use crate::clock::{Clock, Moment};
use crate::cloud::retry::repeat;
use crate::cloud::{CloudError, Right, Unless};

/// The longest that parts of a call may take, in the machine's own time: the network is real.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// The time to connect, TLS included.
    pub connect: Duration,
    /// The time from the beginning to the last byte of the answer.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), total: Duration::from_secs(30) }
    }
}

/// The gateway refuses a signature that is five minutes old. A refusal after that time may have
/// this cause.
const SIGNED_LONG_AGO: TimeDelta = TimeDelta::minutes(5);

#[derive(Clone, Debug)]
pub struct Call {
    /// The name of the call, and the policy that allows it.
    pub right: Right,
    /// The region of the call, for log events.
    pub region: String,
    pub url: Url,
    /// JSON to POST. A call without a body is a GET.
    pub body: Option<String>,
    pub payload: Payload,
    pub most_bytes: usize,
}

/// Facts of the last answer, whatever it said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Seconds by which this machine's clock is ahead of the answer's `Date`.
    pub ahead: Option<i64>,
    pub is_xml: bool,
}

/// The keys, the connections and the rate of one account. All its calls share them.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    keys: Keys,
    clock: Arc<dyn Clock>,
    rate: Rate,
    timeouts: Timeouts,
    heard: Mutex<Heard>,
}

impl Client {
    /// Prepares calls to a site.
    ///
    /// # Errors
    /// TLS cannot be prepared: this machine has no root certificates. Or the proxy is no URL.
    pub fn new(
        site: &Site,
        keys: Keys,
        clock: Arc<dyn Clock>,
        timeouts: Timeouts,
    ) -> Result<Self, reqwest::Error> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // An error means that somebody else installed a provider first, which is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let mut http = reqwest::Client::builder()
            .user_agent(concat!("lightsout/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.total)
            .http1_only()
            // A redirect would carry our key and signature to another place.
            .redirect(redirect::Policy::none())
            // The signature covers the time, so a repeated request must be signed again.
            .retry(retry::never())
            // The server may be about to close an idle connection. A change sent on such a
            // connection would be lost, and nobody would know whether it was read. A new connection
            // costs milliseconds.
            .pool_max_idle_per_host(0)
            // The environment's proxy would see the names of hosts, for accounts that need none.
            .no_proxy();
        if let Some(proxy) = &site.proxy {
            // Plain http stays on this machine, and needs none.
            http = http.proxy(Proxy::https(proxy)?);
        }
        if site.is_plain_http() {
            // Without encryption no root certificates are needed.
            http = http.tls_certs_only([]);
        }
        let rate = Rate::new(Arc::clone(&clock));
        Ok(Self { http: http.build()?, keys, clock, rate, timeouts, heard: Mutex::default() })
    }

    /// Sends a call exactly once.
    ///
    /// # Errors
    /// Everything but a success that `reader` can read.
    pub async fn once<T>(
        &self,
        call: &Call,
        reader: impl FnOnce(&Element<'_>) -> Result<T, Malformed>,
    ) -> Result<T, CloudError> {
        self.turn().await;
        self.once_in_turn(call, &|| None, reader).await
    }

    /// Waits for the turn to call, which the account's rate gives.
    pub async fn turn(&self) {
        self.rate.take().await;
    }

    /// As [`Self::once`] after [`Self::turn`], unless there is a reason against it.
    ///
    /// # Errors
    /// The same, and the reason.
    pub async fn once_in_turn<T>(
        &self,
        call: &Call,
        unless: Unless<'_>,
        reader: impl FnOnce(&Element<'_>) -> Result<T, Malformed>,
    ) -> Result<T, CloudError> {
        if let Some(why) = unless() {
            return Err(CloudError::NotSent(why.to_owned()));
        }
        let begun = self.clock.moment();
        let action = call.right.call;
        debug!(action, region = call.region, "request sent");
        let asked = CallContext { payload: call.payload, right: call.right, keys: &self.keys };
        let answered = match self.send(call).await {
            Ok(answer) => {
                let now = self.clock.now();
                let heard = Heard { ahead: answer.ahead(now), is_xml: answer.is_xml() };
                *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = heard;
                answer.read(asked, now, reader)
            }
            Err(error) => Err(error),
        };
        let elapsed_ms = self.clock.moment().since(begun).as_millis();
        match &answered {
            Ok(_) => debug!(action, region = call.region, elapsed_ms, "answered"),
            Err(error) => debug!(
                action,
                region = call.region,
                status = error.http_status(),
                return_code = error.refusal().and_then(|refusal| refusal.return_code.as_deref()),
                elapsed_ms,
                "request failed"
            ),
        }
        answered
    }

    /// Facts of the last answer to any call.
    pub fn heard(&self) -> Heard {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Repeats a call that only reads, until an answer comes or until `until`.
    ///
    /// # Errors
    /// The failure of the last attempt.
    pub async fn until<T>(
        &self,
        until: Moment,
        call: &Call,
        reader: impl Fn(&Element<'_>) -> Result<T, Malformed>,
    ) -> Result<T, CloudError> {
        let attempt = || async {
            let begun_at = self.clock.now();
            let answered = self.once(call, &reader).await;
            // The machine slept, or the clock leapt, and the signature became too old. This proves
            // nothing about the keys.
            let is_stale = (self.clock.now() - begun_at).abs() > SIGNED_LONG_AGO;
            match answered {
                Err(CloudError::Denied { .. }) if is_stale => self.once(call, &reader).await,
                answered => answered,
            }
        };
        repeat(&*self.clock, until, attempt).await
    }

    async fn send(&self, call: &Call) -> Result<HttpAnswer, CloudError> {
        let method = if call.body.is_some() { Method::POST } else { Method::GET };
        let headers = self.headers(&method, &call.url)?;
        let mut request = self.http.request(method, call.url.clone()).headers(headers);
        if let Some(body) = &call.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        let response = request.send().await.map_err(|error| self.not_answered(&error, None))?;
        Ok(HttpAnswer {
            http_status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: self.body(response, call.most_bytes).await,
        })
    }

    fn headers(&self, method: &Method, url: &Url) -> Result<HeaderMap, CloudError> {
        let timestamp = self.clock.now().timestamp_millis();
        // The signature needs the exact text of the request line, and the URL has it now.
        let path_and_query = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let signature = sign(&self.keys, method.as_str(), &path_and_query, timestamp);
        let values = [
            ("x-ncp-apigw-timestamp", timestamp.to_string()),
            ("x-ncp-iam-access-key", self.keys.access_key.expose_secret().to_owned()),
            ("x-ncp-apigw-signature-v2", signature),
        ];
        let header = |(name, value): (&'static str, String)| {
            let mut value = HeaderValue::try_from(value)
                .map_err(|_| CloudError::NotSent("the access key fits in no header".to_owned()))?;
            value.set_sensitive(true);
            Ok((HeaderName::from_static(name), value))
        };
        values.into_iter().map(header).collect()
    }

    async fn body(&self, mut response: Response, most: usize) -> Result<Vec<u8>, CloudError> {
        let status = response.status().as_u16();
        let too_long = || CloudError::Unreadable {
            detail: format!("it is longer than {most} bytes"),
            http_status: status,
        };
        if response.content_length().is_some_and(|length| length > most as u64) {
            return Err(too_long());
        }
        let mut body = Vec::new();
        loop {
            let chunk = response.chunk().await;
            match chunk.map_err(|error| self.not_answered(&error, Some(status)))? {
                Some(chunk) if body.len() + chunk.len() > most => return Err(too_long()),
                Some(chunk) => body.extend_from_slice(&chunk),
                None => return Ok(body),
            }
        }
    }

    /// Sorts a failure on the way. Only a failed connection proves that nothing was sent. In any
    /// other case the cloud may have read the request.
    fn not_answered(&self, error: &reqwest::Error, http_status: Option<u16>) -> CloudError {
        if error.is_builder() || error.is_connect() {
            return CloudError::NotSent(causes(error));
        }
        let detail = if error.is_timeout() {
            format!("nothing came within {} s", self.timeouts.total.as_secs_f32())
        } else {
            causes(error)
        };
        CloudError::Unanswered { detail, http_status }
    }
}

/// The two innermost causes. The outer ones name layers of libraries, and the outermost one the
/// whole URL.
fn causes(error: &reqwest::Error) -> String {
    let sources = std::iter::successors(error.source(), |cause| (*cause).source());
    let mut texts: Vec<String> = sources.map(ToString::to_string).collect();
    texts.dedup();
    if texts.is_empty() {
        return "the request could not be made".to_owned();
    }
    texts.split_off(texts.len().saturating_sub(2)).join(": ")
}
