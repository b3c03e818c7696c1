//! Owns `[[notify]]`: the targets, their events, and the form of their notices.
//!
//! The URL of a webhook is a secret: everybody who has it can write there. [`SecretUrl`] shows only
//! its host. `notice` sends the notices.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::report_times::ReportTimes;
use crate::model::language::Language;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notify {
    /// Unique in the file. Default: the host of the URL, the variable, or the program.
    pub name: String,
    pub channel: Channel,
    /// The events of the target; never empty.
    pub on: BTreeSet<Event>,
    /// The language of its texts.
    pub language: Language,
    /// How long before a stop it is told; present only with [`Event::Ahead`] in `on`.
    pub ahead: Option<Duration>,
    /// The times of its reports; present only with [`Event::Report`] in `on`.
    pub report: Option<ReportTimes>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Channel {
    Post {
        url: UrlSource,
        format: Format,
    },
    /// A program that reads the notice on its standard input.
    Command {
        /// The program. A path with a slash is relative to the folder of schedules.toml already.
        program: PathBuf,
        arguments: Vec<String>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UrlSource {
    /// In the file, and so in the audit log too, which keeps the file's text.
    Written(SecretUrl),
    /// In an environment variable of this name, written `env:NAME`.
    Variable(String),
}

/// What a target can be told of, the gravest first.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    /// The audit log cannot be written, so nothing is done.
    Log,
    /// An account, or a calendar that rules look at, cannot be read, or can be again.
    Unreadable,
    /// Something did not get where it should: a server was refused, timed out, is unknown or
    /// was never free to be asked; the cloud failed, a firing was too large or overlapped.
    Failure,
    /// The drift guard sent nothing.
    Drift,
    /// Firings fell due while nobody was there.
    Missed,
    /// Servers have come near a limit of their stop budget.
    Budget,
    /// Somebody started what a rule with `on_manual_start = "notify"` had stopped.
    Changed,
    /// A stop is to come, and whom it means.
    Ahead,
    /// A firing has ended, whatever became of it.
    Summary,
    /// The time since the last report is over.
    Report,
}

impl Event {
    /// The default of `on`: all failures, and the events that a rule asks for.
    pub const DEFAULT: [Self; 7] = [
        Self::Log,
        Self::Unreadable,
        Self::Failure,
        Self::Drift,
        Self::Missed,
        Self::Budget,
        Self::Changed,
    ];

    /// The word in schedules.toml, in the log and in notices.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Unreadable => "unreadable",
            Self::Failure => "failure",
            Self::Drift => "drift",
            Self::Missed => "missed",
            Self::Budget => "budget",
            Self::Changed => "changed",
            Self::Ahead => "ahead",
            Self::Summary => "summary",
            Self::Report => "report",
        }
    }
}

#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// lightsout's own, as docs/notices.md describes it.
    #[default]
    Json,
    /// An incoming webhook of Slack.
    Slack,
    /// A webhook of a Teams workflow.
    Teams,
    /// A webhook of Discord.
    Discord,
}

/// A URL that is shown only as its scheme and host.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(Url);

/// The reasons why a URL cannot be used. The text is not repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    #[error("this is no URL: {0}")]
    NoUrl(#[from] url::ParseError),
    #[error("plain `http` to `{0}` would let anyone on the way read what is sent, and to where")]
    PlainHttp(String),
    /// Neither `http` nor `https`.
    #[error("nothing is sent by `{0}`")]
    Scheme(String),
}

impl BadUrl {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoUrl(_) => {
                "write the whole URL in quotes, with `https://`, or `env:NAME` for a variable"
            }
            Self::PlainHttp(_) => "write `https://`; `http://` is for loopback addresses",
            Self::Scheme(_) => "write `https://`",
        }
    }
}

impl SecretUrl {
    /// Checks a URL to which something may be sent.
    ///
    /// # Errors
    /// The text is no URL, has another scheme, or is plain http to another machine.
    pub fn parse(text: &str) -> Result<Self, BadUrl> {
        let url = Url::parse(text.trim())?;
        let is_loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if is_loopback => Ok(Self(url)),
            "http" => Err(BadUrl::PlainHttp(url.host_str().unwrap_or_default().to_owned())),
            other => Err(BadUrl::Scheme(other.to_owned())),
        }
    }

    pub fn expose(&self) -> &Url {
        &self.0
    }

    /// The only part that may be shown.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretUrl({}://{}/…)", self.0.scheme(), self.host())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_shows_its_host_and_nothing_else() {
        let url = SecretUrl::parse("https://u:p@hooks.example.com:8443/services/T0?k=v#f").unwrap();
        assert_eq!(format!("{url:?}"), "SecretUrl(https://hooks.example.com/…)");
        assert_eq!(url.host(), "hooks.example.com");
    }

    #[test]
    fn plain_http_goes_no_further_than_this_machine() {
        for text in ["http://localhost/a", "http://127.0.0.1:1/a", "http://[::1]:2/a"] {
            assert!(SecretUrl::parse(text).is_ok(), "{text}");
        }
        for text in ["http://10.0.0.1/a", "http://localhost.example.com/a"] {
            let refused = SecretUrl::parse(text);
            assert!(matches!(&refused, Err(BadUrl::PlainHttp(_))), "{text}: {refused:?}");
        }
        assert_eq!(SecretUrl::parse("ftp://a/b"), Err(BadUrl::Scheme("ftp".to_owned())));
        assert!(matches!(SecretUrl::parse("hooks.example.com/a"), Err(BadUrl::NoUrl(_))));
    }
}
