//! Cookies: read from a request, and written so that browsers keep them to this page.
//!
//! All of ours are `SameSite=Lax`. A link in a mail then finds its reader signed in, and whatever
//! another site posts or embeds comes without them. [`super::csrf`] protects the forms all the
//! same. They are not `Secure`: the page itself speaks plain HTTP, and a proxy in front may encrypt
//! it.

use hyper::HeaderMap;
use hyper::header::COOKIE;

/// The attributes of each cookie: for this site's own requests and links to it, never for scripts.
const TERMS: &str = "; Path=/; HttpOnly; SameSite=Lax";
/// The life of a choice, in seconds: a year.
const LONG: u32 = 365 * 24 * 60 * 60;

/// The values of a cookie in a request.
pub(super) fn values<'h>(headers: &'h HeaderMap, name: &str) -> impl Iterator<Item = &'h str> {
    let cookies = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let cookies = cookies.flat_map(|value| value.split(';'));
    cookies.filter_map(move |cookie| cookie.trim().strip_prefix(name)?.strip_prefix('='))
}

/// The value of `Set-Cookie` for as long as the browser runs.
pub(super) fn of_session(name: &str, value: &str) -> String {
    format!("{name}={value}{TERMS}")
}

/// The value of `Set-Cookie` for a year.
pub(super) fn kept(name: &str, value: &str) -> String {
    format!("{name}={value}{TERMS}; Max-Age={LONG}")
}
