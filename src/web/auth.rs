//! The token: read from a file, shown as a bearer token or typed in for a cookie, and compared in
//! constant time.
//!
//! Requests for other hosts are turned away earlier, in [`super::host_check`].

use std::fmt;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;
use sha2::Sha256;

use super::cookie;
use crate::text::regular_file;
use crate::text::secret_file::Found;

/// The permissions of group and others.
const OTHERS: u32 = 0o077;
const SHORTEST: usize = 16;
const LONGEST: usize = 1024;
const NAME: &str = "lightsout";
/// The life of a cookie.
const SESSION: TimeDelta = TimeDelta::hours(12);

/// The secret that opens the page. Cannot be printed.
pub struct Token {
    /// An HMAC keyed by the token. Only who knows the token can make its proofs.
    key: Hmac<Sha256>,
    proof: Vec<u8>,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// The reasons why a file gives no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    #[error("could not read the token file {path}")]
    Unreadable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the token file {path} has mode {mode:04o}: others could read or change it")]
    Exposed { path: PathBuf, mode: u32 },
    #[error("the token file {0} holds no token: 16 to 1024 letters, digits and signs")]
    NoToken(PathBuf),
}

impl TokenError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Exposed { .. } => "`chmod 600` it; was it read meanwhile, make a new one",
            Self::Unreadable { .. } | Self::NoToken(_) => {
                "`(umask 077; openssl rand -hex 32 > FILE)` makes one"
            }
        }
    }
}

impl Token {
    /// Reads a token and trims white space around it.
    ///
    /// # Errors
    /// When the file cannot be read, when others may use it, or when it holds no token.
    pub fn read(found: &Found) -> Result<Self, TokenError> {
        let path = &found.path;
        let unreadable = |source| TokenError::Unreadable { path: path.to_owned(), source };
        let file = regular_file::open(path).map_err(unreadable)?;
        // The mode is read from the open file, since the path may name another file a moment later.
        let mode = file.metadata().map_err(unreadable)?.mode() & 0o777;
        if found.is_exposed(mode, OTHERS) {
            return Err(TokenError::Exposed { path: path.to_owned(), mode });
        }
        let text =
            regular_file::read(file, 2 * LONGEST as u64).map_err(unreadable)?.unwrap_or_default();
        Self::new(text.trim_ascii()).ok_or_else(|| TokenError::NoToken(path.to_owned()))
    }

    fn new(text: &[u8]) -> Option<Self> {
        let is_token = (SHORTEST..=LONGEST).contains(&text.len());
        if !is_token || !text.iter().all(u8::is_ascii_graphic) {
            return None;
        }
        let key = Hmac::new_from_slice(text).expect("HMAC takes keys of any length");
        let proof = proof(&key, "token", text).finalize().into_bytes().to_vec();
        Some(Self { key, proof })
    }

    /// Compares a text with the token. The time depends on the text's length alone.
    pub(super) fn is(&self, text: &[u8]) -> bool {
        proof(&self.key, "token", text).verify_slice(&self.proof).is_ok()
    }

    /// Whether a request proves that its sender knows the token: by a bearer token, or by a cookie
    /// that has not expired.
    pub(super) fn is_known_to(&self, headers: &HeaderMap, now: DateTime<Utc>) -> bool {
        bearer(headers).is_some_and(|text| self.is(text))
            || sessions(headers).any(|session| self.is_session(session, now))
    }

    /// Whether a request shows another token than this one.
    pub(super) fn is_mistaken_by(&self, headers: &HeaderMap) -> bool {
        bearer(headers).is_some_and(|text| !self.is(text))
    }

    /// The value of `Set-Cookie` after a sign-in.
    pub(super) fn cookie(&self, now: DateTime<Utc>) -> String {
        let until = (now + SESSION).timestamp().to_string();
        let proof = proof(&self.key, "session", until.as_bytes()).finalize().into_bytes();
        let proof = URL_SAFE_NO_PAD.encode(proof);
        cookie::of_session(NAME, &format!("{until}.{proof}"))
    }

    fn is_session(&self, session: &str, now: DateTime<Utc>) -> bool {
        let Some((until, given)) = session.split_once('.') else { return false };
        let Ok(given) = URL_SAFE_NO_PAD.decode(given) else { return false };
        let is_ours = proof(&self.key, "session", until.as_bytes()).verify_slice(&given).is_ok();
        is_ours && until.parse().is_ok_and(|until: i64| now.timestamp() < until)
    }
}

/// The bearer token that a request shows.
fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let (scheme, text) =
        headers.get(AUTHORIZATION)?.as_bytes().split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then_some(text)
}

/// The sessions that a request claims.
pub(super) fn sessions(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    cookie::values(headers, NAME)
}

/// An HMAC of a text. Each purpose gives another HMAC.
pub(super) fn proof(key: &Hmac<Sha256>, purpose: &str, text: &[u8]) -> Hmac<Sha256> {
    let mut proof = key.clone();
    proof.update(purpose.as_bytes());
    proof.update(b":");
    proof.update(text);
    proof
}

#[cfg(test)]
mod tests {
    use hyper::header::COOKIE;

    use super::*;

    fn token() -> Token {
        Token::new(b"0123456789abcdef").unwrap()
    }

    fn headers(name: hyper::header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn only_the_token_itself_is_a_bearer() {
        for (value, is_known) in [
            ("Bearer 0123456789abcdef", true),
            ("bearer 0123456789abcdef", true),
            ("Bearer 0123456789abcdeF", false),
            ("Bearer 0123456789abcde", false),
            ("Bearer 0123456789abcdef0", false),
            ("Bearer ", false),
            ("Bearer", false),
            ("Basic 0123456789abcdef", false),
            ("0123456789abcdef", false),
        ] {
            let known = token().is_known_to(&headers(AUTHORIZATION, value), DateTime::UNIX_EPOCH);
            assert_eq!(known, is_known, "{value}");
        }
    }

    #[test]
    fn a_cookie_is_good_until_it_runs_out_and_only_as_it_was_given() {
        let now = DateTime::UNIX_EPOCH;
        let cookie = token().cookie(now);
        let cookie = cookie.split(';').next().unwrap();
        let later = cookie.replace("=43200.", "=53200.");
        let other = Token::new(b"another-token-of-16").unwrap().cookie(now);
        for (value, at, is_known) in [
            (cookie, now, true),
            (&format!("a=b; {cookie}; c=d"), now, true),
            (cookie, now + TimeDelta::hours(12) - TimeDelta::seconds(1), true),
            (cookie, now + TimeDelta::hours(12), false),
            (&later, now, false),
            (other.split(';').next().unwrap(), now, false),
            ("lightsout=43200.", now, false),
            ("lightsout=0123456789abcdef", now, false),
        ] {
            assert_eq!(token().is_known_to(&headers(COOKIE, value), at), is_known, "{value}");
        }
    }

    #[test]
    fn what_could_be_guessed_or_never_be_sent_is_no_token() {
        for text in ["", "0123456789abcde", "0123456789 abcdef", "0123456789abcde\u{e9}"] {
            assert!(Token::new(text.as_bytes()).is_none(), "{text}");
        }
    }
}
