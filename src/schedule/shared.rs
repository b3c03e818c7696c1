//! `[audit] shared`: the PostgreSQL database in which several machines keep one log.
//!
//! [`crate::audit`] speaks to it.

use std::fmt;

use url::{Host, Url};

/// Where the address of the shared log is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SharedPlace {
    Written(SharedUrl),
    /// In an environment variable of this name, written `env:NAME`.
    Variable(String),
}

/// A PostgreSQL URL. Shown without its password.
#[derive(Clone, PartialEq, Eq)]
pub struct SharedUrl(Url);

/// The reasons why a URL is no place for a shared log. The text is not repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSharedUrl {
    #[error("this is no URL: {0}")]
    NoUrl(#[from] url::ParseError),
    /// Not `postgres`.
    #[error("a shared log is in PostgreSQL, not in `{0}`")]
    Scheme(String),
    #[error("the URL names no database")]
    NoDatabase,
    /// `sslmode` is weaker than `verify-full`, and the way leads through a network.
    #[error("`sslmode={0}` would let anyone on the way read and change the log")]
    Weak(String),
}

impl BadSharedUrl {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoUrl(_) | Self::Scheme(_) => {
                "such as `\"postgres://lightsout@db.internal/lightsout\"`, or `\"env:NAME\"` for a \
                 variable"
            }
            Self::NoDatabase => "write the name of the database behind the host and a `/`",
            Self::Weak(_) => {
                "leave `sslmode` out: the server's certificate is checked; `sslrootcert=` names a \
                 company's own root"
            }
        }
    }
}

impl SharedUrl {
    /// Checks the address of a shared log.
    ///
    /// # Errors
    /// The text is no URL of a PostgreSQL database, or its way would not be safe.
    pub fn parse(text: &str) -> Result<Self, BadSharedUrl> {
        let url = Url::parse(text.trim())?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(BadSharedUrl::Scheme(url.scheme().to_owned()));
        }
        let url = Self(url);
        if url.database().is_empty() {
            return Err(BadSharedUrl::NoDatabase);
        }
        let is_safe = |mode: &String| url.is_near() || mode == "verify-full";
        match url.ssl_mode().filter(|mode| !is_safe(mode)) {
            Some(mode) => Err(BadSharedUrl::Weak(mode)),
            None => Ok(url),
        }
    }

    /// The whole URL, with a password that it may have.
    pub fn expose(&self) -> &str {
        self.0.as_str()
    }

    pub fn has_password(&self) -> bool {
        self.0.password().is_some() || self.parameter(&["password"]).is_some()
    }

    /// Whether the way stays on this machine: a loopback address or a socket.
    pub fn is_near(&self) -> bool {
        let is_near = match self.0.host() {
            Some(Host::Domain(name)) => {
                let name = name.to_lowercase();
                name == "localhost" || name.starts_with("%2f") || is_loopback(&name)
            }
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => true,
        };
        let named = self.parameter(&["host", "hostaddr"]);
        named.map_or(is_near, |host| {
            host.starts_with('/') || host == "localhost" || is_loopback(&host)
        })
    }

    /// The host and the database, for people.
    pub fn place(&self) -> String {
        let host = self.parameter(&["host", "hostaddr"]);
        let host = host.unwrap_or_else(|| self.0.host_str().unwrap_or_default().to_owned());
        let host = host.replace("%2F", "/").replace("%2f", "/");
        let port = self.0.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{host}{port}/{}", self.database())
    }

    fn database(&self) -> String {
        let named = self.parameter(&["dbname"]);
        named.unwrap_or_else(|| self.0.path().trim_start_matches('/').to_owned())
    }

    fn ssl_mode(&self) -> Option<String> {
        self.parameter(&["sslmode", "ssl-mode"])
    }

    /// The last parameter with one of these names.
    fn parameter(&self, names: &[&str]) -> Option<String> {
        let all = self.0.query_pairs().filter(|(name, _)| names.contains(&name.as_ref()));
        all.last().map(|(_, value)| value.into_owned())
    }
}

fn is_loopback(host: &str) -> bool {
    host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

impl fmt::Debug for SharedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedUrl({})", self.place())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_safe_way_leads_to_the_shared_log() {
        let judged = [
            ("postgres://lightsout@db.internal/lightsout", Ok("db.internal/lightsout")),
            ("postgresql://db:6432/l?sslmode=verify-full", Ok("db:6432/l")),
            ("postgres://127.0.0.1:5433/l?sslmode=disable", Ok("127.0.0.1:5433/l")),
            ("postgres://[::1]/l?sslmode=prefer", Ok("[::1]/l")),
            ("postgres://%2Frun%2Fpostgresql/l?sslmode=disable", Ok("/run/postgresql/l")),
            ("postgres:///l?host=/run/postgresql", Ok("/run/postgresql/l")),
            ("postgres://db/l?sslmode=require", Err("`sslmode=require` would")),
            ("postgres://localhost/l?host=db&sslmode=disable", Err("`sslmode=disable` would")),
            ("postgres://db/", Err("the URL names no database")),
            ("mysql://db/l", Err("a shared log is in PostgreSQL, not in `mysql`")),
            ("db.internal/l", Err("this is no URL")),
        ];
        for (text, expected) in judged {
            let read = SharedUrl::parse(text).map(|url| url.place());
            match expected {
                Ok(place) => assert_eq!(read.as_deref(), Ok(place), "{text}"),
                Err(begins) => {
                    let error = read.expect_err(text).to_string();
                    assert!(error.starts_with(begins), "{text}: {error}");
                }
            }
        }
    }

    #[test]
    fn a_password_is_found_and_never_shown() {
        for text in ["postgres://a:secret@db/l", "postgres://db/l?password=secret"] {
            let url = SharedUrl::parse(text).unwrap();
            assert!(url.has_password());
            assert!(!format!("{url:?} {}", url.place()).contains("secret"));
        }
        assert!(!SharedUrl::parse("postgres://a@db/l").unwrap().has_password());
    }
}
