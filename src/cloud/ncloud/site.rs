//! Finds the hosts for the calls of an account.

use std::net::IpAddr;

use reqwest::Url;

use super::profile;
use crate::cloud::Environment;
use crate::schedule::{Account, Gateway};

/// The base URLs of an account, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The API gateway, in front of the server API.
    pub gateway: Url,
    /// The Resource Manager, which knows the tags of VPC servers. The URL includes its version.
    pub resource_manager: Url,
    /// The proxy for calls by https.
    pub proxy: Option<String>,
}

/// The reasons why a base URL cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SiteError {
    /// The text is no URL to which paths can be added. Not repeated here, since it may hold a
    /// password.
    #[error("the URL from {from} is no base URL: {why}")]
    NoBase { from: String, why: String },
    /// Plain http to another machine: anybody could forge the answers.
    #[error("the URL from {from} is plain http to `{host}`, which is no loopback address")]
    PlainHttp { from: String, host: String },
}

/// The version of the Resource Manager, if a base URL has no path.
const VERSION: &str = "/api/v1";

/// The known sites: gateway and Resource Manager. The Resource Manager of the financial site is
/// known from third parties only.
const PUBLIC: [&str; 2] =
    ["https://ncloud.apigw.ntruss.com", "https://resourcemanager.apigw.ntruss.com"];
const GOVERNMENT: [&str; 2] =
    ["https://ncloud.apigw.gov-ntruss.com", "https://resourcemanager.apigw.gov-ntruss.com"];
const FINANCIAL: [&str; 2] =
    ["https://fin-ncloud.apigw.fin-ntruss.com", "https://resourcemanager.apigw.fin-ntruss.com"];

impl Site {
    /// Finds the hosts of an account.
    ///
    /// - Gateway: the account's `gateway`, else `$NCLOUD_API_GW`, else the profile's
    ///   `ncloud_api_url`, else the public site.
    /// - Resource Manager: the account's `resource_manager`, else that of the site, else the
    ///   gateway itself. A path in `resource_manager` names the version of the API.
    ///
    /// # Errors
    /// A text is no URL, or is plain http to another machine.
    pub fn of(account: &Account, environment: &Environment) -> Result<Self, SiteError> {
        let (gateway, from) = gateway_of(account, environment);
        let gateway = base_url(&gateway, &from)?;
        let resource_manager = match &account.resource_manager {
            Some(url) => match base_url(url, "`resource_manager`")? {
                url if url.path() == "/" => below(&url, VERSION),
                url => url,
            },
            None => below(&resource_manager_of(&gateway), VERSION),
        };
        Ok(Self { gateway, resource_manager, proxy: account.proxy.clone() })
    }

    /// Whether all URLs are plain http, so that no call leaves this machine.
    pub fn is_plain_http(&self) -> bool {
        [&self.gateway, &self.resource_manager].iter().all(|url| url.scheme() == "http")
    }
}

pub(super) fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url
}

fn gateway_of(account: &Account, environment: &Environment) -> (String, String) {
    let named = |[gateway, _]: [&str; 2]| (gateway.to_owned(), "`gateway`".to_owned());
    match &account.gateway {
        Some(Gateway::Public) => return named(PUBLIC),
        Some(Gateway::Gov) => return named(GOVERNMENT),
        Some(Gateway::Fin) => return named(FINANCIAL),
        Some(Gateway::Url(url)) => return (url.clone(), "`gateway`".to_owned()),
        None => {}
    }
    if let Some(url) = environment.variable("NCLOUD_API_GW") {
        return (url, "`NCLOUD_API_GW`".to_owned());
    }
    match profile::api_url(&account.credentials, environment) {
        Some((url, path)) => (url, format!("`ncloud_api_url` in `{}`", path.display())),
        None => named(PUBLIC),
    }
}

fn resource_manager_of(gateway: &Url) -> Url {
    let parsed = |url: &str| Url::parse(url).expect("a URL of this file");
    [PUBLIC, GOVERNMENT, FINANCIAL]
        .into_iter()
        .find(|[known, _]| parsed(known).origin() == gateway.origin())
        .map_or_else(|| gateway.clone(), |[_, resource_manager]| parsed(resource_manager))
}

