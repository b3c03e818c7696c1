//! The written form of `[web]`.

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::Text;

const PROXIES: [&str; 2] = ["127.0.0.1", "10.0.0.0/24"];

/// The page in a browser, and who may use it. The flags of `run` and `web` win.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::schedule) struct Web {
    /// Where the daemon serves the page, as `run --web` does. Default: nowhere.
    #[schemars(with = "Option<String>", example = &"127.0.0.1:8787")]
    pub(in crate::schedule) listen: Option<Text>,
    /// The file with the token that readers are asked for, relative to this file. Its mode is
    /// 0600.
    #[schemars(with = "Option<String>", example = &"token")]
    pub(in crate::schedule) token_file: Option<Text>,
    /// Lets nobody set or release holds on the page.
    #[schemars(with = "Option<bool>", extend("default" = false))]
    pub(in crate::schedule) read_only: Option<bool>,
    /// Where people reach the page: links in notices lead there, and the page answers to its host.
    #[schemars(with = "Option<String>", example = &"https://lights.example.com")]
    pub(in crate::schedule) url: Option<Text>,
    /// The header in which a proxy says who is there. It is believed from `trusted_proxies` alone,
    /// and needs `token_file`.
    #[schemars(with = "Option<String>", example = &"X-Forwarded-User")]
    pub(in crate::schedule) user_header: Option<Text>,
    /// The addresses or networks of the proxies whose `user_header` is believed. Default: none.
    #[schemars(with = "Option<Vec<String>>", example = PROXIES)]
    pub(in crate::schedule) trusted_proxies: Option<Spanned<Vec<Text>>>,
}
