//! Takes the token once and gives a cookie for it. [`super::auth`] checks both.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use hyper::body::Incoming;
use hyper::{StatusCode, header};
use url::form_urlencoded;

use super::answer::PageAnswer;
use super::auth::Token;
use super::state::WebState;
use super::words::Words;
use super::{form, page};

pub(super) const PATH: &str = "/sign-in";

pub(super) fn ask(words: Words, (to, now): (&str, DateTime<Utc>)) -> PageAnswer {
    PageAnswer::page(StatusCode::UNAUTHORIZED, &page::sign_in(words, to, false), (to, now))
        .with(header::WWW_AUTHENTICATE, "Bearer")
}

/// Gives a cookie to whoever typed the token. The form needs no CSRF proof: a sign-in changes
/// nothing for others, and nobody without the token can make others sign in.
pub(super) async fn answer(
    state: &WebState,
    token: &Token,
    (words, from): (Words, IpAddr),
    body: Incoming,
) -> PageAnswer {
    let body = match form::read(body).await {
        Ok(body) => body,
        Err(answer) => return answer,
    };
    let field = |name: &str| {
        let mut fields = form_urlencoded::parse(&body);
        fields.find(|(field, _)| field == name).map(|(_, value)| value).unwrap_or_default()
    };
    let (to, now) = (field("to"), state.clock.now());
    let to = local(&to);
    if token.is(field("token").trim().as_bytes()) {
        return PageAnswer::text(StatusCode::SEE_OTHER, "")
            .with_text(header::LOCATION, to)
            .with_text(header::SET_COOKIE, &token.cookie(now));
    }
    state.wrong_tokens.came(from, &state.clock).await;
    PageAnswer::page(StatusCode::UNAUTHORIZED, &page::sign_in(words, to, true), (to, now))
        .with(header::WWW_AUTHENTICATE, "Bearer")
}

/// The address, if it leads to a page of ours, even as browsers read odd ones; else the first page.
pub(super) fn local(to: &str) -> &str {
    let is_here = to.starts_with('/')
        && !to.starts_with("//")
        && to.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_here { to } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        for (to, here) in [
            ("/", true),
            ("/history?rule=%EA%B0%9C", true),
            ("", false),
            ("//evil.example", false),
            ("/\\evil.example", false),
            ("https://evil.example", false),
            ("/\t/evil.example", false),
            ("/a\r\nSet-Cookie: b", false),
        ] {
            assert_eq!(local(to), if here { to } else { "/" }, "{to:?}");
        }
    }
}
