//! The written form of `[budget]`.

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::schedule::budget::{AtLimit, Count};

/// For how long the provider lets a server be stopped. The limits of NAVER Cloud are
/// unconfirmed, and so is how it counts.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::schedule) struct Budget {
    /// For how many days a server may be stopped at a time.
    #[schemars(with = "Option<u32>", range(min = 1, max = 365), example = 90)]
    #[schemars(extend("default" = 90))]
    pub(in crate::schedule) in_a_row: Option<Spanned<u32>>,
    /// For how many of the last 365 days a server may have been stopped.
    #[schemars(with = "Option<u32>", range(min = 1, max = 365), example = 180)]
    #[schemars(extend("default" = 180))]
    pub(in crate::schedule) in_12_months: Option<u32>,
    /// How days are counted: `hours` that a server was stopped, 24 to a day, or each local `days`
    /// that it was stopped on.
    #[schemars(with = "Option<Count>", example = &"days", extend("default" = "hours"))]
    pub(in crate::schedule) count: Option<Count>,
    /// What is done where a limit comes near: `warn` tells it, `keep_running` also stops the
    /// server no more, `start` also starts it once, so that the days in a row end.
    #[schemars(with = "Option<AtLimit>", example = &"keep_running", extend("default" = "warn"))]
    pub(in crate::schedule) at_limit: Option<AtLimit>,
}
