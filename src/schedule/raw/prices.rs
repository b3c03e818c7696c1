//! The written form of `[prices]`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::Text;

const CURRENCY: &str = "^[A-Z]{3}$";

/// What servers cost, so that a report can say what was saved. What is not priced is unknown.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::schedule) struct Prices {
    /// What prices are in: three capital letters.
    #[schemars(with = "Option<String>", regex(pattern = CURRENCY), example = &"KRW")]
    #[schemars(extend("default" = "KRW"))]
    pub(in crate::schedule) currency: Option<Text>,
    /// By `serverProductCode`, `[prices.products."CODE"]`; globs may be used, and the longest
    /// that matches counts.
    #[schemars(with = "Option<BTreeMap<String, Price>>")]
    pub(in crate::schedule) products: Option<BTreeMap<Text, Price>>,
    /// By `serverSpecCode`, `[prices.specs."CODE"]`, where no product does.
    #[schemars(with = "Option<BTreeMap<String, Price>>")]
    pub(in crate::schedule) specs: Option<BTreeMap<Text, Price>>,
}

/// What one kind of server costs.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::schedule) struct Price {
    /// An hour of running.
    #[schemars(with = "f64", range(min = 0), example = 123.0)]
    pub(in crate::schedule) hour: Option<Spanned<f64>>,
    /// An hour of being stopped: its disk is paid for all the same, and for some kinds of
    /// servers everything is.
    #[schemars(with = "f64", range(min = 0), example = 4.5)]
    pub(in crate::schedule) stopped: Option<Spanned<f64>>,
}
