//! The API gateway's own checks, before anything else: keys, signature and clock.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::call::Call;
use super::tree::{Format, Node};

/// The greatest error of a timestamp, in milliseconds: five minutes.
const MOST_SKEW: u64 = 5 * 60 * 1000;

/// The keys that this rehearsal cloud invented.
#[derive(Clone)]
pub(in super::super) struct Keys {
    pub(in super::super) access: String,
    pub(in super::super) secret: String,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("access", &self.access).finish_non_exhaustive()
    }
}

/// The gateway's refusal of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Turned {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: &'static str,
    pub(super) details: String,
}

impl Turned {
    pub(super) fn bad_request(details: impl Into<String>) -> Self {
        Self { status: 400, code: "100", message: "Bad Request", details: details.into() }
    }

    pub(super) fn unauthenticated(details: &str) -> Self {
        let details = details.to_owned();
        Self { status: 401, code: "200", message: "Authentication Failed", details }
    }

    /// 401, or 403.
    pub(super) fn forbidden(status: u16) -> Self {
        let details = "The keys lack the permission for this action.".to_owned();
        let (code, message) = match status {
            403 => ("230", "Forbidden"),
            _ => ("210", "Permission Denied"),
        };
        Self { status, code, message, details }
    }

    pub(super) fn not_found() -> Self {
        let details = "Invalid API path.".to_owned();
        Self { status: 404, code: "300", message: "Not Found Exception", details }
    }

    pub(super) fn too_large() -> Self {
        let details = "The request entity is too large.".to_owned();
        Self { status: 413, code: "430", message: "Request Entity Too Large", details }
    }

    pub(super) fn throttled() -> Self {
        let details = "Too many requests. Please try again later.".to_owned();
        Self { status: 429, code: "410", message: "Throttle Limited", details }
    }

    /// 503, 504, or any other 5xx.
    pub(super) fn broken(status: u16) -> Self {
        let (code, message) = match status {
            503 => ("500", "Endpoint Error"),
            504 => ("510", "Endpoint Timeout"),
            _ => ("900", "Unexpected Error"),
        };
        Self { status, code, message, details: "The endpoint did not answer.".to_owned() }
    }

    /// The body. The XML form is inferred: NAVER shows only JSON.
    pub(super) fn body(&self, format: Format) -> String {
        let fields = vec![
            ("errorCode", self.code.into()),
            ("message", self.message.into()),
            ("details", Node::text(&self.details)),
        ];
        Node::Fields(fields).render(format, "error")
    }
}

/// Admits a call whose signature proves the keys, at this time.
pub(super) fn check(call: &Call, keys: &Keys, now: DateTime<Utc>) -> Result<(), Turned> {
    let missing = || Turned::unauthenticated("Authentication information are missing.");
    let access = call.header("x-ncp-iam-access-key").ok_or_else(missing)?;
    let timestamp = call.header("x-ncp-apigw-timestamp").ok_or_else(missing)?;
    // NAVER's own SDKs send the same signature under either name.
    let signature = call
        .header("x-ncp-apigw-signature-v2")
        .or_else(|| call.header("x-ncp-apigw-signature-v1"))
        .ok_or_else(missing)?;
    let sent_at: i64 =
        timestamp.parse().map_err(|_| Turned::unauthenticated("Invalid timestamp."))?;
    if sent_at.abs_diff(now.timestamp_millis()) > MOST_SKEW {
        return Err(Turned::unauthenticated("Expired timestamp."));
    }
    let wrong = || Turned::unauthenticated("Invalid authentication information.");
    if access != keys.access {
        return Err(wrong());
    }
    let signature = STANDARD.decode(signature).map_err(|_| wrong())?;
    let text = format!("{} {}\n{timestamp}\n{access}", call.method, call.path_and_query);
    let mut mac = Hmac::<Sha256>::new_from_slice(keys.secret.as_bytes()).expect("any length does");
    mac.update(text.as_bytes());
    mac.verify_slice(&signature).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use hyper::Request;
    use hyper::body::Bytes;

    use super::*;

    const SENT: i64 = 1_795_420_800_000;

    fn keys() -> Keys {
        Keys {
            access: "AKDUMMY0123456789ABC".to_owned(),
            secret: "SKDUMMY0123456789abcdefghijklmnopqrstuvwx".to_owned(),
        }
    }

    /// The two published vectors, under either header name.
    fn call(path: &str, header: &str, signature: &str) -> Call {
        let (head, ()) = Request::get(path)
            .header("x-ncp-apigw-timestamp", SENT)
            .header("x-ncp-iam-access-key", keys().access)
            .header(header, signature)
            .body(())
            .unwrap()
            .into_parts();
        Call::new(head, Bytes::new())
    }

    fn at(offset: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(SENT + offset).unwrap()
    }

    const STOP: &str = "/server/v2/stopServerInstances?serverInstanceNoList.1=1021003\
                        &serverInstanceNoList.2=937507&responseFormatType=xml";
    const STOP_SIGNED: &str = "o0MpnqHZ2OdyTDTSd6ljzDGRbP3imPElYjwjJ0zU7tA=";

    #[test]
    fn the_known_signatures_pass_under_both_names() {
        for (path, signature) in [
            (STOP, STOP_SIGNED),
            ("/vserver/v2/getRegionList", "Jrt+gWPxjHGtBgFhg2OWC3B1XaqC61KDNkOJFRz63cg="),
        ] {
            for header in ["x-ncp-apigw-signature-v1", "x-ncp-apigw-signature-v2"] {
                let call = call(path, header, signature);
                assert_eq!(check(&call, &keys(), at(0)), Ok(()), "{path} {header}");
            }
        }
    }

    #[test]
    fn what_was_signed_must_be_what_was_sent() {
        let name = "x-ncp-apigw-signature-v2";
        let other = STOP.replace("1021003", "1021004");
        assert!(check(&call(&other, name, STOP_SIGNED), &keys(), at(0)).is_err());
        assert!(check(&call(STOP, name, "not base64!"), &keys(), at(0)).is_err());
        let stranger = Keys { secret: "another".to_owned(), ..keys() };
        assert!(check(&call(STOP, name, STOP_SIGNED), &stranger, at(0)).is_err());
    }

    #[test]
    fn a_timestamp_may_be_five_minutes_off_and_no_more() {
        let call = call(STOP, "x-ncp-apigw-signature-v2", STOP_SIGNED);
        for (offset, passes) in
            [(300_000, true), (-300_000, true), (300_001, false), (-300_001, false)]
        {
            assert_eq!(check(&call, &keys(), at(offset)).is_ok(), passes, "{offset} ms");
        }
    }
}
