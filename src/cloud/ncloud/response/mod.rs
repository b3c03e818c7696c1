//! Reads an answer: a success, or a failure sorted by what it proves.
//!
//! An error has four shapes, which are looked for in this order:
//!
//! 1. the HTTP status, if the body says nothing;
//! 2. the gateway's `error`;
//! 3. the service's `responseError`;
//! 4. a success with a `returnCode` other than `0`.
//!
//! `instances`, `places` and `resources` read the rows of a success.

pub mod element;
mod encoding;
pub mod instances;
mod json;
pub mod places;
pub mod resources;
pub(crate) mod tree;
mod xml;

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER};

use self::tree::{Element, Malformed};
use super::credentials::Keys;
use crate::cloud::{CloudError, Denial, Meaning, Refusal, Right};

/// The difference in seconds between this machine's clock and the answer's `Date` from which a 401
/// is blamed on the clock. The gateway accepts five minutes.
const CLOCK_DIFFERENCE: i64 = 240;

/// The gateway's `errorCode`s for good keys without a right: for one call, or for one server of the
/// request.
const LACKS_A_RIGHT: [&str; 2] = ["210", "230"];

/// The longest message that is kept, in characters.
const LONGEST_MESSAGE: usize = 1_000;

/// The service's "try again later". Its HTTP status varies.
const TRY_AGAIN_LATER: &str = "1300";

/// An answer as it came over the wire.
#[derive(Debug)]
pub struct HttpAnswer {
    pub http_status: u16,
    pub headers: HeaderMap,
    /// The body, or the reason why it is not complete.
    pub body: Result<Vec<u8>, CloudError>,
}

/// The call that an answer belongs to.
#[derive(Clone, Copy, Debug)]
pub struct CallContext<'a> {
    pub payload: Payload,
    pub right: Right,
    /// The keys of the signature. A gateway may repeat them in its answer.
    pub keys: &'a Keys,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// The server API: `<NAMEResponse>` with a `returnCode`. Holds the name of the action.
    Of(&'static str),
    /// The Resource Manager: the bare document.
    Bare,
}

impl HttpAnswer {
    /// Reads the payload. `now` is this machine's clock.
    ///
    /// # Errors
    /// Everything but a success that `reader` can read.
    pub fn read<T>(
        &self,
        asked: CallContext<'_>,
        now: DateTime<Utc>,
        reader: impl FnOnce(&Element<'_>) -> Result<T, Malformed>,
    ) -> Result<T, CloudError> {
        let empty = Vec::new();
        let (body, lost) = match &self.body {
            Ok(body) => (body, None),
            Err(error) => (&empty, Some(error)),
        };
        let text = encoding::decode(body, self.header(CONTENT_TYPE));
        let text = text.map(|text| asked.keys.masked(text));
        let document = match &text {
            Ok(text) => element::read(text),
            Err(malformed) => Err(malformed.clone()),
        };
        if let Some(error) = self.failure(asked, document.as_ref(), now) {
            return Err(match (error, lost) {
                (CloudError::Unreadable { .. }, Some(lost)) => lost.clone(),
                (error, _) => error,
            });
        }
        document
            .and_then(|document| match asked.payload.find(&document) {
                Some(payload) => reader(payload),
                None => Err(unexpected(format!("there is no {} in it", asked.payload.name()))),
            })
            .map_err(|malformed| self.unreadable(&malformed))
    }

    /// The failure of any answer but a success whose document can be read.
    fn failure(
        &self,
        asked: CallContext<'_>,
        document: Result<&Element<'_>, &Malformed>,
        now: DateTime<Utc>,
    ) -> Option<CloudError> {
        let status = self.http_status;
        let said = document.ok().and_then(|document| self.refusal(asked.payload, document));
        let refusal = said.clone().unwrap_or(Refusal { http_status: status, ..Refusal::default() });
        let is_throttle = refusal.return_code.as_deref() == Some(TRY_AGAIN_LATER);
        Some(match (status, document) {
            (429, _) => CloudError::Throttled { retry_after: self.retry_after(now), refusal },
            _ if is_throttle => {
                CloudError::Throttled { retry_after: self.retry_after(now), refusal }
            }
            (401, _) if lacks_a_right(&refusal) => {
                CloudError::Forbidden { refusal, right: asked.right }
            }
            (403, document) if said.is_some() || document.is_err_and(is_empty) => {
                CloudError::Forbidden { refusal, right: asked.right }
            }
            (401, _) => CloudError::Denied { because: self.denial(now), refusal },
            (500.., _) => {
                let detail = said.map_or_else(|| format!("HTTP {status}"), |said| said.to_string());
                CloudError::Unanswered { detail, http_status: Some(status) }
            }
            (300..=399, _) => self.unreadable(&unexpected(self.redirect())),
            _ if said.is_some() => CloudError::Refused { meaning: meaning(&refusal), refusal },
            (_, Err(malformed)) => self.unreadable(malformed),
            (200, Ok(_)) => return None,
            (_, Ok(_)) => self.unreadable(&unexpected(format!("HTTP {status} without a code"))),
        })
    }

    fn refusal(&self, payload: Payload, document: &Element<'_>) -> Option<Refusal> {
        let error = |name| document.child(name).filter(|error| !error.children().is_empty());
        let (from, code, message) = if let Some(gateway) = error("error") {
            (gateway, "errorCode", with_details(gateway))
        } else if let Some(service) = error("responseError") {
            (service, "returnCode", service.text("returnMessage").map(ToOwned::to_owned))
        } else {
            let success = payload.find(document)?;
            success.word("returnCode").filter(|code| *code != "0")?;
            (success, "returnCode", success.text("returnMessage").map(ToOwned::to_owned))
        };
        Some(Refusal {
            http_status: self.http_status,
            request_id: from.word("requestId").map(ToOwned::to_owned),
            return_code: from.word(code).map(ToOwned::to_owned),
            return_message: message.map(bounded),
        })
    }

    /// Seconds by which this machine's clock is ahead of the answer's `Date`.
    pub fn ahead(&self, now: DateTime<Utc>) -> Option<i64> {
        self.date().map(|date| (now - date).num_seconds())
    }

    /// Whether the body is XML, by its first character.
    pub fn is_xml(&self) -> bool {
        self.body.iter().flatten().find(|byte| b"<{".contains(byte)) == Some(&b'<')
    }

    fn denial(&self, now: DateTime<Utc>) -> Denial {
        let ahead = self.ahead(now).unwrap_or(0);
        if ahead.abs() > CLOCK_DIFFERENCE { Denial::Clock { ahead } } else { Denial::Keys }
    }

    /// `Retry-After`, in seconds or as a date. A date is measured on the clock that wrote the
    /// answer.
    fn retry_after(&self, now: DateTime<Utc>) -> Option<Duration> {
        let text = self.header(RETRY_AFTER)?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let at = http_date(text)?;
        Some((at - self.date().unwrap_or(now)).to_std().unwrap_or_default())
    }

    /// The host to which a redirect leads. Following it would carry our key and signature there.
    fn redirect(&self) -> String {
        let location = self.header(LOCATION).and_then(|to| reqwest::Url::parse(to).ok());
        match location.as_ref().and_then(reqwest::Url::host_str) {
            Some(host) => format!("it redirects to `{host}`, which is not followed"),
            None => "it redirects, which is not followed".to_owned(),
        }
    }

    fn unreadable(&self, malformed: &Malformed) -> CloudError {
        CloudError::Unreadable { detail: malformed.to_string(), http_status: self.http_status }
    }

    fn date(&self) -> Option<DateTime<Utc>> {
        self.header(DATE).and_then(http_date)
    }

    fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl Payload {
    fn find<'e, 'a>(self, document: &'e Element<'a>) -> Option<&'e Element<'a>> {
        match self {
            Self::Bare => Some(document),
            Self::Of(action) => document
                .children()
                .iter()
                .find(|root| root.name.strip_suffix("Response") == Some(action))
                .filter(|root| root.word("returnCode").is_some()),
        }
    }

    fn name(self) -> String {
        match self {
            Self::Bare => "document".to_owned(),
            Self::Of(action) => format!("{action}Response with a returnCode"),
        }
    }
}

/// `Mon, 23 Nov 2026 11:00:00 GMT`.
fn http_date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text.trim()).ok().map(Into::into)
}

