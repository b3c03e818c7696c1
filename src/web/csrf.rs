//! Checks that a form was sent from a page of ours, by the person who was shown it.
//!
//! Two checks must both pass.
//!
//! 1. The browser names the page that sent the form (`Origin`, sent with every posted form).
//! 2. The form carries a sealed text that only this process can make and no page elsewhere can
//!    read.
//!
//! [`super::hold`] then does what the form asks for.

use std::fs::File;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use hyper::HeaderMap;
use hyper::header::{HOST, ORIGIN};
use sha2::Sha256;

use super::auth::{proof, sessions};

/// The longest time that a form may lie open.
const LONGEST: TimeDelta = TimeDelta::hours(12);

/// Seals forms with a key that each process makes anew and never shows. No two seals are equal, so
/// a form that is sent twice can be told from two forms.
#[derive(Debug)]
pub(super) struct FormTokens {
    key: Hmac<Sha256>,
    sealed: AtomicU64,
}

impl FormTokens {
    pub(super) fn new() -> io::Result<Self> {
        let mut key = [0; 32];
        File::open("/dev/urandom")?.read_exact(&mut key)?;
        Ok(Self::keyed(&key))
    }

    fn keyed(key: &[u8]) -> Self {
        let key = Hmac::new_from_slice(key).expect("HMAC takes keys of any length");
        Self { key, sealed: AtomicU64::new(0) }
    }

    /// The sealed text for a form that answers a request.
    pub(super) fn of(&self, headers: &HeaderMap, now: DateTime<Utc>) -> String {
        let until = (now + LONGEST).timestamp();
        let terms = format!("{until}.{}", self.sealed.fetch_add(1, Ordering::Relaxed));
        let proof = self.proof(&terms, headers).finalize().into_bytes();
        format!("{terms}.{}", URL_SAFE_NO_PAD.encode(proof))
    }

    /// Whether the form was shown to its sender, and recently enough.
    pub(super) fn is_on(&self, sealed: &str, headers: &HeaderMap, now: DateTime<Utc>) -> bool {
        let Some((terms, given)) = sealed.rsplit_once('.') else { return false };
        let until = terms.split('.').next().unwrap_or_default();
        let Ok(given) = URL_SAFE_NO_PAD.decode(given) else { return false };
        self.proof(terms, headers).verify_slice(&given).is_ok()
            && until.parse().is_ok_and(|until: i64| now.timestamp() < until)
    }

    fn proof(&self, terms: &str, headers: &HeaderMap) -> Hmac<Sha256> {
        let session: String = sessions(headers).collect();
        proof(&self.key, "form", format!("{terms}:{session}").as_bytes())
    }
}

/// Whether the browser says that a page of this very address sent the form. Another port of this
/// machine is another address. A request without `Origin` comes from no browser, or from one that
/// hides it, and is refused.
pub(super) fn is_from_here(headers: &HeaderMap) -> bool {
    let of = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let only = |name| headers.get_all(name).into_iter().count() == 1;
    let origin = of(ORIGIN.as_str()).filter(|_| only(ORIGIN));
    let origin = origin.and_then(|origin| {
        origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"))
    });
    let is_ours = origin
        .zip(of(HOST.as_str()))
        .is_some_and(|(origin, host)| !origin.is_empty() && origin.eq_ignore_ascii_case(host));
    is_ours && of("sec-fetch-site").is_none_or(|state| state == "same-origin")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_seal_is_good_for_whom_it_was_shown_to_until_it_runs_out() {
        let (seal, other) = (FormTokens::keyed(b"one"), FormTokens::keyed(b"another"));
        let now = DateTime::UNIX_EPOCH;
        let kim = headers(&[("cookie", "lightsout=kim")]);
        let nobody = HeaderMap::new();
        let sealed = seal.of(&kim, now);
        for (seal, sealed, headers, at, is_on) in [
            (&seal, &*sealed, &kim, now, true),
            (&seal, &sealed, &kim, now + LONGEST - TimeDelta::seconds(1), true),
            (&seal, &sealed, &kim, now + LONGEST, false),
            (&seal, &sealed.replace("43200.", "53200."), &kim, now, false),
            (&seal, &sealed.replace(".0.", ".1."), &kim, now, false),
            (&seal, &sealed, &headers_of_lee(), now, false),
            (&seal, &sealed, &nobody, now, false),
            (&other, &sealed, &kim, now, false),
            (&seal, &seal.of(&nobody, now), &nobody, now, true),
            (&seal, "", &kim, now, false),
            (&seal, "43200.", &kim, now, false),
            (&seal, "x.y", &kim, now, false),
        ] {
            assert_eq!(seal.is_on(sealed, headers, at), is_on, "{sealed} {headers:?} {at}");
        }
    }

    fn headers_of_lee() -> HeaderMap {
        headers(&[("cookie", "lightsout=lee")])
    }

    #[test]
    fn only_a_page_of_this_address_is_ours() {
        let host = ("host", "localhost:8787");
        for (lines, ours) in [
            (vec![host, ("origin", "http://localhost:8787")], true),
            (vec![host, ("origin", "https://LOCALHOST:8787")], true),
            (
                vec![host, ("origin", "http://localhost:8787"), ("sec-fetch-site", "same-origin")],
                true,
            ),
            (
                vec![host, ("origin", "http://localhost:8787"), ("sec-fetch-site", "same-site")],
                false,
            ),
            (vec![host, ("origin", "http://localhost:8787"), ("sec-fetch-site", "none")], false),
            (vec![host, ("origin", "http://localhost:9999")], false),
            (vec![host, ("origin", "http://localhost")], false),
            (vec![host, ("origin", "http://127.0.0.1:8787")], false),
            (vec![host, ("origin", "http://evil.example")], false),
            (vec![host, ("origin", "null")], false),
            (vec![host, ("origin", "http://")], false),
            (vec![host, ("origin", "")], false),
            (vec![host], false),
            (vec![("origin", "http://localhost:8787")], false),
            (
                vec![host, ("origin", "http://localhost:8787"), ("origin", "http://evil.example")],
                false,
            ),
        ] {
            assert_eq!(is_from_here(&headers(&lines)), ours, "{lines:?}");
        }
    }
}
