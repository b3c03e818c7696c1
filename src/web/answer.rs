//! Answers: a status, a text, and headers that restrict the browser.
//!
//! [`super::route`] decides which answer a request gets.

use chrono::{DateTime, Utc};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

use super::page::{self, Page};
use super::words::Words;

/// Forbids frames, scripts in a page, and everything from elsewhere. The one script is a file.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The name of the field in which every form has its seal.
const SEAL: &str = "name=\"seal\"";

const REFRESH: HeaderName = HeaderName::from_static("refresh");

/// Every answer has these headers.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

#[derive(Debug)]
pub(super) struct PageAnswer {
    status: StatusCode,
    body: Bytes,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// Whether a form's seal is in the body.
    is_sealed: bool,
}

impl PageAnswer {
    /// A page in the reader's language. `address` is the page's own, with its query.
    pub(super) fn page(
        status: StatusCode,
        page: &Page,
        (address, now): (&str, DateTime<Utc>),
    ) -> Self {
        let text = page.draw(address, now).into_string();
        let is_sealed = text.contains(SEAL);
        let answer = Self { status, body: text.into(), headers: Vec::new(), is_sealed }
            .with(header::CONTENT_TYPE, "text/html; charset=utf-8")
            .with(header::CACHE_CONTROL, "no-store")
            .with(header::VARY, "Accept-Language, Cookie");
        match page.refresh() {
            Some(pause) => answer.with_text(REFRESH, &pause.as_secs().to_string()),
            None => answer,
        }
    }

    /// Too many are reading.
    pub(super) fn busy(words: Words, place: (&str, DateTime<Utc>)) -> Self {
        Self::page(StatusCode::SERVICE_UNAVAILABLE, &page::busy(words), place)
            .with(header::RETRY_AFTER, "5")
    }

    pub(super) fn text(status: StatusCode, text: impl Into<Bytes>) -> Self {
        Self::of_kind(status, "text/plain; charset=utf-8", text)
    }

    /// A text of another kind, such as metrics.
    pub(super) fn of_kind(status: StatusCode, kind: &'static str, text: impl Into<Bytes>) -> Self {
        Self { status, body: text.into(), headers: Vec::new(), is_sealed: false }
            .with(header::CONTENT_TYPE, kind)
            .with(header::CACHE_CONTROL, "no-store")
    }

    /// The style sheet or an icon, which a browser may keep: each version of the program has its
    /// own URL.
    pub(super) fn asset(kind: &'static str, text: &'static str) -> Self {
        Self::of_kind(StatusCode::OK, kind, text)
            .without(&header::CACHE_CONTROL)
            .with(header::CACHE_CONTROL, "private, max-age=86400")
    }

    /// The answer to a bug of ours. The panic itself is on stderr.
    pub(super) fn broken() -> Self {
        Self::text(StatusCode::INTERNAL_SERVER_ERROR, "something broke; the log says more\n")
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    /// The answer to a form that failed: the page must stay as it is, with what was typed.
    pub(super) fn lasting(self) -> Self {
        self.without(&REFRESH)
    }

    fn without(mut self, name: &HeaderName) -> Self {
        self.headers.retain(|(header, _)| header != name);
        self
    }

    /// Whether a form's seal is in the answer.
    pub(super) fn is_sealed(&self) -> bool {
        self.is_sealed
    }

    pub(super) fn body(&self) -> &Bytes {
        &self.body
    }

    pub(super) fn with_body(self, body: Vec<u8>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// Says that the answer differs by this header of a request, too.
    pub(super) fn varying(self, by: &'static str) -> Self {
        self.with(header::VARY, by)
    }

    pub(super) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    pub(super) fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.push((name, HeaderValue::from_static(value)));
        self
    }

    /// Adds a header, unless its value is not legal.
    pub(super) fn with_text(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
        self
    }

    pub(super) fn into_response(self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        for (name, value) in HEADERS {
            headers.insert(name, HeaderValue::from_static(value));
        }
        for (name, value) in self.headers {
            headers.append(name, value);
        }
        response
    }
}
