//! Who sends a request: the address, the name that a trusted proxy vouches for, and the name that
//! somebody typed before.
//!
//! Whether the sender may see the page is [`super::auth`]'s business.

use std::net::IpAddr;

use hyper::HeaderMap;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::cookie;
use super::forms::LONGEST_WHO;
use crate::schedule::web::Proxies;

/// The cookie with the name that was typed last.
const COOKIE: &str = "lightsout-who";

/// The beginning of an author without a name; the address follows.
const NAMELESS: &str = "page, from ";

#[derive(Clone, Debug)]
pub(super) struct Sender {
    peer: IpAddr,
    /// The name that a trusted proxy gave.
    pub(super) user: Option<String>,
    /// The name that was typed before; empty for none.
    pub(super) remembered: String,
}

impl Sender {
    /// `proxies`: those that are believed. From any other peer the header says nothing.
    pub(super) fn of(headers: &HeaderMap, peer: IpAddr, proxies: Option<&Proxies>) -> Self {
        let proxies = proxies.filter(|proxies| proxies.trusts(peer));
        let remembered = cookie::values(headers, COOKIE).next().unwrap_or_default();
        let remembered = percent_decode_str(remembered).decode_utf8_lossy();
        Self {
            peer,
            user: proxies.and_then(|proxies| named(headers, &proxies.header)),
            remembered: name_of(&remembered),
        }
    }

    /// The author of a hold. A typed name is never shown without the sender's address.
    pub(super) fn author(&self, typed: &str) -> String {
        match (&self.user, typed, self.peer) {
            (Some(user), _, proxy) => format!("{user} (proxy {proxy})"),
            (None, "", peer) => format!("{NAMELESS}{peer}"),
            (None, name, peer) => format!("{name} (page, {peer})"),
        }
    }
}

/// The address of an author without a name.
pub(super) fn nameless(author: &str) -> Option<&str> {
    author.strip_prefix(NAMELESS)
}

/// The value of `Set-Cookie` that remembers a typed name.
pub(super) fn remember(name: &str) -> String {
    cookie::kept(COOKIE, &utf8_percent_encode(name, NON_ALPHANUMERIC).to_string())
}

/// The name in a header. Of two, one may be the reader's own, so neither is believed.
fn named(headers: &HeaderMap, header: &str) -> Option<String> {
    let mut values = headers.get_all(header).into_iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let name = name_of(str::from_utf8(value.as_bytes()).ok()?);
    (!name.is_empty()).then_some(name)
}

/// A name as somebody could have typed it.
fn name_of(text: &str) -> String {
    let seen: String = text.chars().filter(|c| !c.is_control()).take(LONGEST_WHO).collect();
    seen.trim().to_owned()
}
