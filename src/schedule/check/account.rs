//! Checks `[accounts.NAME]`: platform, gateway, regions, and the place of the keys.
//!
//! `cloud::ncloud::credentials` reads the keys.

use std::collections::HashSet;

use toml::Spanned;
use url::{Host, Url};

use super::Check;
use crate::model::instance::{AccountName, RegionCode};
use crate::schedule::hint::Hint;
use crate::schedule::raw::{self, Text};
use crate::schedule::rule::{Account, CredentialSource, Gateway};
use crate::text::did_you_mean::nearest;

const SITES: [&str; 3] = ["public", "gov", "fin"];

const REGION_FORM: &str =
    "codes are short: `KR`, `SGN`, `JPN`, …; without `regions`, all are looked at";

/// Names of regions, with their codes.
const REGIONS: [(&str, &str); 21] = [
    ("kr-1", "KR"),
    ("kr-2", "KR"),
    ("korea", "KR"),
    ("south korea", "KR"),
    ("한국", "KR"),
    ("seoul", "KR"),
    ("서울", "KR"),
    ("sg", "SGN"),
    ("sgn-4", "SGN"),
    ("singapore", "SGN"),
    ("싱가포르", "SGN"),
    ("jp", "JPN"),
    ("jpn-4", "JPN"),
    ("japan", "JPN"),
    ("일본", "JPN"),
    ("us", "USWN"),
    ("usw", "USWN"),
    ("미국", "USWN"),
    ("de", "DEN"),
    ("germany", "DEN"),
    ("독일", "DEN"),
];

const BASE: &str = "only scheme, host and port: `https://HOST`";

impl Check<'_> {
    /// The account, if all of it can be read.
    pub(super) fn account(
        &mut self,
        name: &Text,
        account: Spanned<raw::Account>,
    ) -> Option<Account> {
        let account = account.into_inner();
        let checked_name = AccountName::new(name.get_ref().as_str());
        if let Err(error) = &checked_name {
            self.error(
                name.span(),
                error.to_string(),
                "letters, digits, `-` and `_`, as in `[accounts.NAME]`",
            );
        }
        let gateway = account.gateway.map(|gateway| self.gateway(&gateway));
        let resource_manager = account.resource_manager.map(|url| self.base_url(&url, wrong_host));
        let regions = self.regions(account.regions.unwrap_or_default());
        let credentials = match account.credentials {
            Some(credentials) => self.credentials(&credentials)?,
            None => CredentialSource::Env,
        };
        let proxy = account.proxy.and_then(|url| self.base_url(&url, wrong_proxy));
        Some(Account {
            name: checked_name.ok()?,
            platform: account.platform?,
            gateway: gateway.flatten(),
            resource_manager: resource_manager.flatten(),
            regions,
            credentials,
            proxy,
        })
    }

    fn gateway(&mut self, gateway: &Text) -> Option<Gateway> {
        match gateway.get_ref().as_str() {
            "public" => Some(Gateway::Public),
            "gov" => Some(Gateway::Gov),
            "fin" => Some(Gateway::Fin),
            text if text.contains("://") => self.base_url(gateway, wrong_base).map(Gateway::Url),
            text if text.contains(['@', '?']) => {
                let hint = "write `public`, `gov`, `fin` or `https://HOST`";
                self.secret_error(gateway.span(), "there is no such gateway", hint);
                None
            }
            text => {
                let hint = match nearest(text, SITES).or_else(|| site_in_words(text)) {
                    Some(site) => Hint::meant(site, self.source.rewriting(gateway, site)),
                    None if text.contains('.') => {
                        let url = format!("https://{text}");
                        Hint::write(&url, self.source.rewriting(gateway, &url))
                    }
                    None => "write `public`, `gov`, `fin` or a base URL with `https://`".into(),
                };
                self.error(gateway.span(), format!("there is no gateway `{text}`"), hint);
                None
            }
        }
    }

    /// A URL without the slash at its end, if `wrong` finds no fault. The URL is not repeated in
    /// messages: it may hold a password.
    fn base_url(&mut self, text: &Text, wrong: impl Fn(&Url) -> Wrong) -> Option<String> {
        let url = match Url::parse(text.get_ref()) {
            Ok(url) => url,
            Err(error) => {
                let message = format!("it is no URL: {error}");
                self.error(text.span(), message, "scheme, host and port: `https://HOST`");
                return None;
            }
        };
        if let Some((message, hint)) = wrong(&url) {
            self.error(text.span(), message, hint);
            return None;
        }
        Some(url.as_str().trim_end_matches('/').to_owned())
    }

    fn regions(&mut self, regions: Vec<Text>) -> Vec<RegionCode> {
        let mut seen = HashSet::new();
        let mut codes = Vec::with_capacity(regions.len());
        for region in regions {
            match RegionCode::new(region.get_ref().as_str()) {
                Ok(code) if is_no_code(code.as_str()) => {
                    let message = format!("there is no region `{code}`");
                    self.error(region.span(), message, self.hint_of_region(&region));
                }
                Ok(code) if seen.insert(code.clone()) => codes.push(code),
                Ok(code) => {
                    let message = format!("region {code} is listed twice");
                    self.error(region.span(), message, "remove one of the two");
                }
                Err(error) => {
                    self.error(region.span(), error.to_string(), self.hint_of_region(&region));
                }
            }
        }
        codes
    }

    fn hint_of_region(&self, region: &Text) -> Hint {
        match region_meant(region.get_ref()) {
            Some(meant) => Hint::write(&meant, self.source.rewriting(region, &meant)),
            None => REGION_FORM.into(),
        }
    }

    fn credentials(&mut self, text: &Text) -> Option<CredentialSource> {
        let forms = "write `env`, `env:PREFIX`, `profile` or `file:PATH`";
        match text.get_ref().as_str() {
            "env" => Some(CredentialSource::Env),
            "profile" => Some(CredentialSource::Profile),
            written => match written.split_once(':') {
                Some(("env", prefix)) if is_variable(prefix) => {
                    Some(CredentialSource::EnvPrefix(prefix.to_owned()))
                }
                Some(("env", _)) => {
                    let message = "what stands behind `env:` cannot begin the name of a variable";
                    let hint = "`env:DEV` reads `DEV_ACCESS_KEY` and `DEV_SECRET_KEY`";
                    self.secret_error(text.span(), message, hint);
                    None
                }
                Some(("file", path)) => {
                    self.secret_file(path, text.span()).map(CredentialSource::File)
                }
                _ => {
                    let message = "`credentials` does not say where the keys are";
                    let meant = match written.trim().to_lowercase().as_str() {
                        "env" | "environment" => Some("env"),
                        "profile" => Some("profile"),
                        _ => None,
                    };
                    let is_path = written.starts_with('/') || written.starts_with("./");
                    let path = format!("file:{written}");
                    let hint = match meant {
                        Some(word) => Hint::meant(word, self.source.rewriting(text, word)),
                        None if is_path => Hint::write(&path, self.source.rewriting(text, &path)),
                        None => forms.into(),
                    };
                    self.problems.push(self.source.secret_error(text.span(), message, hint));
                    None
                }
            },
        }
    }
}

