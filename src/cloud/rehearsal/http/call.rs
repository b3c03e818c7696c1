//! Owns a request as it arrived: its target, and its parameters from query and form together.
//!
//! `gate` checks the signature, and `ask` reads the meaning.

use hyper::body::Bytes;
use hyper::{HeaderMap, Method, Uri, header};
use url::form_urlencoded;

use super::tree::Format;
use crate::cloud::ncloud::Generation;
use crate::model::instance::{Action, InstanceNo};

#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    /// As sent: the signature covers these bytes.
    pub(super) path_and_query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) target: Endpoint,
    pub(super) params: Params,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    /// `/vserver/v2/…` and `/server/v2/…`.
    Server(Generation, Verb),
    /// `/api/v1/resources`, in any version.
    Resources,
    /// The target of the `redirect` fault.
    Redirected,
    Unknown,
}

/// The actions of the server API that are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Regions,
    Zones,
    List,
    Change(Action),
}

/// The path of the `redirect` fault's target.
pub(super) const ELSEWHERE: &str = "/redirected";

impl Endpoint {
    fn of(path: &str) -> Self {
        let version = path.strip_prefix("/api/v").and_then(|it| it.strip_suffix("/resources"));
        if version.is_some_and(|it| it.parse::<u8>().is_ok()) {
            return Self::Resources;
        }
        if path.starts_with(ELSEWHERE) {
            return Self::Redirected;
        }
        let (platform, action) = match path.rsplit_once('/') {
            Some(("/vserver/v2", action)) => (Generation::Vpc, action),
            Some(("/server/v2", action)) => (Generation::Classic, action),
            _ => return Self::Unknown,
        };
        Verb::named(action).map_or(Self::Unknown, |verb| Self::Server(platform, verb))
    }

    /// Its name in faults, counts and records.
    pub(super) fn action(self) -> &'static str {
        match self {
            Self::Server(_, verb) => verb.as_str(),
            Self::Resources => "resources",
            Self::Redirected => "redirected",
            Self::Unknown => "unknown",
        }
    }

    /// The action that it asks for, if any.
    pub(super) fn change(self) -> Option<Action> {
        match self {
            Self::Server(_, Verb::Change(action)) => Some(action),
            _ => None,
        }
    }
}

impl Verb {
    fn named(action: &str) -> Option<Self> {
        [Self::Regions, Self::Zones, Self::List]
            .into_iter()
            .chain([Action::Stop, Action::Start].map(Self::Change))
            .find(|verb| verb.as_str() == action)
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Regions => "getRegionList",
            Self::Zones => "getZoneList",
            Self::List => "getServerInstanceList",
            Self::Change(Action::Stop) => "stopServerInstances",
            Self::Change(Action::Start) => "startServerInstances",
        }
    }
}

impl Call {
    pub(super) fn new(head: hyper::http::request::Parts, body: Bytes) -> Self {
        let target = Endpoint::of(head.uri.path());
        let form = is_form(&head.headers).then_some(body.as_ref());
        Self {
            params: Params::read(&head.uri, form.unwrap_or_default()),
            path_and_query: head.uri.path_and_query().map_or("/", |sent| sent.as_str()).to_owned(),
            method: head.method,
            headers: head.headers,
            body,
            target,
        }
    }

    /// The format of errors and answers. The Resource Manager has only JSON.
    pub(super) fn format(&self) -> Format {
        match self.params.get("responseFormatType") {
            _ if self.target == Endpoint::Resources => Format::Json,
            Some(format) if format.eq_ignore_ascii_case("json") => Format::Json,
            _ => Format::Xml,
        }
    }

    /// The numbers in the call, without the invalid ones.
    pub(super) fn instances(&self) -> Vec<InstanceNo> {
        let named = self.params.list("serverInstanceNoList");
        named.into_iter().filter_map(|no| InstanceNo::new(no).ok()).collect()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

/// Parameters by name, query before form.
#[derive(Debug)]
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    fn read(uri: &Uri, form: &[u8]) -> Self {
        let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        Self(query.into_owned().chain(form_urlencoded::parse(form).into_owned()).collect())
    }

    /// A parameter that is present and not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(its_name, _)| its_name == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// `name.1`, `name.2` and so on, in the order of their numbers.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        let position = |its_name: &str| -> Option<u32> {
            its_name.strip_prefix(name)?.strip_prefix('.')?.parse().ok()
        };
        let filled = self.0.iter().filter(|(_, value)| !value.is_empty());
        let mut found: Vec<(u32, &str)> = filled
            .filter_map(|(its_name, value)| Some((position(its_name)?, value.as_str())))
            .collect();
        found.sort_by_key(|(position, _)| *position);
        found.into_iter().map(|(_, value)| value).collect()
    }
}
