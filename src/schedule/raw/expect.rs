//! `[[expect]]` as it is written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use toml::Spanned;

use super::selector::{Number, example_tags};
use super::text::{NAME, Text};
use crate::schedule::expect::ExpectedState;

/// What a server shall be at a time.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::schedule) struct Expect {
    /// When: local time in the file's zone, or with an offset. A firing counts from its instant
    /// on.
    #[schemars(with = "String", example = &"2026-12-24 22:05")]
    pub(in crate::schedule) at: Option<Text>,
    /// Which server, as the cloud would show it.
    #[schemars(with = "ExpectedInstance", example = example_instance())]
    pub(in crate::schedule) instance: Option<Spanned<ExpectedInstance>>,
    /// What it shall be.
    #[schemars(with = "ExpectedState", example = &"stopped")]
    pub(in crate::schedule) state: Option<ExpectedState>,
    /// What it is for, in your words; said when it does not hold.
    #[schemars(with = "Option<String>", example = &"nobody works on Christmas Eve")]
    pub(in crate::schedule) because: Option<String>,
}

/// One server, as the cloud would show it. Nothing in it is a glob.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::schedule) struct ExpectedInstance {
    /// Its name.
    #[schemars(with = "String", example = &"dev-api-1")]
    pub(in crate::schedule) name: Option<Text>,
    /// All its tags. Default: it has none.
    #[schemars(with = "Option<BTreeMap<String, String>>", example = example_tags())]
    pub(in crate::schedule) tags: Option<BTreeMap<String, Text>>,
    /// Its number. Default: none that any rule means.
    #[schemars(with = "Option<Number>", example = &"1021003")]
    pub(in crate::schedule) no: Option<Spanned<Number>>,
    /// Its account, where there is more than one.
    #[schemars(with = "Option<String>", regex(pattern = NAME), example = &"main")]
    pub(in crate::schedule) account: Option<Text>,
}

fn example_instance() -> Value {
    json!({ "name": "dev-api-1", "tags": example_tags() })
}
