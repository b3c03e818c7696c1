//! Checks that a request names this page as its host, and that its sender may see the answer.
//!
//! A page elsewhere can point its own name here, and then read the answers (DNS rebinding). So only
//! configured names are answered. An address is not a name, and cannot be pointed anywhere. The
//! token itself is [`super::auth`]'s business.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use hyper::header::HOST;
use hyper::{HeaderMap, Uri};

use super::auth::Token;

#[derive(Debug)]
pub(super) struct HostCheck {
    listens_on: IpAddr,
    names: Vec<String>,
    pub(super) token: Option<Token>,
}

impl HostCheck {
    pub(super) fn new(listens_on: IpAddr, names: &[String], token: Option<Token>) -> Self {
        let host = |name: &String| {
            let uri = name.parse::<Uri>().ok();
            let host = uri.as_ref().and_then(Uri::host).unwrap_or(name);
            host.to_ascii_lowercase()
        };
        let names = names.iter().map(host).collect();
        Self { listens_on, names, token }
    }

    /// Whether a request is for this page. Its `Host` header and the host of its target, if any,
    /// must both name the page.
    pub(super) fn is_for_us(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(HOST).into_iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
        let host = host.to_str().ok().and_then(|host| host.parse::<Uri>().ok());
        host.is_some_and(|host| self.is_ours(&host))
            && (uri.authority().is_none() || self.is_ours(uri))
    }

    /// Compares hosts without ports: a tunnel may use another port.
    fn is_ours(&self, uri: &Uri) -> bool {
        let Some(authority) = uri.authority() else { return false };
        if authority.as_str().contains('@') {
            return false;
        }
        let host = authority.host();
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if let Ok(ip) = bare.parse::<IpAddr>() {
            return ip.is_loopback() || ip == self.listens_on || self.listens_on.is_unspecified();
        }
        let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        name == "localhost" || self.names.contains(&name)
    }

    /// Whether the sender may see more than that this page exists.
    pub(super) fn may_see(&self, headers: &HeaderMap, now: DateTime<Utc>) -> bool {
        self.token.as_ref().is_none_or(|token| token.is_known_to(headers, now))
    }

    /// Whether the sender shows a wrong token, and not merely none.
    pub(super) fn is_mistaken_by(&self, headers: &HeaderMap) -> bool {
        self.token.as_ref().is_some_and(|token| token.is_mistaken_by(headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_were_given_and_addresses_are_ours() {
        let names = ["Lights.example", "night.example:443", "https://dark.example/"];
        let home =
            HostCheck::new("127.0.0.1".parse().unwrap(), &names.map(ToOwned::to_owned), None);
        let wide = HostCheck::new("0.0.0.0".parse().unwrap(), &[], None);
        for (host, at_home, everywhere) in [
            ("localhost", true, true),
            ("LOCALHOST:8787", true, true),
            ("localhost.:1", true, true),
            ("127.0.0.1:8787", true, true),
            ("127.8.8.8", true, true),
            ("[::1]:8787", true, true),
            ("10.0.0.5:8787", false, true),
            ("lights.example", true, false),
            ("night.example", true, false),
            ("dark.example:8787", true, false),
            ("evil.example", false, false),
            ("localhost.evil.example", false, false),
            ("localhost@evil.example", false, false),
            ("evil.example@localhost", false, false),
            ("127.0.0.1.evil.example", false, false),
            ("", false, false),
            ("a b", false, false),
        ] {
            let headers = HeaderMap::from_iter([(HOST, host.parse().unwrap())]);
            let uri = Uri::from_static("/");
            let ours = (home.is_for_us(&uri, &headers), wide.is_for_us(&uri, &headers));
            assert_eq!(ours, (at_home, everywhere), "{host}");
        }
    }

    #[test]
    fn two_hosts_or_none_are_nobody_s() {
        let check = HostCheck::new("127.0.0.1".parse().unwrap(), &[], None);
        let uri = Uri::from_static("/");
        let mut headers = HeaderMap::new();
        assert!(!check.is_for_us(&uri, &headers));
        headers.append(HOST, "localhost".parse().unwrap());
        assert!(check.is_for_us(&uri, &headers));
        assert!(!check.is_for_us(&Uri::from_static("http://evil.example/"), &headers));
        headers.append(HOST, "evil.example".parse().unwrap());
        assert!(!check.is_for_us(&uri, &headers));
    }
}
