//! Checks `[web]`: where the page is served, and whose word is taken for who is there.

use std::net::SocketAddr;

use toml::Spanned;
use url::Url;

use super::Check;
use crate::schedule::raw::{self, Text};
use crate::schedule::web::{Network, NoNetwork, Proxies, WebTable};

/// Headers that say something else already.
const TAKEN: [&str; 5] = ["authorization", "connection", "cookie", "host", "origin"];

impl Check<'_> {
    pub(super) fn web(&mut self, web: Spanned<raw::Web>) -> WebTable {
        let touched = self.losses.touch(&web.span());
        let web = web.into_inner();
        let has_token = web.token_file.is_some() || touched;
        let listen = web.listen.and_then(|listen| self.listen(&listen, has_token));
        let token_file =
            web.token_file.and_then(|path| self.secret_file(path.get_ref(), path.span()));
        let url = web.url.and_then(|url| self.web_url(&url));
        let trusted = web.trusted_proxies.map(|proxies| self.trusted_proxies(&proxies));
        let header = web.user_header.and_then(|name| {
            let header = self.user_header(&name, has_token)?;
            if trusted.as_ref().is_none_or(Vec::is_empty) && !touched {
                let message = "`user_header` is never believed: `trusted_proxies` names no proxy";
                let hint = "`trusted_proxies = [\"127.0.0.1\"]` for a proxy on this machine";
                self.problems.push(self.source.warning(name.span(), message, hint));
            }
            Some(header)
        });
        let proxies = header.map(|header| Proxies { header, trusted: trusted.unwrap_or_default() });
        WebTable {
            listen,
            token_file,
            is_read_only: web.read_only.unwrap_or_default(),
            url,
            proxies,
        }
    }

    fn listen(&mut self, listen: &Text, has_token: bool) -> Option<SocketAddr> {
        let text = listen.get_ref();
        let Ok(address) = text.parse::<SocketAddr>() else {
            let message = format!("`{text}` is no address to listen on");
            self.error(listen.span(), message, "an IP address and a port: `127.0.0.1:8787`");
            return None;
        };
        if !address.ip().is_loopback() && !has_token {
            let message =
                format!("{address} can be reached from other machines, and there is no token_file");
            let hint = "`token_file = \"token\"` names a token to ask for; or listen on 127.0.0.1";
            self.problems.push(self.source.warning(listen.span(), message, hint));
        }
        Some(address)
    }

    fn web_url(&mut self, url: &Text) -> Option<Url> {
        let text = url.get_ref();
        let parsed = Url::parse(text).ok().filter(|url| {
            let is_bare = url.query().is_none() && url.fragment().is_none();
            let is_anonymous = url.username().is_empty() && url.password().is_none();
            matches!(url.scheme(), "http" | "https") && url.has_host() && is_bare && is_anonymous
        });
        if parsed.is_none() {
            let message = "`url` is not where people reach a page";
            let hint = "`http://` or `https://` with a host, and a path if need be";
            // A name and a password may stand in it.
            self.secret_error(url.span(), message, hint);
        }
        parsed
    }

    /// The name of the header in lower case.
    fn user_header(&mut self, name: &Text, has_token: bool) -> Option<String> {
        let header = name.get_ref().to_ascii_lowercase();
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if header.is_empty() || !header.chars().all(is_token) || TAKEN.contains(&&*header) {
            let message = format!("`{}` is no header that can name a person", name.get_ref());
            self.error(name.span(), message, "such as `X-Forwarded-User`, as the proxy sends it");
            return None;
        }
        if !has_token {
            let message = "`user_header` needs a token: without one, anybody could be anybody";
            let hint = "add `token_file = \"token\"`, and let the proxy send it as a bearer token";
            self.error(name.span(), message, hint);
            return None;
        }
        Some(header)
    }

    fn trusted_proxies(&mut self, proxies: &Spanned<Vec<Text>>) -> Vec<Network> {
        let mut trusted = Vec::new();
        for proxy in proxies.get_ref() {
            let text = proxy.get_ref();
            match text.parse() {
                Ok(network) => trusted.push(network),
                Err(error) => {
                    let hint = match error {
                        NoNetwork::NoAddress => "`127.0.0.1`, `::1`, or a network: `10.0.0.0/24`",
                        NoNetwork::MoreBits(_) => "the bits after `/` are 0: `10.0.0.0/24`",
                    };
                    self.error(proxy.span(), format!("`{text}` is no proxy: {error}"), hint);
                }
            }
        }
        trusted
    }
}