/// The word for a site that was written by its whole name.
fn site_in_words(text: &str) -> Option<&'static str> {
    match text.to_lowercase().as_str() {
        "government" | "공공" | "공공기관" => Some("gov"),
        "finance" | "financial" | "금융" => Some("fin"),
        "private" | "민간" => Some("public"),
        _ => None,
    }
}

/// The code of a region that was written in small letters, by a zone, or by its name.
fn region_meant(written: &str) -> Option<String> {
    let lower = written.trim().to_lowercase();
    if let Some((_, code)) = REGIONS.iter().find(|(name, _)| *name == lower) {
        return Some((*code).to_owned());
    }
    let is_code = (2..=5).contains(&lower.len()) && lower.bytes().all(|b| b.is_ascii_alphabetic());
    is_code.then(|| lower.to_uppercase())
}

/// Whether a text looks like a code but is none: codes have no small letters.
fn is_no_code(text: &str) -> bool {
    let lower = text.to_lowercase();
    text.contains(char::is_lowercase) || REGIONS.iter().any(|(name, _)| *name == lower)
}

/// The fault of a URL, and the hint.
type Wrong = Option<(String, &'static str)>;

/// The fault of a URL as a base URL for keys. It must name a server and no path.
fn wrong_base(url: &Url) -> Wrong {
    let has_path = matches!(url.scheme(), "https" | "http") && url.path() != "/";
    wrong_host(url).or_else(|| {
        has_path.then(|| (format!("a base URL has no path such as `{}`", url.path()), BASE))
    })
}

/// The fault of a URL that may have a path.
fn wrong_host(url: &Url) -> Wrong {
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let (message, hint) = match url.scheme() {
        "https" | "http" if !url.username().is_empty() || url.password().is_some() => {
            ("a base URL names no user".to_owned(), BASE)
        }
        "https" | "http" if url.query().is_some() || url.fragment().is_some() => {
            ("a base URL has no query".to_owned(), BASE)
        }
        "https" => return None,
        "http" if is_loopback => return None,
        "http" => {
            let hint = "write `https://`; `http://` is for loopback addresses";
            ("plain `http` would let anyone on the way read and replay requests".to_owned(), hint)
        }
        other => (format!("`{other}` is no scheme of a gateway"), "write `https://`"),
    };
    Some((message, hint))
}

/// The fault of a URL as that of a proxy.
fn wrong_proxy(url: &Url) -> Wrong {
    let only = "only scheme, host and port: `http://HOST:PORT`";
    let (message, hint) = match url.scheme() {
        "http" | "https" if !url.username().is_empty() || url.password().is_some() => (
            "a proxy has no user and no password here".to_owned(),
            "everybody reads this file: let a proxy on this machine know the password",
        ),
        "http" | "https" if url.path() != "/" || url.query().is_some() => {
            ("the URL of a proxy has no path".to_owned(), only)
        }
        "http" | "https" => return None,
        other => (format!("`{other}` is no scheme of a proxy that is known"), only),
    };
    Some((message, hint))
}

/// Whether the name of an environment variable can begin like this.
pub(super) fn is_variable(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