fn unexpected(what: String) -> Malformed {
    Malformed::Unexpected(what)
}

/// The meaning of the service's return codes for the servers of the request.
///
/// For Classic, the source is the error table of `stopServerInstances`. VPC has no table; its codes
/// are those that others met. 1100031 comes while a server is set up, 1007009 while its ACG is
/// changed. Texts of VPC about storage mean 25014 and have numbers that nobody has published.
fn meaning(refusal: &Refusal) -> Meaning {
    match refusal.return_code.as_deref() {
        Some("25014" | "25041" | "1100031" | "1007009") => Meaning::InTheWay,
        Some("22001") => Meaning::Partly,
        Some("24109" | "24120") => Meaning::NoSuchInstance,
        Some("28005") => Meaning::AlreadyThere,
        _ if is_about_storage(refusal) => Meaning::InTheWay,
        _ => Meaning::Unknown,
    }
}

fn is_about_storage(refusal: &Refusal) -> bool {
    let message = refusal.return_message.as_deref().unwrap_or_default().to_lowercase();
    ["storage", "스토리지"].iter().any(|word| message.contains(word))
}

fn lacks_a_right(refusal: &Refusal) -> bool {
    refusal.return_code.as_deref().is_some_and(|code| LACKS_A_RIGHT.contains(&code))
}

fn is_empty(malformed: &Malformed) -> bool {
    *malformed == Malformed::Empty
}

/// The gateway's message, and after a colon its details, which hold the real cause.
fn with_details(gateway: &Element<'_>) -> Option<String> {
    let (message, details) = (gateway.text("message"), gateway.word("details"));
    match (message, details.filter(|details| !message.is_some_and(|it| it.contains(details)))) {
        (Some(message), Some(details)) => Some(format!("{}: {details}", message.trim())),
        (message, details) => message.or(details).map(ToOwned::to_owned),
    }
}

/// The part of a message that is kept.
fn bounded(mut message: String) -> String {
    if let Some((end, _)) = message.char_indices().nth(LONGEST_MESSAGE) {
        message.truncate(end);
        message.push('…');
    }
    message
}

#[cfg(test)]
mod tests;
