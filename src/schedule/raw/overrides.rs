//! `[[overrides]]` as it is written.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use toml::Spanned;

use super::rule::{DAY, OFF};
use super::text::Text;
use super::texts::Texts;

/// The keys that say what is different: any of these.
const CHANGE: [[&str; 1]; 3] = [["off"], ["cron"], ["skip"]];
const RULES: [&str; 1] = ["dev-hours"];

/// Days on which rules have other times, or none. It is about what begins on these days.
#[derive(Deserialize, JsonSchema)]
#[schemars(extend("anyOf" = CHANGE.map(|keys| json!({ "required": keys }))))]
#[serde(deny_unknown_fields)]
pub(in crate::schedule) struct Override {
    /// The rules; windows or rules with `cron`, or with `skip` any.
    #[schemars(with = "Vec<String>", example = RULES, extend("minItems" = 1))]
    pub(in crate::schedule) rules: Option<Spanned<Vec<Text>>>,
    /// The first day, in the zone of each rule.
    #[schemars(with = "String", regex(pattern = DAY), example = &"2026-12-07")]
    pub(in crate::schedule) from: Option<Text>,
    /// The last day, which counts too.
    #[schemars(with = "String", regex(pattern = DAY), example = &"2026-12-11")]
    pub(in crate::schedule) until: Option<Text>,
    /// For windows: the hours off that begin on these days, in the place of all others that would.
    #[schemars(with = "Option<Texts>", regex(pattern = OFF), inner(regex(pattern = OFF)))]
    #[schemars(example = &"23:00-08:00")]
    pub(in crate::schedule) off: Option<Spanned<Texts>>,
    /// For rules with `cron`: the expression that holds on these days.
    #[schemars(with = "Option<String>", example = &"0 23 * * *")]
    pub(in crate::schedule) cron: Option<Text>,
    /// `true`: a rule with `cron` does not fire on these days, and no hours off of a window begin.
    #[schemars(with = "Option<bool>", example = true)]
    pub(in crate::schedule) skip: Option<Spanned<bool>>,
    /// What it is for, in your words; shown with each firing that is different.
    #[schemars(with = "Option<String>", example = &"release week")]
    pub(in crate::schedule) because: Option<String>,
}