fn base_url(text: &str, from: &str) -> Result<Url, SiteError> {
    let no_base = |why: String| SiteError::NoBase { from: from.to_owned(), why };
    let url = Url::parse(text.trim()).map_err(|error| no_base(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(no_base("it begins with neither `https://` nor `http://`".to_owned()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(no_base("it holds a user name".to_owned()));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(no_base("it holds a query or a fragment".to_owned()));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        let host = url.host_str().unwrap_or_default().to_owned();
        return Err(SiteError::PlainHttp { from: from.to_owned(), host });
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::instance::AccountName;
    use crate::model::platform::Platform;
    use crate::schedule::CredentialSource;

    fn account(gateway: Option<Gateway>, resource_manager: Option<&str>) -> Account {
        Account {
            name: AccountName::new("main").unwrap(),
            platform: Platform::Vpc,
            gateway,
            resource_manager: resource_manager.map(ToOwned::to_owned),
            regions: Vec::new(),
            credentials: CredentialSource::Env,
            proxy: None,
        }
    }

    fn by_url(text: &str) -> Gateway {
        Gateway::Url(text.to_owned())
    }

    #[test]
    fn a_site_brings_its_resource_manager_and_any_other_url_serves_it_itself() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join(".ncloud")).unwrap();
        let profile = "ncloud_api_url = http://127.0.0.1:7000\n";
        std::fs::write(home.path().join(".ncloud/configure"), profile).unwrap();
        let home = home.path().to_str().unwrap();
        let bare = Environment::from([("A", "b")]);
        let profile = Environment::from([("HOME", home)]);
        let variable = Environment::from([("HOME", home), ("NCLOUD_API_GW", "http://[::1]:7001/")]);
        for (account, environment, expected) in [
            (account(None, None), &bare, PUBLIC),
            (account(None, None), &profile, ["http://127.0.0.1:7000"; 2]),
            (account(None, None), &variable, ["http://[::1]:7001"; 2]),
            (account(Some(Gateway::Public), None), &variable, PUBLIC),
            (account(Some(Gateway::Gov), None), &variable, GOVERNMENT),
            (account(Some(Gateway::Fin), None), &bare, FINANCIAL),
            (
                account(Some(by_url("https://FIN-ncloud.apigw.fin-ntruss.com:443/")), None),
                &bare,
                FINANCIAL,
            ),
            (
                account(Some(by_url("http://localhost:7002/base")), None),
                &bare,
                ["http://localhost:7002/base"; 2],
            ),
            (
                account(None, Some("https://rm.example.test")),
                &bare,
                [PUBLIC[0], "https://rm.example.test"],
            ),
        ] {
            let site = Site::of(&account, environment).unwrap();
            let [gateway, manager] = expected.map(|url| Url::parse(url).unwrap());
            let expected = [gateway, below(&manager, "/api/v1")];
            assert_eq!([site.gateway, site.resource_manager], expected, "{account:?}");
        }
    }

    #[test]
    fn a_resource_manager_with_a_path_names_its_version_by_it() {
        let bare = Environment::from([("A", "b")]);
        for (written, expected) in [
            ("https://rm.example.test/api/v2", "https://rm.example.test/api/v2"),
            ("https://rm.example.test/api/v2/", "https://rm.example.test/api/v2/"),
            ("https://rm.example.test/", "https://rm.example.test/api/v1"),
        ] {
            let site = Site::of(&account(None, Some(written)), &bare).unwrap();
            assert_eq!(site.resource_manager.as_str(), expected);
        }
    }

    #[test]
    fn plain_http_to_another_machine_is_refused_wherever_it_was_written() {
        let variable = Environment::from([("NCLOUD_API_GW", "http://10.0.0.1")]);
        let bare = Environment::from([("A", "b")]);
        for (account, environment, expected) in [
            (account(None, None), &variable, "`NCLOUD_API_GW` is plain http to `10.0.0.1`"),
            (
                account(Some(by_url("http://localhost.example.test")), None),
                &bare,
                "`gateway` is plain http",
            ),
            (account(None, Some("http://0.0.0.0")), &bare, "`resource_manager` is plain http"),
            (
                account(Some(by_url("https://user:pass@example.test")), None),
                &bare,
                "holds a user name",
            ),
            (account(Some(by_url("https://example.test?a=b")), None), &bare, "holds a query"),
            (account(Some(by_url("ftp://example.test")), None), &bare, "begins with neither"),
            (account(Some(by_url("example.test")), None), &bare, "is no base URL"),
        ] {
            let error = Site::of(&account, environment).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
